"""The one end of an answer: who may bring it about, and what may still be cited in it."""

from collections.abc import Sequence

from application.ports.unit_of_work import UnitOfWork
from domain.citations import Citation
from domain.conversations import Message


async def lock_answer(uow: UnitOfWork, held: Message) -> tuple[Message, bool]:
    """Return the answer, locked until the commit, and whether it is still for its holder to end.

    It is not where it has ended, and where another process has taken it over. Raises NotFound.
    """
    answer = await uow.messages.get(held.id, lock=True)
    return answer, not answer.status.is_final and answer.attempt == held.attempt


async def citable(uow: UnitOfWork, citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """Leave out what was deleted while the answer was written; the rest stays until the commit."""
    if not citations:
        return ()
    alive = await uow.documents.citable([(c.document_id, c.revision) for c in citations])
    return tuple(citation for citation in citations if citation.document_id in alive)
