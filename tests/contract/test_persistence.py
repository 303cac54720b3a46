"""Every persistence technology keeps every contract of persistence."""

from application.testing.answers import AnswersContract
from application.testing.api_keys import ApiKeysContract
from application.testing.audit import AuditContract
from application.testing.bots import BotsContract
from application.testing.conversation_queries import ConversationQueriesContract
from application.testing.conversations import ConversationsContract
from application.testing.crawls import CrawlsContract
from application.testing.credentials import CredentialsContract
from application.testing.document_queries import DocumentQueriesContract
from application.testing.documents import DocumentsContract
from application.testing.embedding_cache import EmbeddingCacheContract
from application.testing.event_log import EventLogContract
from application.testing.feedback import FeedbackContract
from application.testing.idempotency import IdempotencyContract
from application.testing.identity import IdentityContract
from application.testing.job_queue import JobQueueContract
from application.testing.job_turns import JobTurnsContract
from application.testing.jobs import JobQueriesContract
from application.testing.orphans import OrphansContract
from application.testing.people import PeopleContract
from application.testing.summaries import SummariesContract
from application.testing.traces import TracesContract
from application.testing.units_of_work import UnitsOfWorkContract
from application.testing.usage import UsageContract


class TestUnitsOfWork(UnitsOfWorkContract):
    """The fixture `backend` stands in conftest.py."""


class TestUsage(UsageContract):
    """The fixture `backend` stands in conftest.py."""


class TestTraces(TracesContract):
    """The fixture `backend` stands in conftest.py."""


class TestSummaries(SummariesContract):
    """The fixture `backend` stands in conftest.py."""


class TestBots(BotsContract):
    """The fixture `backend` stands in conftest.py."""


class TestDocuments(DocumentsContract):
    """The fixture `backend` stands in conftest.py."""


class TestCrawls(CrawlsContract):
    """The fixture `backend` stands in conftest.py."""


class TestDocumentQueries(DocumentQueriesContract):
    """The fixture `backend` stands in conftest.py."""


class TestAnswers(AnswersContract):
    """The fixture `backend` stands in conftest.py."""


class TestConversations(ConversationsContract):
    """The fixture `backend` stands in conftest.py."""


class TestConversationQueries(ConversationQueriesContract):
    """The fixture `backend` stands in conftest.py."""


class TestFeedback(FeedbackContract):
    """The fixture `backend` stands in conftest.py."""


class TestIdentity(IdentityContract):
    """The fixture `backend` stands in conftest.py."""


class TestPeople(PeopleContract):
    """The fixture `backend` stands in conftest.py."""


class TestEventLog(EventLogContract):
    """The fixture `backend` stands in conftest.py."""


class TestJobQueue(JobQueueContract):
    """The fixture `backend` stands in conftest.py."""


class TestJobTurns(JobTurnsContract):
    """The fixture `backend` stands in conftest.py."""


class TestJobQueries(JobQueriesContract):
    """The fixture `backend` stands in conftest.py."""


class TestOrphans(OrphansContract):
    """The fixture `backend` stands in conftest.py."""


class TestCredentials(CredentialsContract):
    """The fixture `backend` stands in conftest.py."""


class TestAudit(AuditContract):
    """The fixture `backend` stands in conftest.py."""


class TestApiKeys(ApiKeysContract):
    """The fixture `backend` stands in conftest.py."""


class TestIdempotency(IdempotencyContract):
    """The fixture `backend` stands in conftest.py."""


class TestEmbeddingCache(EmbeddingCacheContract):
    """The fixture `backend` stands in conftest.py."""
