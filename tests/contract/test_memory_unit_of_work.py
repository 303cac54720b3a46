"""What the in-memory units of work keep beside the contracts of persistence."""

from adapters.memory.clock import FakeClock
from adapters.memory.job_queue import InMemoryJobQueue
from adapters.memory.keyword_index import InMemoryKeywordIndex
from adapters.memory.state import MemoryState
from adapters.memory.unit_of_work import InMemoryUnitsOfWork
from application.ports.keyword_index import KeywordEntry, KeywordScope
from application.testing.backend import rolled_back
from domain.jobs import Job, JobKind

TENANT, BOT = "ws_1", "bot_1"


async def test_keyword_postings_are_found_after_the_commit_only() -> None:
    state = MemoryState(FakeClock())
    units, index = InMemoryUnitsOfWork(state), InMemoryKeywordIndex(state.postings)
    scope = KeywordScope(TENANT, BOT)
    document = state.clock.new_id("doc")
    entries = [KeywordEntry(0, ["quiet"])]
    async with rolled_back(units.open(TENANT)) as unit:
        await unit.postings.put(BOT, document, 1, "en", entries)
        assert await index.search(scope, ["quiet"], 5) == []
    assert await index.search(scope, ["quiet"], 5) == []
    async with units.open(TENANT) as unit:
        await unit.postings.put(BOT, document, 1, "en", entries)
    assert len(await index.search(scope, ["quiet"], 5)) == 1


async def test_a_fenced_job_stays_with_its_holder_until_the_commit_however_long_it_takes() -> None:
    clock = FakeClock()
    state = MemoryState(clock)
    units, queue = InMemoryUnitsOfWork(state), InMemoryJobQueue(state)
    async with units.open(TENANT) as unit:
        await unit.jobs.enqueue(Job("job_1", TENANT, JobKind.INGEST, "doc_1", clock.now()))
    lease = await queue.claim(60)
    assert lease is not None
    async with units.open(TENANT) as unit:
        await unit.jobs.fence(lease)
        clock.advance(3600)
        assert await queue.claim(60) is None
        await unit.jobs.complete(lease)
    assert await queue.claim(60) is None
