"""The composition root: which adapter stands behind which port. Nothing is built before it is asked for."""

from contextlib import AsyncExitStack
from typing import Any

from dependency_injector import containers, providers

from adapters.postgres.conversation_queries import PostgresConversationQueries
from adapters.postgres.conversations import PostgresAbandonedAnswers
from adapters.postgres.database import Probe, make_pool
from adapters.postgres.embedding_cache import PostgresEmbeddingCache
from adapters.postgres.event_log import PostgresEventLog
from adapters.postgres.identity import PostgresIdentityQueries, PostgresIdentityUnits
from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.keyword_index import PostgresKeywordIndex
from adapters.postgres.notifier import Notifier
from adapters.postgres.queries import PostgresBotQueries, PostgresDocumentQueries
from adapters.postgres.unit_of_work import PostgresUnitsOfWork
from adapters.security.password_hasher import Argon2PasswordHasher
from adapters.security.token_signer import JwtTokenSigner
from adapters.snowball.text_analyzer import SnowballTextAnalyzer
from adapters.system.clock import SystemClock
from application.services.retriever import Retriever
from application.use_cases.accept_message import AcceptMessage, RegenerateAnswer
from application.use_cases.accounts import (
    GetProfile,
    LogIn,
    LogOut,
    RefreshSession,
    RegisterUser,
    SessionKeeper,
    UpdateProfile,
)
from application.use_cases.answer_message import AnswerMessage
from application.use_cases.bots import (
    CreateBot,
    CreateVersion,
    DeleteBot,
    PublishVersion,
    UpdateBot,
)
from application.use_cases.conversations import (
    DeleteConversation,
    RenameConversation,
    StartConversation,
)
from application.use_cases.documents import (
    AddDocument,
    DeleteDocument,
    ReplaceContent,
    ReprocessDocument,
    UpdateDocument,
)
from application.use_cases.ingest_document import IngestDocument
from application.use_cases.purge import PurgeBot, PurgeDocument
from application.use_cases.search_bot import SearchBot
from application.use_cases.stop_answer import EndAbandonedAnswers, StopAnswer
from entrypoints import _parts
from entrypoints.settings import Settings

Single = providers.Singleton


class Container(containers.DeclarativeContainer):
    """Plain providers, no wiring: routes and commands ask `container.name()` for what they need."""

    settings = providers.Dependency(instance_of=Settings)
    conninfo = providers.Dependency(instance_of=str)

    clock = Single(SystemClock)
    pool = Single(make_pool, conninfo, size=settings.provided.database_pool_size)
    notifier = Single(Notifier, conninfo)

    units = Single(PostgresUnitsOfWork, pool, notifier)
    identities = Single(PostgresIdentityUnits, pool)
    identity_queries = Single(PostgresIdentityQueries, pool)
    bot_queries = Single(PostgresBotQueries, pool)
    document_queries = Single(PostgresDocumentQueries, pool)
    conversation_queries = Single(PostgresConversationQueries, pool)
    abandoned_answers = Single(PostgresAbandonedAnswers, pool)
    event_log = Single(PostgresEventLog, pool, notifier)
    job_queue = Single(PostgresJobQueue, pool, notifier)
    embedding_cache = Single(PostgresEmbeddingCache, pool)
    keyword_index = Single(PostgresKeywordIndex, pool)
    blobs = Single(_parts.blob_store, settings)
    probe = Single(Probe, pool)

    analyzer = Single(SnowballTextAnalyzer)
    embedder = Single(_parts.embedder, settings)
    vector_index = Single(_parts.vector_index, settings, pool)
    parser = Single(_parts.parser)
    models = Single(_parts.model_catalog, settings, embedder, analyzer)
    hasher = Single(Argon2PasswordHasher)
    signer = Single(JwtTokenSigner, settings.provided.signing_secret, clock)

    retriever = Single(
        Retriever,
        embedder,
        vector_index,
        keyword_index,
        analyzer,
        bot_queries,
        document_queries,
        clock,
    )

    session_keeper = Single(SessionKeeper, signer, clock)
    register_user = Single(RegisterUser, identities, hasher, session_keeper, clock)
    log_in = Single(LogIn, identities, hasher, session_keeper)
    refresh_session = Single(RefreshSession, identities, session_keeper, clock)
    log_out = Single(LogOut, identities, clock)
    get_profile = Single(GetProfile, identities)
    update_profile = Single(UpdateProfile, identities)

    create_bot = Single(CreateBot, units, embedder, models, clock)
    update_bot = Single(UpdateBot, units, models, clock)
    delete_bot = Single(DeleteBot, units, clock)
    create_version = Single(CreateVersion, units, clock)
    publish_version = Single(PublishVersion, units, clock)

    _upload = (units, blobs, clock, settings.provided.max_upload_bytes)
    add_document = Single(AddDocument, *_upload)
    replace_content = Single(ReplaceContent, *_upload)
    update_document = Single(UpdateDocument, units, clock)
    reprocess_document = Single(ReprocessDocument, units, clock)
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
    purge_document = Single(PurgeDocument, units, blobs, vector_index, embedding_cache)
    purge_bot = Single(PurgeBot, units, blobs, vector_index, embedding_cache)
    search_bot = Single(SearchBot, bot_queries, retriever)

    start_conversation = Single(StartConversation, units, clock)
    rename_conversation = Single(RenameConversation, units, clock)
    delete_conversation = Single(DeleteConversation, units)
    accept_message = Single(AcceptMessage, units, models, clock)
    regenerate_answer = Single(RegenerateAnswer, units, clock)
    answer_message = Single(AnswerMessage, units, retriever, models, analyzer, clock)
    stop_answer = Single(StopAnswer, units)
    end_abandoned_answers = Single(EndAbandonedAnswers, abandoned_answers, units, clock)


async def close(container: Any) -> None:
    """Release what was built: connections, subprocesses, threads."""
    async with AsyncExitStack() as stack:  # whatever one of them raises, the others are released
        stack.push_async_callback(container.pool().dispose)
        for part in ("event_log", "vector_index", "models", "embedder", "parser"):
            stack.push_async_callback(getattr(container, part)().aclose)
        stack.push_async_callback(container.notifier().stop)
