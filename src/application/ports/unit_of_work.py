"""Port: one transaction in one tenant. Whatever leaves it (jobs, events) leaves with the commit."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from application.ports.api_keys import ApiKeyRepository
from application.ports.audit import AuditTrail
from application.ports.bots import BotRepository, GenerationRepository
from application.ports.conversations import ConversationRepository, MessageRepository
from application.ports.crawls import CrawlRepository
from application.ports.credentials import CredentialsRepository
from application.ports.documents import ChunkRepository, DocumentRepository, KeywordPostings
from application.ports.erasures import ErasureReceipts
from application.ports.estate import Estate
from application.ports.event_log import EventAppender
from application.ports.feedback import FeedbackRepository
from application.ports.idempotency import IdempotencyRecords
from application.ports.job_queue import JobOutbox
from application.ports.orphans import Orphans
from application.ports.upkeep import Upkeep
from application.ports.usage import UsageMeter


class UnitOfWork(ABC):
    """Commits on a clean exit, rolls back otherwise; nobody else commits.

    Every repository in it sees the rows of `tenant_id` only.
    """

    tenant_id: str
    bots: BotRepository
    generations: GenerationRepository
    documents: DocumentRepository
    chunks: ChunkRepository
    postings: KeywordPostings
    crawls: CrawlRepository
    conversations: ConversationRepository
    messages: MessageRepository
    feedback: FeedbackRepository
    events: EventAppender
    jobs: JobOutbox
    orphans: Orphans
    audit: AuditTrail
    idempotency: IdempotencyRecords
    credentials: CredentialsRepository
    estate: Estate
    erasures: ErasureReceipts
    upkeep: Upkeep
    usage: UsageMeter
    api_keys: ApiKeyRepository

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...


class UnitsOfWork(ABC):
    """Opens units of work."""

    @abstractmethod
    def open(self, tenant_id: str) -> UnitOfWork:
        """Return a fresh unit of work of this tenant, to be used with `async with`.

        Raises DependencyUnavailable on entry where the database does not answer.
        """
