"""Accept a person's message: from here on it gets exactly one answer."""

from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.model_catalog import ModelCatalog
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.services.answer_stream import ANSWER_LEASE_SECONDS, first_event
from application.services.chosen_models import require_a_model
from application.services.idempotency import IdempotencyKey, made_before, remember
from application.services.quotas import take_message
from domain.accounts import Actor
from domain.conversations import (
    CONTENT_MAX,
    Conversation,
    Message,
    MessageRole,
    MessageStatus,
    title_of,
)
from domain.errors import Conflict, InvalidInput, NotFound


@dataclass(frozen=True, slots=True)
class NewMessage:
    """What a person says: to a bot (a new conversation) or in a conversation, after `parent_id`.

    With `draft` it is answered by the bot's unpublished configuration.
    """

    content: str
    bot_id: str | None = None
    conversation_id: str | None = None
    parent_id: str | None = None
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The answer that will be, and whether an earlier request with the key asked for it."""

    answer: Message
    replayed: bool


class AcceptMessage:
    """One short transaction: conversation, question, pending answer, first event, key."""

    def __init__(
        self,
        units: UnitsOfWork,
        models: ModelCatalog,
        clock: Clock,
        lease_seconds: float = ANSWER_LEASE_SECONDS,
    ) -> None:
        self._units = units
        self._models = models
        self._clock = clock
        self._lease_seconds = lease_seconds

    async def __call__(
        self, actor: Actor, new: NewMessage, key: IdempotencyKey | None = None
    ) -> Accepted:
        """Raises InvalidInput, NotFound, IdempotencyConflict, QuotaExceeded."""
        content = checked_content(new.content)
        async with self._units.open(actor.tenant_id) as uow:
            before = await made_before(uow, actor, key)
            if before:  # first of all: what was done is told, whatever has changed since
                return Accepted(await uow.messages.get(before[0]), replayed=True)
            conversation = await self._conversation(uow, actor, new, content)
            if new.conversation_id is None:
                await uow.conversations.add(conversation)
            parent_id = await self._parent(uow, conversation, new)
            question, answer = self._pair(conversation, parent_id, content, draft=new.draft)
            await uow.messages.add([question, answer], self._lease_seconds)
            await uow.events.append(answer.id, [first_event(answer)])
            await remember(uow, actor, key, [answer.id])
            await take_message(uow, self._clock.now())
        return Accepted(answer, replayed=False)

    async def _conversation(
        self, uow: UnitOfWork, actor: Actor, new: NewMessage, content: str
    ) -> Conversation:
        if new.conversation_id is not None:
            conversation = await uow.conversations.get(new.conversation_id, lock=True)
            if new.bot_id is not None and conversation.bot_id != new.bot_id:
                raise NotFound("There is no such conversation with this bot.")
            return conversation
        if new.bot_id is None:
            raise InvalidInput("Name a bot or a conversation.", pointer="/conversation_id")
        bot = await uow.bots.hold(new.bot_id)
        settings = bot.configuration
        if bot.published_version is not None and not new.draft:
            settings = (await uow.bots.version(bot.id, bot.published_version)).configuration
        await require_a_model(self._models, settings, uow.credentials)
        now = self._clock.now()
        return Conversation(
            id=self._clock.new_id("conv"),
            tenant_id=actor.tenant_id,
            bot_id=bot.id,
            title=title_of(content),
            created_at=now,
            updated_at=now,
            started_by=actor.id,
        )

    async def _parent(
        self, uow: UnitOfWork, conversation: Conversation, new: NewMessage
    ) -> str | None:
        if new.conversation_id is None:
            return None
        if new.parent_id is None:
            last = await uow.messages.last(conversation.id)
            return last.id if last else None
        parent = await uow.messages.get(new.parent_id)
        if parent.conversation_id != conversation.id:
            raise NotFound("There is no such message in this conversation.")
        if parent.role is not MessageRole.ASSISTANT:
            raise Conflict("A message follows an answer; this parent is not one.")
        return parent.id

    def _pair(
        self, conversation: Conversation, parent_id: str | None, content: str, *, draft: bool
    ) -> tuple[Message, Message]:
        now = self._clock.now()
        question = Message(
            id=self._clock.new_id("msg"),
            tenant_id=conversation.tenant_id,
            conversation_id=conversation.id,
            parent_id=parent_id,
            role=MessageRole.USER,
            content=content,
            status=MessageStatus.COMPLETED,
            created_at=now,
        )
        return question, pending_answer(question, self._clock, draft=draft)


class RegenerateAnswer:
    """Ask for another answer to the same question: a sibling of the one there is."""

    def __init__(
        self, units: UnitsOfWork, clock: Clock, lease_seconds: float = ANSWER_LEASE_SECONDS
    ) -> None:
        self._units = units
        self._clock = clock
        self._lease_seconds = lease_seconds

    async def __call__(
        self, actor: Actor, message_id: str, key: IdempotencyKey | None = None
    ) -> Accepted:
        """Raises NotFound, QuotaExceeded, and Conflict where the message is not a finished answer."""
        async with self._units.open(actor.tenant_id) as uow:
            before = await made_before(uow, actor, key)
            if before:
                return Accepted(await uow.messages.get(before[0]), replayed=True)
            old = await uow.messages.get(message_id)
            await uow.conversations.get(old.conversation_id, lock=True)  # stays until the commit
            if old.role is not MessageRole.ASSISTANT or old.parent_id is None:
                raise Conflict("Only an answer can be made anew.")
            if not old.status.is_final:
                raise Conflict("This answer is still being written: stop it first.")
            question = await uow.messages.get(old.parent_id)
            answer = pending_answer(question, self._clock)
            await uow.messages.add([answer], self._lease_seconds)
            await uow.events.append(answer.id, [first_event(answer)])
            await remember(uow, actor, key, [answer.id])
            await take_message(uow, self._clock.now())
        return Accepted(answer, replayed=False)


def pending_answer(question: Message, clock: Clock, *, draft: bool = False) -> Message:
    """Return the answer to be written to a question, held by who makes it."""
    return Message(
        id=clock.new_id("msg"),
        tenant_id=question.tenant_id,
        conversation_id=question.conversation_id,
        parent_id=question.id,
        role=MessageRole.ASSISTANT,
        content="",
        status=MessageStatus.PENDING,
        created_at=clock.now(),
        attempt=1,
        draft=draft,
    )


def checked_content(content: str) -> str:
    """Return what was said. Raises InvalidInput."""
    if not content.strip() or len(content) > CONTENT_MAX:
        raise InvalidInput(f"A message has 1 to {CONTENT_MAX} characters.", pointer="/content")
    if "\x00" in content:
        raise InvalidInput("A message holds no NUL character.", pointer="/content")
    return content
