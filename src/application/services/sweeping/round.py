"""What the parts of one sweep share."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.services.ingestion import enqueue_ingestion
from domain.documents import DocumentStatus
from domain.errors import NotFound
from domain.jobs import Lease
from domain.sweeps import Finding

PAGE = 500


@dataclass(slots=True)
class Round:
    """One sweep of one workspace under way.

    With `dry_run` nothing is changed, and what would be is counted. `lease` is None where a person
    looks on: whatever a sweep does is right however many do it at once.
    """

    units: UnitsOfWork
    clock: Clock
    tenant_id: str
    lease: Lease | None = None
    dry_run: bool = False
    counts: Counter[Finding] = field(default_factory=Counter)

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        """Open a unit of work of the workspace. Raises LeaseLost at its end, and changes nothing then.

        The job is locked after all that is locked inside, as everywhere.
        """
        async with self.units.open(self.tenant_id) as uow:
            yield uow
            if self.lease is not None:
                await uow.jobs.fence(self.lease)

    async def requeue(self, document_id: str, revision: int) -> None:
        """Have a document taken in anew as another revision; the present one goes on answering.

        One that is worked on already, or failed and says why, is only counted.
        """
        async with self.unit() as uow:
            try:
                document = await uow.documents.get(document_id, lock=True)
            except NotFound:
                return
            if document.revision != revision:
                return
            self.counts[Finding.DOCUMENTS_INCOMPLETE] += 1
            if self.dry_run or document.status is not DocumentStatus.READY:
                return
            document.replace(document.source, self.clock.now())
            await uow.documents.save(document)
            await enqueue_ingestion(uow, document, self.clock)
        self.counts[Finding.DOCUMENTS_REQUEUED] += 1
