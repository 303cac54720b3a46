"""Every persistence technology keeps every contract of persistence."""

from application.testing.bots import BotsContract
from application.testing.conversations import ConversationsContract
from application.testing.document_queries import DocumentQueriesContract
from application.testing.documents import DocumentsContract
from application.testing.embedding_cache import EmbeddingCacheContract
from application.testing.event_log import EventLogContract
from application.testing.idempotency import IdempotencyContract
from application.testing.identity import IdentityContract
from application.testing.job_queue import JobQueueContract
from application.testing.units_of_work import UnitsOfWorkContract


class TestUnitsOfWork(UnitsOfWorkContract):
    """The fixture `backend` stands in conftest.py."""


class TestBots(BotsContract):
    """The fixture `backend` stands in conftest.py."""


class TestDocuments(DocumentsContract):
    """The fixture `backend` stands in conftest.py."""


class TestDocumentQueries(DocumentQueriesContract):
    """The fixture `backend` stands in conftest.py."""


class TestConversations(ConversationsContract):
    """The fixture `backend` stands in conftest.py."""


class TestIdentity(IdentityContract):
    """The fixture `backend` stands in conftest.py."""


class TestEventLog(EventLogContract):
    """The fixture `backend` stands in conftest.py."""


class TestJobQueue(JobQueueContract):
    """The fixture `backend` stands in conftest.py."""


class TestIdempotency(IdempotencyContract):
    """The fixture `backend` stands in conftest.py."""


class TestEmbeddingCache(EmbeddingCacheContract):
    """The fixture `backend` stands in conftest.py."""
