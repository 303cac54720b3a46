"""Say what one thinks of an answer, or take it back."""

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from domain.accounts import Actor
from domain.conversations import MessageRole
from domain.errors import Conflict, InvalidInput
from domain.feedback import COMMENT_MAX, REASON_MAX, Feedback, Rating


class GiveFeedback:
    """Keep what somebody says of a finished answer; the last word counts."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(
        self,
        actor: Actor,
        message_id: str,
        rating: Rating,
        reason: str | None = None,
        comment: str | None = None,
    ) -> Feedback:
        """Return it as it is kept; saying the same again changes nothing.

        Raises NotFound, InvalidInput, and Conflict where the message is not a finished answer.
        """
        reason = checked_text(reason, REASON_MAX, "reason")
        comment = checked_text(comment, COMMENT_MAX, "comment")
        async with self._units.open(actor.tenant_id) as uow:
            answer = await uow.messages.get(message_id, lock=True)  # it stays until the commit
            if answer.role is not MessageRole.ASSISTANT:
                raise Conflict("Only an answer can be rated; this is a question.")
            if not answer.status.is_final:
                raise Conflict("This answer is still being written: rate it when it has ended.")
            before = await uow.feedback.get(message_id, actor.id)
            if before is not None and before.says(rating, reason, comment):
                return before
            now = self._clock.now()
            given = Feedback(
                message_id=message_id,
                conversation_id=answer.conversation_id,
                actor_id=actor.id,
                rating=rating,
                reason=reason,
                comment=comment,
                created_at=before.created_at if before else now,
                updated_at=now,
            )
            await uow.feedback.put(given)
        return given


class WithdrawFeedback:
    """Forget what somebody said of an answer."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    async def __call__(self, actor: Actor, message_id: str) -> None:
        """Raises NotFound where there is no such message."""
        async with self._units.open(actor.tenant_id) as uow:
            await uow.messages.get(message_id)
            await uow.feedback.delete(message_id, actor.id)


def checked_text(text: str | None, most: int, field: str) -> str | None:
    """Return a text without outer spaces, None where nothing is left. Raises InvalidInput."""
    text = (text or "").strip()
    if len(text) > most or "\x00" in text:
        raise InvalidInput(f"A {field} has at most {most} characters.", pointer=f"/{field}")
    return text or None
