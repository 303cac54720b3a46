"""Things that contract tests store: each function stores one and returns it as it was stored."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from application.testing.backend import Backend
from domain.bots import Bot, GenerationState, IndexGeneration
from domain.chunks import Chunk
from domain.configuration import Configuration
from domain.conversations import Conversation, Message, MessageRole, MessageStatus
from domain.documents import Document, ExtractedText, Section, Source
from domain.jobs import Job, JobKind


def make_generation(
    backend: Backend,
    bot: Bot,
    state: GenerationState = GenerationState.LIVE,
    space: str = "minilm-384",
) -> IndexGeneration:
    """Return an index generation that is not stored yet."""
    return IndexGeneration(
        id=backend.clock.new_id("gen"),
        bot_id=bot.id,
        state=state,
        space=space,
        dimensions=384,
        chunker="blocks-1",
        store="pgvector",
        created_at=backend.clock.now(),
    )


async def add_bot(backend: Backend, tenant_id: str, name: str = "Librarian") -> Bot:
    """Store a bot."""
    now = backend.clock.now()
    bot = Bot(
        id=backend.clock.new_id("bot"),
        tenant_id=tenant_id,
        name=name,
        description="Knows the house rules.",
        configuration=Configuration.of({"temperature": 0.25, "system_prompt": "Be brief. é 字"}),
        public_id=backend.clock.new_id("pub"),
        created_at=now,
        updated_at=now,
    )
    async with backend.units.open(tenant_id) as unit:
        await unit.bots.add(bot)
    return bot


def make_source(backend: Backend, filename: str = "rules.md") -> Source:
    """Return the description of bytes that nobody has given before."""
    key = backend.clock.new_id("blob")
    return Source(filename, "text/markdown", 42, sha256(key.encode()).hexdigest(), key)


def make_document(
    backend: Backend,
    bot: Bot,
    title: str = "House rules",
    *,
    source: Source | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Document:
    """Return a document that is not stored yet."""
    now = backend.clock.now()
    return Document(
        id=backend.clock.new_id("doc"),
        tenant_id=bot.tenant_id,
        bot_id=bot.id,
        title=title,
        source=source or make_source(backend),
        created_at=now,
        updated_at=now,
        metadata=dict(metadata or {}),
    )


async def add_document(backend: Backend, bot: Bot, document: Document | None = None) -> Document:
    """Store a document that nobody has worked on."""
    document = document or make_document(backend, bot)
    async with backend.units.open(bot.tenant_id) as unit:
        await unit.documents.add(document)
    return document


def make_chunks(texts: Sequence[str]) -> list[Chunk]:
    """Return chunks with these texts, one after the other with a line feed between."""
    chunks, start = [], 0
    for ordinal, text in enumerate(texts):
        digest = sha256(text.encode()).hexdigest()
        end = start + len(text)
        chunks.append(Chunk(ordinal, text, start, end, ordinal + 1, ("Rules", "Quiet"), digest))
        start = end + 1
    return chunks


async def ingest(
    backend: Backend, document: Document, texts: Sequence[str] = ("No shouting.", "No running.")
) -> None:
    """Give the target revision text and chunks, but do not let it answer yet."""
    async with backend.units.open(document.tenant_id) as unit:
        text = ExtractedText("\n".join(texts), (Section(0, 1),), language="en")
        await unit.documents.save_text(document.id, document.target, text)
        await unit.chunks.replace(document.bot_id, document.id, document.target, make_chunks(texts))


async def flip(backend: Backend, document: Document, chunk_count: int = 2) -> None:
    """Let the target revision answer."""
    document.become_ready(chunk_count, backend.clock.now())
    async with backend.units.open(document.tenant_id) as unit:
        await unit.documents.save(document)


async def add_ready_document(
    backend: Backend,
    bot: Bot,
    document: Document | None = None,
    texts: Sequence[str] = ("No shouting.", "No running."),
) -> Document:
    """Store a document that answers."""
    document = await add_document(backend, bot, document)
    await ingest(backend, document, texts)
    await flip(backend, document, len(texts))
    return document


async def give_new_content(backend: Backend, document: Document) -> None:
    """Give a stored document other bytes: a new target revision."""
    document.replace(make_source(backend), backend.clock.now())
    async with backend.units.open(document.tenant_id) as unit:
        await unit.documents.save(document)


async def add_conversation(
    backend: Backend, bot: Bot, title: str = "Opening", started_by: str | None = None
) -> Conversation:
    """Store a conversation."""
    now = backend.clock.now()
    conversation = Conversation(
        id=backend.clock.new_id("conv"),
        tenant_id=bot.tenant_id,
        bot_id=bot.id,
        title=title,
        created_at=now,
        updated_at=now,
        started_by=started_by,
    )
    async with backend.units.open(bot.tenant_id) as unit:
        await unit.conversations.add(conversation)
    return conversation


def make_message(
    backend: Backend,
    conversation: Conversation,
    content: str = "",
    *,
    parent: Message | None = None,
    role: MessageRole = MessageRole.USER,
    status: MessageStatus = MessageStatus.COMPLETED,
) -> Message:
    """Return a message that is not stored yet."""
    return Message(
        id=backend.clock.new_id("msg"),
        tenant_id=conversation.tenant_id,
        conversation_id=conversation.id,
        parent_id=parent.id if parent else None,
        role=role,
        content=content,
        status=status,
        created_at=backend.clock.now(),
    )


async def add_message(
    backend: Backend, conversation: Conversation, content: str = "", parent: Message | None = None
) -> Message:
    """Store a message of a user."""
    message = make_message(backend, conversation, content, parent=parent)
    async with backend.units.open(conversation.tenant_id) as unit:
        await unit.messages.add([message])
    return message


async def add_pending_answer(
    backend: Backend, conversation: Conversation, *, draft: bool = False
) -> Message:
    """Store an answer that is still to be given."""
    message = make_message(
        backend, conversation, role=MessageRole.ASSISTANT, status=MessageStatus.PENDING
    )
    message.attempt, message.draft = 1, draft
    async with backend.units.open(conversation.tenant_id) as unit:
        await unit.messages.add([message])
    return message


def make_job(backend: Backend, tenant_id: str, **changes: object) -> Job:
    """Return a job on a subject of its own, due now, that is not stored yet."""
    job = Job(
        id=backend.clock.new_id("job"),
        tenant_id=tenant_id,
        kind=JobKind.INGEST,
        subject_id=backend.clock.new_id("doc"),
        run_at=backend.clock.now(),
    )
    return replace(job, **changes)  # type: ignore[arg-type]  # tests name the fields they change
