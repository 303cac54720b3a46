"""What every store promises of keeping house: what is to be there, what is past its time."""

from collections.abc import Sequence
from dataclasses import replace

from application.ports.keyword_index import KeywordEntry
from application.ports.unit_of_work import UnitOfWork
from application.queries.page import PageRequest
from application.testing.backend import Backend, add_tenant, in_unit
from application.testing.contract import Contract
from application.testing.samples import (
    add_bot,
    add_conversation,
    add_document,
    add_message,
    add_pending_answer,
    add_ready_document,
    give_new_content,
    ingest,
    make_source,
)
from domain.documents import Document
from domain.events import DOCUMENT_PROGRESS, DOCUMENT_READY, NewEvent
from domain.sweeps import Standing, Sweep

DAYS = 7.0


async def post(unit: UnitOfWork, document: Document, revision: int) -> None:
    """Index two words of a document."""
    entries = [KeywordEntry(0, ["rule", "quiet"])]
    await unit.postings.put(document.bot_id, document.id, revision, "en", entries)


class UpkeepContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_what_stands_is_told_with_its_revisions(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot, doomed = await add_bot(backend, tenant), await add_bot(backend, tenant)
        live, gone = await add_ready_document(backend, bot), await add_ready_document(backend, bot)
        new, orphan = await add_document(backend, bot), await add_ready_document(backend, doomed)
        await give_new_content(backend, live)
        async with backend.units.open(tenant) as unit:
            await unit.documents.delete(gone.id)
            await unit.bots.delete(doomed.id)
        ids = [live.id, gone.id, new.id, orphan.id, backend.clock.new_id("doc")]
        found = await in_unit(backend, tenant, lambda u: u.upkeep.standing(ids))
        assert found == {
            live.id: Standing(live.id, bot.id, revision=1, target=2),
            new.id: Standing(new.id, bot.id, revision=0, target=1),
        }
        other = await add_tenant(backend)
        assert await in_unit(backend, other, lambda u: u.upkeep.standing(ids)) == {}

    async def test_what_answers_is_told_page_by_page_with_its_chunks(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        made = [await add_ready_document(backend, bot, texts=["x"] * n) for n in (1, 2, 3)]
        await add_document(backend, bot)
        await give_new_content(backend, made[1])
        await ingest(backend, made[1], ["much", "more", "than", "before"])
        found: list[Standing] = []
        while True:
            after = found[-1].document_id if found else None
            async with backend.units.open(tenant) as unit:
                page = await unit.upkeep.answering(bot.id, after, 2)
            found += page
            if not page:
                break
        counts = {each.document_id: (each.revision, each.chunk_count) for each in found}
        assert counts == {made[0].id: (1, 1), made[1].id: (1, 2), made[2].id: (1, 3)}
        assert len(found) == 3

    async def test_a_blob_is_needed_by_the_live_revision_and_those_after_it(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document, gone = await add_ready_document(backend, bot), await add_document(backend, bot)
        keys = [document.source.blob_key]
        for _ in range(2):
            await give_new_content(backend, document)
            keys.append(document.source.blob_key)
        await in_unit(backend, tenant, lambda u: u.documents.delete(gone.id))
        asked = [*keys, gone.source.blob_key, "unknown"]
        needed = await in_unit(backend, tenant, lambda u: u.upkeep.needed_blobs(asked))
        assert needed == {*keys, gone.source.blob_key}
        named = await in_unit(backend, tenant, lambda u: u.upkeep.blobs(None, 10))
        assert {key: sorted(value) for key, value in named.items()} == {document.id: sorted(keys)}
        document.become_ready(0, backend.clock.now())
        await in_unit(backend, tenant, lambda u: u.documents.save(document))
        needed = await in_unit(backend, tenant, lambda u: u.upkeep.needed_blobs(asked))
        assert needed == {keys[2], gone.source.blob_key}
        assert await in_unit(backend, tenant, lambda u: u.upkeep.blobs(document.id, 10)) == {}

    async def test_an_address_that_is_not_fetched_needs_no_blob(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_document(backend, bot)
        empty = replace(make_source(backend), blob_key="", sha256="")
        url = Document(
            id=backend.clock.new_id("doc"), tenant_id=tenant, bot_id=bot.id, title="Page",
            source=empty, target=0, source_url="https://example.org/",
            created_at=backend.clock.now(), updated_at=backend.clock.now(),
        )  # fmt: skip
        await add_document(backend, bot, url)
        named = await in_unit(backend, tenant, lambda u: u.upkeep.blobs(None, 10))
        assert list(named) == [document.id]

    async def test_stray_postings_and_lacking_ones_are_found(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot, doomed = await add_bot(backend, tenant), await add_bot(backend, tenant)
        well, old, gone, lacking, purged = [
            await add_ready_document(backend, each) for each in (bot, bot, bot, bot, doomed)
        ]
        unknown = replace(well, id=backend.clock.new_id("doc"))
        async with backend.units.open(tenant) as unit:
            for document in (well, gone, purged, unknown):
                await post(unit, document, 1)
            await post(unit, old, 7)
            await unit.documents.delete(gone.id)
            await unit.bots.delete(doomed.id)

        async def strays(among: Sequence[str] | None = None) -> list[str]:
            found = await in_unit(backend, tenant, lambda u: u.upkeep.stray_postings(10, among))
            return sorted(found)

        assert await strays() == sorted([old.id, gone.id, unknown.id])
        assert await strays([well.id, old.id]) == [old.id]
        assert len(await in_unit(backend, tenant, lambda u: u.upkeep.stray_postings(2))) == 2
        lack = await in_unit(backend, tenant, lambda u: u.upkeep.unindexed(10))
        assert sorted(lack) == sorted([old.id, lacking.id])

    async def test_what_there_is_of_a_document_and_a_bot_is_counted(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_ready_document(backend, bot)
        await add_ready_document(backend, bot)
        await give_new_content(backend, document)
        await add_message(backend, await add_conversation(backend, bot), "Hello?")
        async with backend.units.open(tenant) as unit:
            await post(unit, document, 1)
            await unit.events.append(document.id, [NewEvent(DOCUMENT_READY, {})] * 3)
        counts = await in_unit(backend, tenant, lambda u: u.upkeep.count_document(document.id))
        assert counts == {
            "blobs": 2, "revisions": 2, "chunks": 2, "keyword_postings": 2, "events": 3,
        }  # fmt: skip
        counts = await in_unit(backend, tenant, lambda u: u.upkeep.count_bot(bot.id))
        assert counts == {
            "blobs": 3, "documents": 2, "revisions": 3, "chunks": 4, "keyword_documents": 1,
            "conversations": 1, "messages": 1,
        }  # fmt: skip

    async def test_old_events_of_what_has_ended_go(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        ready, pending = await add_ready_document(backend, bot), await add_document(backend, bot)
        conversation = await add_conversation(backend, bot)
        asked = await add_message(backend, conversation, "Hello?")
        waiting = await add_pending_answer(backend, conversation)
        streams = (ready.id, pending.id, asked.id, waiting.id)
        async with backend.units.open(tenant) as unit:
            for stream in streams:
                events = [NewEvent(DOCUMENT_PROGRESS, {"n": n}) for n in range(4)]
                await unit.events.append(stream, events)
        assert await in_unit(backend, tenant, lambda u: u.upkeep.trim_events(DAYS, 100)) == 0
        assert await in_unit(backend, tenant, lambda u: u.upkeep.trim_events(0, 100)) == 7
        left = [[e.seq for e in await backend.event_log.read(tenant, each, 0)] for each in streams]
        assert left == [[4], [1, 2, 3, 4], [], [1, 2, 3, 4]]
        again = [NewEvent(DOCUMENT_PROGRESS, {})]
        assert await in_unit(backend, tenant, lambda u: u.events.append(ready.id, again)) == 5

    async def test_old_idempotency_keys_are_forgotten(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        for key in ("a", "b", "c"):
            async with backend.units.open(tenant) as unit:
                await unit.idempotency.claim("usr", key, "f")
        assert await in_unit(backend, tenant, lambda u: u.upkeep.trim_idempotency(72, 100)) == 0
        gone = [
            await in_unit(backend, tenant, lambda u: u.upkeep.trim_idempotency(0, 2))
            for _ in range(3)
        ]
        assert gone == [2, 1, 0]
        claimed = await in_unit(backend, tenant, lambda u: u.idempotency.claim("usr", "a", "new"))
        assert claimed is None

    async def test_sweeps_are_listed_newest_first_for_their_workspace(
        self, backend: Backend
    ) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        made = [
            Sweep(
                backend.clock.new_id("swp"), tenant, backend.clock.now(), backend.clock.now(),
                {"vectors_deleted": number},
            )
            for number in range(3)
        ]  # fmt: skip
        for sweep in made:
            async with backend.units.open(tenant) as unit:
                await unit.upkeep.record(sweep)
        newest = sorted(made, key=lambda sweep: sweep.id, reverse=True)
        first = await backend.sweep_queries.list(tenant, PageRequest(2))
        assert first.items == newest[:2]
        rest = await backend.sweep_queries.list(tenant, PageRequest(2, first.next_after))
        assert (rest.items, rest.next_after) == (newest[2:], None)
        assert (await backend.sweep_queries.list(other, PageRequest())).items == []
