"""What one process does for all, over dictionaries."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TypeVar

from adapters.memory.job_queue import InMemoryJobOutbox
from adapters.memory.state import MemoryState, SingletonRow
from application.ports.singletons import Singletons
from application.ports.upkeep import Housekeeping
from domain.jobs import Job, JobKind
from domain.sweeps import PRIORITY

T = TypeVar("T")
_KEPT = timedelta(days=30)


class InMemorySingletons(Singletons):
    """Leases by the clock of the state."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def hold(self, name: str, holder: str, seconds: float) -> int | None:
        """Take or prolong the lease."""
        now, row = self._state.clock.now(), self._state.singletons.get(name)
        until = now + timedelta(seconds=seconds)
        if row is None:
            row = SingletonRow(holder, 1, until)
        elif row.until <= now:
            row = replace(row, holder=holder, fence=row.fence + 1, until=until)
        elif row.holder == holder:
            row = replace(row, until=until)
        else:
            return None
        self._state.singletons[name] = row
        return row.fence

    async def is_due(self, name: str, fence: int, every_seconds: float) -> bool:
        """Tell whether the work is to be done."""
        row = self._held(name, fence)
        if row is None:
            return False
        last = self._state.clock.now() - timedelta(seconds=every_seconds)
        return row.done_at is None or row.done_at <= last

    async def done(self, name: str, fence: int) -> None:
        """Note that it was done."""
        row = self._held(name, fence)
        if row is not None:
            self._state.singletons[name] = replace(row, done_at=self._state.clock.now())

    async def leave(self, name: str, holder: str) -> None:
        """Give the lease back."""
        row = self._state.singletons.get(name)
        if row is not None and row.holder == holder:
            self._state.singletons[name] = replace(row, until=self._state.clock.now())

    def _held(self, name: str, fence: int) -> SingletonRow | None:
        row = self._state.singletons.get(name)
        holds = row is not None and row.fence == fence and row.until > self._state.clock.now()
        return row if holds else None


class InMemoryHousekeeping(Housekeeping):
    """Works on what is committed, between two units."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def plan_sweeps(self, job_ids: Mapping[str, str], spread_seconds: float) -> int:
        """Queue the sweeps that are not queued."""
        now, planned = self._state.clock.now(), 0
        for place, (workspace_id, job_id) in enumerate(job_ids.items()):
            workspace = self._state.accounts.workspaces.get(workspace_id)
            if workspace is None or workspace.deleted_at is not None:
                continue
            if (workspace_id, JobKind.SWEEP, workspace_id) in self._state.jobs:
                continue
            run_at = now + timedelta(seconds=spread_seconds * place / len(job_ids))
            job = Job(job_id, workspace_id, JobKind.SWEEP, workspace_id, run_at, PRIORITY)
            async with self._state.unit_lock:
                outbox = InMemoryJobOutbox(self._state, workspace_id)
                await outbox.enqueue(job)
                outbox.commit()
                outbox.unlock()
            planned += 1
        return planned

    async def trim(self, most: int) -> Mapping[str, int]:
        """Remove old sweeps and the tokens and sessions that ran out."""
        now, accounts, gone = self._state.clock.now(), self._state.accounts, Counter[str]()
        day, month = now - timedelta(days=1), now - _KEPT
        gone["refresh_tokens"] = _drop(
            accounts.refresh_tokens, lambda token: token.expires_at < day, most
        )
        gone["one_time_tokens"] = _drop(
            accounts.one_time_tokens, lambda token: token.expires_at < day, most
        )
        gone["sessions"] = _drop(accounts.sessions, lambda one: one.expires_at < month, most)
        for tables in self._state.tenants.values():
            gone["sweeps"] += _drop(tables.sweeps, lambda one: one.finished_at < month, most)
        return {name: count for name, count in gone.items() if count}


def _drop(rows: dict[str, T], is_past: Callable[[T], bool], most: int) -> int:
    old = [key for key, row in rows.items() if is_past(row)][:most]
    for key in old:
        del rows[key]
    return len(old)
