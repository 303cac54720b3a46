"""Port: which processes do jobs, so that a person can be told why something waits."""

from abc import ABC, abstractmethod

from domain.jobs import WorkerProcess


class WorkerRegistry(ABC):
    """Processes enter themselves, by the store's clock."""

    @abstractmethod
    async def beat(self, worker: WorkerProcess) -> None:
        """Note that the process lives, and forget those that have been silent for an hour."""

    @abstractmethod
    async def leave(self, worker_id: str) -> None:
        """Take out a process that ends."""
