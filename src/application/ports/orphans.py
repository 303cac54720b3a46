"""Port: what waits for a job that there is not."""

from abc import ABC, abstractmethod

from domain.jobs import JobKind


class Orphans(ABC):
    """Looks in the unit's tenant for work that nobody will do, since its job got lost."""

    @abstractmethod
    async def documents(self, limit: int) -> list[str]:
        """Return up to `limit` ids of documents that are neither ready nor failed and have no job.

        They stay as they are until the commit; those that another unit is at are left out.
        """

    @abstractmethod
    async def crawls(self, limit: int) -> list[str]:
        """Return up to `limit` ids of running crawls without a job, under the same conditions."""

    @abstractmethod
    async def tombstones(self, limit: int) -> list[tuple[JobKind, str]]:
        """Return up to `limit` deleted bots and documents that no job erases, as kind and id of the
        missing job. A deleted bot's documents are erased with it and do not appear."""
