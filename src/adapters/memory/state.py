"""The tables behind the in-memory adapters: what a database would hold, as dictionaries."""

import asyncio
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import TypeVar

from adapters.memory.keyword_index import InMemoryPostingsStore
from application.ports.clock import Clock
from application.ports.embedder import Vector
from domain.accounts import Membership, OneTimeToken, RefreshToken, Session, User, Workspace
from domain.api_keys import ApiKey
from domain.audit import AuditLink
from domain.bots import Bot, BotVersion, GenerationState, IndexGeneration
from domain.chunks import Chunk
from domain.conversations import Conversation, Message
from domain.crawls import Crawl
from domain.credentials import StoredCredentials
from domain.documents import Document, ExtractedText, Source
from domain.erasures import Erasure
from domain.events import Event
from domain.feedback import Feedback
from domain.jobs import Job, JobKind, Setback, WorkerProcess
from domain.plans import DEFAULT_PLANS, Plan, UsageRecord
from domain.sweeps import Sweep
from domain.traces import Trace
from domain.workspaces import Invitation

Tables = TypeVar("Tables", "TenantTables", "AccountTables")
JobKey = tuple[str, JobKind, str]


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """A revision of a document: the bytes as given, and the text once it is parsed."""

    source: Source
    text: ExtractedText | None = None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message, with what its answerer and those who want it stopped tell each other, and its trace."""

    message: Message
    lease_until: datetime | None = None
    stop_requested: bool = False
    trace: Trace | None = None


@dataclass(frozen=True, slots=True)
class IdempotencyRow:
    """A taken key: what was asked, and what it made."""

    fingerprint: str
    created_at: datetime
    resource_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job and who works on it; `place` is its place in the queue by age."""

    job: Job
    fence: int
    place: int
    enqueued_at: datetime
    lease_until: datetime | None = None
    claimed_at: datetime | None = None
    worker_id: str | None = None
    errors: int = 0
    losses: int = 0
    outages: int = 0
    last: Setback | None = None

    def is_due(self, now: datetime) -> bool:
        """Tell whether it can be claimed."""
        return self.job.run_at <= now and (self.lease_until is None or self.lease_until <= now)


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """A worker process, and when it was seen last."""

    process: WorkerProcess
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class SingletonRow:
    """Who does a work that only one does, until when, and when it was done last."""

    holder: str
    fence: int
    until: datetime
    done_at: datetime | None = None


def copy_tables(tables: Tables) -> Tables:
    """Return a copy whose tables change on their own; rows are shared, for no row ever changes."""
    return replace(tables, **{f.name: copy(getattr(tables, f.name)) for f in fields(tables)})


@dataclass(slots=True)
class TenantTables:
    """The rows of one tenant. `tombstones` holds ids of bots, documents and conversations."""

    bots: dict[str, Bot] = field(default_factory=dict)
    versions: dict[tuple[str, int], BotVersion] = field(default_factory=dict)
    generations: dict[str, IndexGeneration] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    revisions: dict[tuple[str, int], RevisionRow] = field(default_factory=dict)
    chunks: dict[tuple[str, int], tuple[Chunk, ...]] = field(default_factory=dict)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    messages: dict[str, MessageRow] = field(default_factory=dict)
    message_feedback: dict[tuple[str, str], Feedback] = field(default_factory=dict)
    events: dict[str, tuple[Event, ...]] = field(default_factory=dict)
    idempotency: dict[tuple[str, str], IdempotencyRow] = field(default_factory=dict)
    credentials: dict[str, StoredCredentials] = field(default_factory=dict)
    crawls: dict[str, Crawl] = field(default_factory=dict)
    api_keys: dict[str, ApiKey] = field(default_factory=dict)
    usage: dict[tuple[str, str], int] = field(default_factory=dict)
    usage_records: dict[str, UsageRecord] = field(default_factory=dict)
    sweeps: dict[str, Sweep] = field(default_factory=dict)
    tombstones: set[str] = field(default_factory=set)

    def bot(self, bot_id: str) -> Bot | None:
        """Return the row of a bot that is not deleted, or None."""
        return None if bot_id in self.tombstones else self.bots.get(bot_id)

    def live_generation(self, bot_id: str) -> IndexGeneration | None:
        """Return the live generation of a bot that is not deleted, or None."""
        if self.bot(bot_id) is None:
            return None
        own = (g for g in self.generations.values() if g.bot_id == bot_id)
        return next((g for g in own if g.state is GenerationState.LIVE), None)

    def document(self, document_id: str) -> Document | None:
        """Return the row of a document that is not deleted, or None."""
        return None if document_id in self.tombstones else self.documents.get(document_id)

    def conversation(self, conversation_id: str) -> Conversation | None:
        """Return the row of a conversation that is not deleted, or None."""
        if conversation_id in self.tombstones:
            return None
        return self.conversations.get(conversation_id)

    def message(self, message_id: str) -> MessageRow | None:
        """Return the row of a message whose conversation is not deleted, or None."""
        row = self.messages.get(message_id)
        if row is None or self.conversation(row.message.conversation_id) is None:
            return None
        return row

    def stored_bytes(self, document_id: str) -> int:
        """Return the bytes of the live revision of a document and of those after it."""
        document = self.document(document_id)
        sizes = {
            row.source.blob_key: row.source.size
            for (owner, revision), row in self.revisions.items()
            if document is not None and owner == document_id and revision >= document.revision
        }
        return sum(sizes.values())

    def drop_document(self, document_id: str) -> None:
        """Remove the rows of a document and its events."""
        document = self.documents.pop(document_id)
        self.tombstones.discard(document_id)
        self.drop_revisions(document_id, before=document.target + 1)
        self.events.pop(document_id, None)

    def drop_revisions(self, document_id: str, before: int) -> None:
        """Remove the revisions below `before` with texts and chunks."""
        for key in [key for key in self.revisions if key[0] == document_id and key[1] < before]:
            del self.revisions[key]
            self.chunks.pop(key, None)

    def drop_conversation(self, conversation_id: str) -> None:
        """Remove the rows of a conversation, its messages and their events."""
        self.conversations.pop(conversation_id, None)
        self.tombstones.discard(conversation_id)
        rows = list(self.messages.items())
        for message_id, row in rows:
            if row.message.conversation_id == conversation_id:
                del self.messages[message_id]
                self.events.pop(message_id, None)
        self.message_feedback = {
            key: feedback
            for key, feedback in self.message_feedback.items()
            if feedback.conversation_id != conversation_id
        }


@dataclass(slots=True)
class AccountTables:
    """What stands above tenants. Memberships keep the order in which people joined."""

    users: dict[str, User] = field(default_factory=dict)
    workspaces: dict[str, Workspace] = field(default_factory=dict)
    memberships: dict[tuple[str, str], Membership] = field(default_factory=dict)
    joined: dict[tuple[str, str], datetime] = field(default_factory=dict)
    invitations: dict[str, Invitation] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    one_time_tokens: dict[str, OneTimeToken] = field(default_factory=dict)
    externals: dict[tuple[str, str], str] = field(default_factory=dict)
    plans: dict[str, Plan] = field(
        default_factory=lambda: {plan.id: plan for plan in DEFAULT_PLANS}
    )

    def memberships_in_use(self) -> list[Membership]:
        """Return the memberships of workspaces that are not deleted."""
        deleted = {w.id for w in self.workspaces.values() if w.deleted_at is not None}
        return [m for m in self.memberships.values() if m.tenant_id not in deleted]


class Bell:
    """Wakes whoever listens; who takes `next_ring` before looking at the state misses none."""

    def __init__(self) -> None:
        self.next_ring = asyncio.Event()

    def ring(self) -> None:
        """Wake all that listen now."""
        self.next_ring.set()
        self.next_ring = asyncio.Event()


class MemoryState:
    """What a database would hold, and its clock, shared by the adapters of one installation.

    All that stands here is committed. Units of work change copies under `unit_lock`. Jobs change in
    place between two awaits, but for those in `locked_jobs`: an open unit of work holds these.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.tenants: dict[str, TenantTables] = {}
        self.accounts = AccountTables()
        self.audit: dict[str, list[AuditLink]] = {}
        self.jobs: dict[JobKey, JobRow] = {}
        self.locked_jobs: set[JobKey] = set()
        self.turns: dict[str, int] = {}
        self.receipts: dict[str, Erasure] = {}
        self.singletons: dict[str, SingletonRow] = {}
        self.workers: dict[str, WorkerRow] = {}
        self.vectors: dict[tuple[str, str, str], Vector] = {}
        self.postings = InMemoryPostingsStore()
        self.unit_lock = asyncio.Lock()
        self.accounts_lock = asyncio.Lock()
        self.committed = Bell()

    def tenant(self, tenant_id: str) -> TenantTables:
        """Return the committed rows of a tenant, to be read only."""
        return self.tenants.get(tenant_id) or TenantTables()
