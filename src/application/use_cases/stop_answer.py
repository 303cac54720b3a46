"""Stop an answer, whoever writes it."""

from application.ports.unit_of_work import UnitsOfWork
from domain.accounts import Actor
from domain.conversations import Message, MessageRole
from domain.errors import Conflict


class StopAnswer:
    """Ask whoever writes the answer, in whatever process, to end it where it is.

    Where its process has died, whoever finds that out (see SettleAnswers) ends it as stopped.
    """

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    async def __call__(self, actor: Actor, message_id: str) -> Message:
        """Return the message as it is now; stopping an ended answer is no error. Raises NotFound."""
        async with self._units.open(actor.tenant_id) as uow:
            message = await uow.messages.get(message_id, lock=True)
            if message.role is not MessageRole.ASSISTANT:
                raise Conflict("Only an answer can be stopped.")
            if not message.status.is_final:
                await uow.messages.request_stop(message_id)
        return message
