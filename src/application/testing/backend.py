"""What a contract of persistence is run against, and the steps its tests share."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from application.ports.api_keys import ApiKeyUses
from application.ports.clock import Clock
from application.ports.conversations import AbandonedAnswers
from application.ports.credentials import WorkspaceList
from application.ports.embedding_cache import EmbeddingCache
from application.ports.event_log import EventLog
from application.ports.identity import IdentityUnits
from application.ports.index_census import IndexCensus
from application.ports.job_queue import JobQueue
from application.ports.singletons import Singletons
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.ports.upkeep import Housekeeping
from application.ports.workers import WorkerRegistry
from application.queries.actors import ActorNames
from application.queries.api_keys import ApiKeyQueries
from application.queries.audit import AuditQueries
from application.queries.bots import BotQueries
from application.queries.conversations import ConversationQueries
from application.queries.crawls import CrawlQueries
from application.queries.credentials import CredentialQueries
from application.queries.documents import DocumentQueries
from application.queries.feedback import FeedbackQueries
from application.queries.identity import IdentityQueries
from application.queries.jobs import JobQueries
from application.queries.sessions import SessionQueries
from application.queries.summaries import SummaryQueries
from application.queries.sweeps import SweepQueries
from application.queries.traces import TraceQueries
from application.queries.usage import PlanQueries, UsageQueries
from application.queries.workspaces import WorkspaceQueries
from domain.accounts import MemberRole, Membership, User, Workspace
from domain.errors import ChatSphereError

T = TypeVar("T")
KEEP_ALIVE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Backend:
    """The parts of one persistence technology, all on the same store.

    A test begins with an empty job queue; what else it finds in the store does not matter, for each
    makes tenants of its own. `clock` goes with the store's own clock, if it has one. `event_log` sends
    a keep-alive after KEEP_ALIVE_SECONDS. `expire_leases` lets the leases of all claimed jobs run out.
    """

    units: UnitsOfWork
    identities: IdentityUnits
    identity_queries: IdentityQueries
    session_queries: SessionQueries
    bot_queries: BotQueries
    document_queries: DocumentQueries
    crawl_queries: CrawlQueries
    conversation_queries: ConversationQueries
    feedback_queries: FeedbackQueries
    actor_names: ActorNames
    audit_queries: AuditQueries
    trace_queries: TraceQueries
    summary_queries: SummaryQueries
    credential_queries: CredentialQueries
    api_key_queries: ApiKeyQueries
    api_key_uses: ApiKeyUses
    plan_queries: PlanQueries
    usage_queries: UsageQueries
    workspaces: WorkspaceList
    workspace_queries: WorkspaceQueries
    event_log: EventLog
    job_queue: JobQueue
    job_queries: JobQueries
    workers: WorkerRegistry
    embedding_cache: EmbeddingCache
    sweep_queries: SweepQueries
    singletons: Singletons
    housekeeping: Housekeeping
    abandoned: AbandonedAnswers
    index_census: IndexCensus
    clock: Clock
    expire_leases: Callable[[], Awaitable[None]]


class Interruption(Exception):
    """Raised by a test to make a unit of work roll back."""


@asynccontextmanager
async def rolled_back(unit: AbstractAsyncContextManager[T]) -> AsyncIterator[T]:
    """Open a unit of work and interrupt it at the end."""
    with suppress(Interruption):
        async with unit as opened:
            yield opened
            raise Interruption


async def in_unit(
    backend: Backend, tenant_id: str, work: Callable[[UnitOfWork], Awaitable[T]]
) -> T:
    """Return what `work` gives in a unit of work of its own."""
    async with backend.units.open(tenant_id) as unit:
        return await work(unit)


async def outcome(call: Awaitable[object]) -> object:
    """Return what a call gives, or the type of the product's error that it raises."""
    try:
        return await call
    except ChatSphereError as error:
        return type(error)


async def outcomes(*calls: Awaitable[object]) -> list[object]:
    """Return the outcome of each call; another error than the product's comes through at the end."""
    found: list[object] = []
    unexpected: list[Exception] = []
    for call in calls:
        try:
            found.append(await outcome(call))
        except Exception as error:
            unexpected.append(error)
    if unexpected:
        raise unexpected[0]
    return found


def make_user(backend: Backend, **changes: str) -> User:
    """Return a user who is not stored yet."""
    user_id = backend.clock.new_id("usr")
    user = User(
        id=user_id,
        email=f"{user_id}@example.org",
        full_name="Ada Lovelace",
        password_hash="$argon2id$",  # noqa: S106 - no hash of anything
        created_at=backend.clock.now(),
    )
    for name, value in changes.items():
        setattr(user, name, value)
    return user


async def add_user(backend: Backend) -> User:
    """Store a user."""
    user = make_user(backend)
    async with backend.identities.open() as identities:
        await identities.users.add(user)
    return user


async def add_workspace(
    backend: Backend, user: User, *, days: float = 0, role: MemberRole = MemberRole.OWNER
) -> Workspace:
    """Store a workspace of a user, made `days` after now."""
    workspace = Workspace(
        id=backend.clock.new_id("ws"),
        name="Analytical Engines",
        plan="free",
        created_at=backend.clock.now() + timedelta(days=days),
    )
    async with backend.identities.open() as identities:
        await identities.workspaces.add(workspace, Membership(workspace.id, user.id, role))
    return workspace


async def add_tenant(backend: Backend) -> str:
    """Store a workspace with its owner; return its id."""
    return (await add_workspace(backend, await add_user(backend))).id
