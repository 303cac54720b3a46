"""The contract of an event log carried by a transport, on the one that is set up here."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import cast

import pytest

from adapters._events import Notifier
from adapters.postgres.event_log import PostgresEventLog
from adapters.postgres.identity import PostgresIdentityUnits
from adapters.postgres.unit_of_work import PostgresUnitsOfWork
from application.testing.backend import KEEP_ALIVE_SECONDS, Backend
from application.testing.event_log import EventLogContract
from entrypoints.kit.subject import Subject
from entrypoints.kit.watched import WatchedClock

_ROWS = 1_000


class TestEventTransport(EventLogContract):
    """In workspaces of its own, which are erased; readers are of another process than writers."""

    @pytest.fixture
    async def backend(self, subject: Subject) -> AsyncIterator[Backend]:
        postgres = subject.container.postgres()
        here, there = subject.again(), subject.again()
        clock = WatchedClock(subject.container.clock())
        backend = SimpleNamespace(  # as much of it as this contract uses
            units=PostgresUnitsOfWork(postgres.pool, here),
            identities=PostgresIdentityUnits(postgres.system_pool),
            event_log=PostgresEventLog(postgres.pool, there, KEEP_ALIVE_SECONDS),
            clock=clock,
        )
        started: list[Notifier] = []
        try:
            for notifier in (here, there):
                await notifier.start()
                started.append(notifier)
            yield cast("Backend", backend)
        finally:
            await _erase(backend, clock)
            for notifier in started:
                await notifier.stop()


async def _erase(backend: SimpleNamespace, clock: WatchedClock) -> None:
    workspaces = [one for one in clock.ids if one.startswith("ws_")]
    for workspace_id in workspaces:
        more = True
        while more:
            async with backend.units.open(workspace_id) as unit:
                more = await unit.estate.erase(_ROWS)
    async with backend.identities.open() as identities:
        for workspace_id in workspaces:
            await identities.workspaces.erase(workspace_id)
        for user_id in (one for one in clock.ids if one.startswith("usr_")):
            await identities.users.remove(user_id)
