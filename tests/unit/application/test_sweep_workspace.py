"""Sweeps: what is left over goes, what is missing comes back, and what is in work is let alone."""

from collections.abc import Awaitable, Callable, Sequence

import pytest

from adapters.memory.upkeep import InMemorySweepQueries
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.job_queue import LeaseLost
from application.ports.vector_index import Namespace, VectorId, VectorRecord
from application.queries.page import PageRequest
from domain.documents import DocumentStatus
from unit.application.sweeping import (
    OTHER,
    TEXT,
    answers,
    begun,
    found,
    place,
    plant,
    sweeper,
    vectors,
)
from unit.installation import Installation, nothing, stream_of

HOUR = 3600.0


Hook = Callable[[], Awaitable[None]]


class HookedIndex(InMemoryVectorIndex):
    """Lets something happen once, right before or after one of its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.hooks: dict[str, Hook] = {}

    async def _happens(self, when: str) -> None:
        if when in self.hooks:
            await self.hooks.pop(when)()

    async def ids(
        self, namespace: Namespace, after: str | None, limit: int, document_id: str | None = None
    ) -> list[VectorId]:
        await self._happens("before ids")
        page = await super().ids(namespace, after, limit, document_id)
        await self._happens("after ids")
        return page

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        await self._happens("before namespaces")
        found = await super().namespaces(tenant_id)
        await self._happens("after namespaces")
        return found

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        await self._happens("before upsert")
        await super().upsert(namespace, records)


async def test_there_is_nothing_to_mend_where_all_is_well(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    gone = await installation.add_ready(bot, OTHER, "b.txt")
    await installation.delete(gone)
    await installation.work()
    installation.clock.advance(2 * HOUR)
    before = await vectors(installation, bot), dict(installation.blobs.blobs)
    assert await found(installation) == {}
    assert (await vectors(installation, bot), installation.blobs.blobs) == before
    assert await answers(installation, bot, "library") == [document.id]


async def test_vectors_that_nothing_wants_go(installation: Installation) -> None:
    bot, other = await installation.add_bot(), await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    elsewhere = await installation.add_ready(other, OTHER)
    gone = await installation.add_ready(bot, "Soon deleted.", "c.txt")
    before = await vectors(installation, bot)
    await installation.delete(gone)
    await plant(installation, bot, gone, 1)
    await plant(installation, bot, document, 7)
    await plant(installation, bot, installation.clock.new_id("doc"), 1)
    await plant(installation, bot, elsewhere, 1)
    record = VectorRecord("no chunk's id", document.id, [1.0] * installation.embedder.dimensions)
    await installation.vectors.upsert(place(installation, bot), [record])
    assert await found(installation) == {"vectors_deleted": 10, "embeddings_forgotten": 1}
    kept = {key for key in before if gone.id.partition("_")[2] not in key}
    assert await vectors(installation, bot) == kept
    assert await answers(installation, bot, "library") == [document.id]


async def test_a_late_write_after_the_purge_is_found(installation: Installation) -> None:
    bot = await installation.add_bot()
    gone = await installation.add_ready(bot, TEXT)
    await installation.delete(gone)
    await installation.work()
    await plant(installation, bot, gone, 1, count=3)
    assert await found(installation) == {"vectors_deleted": 3}
    assert await vectors(installation, bot) == set()


async def test_namespaces_of_unknown_bots_and_generations_go(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    known, new_id = place(installation, bot), installation.clock.new_id
    strays = [
        Namespace(known.tenant_id, new_id("bot"), new_id("gen")),
        Namespace(known.tenant_id, bot.id, new_id("gen")),
    ]
    foreign = Namespace("ws_2", new_id("bot"), new_id("gen"))
    for namespace in (*strays, foreign):
        await installation.vectors.upsert(namespace, [VectorRecord("a", document.id, [1.0])])
    assert await found(installation) == {"namespaces_deleted": 2, "vectors_deleted": 2}
    assert [await installation.vectors.count(each) for each in strays] == [0, 0]
    assert await installation.vectors.count(foreign) == 1
    assert await answers(installation, bot, "library") == [document.id]


async def test_a_missing_vector_comes_back_from_the_cache(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    await installation.add_ready(bot, OTHER, "b.txt")
    before = await vectors(installation, bot)
    await installation.vectors.delete_document(place(installation, bot), document.id)
    installation.embedder.embedded.clear()
    assert await found(installation) == {"vectors_restored": 1}
    assert await vectors(installation, bot) == before
    assert installation.embedder.embedded == []
    assert (await installation.document(document.id)).version == document.version


async def test_a_sweep_with_another_store_than_that_of_a_bot_writes_nothing_there(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    await installation.add_ready(bot, TEXT)
    other = installation.vectors = InMemoryVectorIndex()
    other.kind = "elsewhere"
    assert await found(installation) == {}
    assert await other.namespaces(bot.tenant_id) == []


async def test_without_a_cached_vector_the_document_is_taken_in_anew_and_goes_on_answering(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    await installation.vectors.delete_namespace(place(installation, bot))
    installation.state.vectors.clear()
    counts = await found(installation)
    assert counts == {"documents_incomplete": 1, "documents_requeued": 1}
    assert await answers(installation, bot, "library") == [document.id], "by its words"
    assert await found(installation) == {"documents_incomplete": 1}, "it is being worked on"
    await installation.work()
    again = await installation.document(document.id)
    assert (again.status, again.revision) == (DocumentStatus.READY, 2)
    assert await installation.vector_count(bot) == 1
    assert await found(installation) == {}


async def test_vectors_that_come_back_after_their_document_was_purged_are_taken_back(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    installation.vectors = index = HookedIndex()
    document = await installation.add_ready(bot, TEXT)
    await index.delete_document(place(installation, bot), document.id)

    async def delete_and_purge() -> None:
        await installation.delete(document)
        await installation.work()

    index.hooks["before upsert"] = delete_and_purge
    await found(installation)
    assert index.hooks == {}
    assert await vectors(installation, bot) == set()


async def test_blobs_that_nobody_names_go_after_their_grace(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)

    async def put() -> str:
        data = stream_of(b"left over")
        return (await installation.blobs.put("ws_1", data, max_bytes=100)).key

    stray = await put()
    assert await found(installation) == {}
    installation.clock.advance(2 * HOUR)
    young = await put()
    assert await found(installation) == {"blobs_deleted": 1}
    assert set(installation.blobs.blobs) == {document.source.blob_key, young}
    assert stray not in installation.blobs.blobs


async def test_a_replaced_blob_that_a_crash_left_goes_though_an_old_revision_names_it(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    left = dict(installation.blobs.blobs)
    async with installation.units.open("ws_1") as uow:
        changed = await uow.documents.get(document.id, lock=True)
        key = "ws_1/new"
        installation.blobs.blobs[key] = OTHER.encode()
        changed.replace(
            type(changed.source)("b.txt", "text/plain", 9, "ab" * 32, key), installation.clock.now()
        )
        changed.become_ready(1, installation.clock.now())
        await uow.documents.save(changed)
    installation.clock.advance(2 * HOUR)
    assert (await found(installation))["blobs_deleted"] == 1
    assert left.keys().isdisjoint(installation.blobs.blobs)
    assert key in installation.blobs.blobs


async def test_a_stored_file_that_is_gone_is_told(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    del installation.blobs.blobs[document.source.blob_key]
    assert await found(installation) == {"blobs_missing": 1}
    assert document.id in caplog.text
    assert await answers(installation, bot, "library") == [document.id]


async def test_lost_jobs_come_back(installation: Installation) -> None:
    bot = await installation.add_bot()
    waiting = (await installation.upload(bot, TEXT)).document
    gone = (await installation.upload(bot, OTHER, "b.txt")).document
    await installation.delete(gone)
    installation.state.jobs.clear()
    counts = await found(installation)
    assert (counts["stuck_requeued"], counts["purges_requeued"]) == (1, 1)
    await installation.work()
    assert (await installation.document(waiting.id)).status is DocumentStatus.READY
    assert gone.id not in installation.tables.documents


async def test_postings_and_embeddings_that_nothing_uses_go(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    gone = await installation.add_ready(bot, OTHER, "b.txt")
    key = ("ws_1", gone.id)
    posted = installation.state.postings.documents[key]
    await installation.delete(gone)
    await installation.work()
    installation.state.postings.documents[key] = posted
    space = installation.embedder.space
    await installation.cache.put("ws_1", space, {"ff" * 32: [1.0]})
    assert await found(installation) == {"postings_removed": 1, "embeddings_forgotten": 1}
    assert set(installation.state.postings.documents) == {("ws_1", document.id)}
    assert len(installation.state.vectors) == 1


async def test_a_live_document_without_postings_is_taken_in_anew(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    installation.state.postings.documents.clear()
    assert (await found(installation))["documents_requeued"] == 1
    await installation.work()
    assert ("ws_1", document.id) in installation.state.postings.documents
    assert await found(installation) == {}


async def test_what_only_serves_for_a_while_goes(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    answer = await installation.answered("When?", bot_id=bot.id)
    last = (await installation.events(document.id))[-1]
    assert await found(installation) == {}
    installation.clock.advance(8 * 24 * HOUR)
    assert (await found(installation))["events_trimmed"] > 3
    assert await installation.events(answer.id) == []
    assert await installation.events(document.id) == [last]


async def test_a_dry_run_changes_nothing_and_tells_the_same(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    await installation.vectors.empty(place(installation, bot))
    await plant(installation, bot, installation.clock.new_id("doc"), 1)
    installation.blobs.blobs["ws_1/stray"] = b"x"
    installation.clock.advance(2 * HOUR)
    before = await vectors(installation, bot), dict(installation.blobs.blobs)
    told = await found(installation, dry_run=True)
    assert told == {"vectors_deleted": 2, "vectors_restored": 1, "blobs_deleted": 1}
    assert (await vectors(installation, bot), installation.blobs.blobs) == before
    assert installation.tables.sweeps == {}
    assert await found(installation) == told
    assert (await installation.document(document.id)).revision == 1


async def test_an_ingestion_under_way_loses_nothing_to_a_sweep_at_any_of_its_steps(
    installation: Installation,
) -> None:
    """A sweep before each unit of work of an ingestion, and after the last."""
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    await installation.upload(bot, OTHER, "b.txt")
    lease = await installation.claim()
    swept = 0

    async def sweep(_: int) -> None:
        nonlocal swept
        swept += 1
        installation.units.before = nothing
        counts = await found(installation)
        installation.units.before = sweep
        assert set(counts) <= {"embeddings_forgotten"}, counts

    installation.units.before = sweep
    await installation.ingest(lease)
    installation.units.before = nothing
    assert swept >= 5
    assert await found(installation) == {}
    assert await installation.vector_count(bot) == 2
    assert (await installation.document(document.id)).status is DocumentStatus.READY


@pytest.mark.parametrize(
    "when", ["before ids", "after ids", "before namespaces", "after namespaces"]
)
@pytest.mark.parametrize("where", ["the same bot", "a new bot"])
async def test_a_document_that_is_taken_in_while_the_sweep_looks_keeps_its_vectors(
    installation: Installation, when: str, where: str
) -> None:
    bot = await installation.add_bot()
    installation.vectors = index = HookedIndex()
    await installation.add_ready(bot, TEXT)
    bots = [bot]

    async def taken_in() -> None:
        if where == "a new bot":
            bots.append(await installation.add_bot())
        await installation.add_ready(bots[-1], OTHER, "b.txt")

    index.hooks[when] = taken_in
    assert await found(installation) == {}
    assert index.hooks == {}
    assert sum([await installation.vector_count(each) for each in bots]) == 2


async def test_a_sweep_under_a_lease_is_written_down_and_ends_its_job(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    await installation.add_ready(bot, TEXT)
    await plant(installation, bot, installation.clock.new_id("doc"), 1)
    await sweeper(installation)(await begun(installation))
    queries = InMemorySweepQueries(installation.state)
    [sweep] = (await queries.list("ws_1", PageRequest())).items
    assert sweep.counts["vectors_deleted"] == 2
    assert not sweep.is_clean
    assert await installation.queue.claim(1) is None


async def test_who_lost_the_lease_stops_sweeping(installation: Installation) -> None:
    bot = await installation.add_bot()
    await installation.add_ready(bot, TEXT)
    lease = await begun(installation)
    await plant(installation, bot, installation.clock.new_id("doc"), 1)
    installation.clock.advance(HOUR)
    with pytest.raises(LeaseLost):
        await sweeper(installation)(lease)
    assert await installation.vector_count(bot) == 3
    assert installation.tables.sweeps == {}


async def test_a_sweep_that_crashed_anywhere_is_done_again(installation: Installation) -> None:
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, TEXT)
    for at in range(1, 40):
        await plant(installation, bot, installation.clock.new_id("doc"), 1)
        await installation.vectors.delete_document(place(installation, bot), document.id)
        lease, fatal = await begun(installation), installation.units.opened + at

        async def crash(number: int, fatal: int = fatal) -> None:
            if number == fatal:
                raise KeyboardInterrupt

        installation.units.before = crash
        try:
            await sweeper(installation)(lease)
        except KeyboardInterrupt:
            installation.units.before = nothing
            installation.clock.advance(HOUR)
            await sweeper(installation)(await installation.claim())
        else:
            assert at > 8
            return
        finally:
            installation.units.before = nothing
        assert await installation.vector_count(bot) == 1
