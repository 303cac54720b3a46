"""Port: work that outlives a request."""

from abc import ABC, abstractmethod
from collections.abc import Set as AbstractSet

from domain.errors import ChatSphereError
from domain.jobs import ALL_KINDS, Job, JobKind, Lease, Setback


class LeaseLost(ChatSphereError):
    """Another worker has this job now: stop, and write nothing."""

    code = "lease_lost"


class JobOutbox(ABC):
    """The part of the queue inside a unit of work."""

    @abstractmethod
    async def enqueue(self, job: Job, *, at_once: bool = False) -> None:
        """Add a job; it can be claimed once the unit commits and its time has come, with `at_once`
        whatever the clock of this process says. An unclaimed job of the same kind for the
        same subject is replaced; a claimed one is fenced off."""

    @abstractmethod
    async def fence(self, lease: Lease) -> None:
        """Make sure the lease still holds until the commit. Raises LeaseLost."""

    @abstractmethod
    async def complete(self, lease: Lease) -> None:
        """End the job with this commit. Raises LeaseLost."""

    @abstractmethod
    async def cancel(self, kind: JobKind, subject_id: str) -> None:
        """Remove the jobs of this kind for a subject and fence off their workers."""


class JobQueue(ABC):
    """The workers' side: claims in all tenants, in turn."""

    @abstractmethod
    async def claim(
        self,
        lease_seconds: float,
        worker_id: str | None = None,
        kinds: AbstractSet[JobKind] = ALL_KINDS,
    ) -> Lease | None:
        """Take the next job of these kinds that is due, and note who has it.

        Purges go first, those of documents before those of bots; of several tenants' the one that was
        served longest ago, within a tenant the oldest. Else tenants take turns: whoever has the fewest
        jobs in work, then whoever was served longest ago. Within a tenant what never failed goes before
        what did, then by priority, then by age.
        """

    @abstractmethod
    async def heartbeat(self, lease: Lease, lease_seconds: float) -> None:
        """Prolong the lease. Raises LeaseLost."""

    @abstractmethod
    async def retry(self, lease: Lease, delay_seconds: float, why: Setback) -> None:
        """Give the job back, to be tried again after the delay; counts an error or an outage."""

    @abstractmethod
    async def release(self, lease: Lease) -> None:
        """Give the job back at once without blame (shutting down)."""

    @abstractmethod
    async def hasten(self, job_id: str) -> bool:
        """Let a job that waits be tried now; tell whether there was such a job."""

    @abstractmethod
    async def wait(self, timeout_seconds: float) -> None:
        """Return when there may be something to claim, or after the timeout."""
