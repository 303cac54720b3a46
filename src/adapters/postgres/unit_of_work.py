"""Units of work on PostgreSQL: one connection, one transaction, one tenant."""

from contextlib import suppress
from types import TracebackType
from typing import Self

import psycopg

from adapters._events import Notifier
from adapters._psycopg import Connection, Pool
from adapters.postgres.api_keys import PostgresApiKeyRepository
from adapters.postgres.audit import PostgresAuditTrail
from adapters.postgres.bots import PostgresBotRepository, PostgresGenerationRepository
from adapters.postgres.chunks import PostgresChunkRepository
from adapters.postgres.conversations import PostgresConversationRepository
from adapters.postgres.crawls import PostgresCrawlRepository
from adapters.postgres.credentials import PostgresCredentialsRepository
from adapters.postgres.database import database_errors
from adapters.postgres.documents import PostgresDocumentRepository
from adapters.postgres.erasures import PostgresErasureReceipts
from adapters.postgres.estate import PostgresEstate
from adapters.postgres.event_log import PostgresEventAppender
from adapters.postgres.feedback import PostgresFeedbackRepository
from adapters.postgres.idempotency import PostgresIdempotencyRecords
from adapters.postgres.job_queue import PostgresJobOutbox
from adapters.postgres.keyword_postings import PostgresKeywordPostings
from adapters.postgres.messages import PostgresMessageRepository
from adapters.postgres.orphans import PostgresOrphans
from adapters.postgres.upkeep import PostgresUpkeep
from adapters.postgres.usage import PostgresUsageMeter
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork


class Transaction:
    """A connection with a transaction that commits on a clean exit and rolls back otherwise."""

    def __init__(self, pool: Pool, tenant_id: str | None) -> None:
        self._pool = pool
        self._tenant_id = tenant_id
        self._connection: Connection | None = None

    async def begin(self) -> Connection:
        """Take a connection. Raises DatabaseUnavailable."""
        with database_errors():
            driver = await self._pool.take(self._tenant_id)
            self._connection = Connection(driver, self._tenant_id, transaction=True)
        return self._connection

    async def end(self, exc: BaseException | None) -> None:
        """Commit or roll back, and give the connection back in any case."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with database_errors():
            try:
                if exc is None:
                    await connection.commit()
                else:
                    with suppress(psycopg.Error):
                        await connection.rollback()
            finally:
                await self._pool.give(connection.driver)
            if exc is not None:
                raise exc


class PostgresUnitOfWork(UnitOfWork):
    """The repositories of one tenant over one transaction."""

    def __init__(self, pool: Pool, notifier: Notifier, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self._notifier = notifier
        self._transaction = Transaction(pool, tenant_id)

    async def __aenter__(self) -> Self:
        connection = await self._transaction.begin()
        scope = (connection, self.tenant_id)
        self.bots = PostgresBotRepository(*scope)
        self.generations = PostgresGenerationRepository(*scope)
        self.documents = PostgresDocumentRepository(*scope)
        self.chunks = PostgresChunkRepository(*scope)
        self.postings = PostgresKeywordPostings(*scope)
        self.crawls = PostgresCrawlRepository(*scope)
        self.conversations = PostgresConversationRepository(*scope)
        self.messages = PostgresMessageRepository(*scope)
        self.feedback = PostgresFeedbackRepository(*scope)
        self._appender = PostgresEventAppender(*scope, notifies=self._notifier.by_database)
        self.events = self._appender
        self.jobs = self._jobs = PostgresJobOutbox(*scope)
        self.orphans = PostgresOrphans(*scope)
        self.audit = PostgresAuditTrail(*scope)
        self.idempotency = PostgresIdempotencyRecords(*scope)
        self.credentials = PostgresCredentialsRepository(*scope)
        self.estate = PostgresEstate(*scope)
        self.erasures = PostgresErasureReceipts(*scope)
        self.upkeep = PostgresUpkeep(*scope)
        self.usage = PostgresUsageMeter(*scope)
        self.api_keys = PostgresApiKeyRepository(*scope)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        commits = self._appender.commits if exc is None else []
        for commit in commits:
            self._notifier.expect(commit)
        try:
            await self._transaction.end(exc)
        except BaseException:
            for commit in commits:
                self._notifier.give_up(commit)
            raise
        self._notifier.committed(commits, jobs=self._jobs.added)


class PostgresUnitsOfWork(UnitsOfWork):
    """Opens units of work on an engine's pool."""

    def __init__(self, pool: Pool, notifier: Notifier) -> None:
        self._pool = pool
        self._notifier = notifier

    def open(self, tenant_id: str) -> UnitOfWork:
        return PostgresUnitOfWork(self._pool, self._notifier, tenant_id)
