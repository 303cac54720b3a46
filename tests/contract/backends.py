"""The persistence technologies that the contracts are run against."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text

from adapters._events import Notifier
from adapters.memory.actors import InMemoryActorNames
from adapters.memory.api_keys import InMemoryApiKeyQueries, InMemoryApiKeyUses
from adapters.memory.audit import InMemoryAuditQueries
from adapters.memory.clock import FakeClock
from adapters.memory.conversation_queries import InMemoryConversationQueries
from adapters.memory.conversations import InMemoryAbandonedAnswers
from adapters.memory.crawls import InMemoryCrawlQueries
from adapters.memory.credentials import InMemoryCredentialQueries, InMemoryWorkspaceList
from adapters.memory.embedding_cache import InMemoryEmbeddingCache
from adapters.memory.event_log import InMemoryEventLog
from adapters.memory.feedback import InMemoryFeedbackQueries
from adapters.memory.housekeeping import InMemoryHousekeeping, InMemorySingletons
from adapters.memory.identity import InMemoryIdentityQueries, InMemoryIdentityUnits
from adapters.memory.index_census import InMemoryIndexCensus
from adapters.memory.job_queue import InMemoryJobQueue
from adapters.memory.jobs import InMemoryJobQueries
from adapters.memory.plans import InMemoryPlanQueries
from adapters.memory.queries import InMemoryBotQueries, InMemoryDocumentQueries
from adapters.memory.sessions import InMemorySessionQueries
from adapters.memory.state import MemoryState
from adapters.memory.summaries import InMemorySummaryQueries
from adapters.memory.traces import InMemoryTraceQueries
from adapters.memory.unit_of_work import InMemoryUnitsOfWork
from adapters.memory.upkeep import InMemorySweepQueries
from adapters.memory.usage import InMemoryUsageQueries
from adapters.memory.workers import InMemoryWorkerRegistry
from adapters.memory.workspaces import InMemoryWorkspaceQueries
from adapters.postgres.actors import PostgresActorNames
from adapters.postgres.api_keys import PostgresApiKeyQueries, PostgresApiKeyUses
from adapters.postgres.audit import PostgresAuditQueries
from adapters.postgres.conversation_queries import PostgresConversationQueries
from adapters.postgres.crawls import PostgresCrawlQueries
from adapters.postgres.credentials import PostgresCredentialQueries, PostgresWorkspaceList
from adapters.postgres.database import make_pool
from adapters.postgres.embedding_cache import PostgresEmbeddingCache
from adapters.postgres.event_log import PostgresEventLog
from adapters.postgres.feedback import PostgresFeedbackQueries
from adapters.postgres.housekeeping import PostgresHousekeeping, PostgresSingletons
from adapters.postgres.identity import PostgresIdentityQueries, PostgresIdentityUnits
from adapters.postgres.index_census import PostgresIndexCensus
from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.jobs import PostgresJobQueries
from adapters.postgres.messages import PostgresAbandonedAnswers
from adapters.postgres.notifier import PostgresNotifier
from adapters.postgres.plans import PostgresPlanQueries
from adapters.postgres.queries import PostgresBotQueries, PostgresDocumentQueries
from adapters.postgres.roles import SYSTEM_ROLE
from adapters.postgres.sessions import PostgresSessionQueries
from adapters.postgres.summaries import PostgresSummaryQueries
from adapters.postgres.traces import PostgresTraceQueries
from adapters.postgres.unit_of_work import PostgresUnitsOfWork
from adapters.postgres.upkeep import PostgresSweepQueries
from adapters.postgres.usage import PostgresUsageQueries
from adapters.postgres.workers import PostgresWorkerRegistry
from adapters.postgres.workspaces import PostgresWorkspaceQueries
from adapters.system.clock import SystemClock
from application.testing.backend import KEEP_ALIVE_SECONDS, Backend


@asynccontextmanager
async def memory_backend() -> AsyncIterator[Backend]:
    """Everything in dictionaries, with a clock that stands still."""
    clock = FakeClock()
    state = MemoryState(clock)

    async def expire_leases() -> None:
        clock.advance(24 * 3600)

    yield Backend(
        units=InMemoryUnitsOfWork(state),
        identities=InMemoryIdentityUnits(state),
        identity_queries=InMemoryIdentityQueries(state),
        session_queries=InMemorySessionQueries(state),
        bot_queries=InMemoryBotQueries(state),
        document_queries=InMemoryDocumentQueries(state),
        crawl_queries=InMemoryCrawlQueries(state),
        audit_queries=InMemoryAuditQueries(state),
        trace_queries=InMemoryTraceQueries(state),
        summary_queries=InMemorySummaryQueries(state),
        conversation_queries=InMemoryConversationQueries(state),
        feedback_queries=InMemoryFeedbackQueries(state),
        actor_names=InMemoryActorNames(state),
        credential_queries=InMemoryCredentialQueries(state),
        api_key_queries=InMemoryApiKeyQueries(state),
        api_key_uses=InMemoryApiKeyUses(state),
        plan_queries=InMemoryPlanQueries(state),
        usage_queries=InMemoryUsageQueries(state),
        workspaces=InMemoryWorkspaceList(state),
        workspace_queries=InMemoryWorkspaceQueries(state),
        event_log=InMemoryEventLog(state, keep_alive=KEEP_ALIVE_SECONDS),
        job_queue=InMemoryJobQueue(state),
        job_queries=InMemoryJobQueries(state),
        workers=InMemoryWorkerRegistry(state),
        embedding_cache=InMemoryEmbeddingCache(state),
        sweep_queries=InMemorySweepQueries(state),
        singletons=InMemorySingletons(state),
        housekeeping=InMemoryHousekeeping(state),
        abandoned=InMemoryAbandonedAnswers(state),
        index_census=InMemoryIndexCensus(state),
        clock=clock,
        expire_leases=expire_leases,
    )


@asynccontextmanager
async def postgres_backend(url: str, notifier: Notifier | None = None) -> AsyncIterator[Backend]:
    """A database of its own on the embedded server, by the clock of the machine."""
    pool, system = make_pool(url), make_pool(url, role=SYSTEM_ROLE)
    notifier = notifier or PostgresNotifier(url)
    await notifier.start()

    async def expire_leases() -> None:
        async with system.begin(None) as connection:
            past = "lease_until = now() - interval '1 second'"
            await connection.execute(text(f"UPDATE jobs SET {past} WHERE lease_until IS NOT NULL"))

    try:
        yield Backend(
            units=PostgresUnitsOfWork(pool, notifier),
            identities=PostgresIdentityUnits(system),
            identity_queries=PostgresIdentityQueries(system),
            session_queries=PostgresSessionQueries(system),
            bot_queries=PostgresBotQueries(pool),
            document_queries=PostgresDocumentQueries(pool),
            crawl_queries=PostgresCrawlQueries(pool),
            audit_queries=PostgresAuditQueries(pool),
            trace_queries=PostgresTraceQueries(pool),
            summary_queries=PostgresSummaryQueries(pool),
            conversation_queries=PostgresConversationQueries(pool),
            feedback_queries=PostgresFeedbackQueries(pool),
            actor_names=PostgresActorNames(system),
            credential_queries=PostgresCredentialQueries(pool),
            api_key_queries=PostgresApiKeyQueries(pool),
            api_key_uses=PostgresApiKeyUses(system),
            plan_queries=PostgresPlanQueries(system),
            usage_queries=PostgresUsageQueries(pool),
            workspaces=PostgresWorkspaceList(system),
            workspace_queries=PostgresWorkspaceQueries(system),
            event_log=PostgresEventLog(pool, notifier, keep_alive=KEEP_ALIVE_SECONDS),
            job_queue=PostgresJobQueue(system, notifier),
            job_queries=PostgresJobQueries(system),
            workers=PostgresWorkerRegistry(system),
            embedding_cache=PostgresEmbeddingCache(pool),
            sweep_queries=PostgresSweepQueries(pool),
            singletons=PostgresSingletons(system),
            housekeeping=PostgresHousekeeping(system),
            abandoned=PostgresAbandonedAnswers(system),
            index_census=PostgresIndexCensus(pool, system),
            clock=SystemClock(),
            expire_leases=expire_leases,
        )
    finally:
        await notifier.stop()
        await pool.dispose()
        await system.dispose()
