"""The composition root: which adapter stands behind which port. Nothing is built before it is asked for."""

from contextlib import AsyncExitStack
from typing import Any

from dependency_injector import providers

from adapters._resources import Postgres
from adapters.postgres.actors import PostgresActorNames
from adapters.postgres.api_keys import PostgresApiKeyQueries, PostgresApiKeyUses
from adapters.postgres.audit import PostgresAuditQueries
from adapters.postgres.conversation_queries import PostgresConversationQueries
from adapters.postgres.crawls import PostgresCrawlQueries
from adapters.postgres.credentials import PostgresCredentialQueries, PostgresWorkspaceList
from adapters.postgres.database import Probe, make_pool
from adapters.postgres.embedding_cache import PostgresEmbeddingCache
from adapters.postgres.event_log import PostgresEventLog
from adapters.postgres.feedback import PostgresFeedbackQueries
from adapters.postgres.identity import PostgresIdentityQueries, PostgresIdentityUnits
from adapters.postgres.index_census import PostgresIndexCensus
from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.jobs import PostgresJobQueries
from adapters.postgres.keyword_index import PostgresKeywordIndex
from adapters.postgres.messages import PostgresAbandonedAnswers
from adapters.postgres.plans import PostgresPlanQueries
from adapters.postgres.queries import PostgresBotQueries, PostgresDocumentQueries
from adapters.postgres.roles import SYSTEM_ROLE
from adapters.postgres.sealed_values import PostgresSealedFactors
from adapters.postgres.sessions import PostgresSessionQueries
from adapters.postgres.summaries import PostgresSummaryQueries
from adapters.postgres.traces import PostgresTraceQueries
from adapters.postgres.unit_of_work import PostgresUnitsOfWork
from adapters.postgres.usage import PostgresUsageQueries
from adapters.postgres.workers import PostgresWorkerRegistry
from adapters.security.password_hasher import Argon2PasswordHasher
from adapters.security.secret_box import AesGcmSecretBox
from adapters.security.token_signer import JwtTokenSigner
from adapters.snowball.text_analyzer import SnowballTextAnalyzer
from adapters.system.clock import SystemClock
from application.services.answer_writer import AnswerWriter
from application.services.guards.gate import Gate
from application.services.key_uses import KeyUses
from application.services.paced_rate_limiter import PacedRateLimiter
from application.services.retelling_log import RetellingEventLog
from application.services.retriever import Retriever
from application.services.throttle import Throttle
from application.use_cases.accept_message import AcceptMessage, RegenerateAnswer
from application.use_cases.answer_message import AnswerMessage
from application.use_cases.api_keys import CreateApiKey, RenameApiKey, RevokeApiKey, RotateApiKey
from application.use_cases.bots import (
    CreateBot,
    CreateVersion,
    DeleteBot,
    PublishVersion,
    UpdateBot,
)
from application.use_cases.cancel_document import CancelDocument
from application.use_cases.check_indexes import CheckIndexes
from application.use_cases.crawls import StartCrawl, StopCrawl
from application.use_cases.credentials import RemoveCredentials, SetCredentials
from application.use_cases.documents import (
    AddDocument,
    DeleteDocument,
    ReplaceContent,
    ReprocessDocument,
    UpdateDocument,
)
from application.use_cases.export_data import ExportPerson, ExportWorkspace, WorkspaceReads
from application.use_cases.ingest_document import IngestDocument
from application.use_cases.plans import AssignPlan, SavePlan
from application.use_cases.purge import PurgeBot, PurgeDocument
from application.use_cases.run_crawl import RunCrawl
from application.use_cases.sealed_secrets import CountSecrets, RotateSecrets
from application.use_cases.search_bot import SearchBot
from application.use_cases.settle_answers import SettleAnswers
from application.use_cases.socket_tickets import IssueTicket, RedeemTicket
from application.use_cases.stop_answer import StopAnswer
from application.use_cases.web_documents import AddUrl, FetchDocument
from entrypoints import _parts, wrappers
from entrypoints.assembly import assembled
from entrypoints.conversations_container import ConversationsContainer
from entrypoints.people_container import PeopleContainer
from entrypoints.settings import Settings
from entrypoints.upkeep_container import UpkeepContainer
from entrypoints.workspaces_container import WorkspacesContainer

Single = providers.Singleton


@assembled(PeopleContainer, WorkspacesContainer, UpkeepContainer, ConversationsContainer)
class Container(PeopleContainer, WorkspacesContainer, UpkeepContainer, ConversationsContainer):
    """Plain providers, no wiring: routes and commands ask `container.name()` for what they need."""

    settings = providers.Dependency(instance_of=Settings)
    conninfo = providers.Dependency(instance_of=str)

    clock = Single(SystemClock)
    pool = Single(make_pool, conninfo, size=settings.provided.database_pool_size)
    system_pool = Single(
        make_pool, conninfo, size=settings.provided.database_pool_size, role=SYSTEM_ROLE
    )
    vector_pool = Single(_parts.vector_pool, settings, conninfo)
    breakers = Single(_parts.breakers, clock)
    analyzer = Single(SnowballTextAnalyzer)
    postgres = Single(Postgres, conninfo, pool, system_pool, vector_pool)
    embedder: Any = providers.Provider()  # adapters may ask for it, itself one of them: see below
    plugins = Single(_parts.plugins, settings)
    context = Single(
        _parts.context,
        settings,
        postgres.provider,
        clock.provider,
        embedder.provider,
        analyzer.provider,
    )
    _chosen = (settings, plugins, context)
    metrics = Single(wrappers.metrics, settings)
    counter = Single(_parts.counter, *_chosen, clock)
    _wrappers = Single(wrappers.Wrappers, settings, counter, clock, metrics)
    embedder.override(Single(_parts.embedder, *_chosen, breakers, _wrappers))
    vector_index = Single(_parts.vector_index, *_chosen, breakers, _wrappers)
    notifier = Single(_parts.notifier, *_chosen)

    units = Single(PostgresUnitsOfWork, pool, notifier)
    identities = Single(PostgresIdentityUnits, system_pool)
    identity_queries = Single(PostgresIdentityQueries, system_pool)
    bot_queries = Single(PostgresBotQueries, pool)
    document_queries = Single(PostgresDocumentQueries, pool)
    crawl_queries = Single(PostgresCrawlQueries, pool)
    audit_queries = Single(PostgresAuditQueries, pool)
    session_queries = Single(PostgresSessionQueries, system_pool)
    conversation_queries = Single(PostgresConversationQueries, pool)
    trace_queries = Single(PostgresTraceQueries, pool)
    summary_queries = Single(PostgresSummaryQueries, pool)
    feedback_queries = Single(PostgresFeedbackQueries, pool)
    actor_names = Single(PostgresActorNames, system_pool)
    index_census = Single(PostgresIndexCensus, pool, system_pool)
    check_indexes = Single(CheckIndexes, index_census, embedder, vector_index, clock)
    abandoned_answers = Single(PostgresAbandonedAnswers, system_pool)
    credential_queries = Single(PostgresCredentialQueries, pool)
    workspace_list = Single(PostgresWorkspaceList, system_pool)
    plan_queries = Single(PostgresPlanQueries, system_pool)
    usage_queries = Single(PostgresUsageQueries, pool)
    event_log = Single(PostgresEventLog, pool, notifier)
    job_queue = Single(PostgresJobQueue, system_pool, notifier)
    job_queries = Single(PostgresJobQueries, system_pool)
    worker_registry = Single(PostgresWorkerRegistry, system_pool)
    embedding_cache = Single(PostgresEmbeddingCache, pool)
    keyword_index = Single(PostgresKeywordIndex, pool)
    blobs = Single(_parts.blob_store, *_chosen)
    # A connection of its own: a crowd that has all others does not make this process unready.
    probe_pool = Single(make_pool, conninfo, size=1, role=SYSTEM_ROLE)
    probe = Single(Probe, probe_pool)

    rate_limiter = Single(PacedRateLimiter, counter, clock)
    rate_limits = settings.provided.rate_limits
    throttle = Single(
        Throttle, rate_limiter, rate_limits.provided.login, rate_limits.provided.login_ip
    )

    parser = Single(_parts.parser)
    web_fetcher = Single(_parts.web_fetcher, settings)
    site_reader = Single(_parts.site_reader)
    secret_box = Single(AesGcmSecretBox, settings.provided.encryption_secrets)
    models = Single(_parts.model_catalog, *_chosen, secret_box, breakers, _wrappers)
    hasher = Single(Argon2PasswordHasher)
    signer = Single(
        JwtTokenSigner,
        settings.provided.signing_secret,
        clock,
        previous=settings.provided.previous_signing_secrets,
    )

    reranking = Single(_parts.reranking, *_chosen, breakers, _wrappers)
    retriever = Single(
        Retriever,
        embedder,
        vector_index,
        keyword_index,
        analyzer,
        bot_queries,
        document_queries,
        clock,
        Single(Gate, settings.provided.search_concurrency),
        settings.provided.search_seconds,
        reranking=reranking,
    )

    api_key_queries = Single(PostgresApiKeyQueries, pool)
    key_uses = Single(KeyUses, Single(PostgresApiKeyUses, system_pool), clock)
    create_api_key = Single(CreateApiKey, units, clock)
    rename_api_key = Single(RenameApiKey, units, clock)
    rotate_api_key = Single(RotateApiKey, units, clock)
    revoke_api_key = Single(RevokeApiKey, units, clock)
    issue_ticket = Single(IssueTicket, identities, clock)
    redeem_ticket = Single(RedeemTicket, identities, identity_queries, clock)

    save_plan = Single(SavePlan, identities, clock)
    assign_plan = Single(AssignPlan, identities, clock)

    create_bot = Single(CreateBot, units, embedder, vector_index, models, clock)
    update_bot = Single(UpdateBot, units, models, clock)
    delete_bot = Single(DeleteBot, units, clock)
    create_version = Single(CreateVersion, units, clock)
    publish_version = Single(PublishVersion, units, clock)

    set_credentials = Single(
        SetCredentials, units, models, secret_box, clock, settings.provided.model_url_rules
    )
    remove_credentials = Single(RemoveCredentials, units, clock)
    sealed_outside = providers.List(Single(PostgresSealedFactors, system_pool))
    _secrets = (units, workspace_list, sealed_outside, secret_box)
    rotate_secrets = Single(RotateSecrets, *_secrets)
    count_secrets = Single(CountSecrets, *_secrets)

    _upload = (units, blobs, clock, settings.provided.max_upload_bytes)
    add_document = Single(AddDocument, *_upload)
    replace_content = Single(ReplaceContent, *_upload)
    update_document = Single(UpdateDocument, units, clock)
    reprocess_document = Single(ReprocessDocument, units, clock)
    cancel_document = Single(CancelDocument, units, clock)
    delete_document = Single(DeleteDocument, units, clock)
    ingest_document = Single(
        IngestDocument,
        units,
        blobs,
        parser,
        embedder,
        embedding_cache,
        vector_index,
        analyzer,
        clock,
    )
    _max_bytes = settings.provided.max_upload_bytes
    add_url = Single(AddUrl, units, web_fetcher, clock)
    fetch_document = Single(FetchDocument, units, blobs, web_fetcher, clock, _max_bytes)
    start_crawl = Single(StartCrawl, units, web_fetcher, clock)
    stop_crawl = Single(StopCrawl, units, clock)
    _site = (web_fetcher, site_reader, clock, _max_bytes, settings.provided.crawl_delay_seconds)
    run_crawl = Single(RunCrawl, units, blobs, *_site)
    purge_document = Single(PurgeDocument, units, blobs, vector_index, embedding_cache, clock)
    purge_bot = Single(PurgeBot, units, blobs, vector_index, embedding_cache, clock)
    export_workspace = Single(
        ExportWorkspace,
        units,
        identities,
        Single(
            WorkspaceReads,
            bot_queries,
            document_queries,
            crawl_queries,
            conversation_queries,
            feedback_queries,
            actor_names,
            api_key_queries,
            usage_queries,
            audit_queries,
        ),
        blobs,
        clock,
    )
    export_person = Single(
        ExportPerson, identities, session_queries, api_key_queries, audit_queries
    )
    search_bot = Single(SearchBot, bot_queries, retriever)

    _lease = settings.provided.answer_lease_seconds
    accept_message = Single(AcceptMessage, units, models, clock, _lease)
    regenerate_answer = Single(RegenerateAnswer, units, clock, _lease)
    _seconds = settings.provided.answer_seconds
    answer_writer = Single(AnswerWriter, retriever, models, analyzer, clock, _seconds)
    answer_message = Single(AnswerMessage, units, answer_writer, clock, _lease)
    answer_log = providers.Factory(RetellingEventLog, event_log, conversation_queries)
    stop_answer = Single(StopAnswer, units)
    settle_answers = Single(SettleAnswers, abandoned_answers, units, event_log, clock, _lease)


async def close(container: Any) -> None:
    """Release what was built: connections, subprocesses, threads."""
    async with AsyncExitStack() as stack:  # whatever one of them raises, the others are released
        for pool in ("pool", "system_pool", "vector_pool", "probe_pool"):
            stack.push_async_callback(getattr(container, pool)().dispose)
        for part in (
            "event_log", "vector_index", "models", "embedder", "parser", "web_fetcher",
            "rate_limiter", "key_uses", "postman", "context",
        ):  # fmt: skip
            stack.push_async_callback(getattr(container, part)().aclose)
        if (reranking := container.reranking()) is not None:
            stack.push_async_callback(reranking.aclose)
        stack.push_async_callback(container.notifier().stop)
