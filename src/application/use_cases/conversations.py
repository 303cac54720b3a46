"""Begin, rename and delete conversations."""

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from application.services.etag import require_version
from application.services.idempotency import IdempotencyKey, made_before, remember
from domain.accounts import Actor
from domain.conversations import TITLE_MAX, Conversation
from domain.errors import InvalidInput


class StartConversation:
    """Begin an empty conversation with a bot."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(
        self, actor: Actor, bot_id: str, title: str = "", key: IdempotencyKey | None = None
    ) -> tuple[Conversation, bool]:
        """Return it, and whether an earlier request with the key made it. Raises NotFound."""
        now = self._clock.now()
        name = checked_title(title) if title.strip() else "New conversation"
        conversation = Conversation(
            id=self._clock.new_id("conv"),
            tenant_id=actor.tenant_id,
            bot_id=bot_id,
            title=name,
            created_at=now,
            updated_at=now,
            started_by=actor.id,
        )
        async with self._units.open(actor.tenant_id) as uow:
            await uow.bots.hold(bot_id)
            before = await made_before(uow, actor, key)
            if before:
                return await uow.conversations.get(before[0]), True
            await uow.conversations.add(conversation)
            await remember(uow, actor, key, [conversation.id])
        return conversation, False


class RenameConversation:
    """Give a conversation another title."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(
        self, actor: Actor, conversation_id: str, title: str, expected_version: int | None
    ) -> Conversation:
        """Raises NotFound, InvalidInput and PreconditionFailed."""
        async with self._units.open(actor.tenant_id) as uow:
            conversation = await uow.conversations.get(conversation_id, lock=True)
            require_version(conversation.version, expected_version)
            conversation.title = checked_title(title)
            conversation.updated_at = self._clock.now()
            await uow.conversations.save(conversation)
        return conversation


class DeleteConversation:
    """Remove a conversation with its messages."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    async def __call__(
        self, actor: Actor, conversation_id: str, expected_version: int | None
    ) -> None:
        """Raises NotFound and PreconditionFailed."""
        async with self._units.open(actor.tenant_id) as uow:
            conversation = await uow.conversations.get(conversation_id, lock=True)
            require_version(conversation.version, expected_version)
            await uow.conversations.delete(conversation_id)


def checked_title(title: str) -> str:
    """Return a title on one line. Raises InvalidInput."""
    line = " ".join(title.split())
    if not 1 <= len(line) <= TITLE_MAX or "\x00" in line:
        raise InvalidInput(f"A title has 1 to {TITLE_MAX} characters.", pointer="/title")
    return line
