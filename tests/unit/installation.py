"""A whole installation over the in-memory adapters, and the steps its tests share."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from types import TracebackType
from typing import Self

from adapters.memory.blob_store import InMemoryBlobStore
from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.clock import FakeClock
from adapters.memory.conversations import InMemoryAbandonedAnswers
from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.embedding_cache import InMemoryEmbeddingCache
from adapters.memory.event_log import InMemoryEventLog
from adapters.memory.identity import InMemoryIdentityQueries, InMemoryIdentityUnits
from adapters.memory.job_queue import InMemoryJobQueue
from adapters.memory.keyword_index import InMemoryKeywordIndex
from adapters.memory.model_catalog import InMemoryModelCatalog
from adapters.memory.queries import InMemoryBotQueries, InMemoryDocumentQueries
from adapters.memory.site_reader import InMemorySiteReader
from adapters.memory.state import MemoryState, TenantTables
from adapters.memory.text_analyzer import InMemoryTextAnalyzer
from adapters.memory.unit_of_work import InMemoryUnitOfWork, InMemoryUnitsOfWork
from adapters.memory.vector_index import InMemoryVectorIndex
from adapters.memory.web_fetcher import InMemoryWebFetcher
from application.ports.chat_model import ChatModel, ChatRequest, Delta, Finish, FinishReason, Usage
from application.ports.document_parser import DocumentParser, UnreadableDocument
from application.ports.vector_index import Namespace
from application.services.answer_stream import ANSWER_LEASE_SECONDS
from application.services.answer_writer import AnswerWriter
from application.services.guards.gate import Gate
from application.services.idempotency import IdempotencyKey
from application.services.reranking import Reranking
from application.services.retriever import Retriever
from application.services.told import NOTHING_TOLD, Told
from application.use_cases.accept_message import Accepted, AcceptMessage, NewMessage
from application.use_cases.answer_message import AnswerMessage
from application.use_cases.bots import CreateBot
from application.use_cases.documents import AddDocument, Added, DeleteDocument, NewContent
from application.use_cases.ingest_document import IngestDocument
from application.use_cases.purge import PurgeBot, PurgeDocument
from application.use_cases.run_crawl import RunCrawl
from application.use_cases.settle_answers import LATE_SECONDS, SettleAnswers
from application.use_cases.web_documents import FetchDocument
from domain.accounts import Actor, MemberRole, Workspace
from domain.bots import Bot
from domain.conversations import Message
from domain.documents import Document, ExtractedText
from domain.events import Event
from domain.jobs import JobKind, Lease

MINUTE = 60.0
Hook = Callable[[int], Awaitable[None]]


async def nothing(_: int) -> None:
    """Do nothing: the hook of a unit of work in good health."""


class HookedUnitsOfWork(InMemoryUnitsOfWork):
    """Calls `before` with the number of each unit before it begins, `after` once it has committed."""

    def __init__(self, state: MemoryState) -> None:
        super().__init__(state)
        self.state = state
        self.opened = 0
        self.before: Hook = nothing
        self.after: Hook = nothing

    def open(self, tenant_id: str) -> InMemoryUnitOfWork:
        return _HookedUnitOfWork(self, tenant_id)


class _HookedUnitOfWork(InMemoryUnitOfWork):
    def __init__(self, units: HookedUnitsOfWork, tenant_id: str) -> None:
        super().__init__(units.state, tenant_id)
        self._units = units

    async def __aenter__(self) -> Self:
        self._units.opened += 1
        self._number = self._units.opened
        await self._units.before(self._number)
        return await super().__aenter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await super().__aexit__(exc_type, exc, traceback)
        if exc_type is None:
            await self._units.after(self._number)


class PlainParser(DocumentParser):
    """Reads UTF-8; a file that is named `broken` is corrupt. Counts what it read."""

    def __init__(self) -> None:
        self.parsed = 0

    @property
    def formats(self) -> Mapping[str, str]:
        return {".txt": "text/plain"}

    async def parse(self, path: Path, *, filename: str, media_type: str) -> ExtractedText:
        self.parsed += 1
        if filename.startswith("broken"):
            raise UnreadableDocument("This file is damaged.", code="corrupt_document")
        content = await asyncio.to_thread(path.read_bytes)
        return ExtractedText(content.decode(), language="en")


class StepwiseIndex(InMemoryVectorIndex):
    """Removes one vector of a namespace at a time; `step` is called before each."""

    step: Callable[[], Awaitable[None]] | None = None

    async def delete_namespace(self, namespace: Namespace) -> bool:
        if self.step is not None:
            await self.step()
        held = self._records.get(namespace, {})
        if not held:
            return await super().delete_namespace(namespace)
        held.pop(next(iter(held)))
        return True


class DictatedModel(ChatModel):
    """Says what the test dictates, when it dictates it; an exception is raised, None ends it."""

    def __init__(self) -> None:
        self.words: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()

    def say(self, *words: str | Exception | None) -> None:
        for word in words:
            self.words.put_nowait(word)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        self.asked.set()
        try:
            while (word := await self.words.get()) is not None:
                if isinstance(word, Exception):
                    raise word
                yield Delta(word)
            yield Finish(FinishReason.STOP, Usage(7, 3))
        finally:
            self.closed.set()


async def stream_of(content: bytes) -> AsyncIterator[bytes]:
    """Give bytes in two blocks, as an upload does."""
    half = len(content) // 2
    yield content[:half]
    yield content[half:]


class Installation:
    """Ports and use cases on one memory; `actor` owns the workspace that tests work in."""

    def __init__(self, model: ChatModel | None = None) -> None:
        self.clock = FakeClock()
        self.state = MemoryState(self.clock)
        self.units = HookedUnitsOfWork(self.state)
        self.identities = InMemoryIdentityUnits(self.state)
        self.identity_queries = InMemoryIdentityQueries(self.state)
        self.bot_queries = InMemoryBotQueries(self.state)
        self.document_queries = InMemoryDocumentQueries(self.state)
        self.abandoned = InMemoryAbandonedAnswers(self.state)
        self.event_log = InMemoryEventLog(self.state, keep_alive=0.2)
        self.queue = InMemoryJobQueue(self.state)
        self.cache = InMemoryEmbeddingCache(self.state)
        self.keywords = InMemoryKeywordIndex(self.state.postings)
        self.embedder = InMemoryEmbedder()
        self.reranking: Reranking | None = None
        self.vectors = InMemoryVectorIndex()
        self.blobs = InMemoryBlobStore(self.clock.monotonic)
        self.parser = PlainParser()
        self.web = InMemoryWebFetcher()
        self.analyzer = InMemoryTextAnalyzer()
        self.model = model or InMemoryChatModel()
        self.models = InMemoryModelCatalog({"fake": self.model}, "fake/one")
        self.actor = Actor("usr_1", "ws_1", MemberRole.OWNER)
        self.stranger = Actor("usr_2", "ws_2", MemberRole.OWNER)
        for workspace_id in (self.actor.tenant_id, self.stranger.tenant_id):
            workspace = Workspace(workspace_id, "Engines", "free", self.clock.now())
            self.state.accounts.workspaces[workspace_id] = workspace

    @property
    def tables(self) -> TenantTables:
        """What is committed in the actor's workspace."""
        return self.state.tenant(self.actor.tenant_id)

    @property
    def ingest(self) -> IngestDocument:
        return IngestDocument(
            self.units,
            self.blobs,
            self.parser,
            self.embedder,
            self.cache,
            self.vectors,
            self.analyzer,
            self.clock,
        )

    @property
    def retriever(self) -> Retriever:
        return Retriever(
            self.embedder,
            self.vectors,
            self.keywords,
            self.analyzer,
            self.bot_queries,
            self.document_queries,
            self.clock,
            Gate(16),
            reranking=self.reranking,
        )

    @property
    def fetch(self) -> FetchDocument:
        return FetchDocument(self.units, self.blobs, self.web, self.clock, 1 << 20)

    @property
    def crawl(self) -> RunCrawl:
        return RunCrawl(
            self.units, self.blobs, self.web, InMemorySiteReader(), self.clock, 1 << 20, 0.0
        )

    @property
    def purge_document(self) -> PurgeDocument:
        return PurgeDocument(self.units, self.blobs, self.vectors, self.cache, self.clock)

    @property
    def purge_bot(self) -> PurgeBot:
        return PurgeBot(self.units, self.blobs, self.vectors, self.cache, self.clock)

    @property
    def answer_message(self) -> AnswerMessage:
        writer = AnswerWriter(self.retriever, self.models, self.analyzer, self.clock)
        return AnswerMessage(self.units, writer, self.clock)

    @property
    def settle(self) -> SettleAnswers:
        """What ends abandoned answers, as a process that has just begun does it."""
        return SettleAnswers(self.abandoned, self.units, self.event_log, self.clock)

    async def add_bot(self, **configuration: object) -> Bot:
        create = CreateBot(self.units, self.embedder, self.vectors, self.models, self.clock)
        return (await create(self.actor, "Librarian", configuration=configuration))[0]

    async def upload(
        self,
        bot: Bot,
        text: str,
        filename: str = "rules.txt",
        key: IdempotencyKey | None = None,
        **metadata: str,
    ) -> Added:
        add = AddDocument(self.units, self.blobs, self.clock, 1 << 20)
        content = NewContent(
            filename, "text/plain", stream_of(text.encode()), metadata=metadata or None
        )
        return await add(self.actor, bot.id, content, key)

    async def add_ready(
        self, bot: Bot, text: str, filename: str = "rules.txt", **metadata: str
    ) -> Document:
        """Upload a text, take it in, and return the document that answers."""
        document = (await self.upload(bot, text, filename, None, **metadata)).document
        await self.work()
        return await self.document(document.id)

    async def document(self, document_id: str) -> Document:
        return await self.document_queries.get(self.actor.tenant_id, document_id)

    async def delete(self, document: Document) -> None:
        await DeleteDocument(self.units, self.clock)(self.actor, document.id)

    async def claim(self) -> Lease:
        lease = await self.queue.claim(MINUTE)
        assert lease is not None
        return lease

    async def work(self) -> None:
        """Do all jobs that are due."""
        while lease := await self.queue.claim(MINUTE):
            await self.do(lease)

    async def do(self, lease: Lease) -> None:
        match lease.job.kind:
            case JobKind.FETCH:
                await self.fetch(lease)
            case JobKind.INGEST:
                await self.ingest(lease)
            case JobKind.CRAWL:
                await self.crawl(lease)
            case JobKind.PURGE_DOCUMENT:
                await self.purge_document(lease)
            case JobKind.PURGE_BOT:
                await self.purge_bot(lease)

    async def ask(
        self,
        question: str,
        key: IdempotencyKey | None = None,
        *,
        draft: bool = False,
        **place: str,
    ) -> Accepted:
        """Accept a message; `place` names bot_id, conversation_id, parent_id."""
        accept = AcceptMessage(self.units, self.models, self.clock)
        return await accept(self.actor, NewMessage(question, draft=draft, **place), key)

    async def answered(self, question: str, **place: str) -> Message:
        """Accept a message and return its answer, written to the end."""
        return await self.answer((await self.ask(question, **place)).answer)

    async def answer(self, pending: Message, told: Told = NOTHING_TOLD) -> Message:
        return await self.answer_message(pending, told)

    async def end_abandoned(self) -> int:
        """Let leases run out, and end the answers that nobody took over; return how many."""
        settle = self.settle
        self.clock.advance(ANSWER_LEASE_SECONDS + 1)
        assert await settle() == 0
        self.clock.advance(LATE_SECONDS)
        return await settle()

    async def message(self, message_id: str) -> Message:
        async with self.units.open(self.actor.tenant_id) as uow:
            return await uow.messages.get(message_id)

    async def events(self, stream_id: str) -> list[Event]:
        return await self.event_log.read(self.actor.tenant_id, stream_id, 0)

    async def kinds(self, stream_id: str) -> list[str]:
        return [event.type for event in await self.events(stream_id)]

    async def said(self, stream_id: str) -> str:
        """Return the sum of the deltas of an answer."""
        events = await self.events(stream_id)
        return "".join(str(e.data["text"]) for e in events if e.type == "message.delta")

    async def vector_count(self, bot: Bot, document: Document | None = None) -> int:
        counts = [
            await self.vectors.count(
                Namespace(bot.tenant_id, bot.id, generation.id), document.id if document else None
            )
            for generation in self.tables.generations.values()
            if generation.bot_id == bot.id
        ]
        return sum(counts)

    async def wait_for(self, stream_id: str, kind: str, count: int = 1) -> None:
        """Wait until so many events of a kind stand in a stream."""
        seen = 0
        follow = self.event_log.follow(self.actor.tenant_id, stream_id, 0, frozenset())
        async with asyncio.timeout(5), aclosing(follow) as batches:
            async for batch in batches:
                seen += sum(event.type == kind for event in batch)
                if seen >= count:
                    return
