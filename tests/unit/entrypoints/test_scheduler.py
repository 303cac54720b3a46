"""The scheduler: one of many does what is due, and another when that one is gone."""

import asyncio
from collections.abc import Callable

import pytest

from adapters.memory.credentials import InMemoryWorkspaceList
from adapters.memory.housekeeping import InMemoryHousekeeping, InMemorySingletons
from domain.jobs import JobKind
from entrypoints.settings import Settings
from entrypoints.worker.scheduler import LEASE_SECONDS, SWEEPS, Scheduler
from unit.installation import Installation

HOUR = 3600.0


class FewParts:
    """What a scheduler asks a container for, over memory."""

    def __init__(self, installation: Installation) -> None:
        state = installation.state
        singletons, housekeeping = InMemorySingletons(state), InMemoryHousekeeping(state)
        workspaces = InMemoryWorkspaceList(state)
        self.singletons: Callable[[], object] = lambda: singletons
        self.housekeeping: Callable[[], object] = lambda: housekeeping
        self.workspace_list: Callable[[], object] = lambda: workspaces
        self.clock: Callable[[], object] = lambda: installation.clock


def scheduler(installation: Installation, holder: str, sweep_hours: float = 6) -> Scheduler:
    """Return one process's scheduler."""
    settings = Settings(_env_file=None, sweep_hours=sweep_hours)
    return Scheduler(FewParts(installation), settings, holder)  # type: ignore[arg-type]


def sweeps(installation: Installation) -> list[str]:
    """Return the workspaces for which a sweep is queued."""
    keys = installation.state.jobs
    return sorted(tenant for tenant, kind, _ in keys if kind is JobKind.SWEEP)


async def test_every_workspace_is_swept_once_however_many_processes_there_are(
    installation: Installation,
) -> None:
    processes = [scheduler(installation, f"wrk_{n}") for n in range(3)]
    await asyncio.gather(*(each.once() for each in processes))
    assert sweeps(installation) == ["ws_1", "ws_2"]
    installation.state.jobs.clear()
    for each in processes:
        await each.once()
    assert sweeps(installation) == [], "it was done a moment ago"


async def test_a_restart_does_not_sweep_again_and_time_does(installation: Installation) -> None:
    await scheduler(installation, "wrk_1").once()
    installation.state.jobs.clear()
    installation.clock.advance(2 * LEASE_SECONDS)
    await scheduler(installation, "wrk_2").once()
    assert sweeps(installation) == []
    installation.clock.advance(6 * HOUR)
    await scheduler(installation, "wrk_3").once()
    assert sweeps(installation) == ["ws_1", "ws_2"]


async def test_another_takes_over_from_a_holder_that_vanished_within_its_lease(
    installation: Installation,
) -> None:
    singletons = InMemorySingletons(installation.state)
    assert await singletons.hold(SWEEPS, "wrk_killed", LEASE_SECONDS) is not None
    other = scheduler(installation, "wrk_2")
    await other.once()
    assert sweeps(installation) == []
    installation.clock.advance(LEASE_SECONDS)
    await other.once()
    assert sweeps(installation) == ["ws_1", "ws_2"]


async def test_who_ends_leaves_its_leases_to_others(installation: Installation) -> None:
    one = scheduler(installation, "wrk_1")
    await one.once()
    task = asyncio.create_task(one.run())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await InMemorySingletons(installation.state).hold(SWEEPS, "wrk_2", 1) is not None


async def test_zero_hours_plan_no_sweep(installation: Installation) -> None:
    await scheduler(installation, "wrk_1", sweep_hours=0).once()
    assert sweeps(installation) == []
