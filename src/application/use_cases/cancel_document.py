"""Call off the taking in of a document."""

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from application.services.audit import audit
from application.services.ingestion import fail_document
from domain.accounts import Actor
from domain.documents import Document, Failure
from domain.errors import Conflict
from domain.jobs import JobKind

CANCELLED = Failure("cancelled", "Taking this in was called off.")


class CancelDocument:
    """End the work on a document's newest content, whether it waits or a worker is at it.

    The document is `failed` then, as with any reason why newest content could not be taken: what
    answered before goes on answering, and reprocessing begins anew. The worker's claim is gone with this
    commit, so it can write nothing more; at its next heartbeat it learns of that and stops.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(self, actor: Actor, document_id: str) -> Document:
        """Raises NotFound, and Conflict where nothing is being taken in."""
        async with self._units.open(actor.tenant_id) as uow:
            document = await uow.documents.get(document_id, lock=True)
            if document.status.is_settled:
                raise Conflict(
                    f"There is nothing to cancel: this document is {document.status.value}.",
                    code="already_settled",
                )
            for kind in (JobKind.FETCH, JobKind.INGEST):
                await uow.jobs.cancel(kind, document_id)
            await fail_document(uow, document, CANCELLED, self._clock)
            subject = ("document", document_id)
            await audit(uow, self._clock, actor, "document.cancelled", subject)
        return document
