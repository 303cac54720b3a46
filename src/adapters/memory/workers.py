"""The processes that do jobs, in a dictionary."""

from datetime import timedelta

from adapters.memory.state import MemoryState, WorkerRow
from application.ports.workers import WorkerRegistry
from domain.jobs import WorkerProcess

_FORGOTTEN_AFTER = timedelta(hours=1)


class InMemoryWorkerRegistry(WorkerRegistry):
    """Goes by the state's clock."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def beat(self, worker: WorkerProcess) -> None:
        """Note that the process lives."""
        now = self._state.clock.now()
        for row in list(self._state.workers.values()):
            if now - row.seen_at > _FORGOTTEN_AFTER:
                del self._state.workers[row.process.id]
        known = self._state.workers.get(worker.id)
        started_at = known.started_at if known else now
        self._state.workers[worker.id] = WorkerRow(worker, started_at, now)

    async def leave(self, worker_id: str) -> None:
        """Take out a process that ends."""
        self._state.workers.pop(worker_id, None)
