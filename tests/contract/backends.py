"""The persistence technologies that the contracts are run against."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from adapters.memory.clock import FakeClock
from adapters.memory.conversations import InMemoryAbandonedAnswers
from adapters.memory.embedding_cache import InMemoryEmbeddingCache
from adapters.memory.event_log import InMemoryEventLog
from adapters.memory.identity import InMemoryIdentityQueries, InMemoryIdentityUnits
from adapters.memory.job_queue import InMemoryJobQueue
from adapters.memory.queries import (
    InMemoryBotQueries,
    InMemoryConversationQueries,
    InMemoryDocumentQueries,
)
from adapters.memory.state import MemoryState
from adapters.memory.unit_of_work import InMemoryUnitsOfWork
from application.testing.backend import KEEP_ALIVE_SECONDS, Backend

MakeBackend = Callable[[], AbstractAsyncContextManager[Backend]]


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
        bot_queries=InMemoryBotQueries(state),
        document_queries=InMemoryDocumentQueries(state),
        conversation_queries=InMemoryConversationQueries(state),
        event_log=InMemoryEventLog(state, keep_alive=KEEP_ALIVE_SECONDS),
        job_queue=InMemoryJobQueue(state),
        embedding_cache=InMemoryEmbeddingCache(state),
        abandoned=InMemoryAbandonedAnswers(state),
        clock=clock,
        expire_leases=expire_leases,
    )


# Each technology by its name; every contract in test_persistence.py is run against every one.
BACKENDS: dict[str, MakeBackend] = {
    "memory": memory_backend,
}
