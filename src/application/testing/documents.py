"""What every store of documents, revisions and chunks promises in a unit of work."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from application.testing.backend import Backend, add_tenant, in_unit, outcome, outcomes
from application.testing.contract import Contract
from application.testing.samples import (
    add_bot,
    add_document,
    add_ready_document,
    flip,
    give_new_content,
    ingest,
    make_chunks,
    make_document,
    make_source,
)
from domain.documents import (
    Document,
    ExtractedText,
    Failure,
    Progress,
    Section,
    Stage,
)
from domain.errors import Conflict, NotFound
from domain.events import NewEvent

TEXT = ExtractedText(
    "First page é 字 😀.\nSecond\t\"page\" 'here'.\n",
    (Section(0, 1, ("Rules",)), Section(17, 2, ("Rules", "Quiet > hours")), Section(30)),
    language="en",
    title="The rules",
)


async def _delete(backend: Backend, document: Document) -> None:
    await in_unit(backend, document.tenant_id, lambda u: u.documents.delete(document.id))


class DocumentsContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_document_is_read_as_it_was_written(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = make_document(backend, bot, metadata={"team": "é", "year": "2026"})
        document.source_url = "https://example.org/rules"
        await add_document(backend, bot, document)
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.get(document.id) == document
            assert await unit.documents.get(document.id, lock=True) == document
            assert await unit.documents.source(document.id, 1) == document.source
            assert await unit.documents.text(document.id, 1) is None
            assert await unit.documents.bot_of(document.id) == bot.id

    async def test_saving_keeps_the_changes_and_raises_the_version(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        document = await add_document(backend, await add_bot(backend, tenant))
        now = backend.clock.now()
        changes: list[Callable[[], None]] = [
            lambda: document.advance(Progress(Stage.EMBEDDING, 3, 8), now),
            lambda: document.fail(Failure("no_text_layer", "This is a scan."), now),
            lambda: document.requeue(now),
            lambda: document.become_ready(8, now),
            lambda: document.metadata.update(team="red"),
        ]
        for change in changes:
            before = document.version
            change()
            await in_unit(backend, tenant, lambda u: u.documents.save(document))
            assert document.version == before + 1
            assert await backend.document_queries.get(tenant, document.id) == document

    async def test_a_bot_takes_the_same_bytes_once(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot, other_bot = await add_bot(backend, tenant), await add_bot(backend, tenant)
        first = await add_document(backend, bot)
        again = make_document(backend, bot, source=first.source)
        assert await outcome(add_document(backend, bot, again)) is Conflict
        assert await outcome(in_unit(backend, tenant, lambda u: u.documents.get(again.id))) is (
            NotFound
        )
        await add_document(
            backend, other_bot, make_document(backend, other_bot, source=first.source)
        )
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.find_same(bot.id, first.source.sha256) == first
            assert await unit.documents.find_same(bot.id, "00" * 32) is None

    async def test_of_the_same_bytes_at_once_one_upload_wins(self, backend: Backend) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        source = make_source(backend)
        uploads = (make_document(backend, bot, source=source) for _ in range(4))
        results = await asyncio.gather(
            *(outcome(add_document(backend, bot, upload)) for upload in uploads)
        )
        assert results.count(Conflict) == 3

    async def test_new_content_may_not_be_that_of_another_document(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        first, second = await add_document(backend, bot), await add_document(backend, bot)
        changed = replace(second)
        changed.replace(first.source, backend.clock.now())
        with pytest.raises(Conflict):
            await in_unit(backend, tenant, lambda u: u.documents.save(changed))
        assert await backend.document_queries.get(tenant, second.id) == second

    async def test_the_bytes_of_a_deleted_document_can_be_given_again(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        first = await add_document(backend, bot)
        await _delete(backend, first)
        find = in_unit(
            backend, tenant, lambda u: u.documents.find_same(bot.id, first.source.sha256)
        )
        assert await find is None
        await add_document(backend, bot, make_document(backend, bot, source=first.source))

    async def test_the_text_of_a_revision_comes_back_with_its_sections(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        document = await add_document(backend, await add_bot(backend, tenant))
        bare = ExtractedText("")
        for text in (TEXT, bare):
            async with backend.units.open(tenant) as unit:
                await unit.documents.save_text(document.id, 1, text)
            assert (
                await in_unit(backend, tenant, lambda u: u.documents.text(document.id, 1)) == text
            )

    async def test_a_new_target_becomes_a_revision_beside_the_old_one(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        document = await add_ready_document(backend, await add_bot(backend, tenant))
        old_source = document.source
        await give_new_content(backend, document)
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.get(document.id) == document
            assert await unit.documents.source(document.id, 1) == old_source
            assert await unit.documents.source(document.id, 2) == document.source
            assert await unit.documents.text(document.id, 1) is not None
            assert await unit.documents.text(document.id, 2) is None
            with pytest.raises(NotFound):
                await unit.documents.source(document.id, 3)

    async def test_chunks_replace_what_the_revision_had(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        document = await add_document(backend, await add_bot(backend, tenant))
        await ingest(backend, document, ["One é 😀", "Two\t\\N", "Three"])
        chunks = [
            replace(chunk, page=None, heading_path=())
            for chunk in make_chunks(['New "one"', "New, {two}"])
        ]
        async with backend.units.open(tenant) as unit:
            await unit.chunks.replace(document.bot_id, document.id, 1, chunks)
        async with backend.units.open(tenant) as unit:
            assert await unit.chunks.of(document.id, 1) == chunks
            assert await unit.chunks.of(document.id, 2) == []
            await unit.chunks.replace(document.bot_id, document.id, 1, [])
            assert await unit.chunks.of(document.id, 1) == []

    async def test_retiring_removes_older_chunks_keeps_texts_and_names_unused_blobs(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot, other_bot = await add_bot(backend, tenant), await add_bot(backend, tenant)
        document = await add_ready_document(backend, bot)
        first, shared = document.source, make_source(backend)
        document.replace(shared, backend.clock.now())
        await flip(backend, document)
        await add_document(backend, other_bot, make_document(backend, other_bot, source=shared))
        await give_new_content(backend, document)
        await ingest(backend, document)
        await flip(backend, document)
        assert sorted(
            await in_unit(backend, tenant, lambda u: u.documents.blob_keys(document.id))
        ) == (sorted([first.blob_key, shared.blob_key, document.source.blob_key]))
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.retire(document.id, 3) == [first.blob_key]
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.text(document.id, 1) is not None  # citations open it
            assert await unit.chunks.of(document.id, 1) == []
            assert await unit.documents.source(document.id, 3) == document.source
            assert len(await unit.chunks.of(document.id, 3)) == 2

    async def test_what_may_be_cited_has_answered_and_stands(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        ready, fresh = await add_ready_document(backend, bot), await add_document(backend, bot)
        deleted = await add_ready_document(backend, bot)
        await _delete(backend, deleted)
        await give_new_content(backend, ready)
        async with backend.units.open(tenant) as unit:
            cited = [
                (ready.id, 1),
                (fresh.id, 1),
                (deleted.id, 1),
                (backend.clock.new_id("doc"), 1),
            ]
            assert await unit.documents.citable(cited) == {ready.id}
            assert await unit.documents.citable([(ready.id, 2)]) == set()
            assert await unit.documents.citable([]) == set()

    async def test_a_deleted_document_is_found_by_its_purge_only(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_ready_document(backend, bot)
        await _delete(backend, document)
        async with backend.units.open(tenant) as unit:
            assert await outcome(unit.documents.get(document.id)) is NotFound
            assert await outcome(unit.documents.source(document.id, 1)) is NotFound
            assert await unit.documents.text(document.id, 1) is None
            assert await unit.documents.bot_of(document.id) == bot.id
            assert await unit.documents.deleted_of(bot.id) == [document.id]
            assert await unit.documents.blob_keys(document.id) == [document.source.blob_key]
            assert len(await unit.chunks.hashes(document.id)) == 2

    async def test_an_erased_document_leaves_no_row(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_ready_document(backend, bot)
        async with backend.units.open(tenant) as unit:
            await unit.events.append(document.id, [NewEvent("document.ready", {})])
            await unit.documents.delete(document.id)
            await unit.documents.erase(document.id)
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.bot_of(document.id) is None
            assert await unit.documents.deleted_of(bot.id) == []
            assert await unit.documents.blob_keys(document.id) == []
            assert await unit.chunks.of(document.id, 1) == []
        assert await backend.event_log.read(tenant, document.id, 0) == []

    async def test_a_document_that_is_not_deleted_cannot_be_erased(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        document = await add_ready_document(backend, await add_bot(backend, tenant))
        await in_unit(backend, tenant, lambda u: u.documents.erase(document.id))
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.get(document.id) == document
            assert len(await unit.chunks.of(document.id, 1)) == 2

    async def test_another_tenants_document_answers_as_an_unknown_one(
        self, backend: Backend
    ) -> None:
        owner, stranger = await add_tenant(backend), await add_tenant(backend)
        bot = await add_bot(backend, owner)
        document = await add_ready_document(backend, bot)
        async with backend.units.open(stranger) as unit:
            documents = unit.documents
            assert await outcome(documents.get(document.id)) is NotFound
            assert await outcome(documents.get(document.id, lock=True)) is NotFound
            assert await outcome(documents.source(document.id, 1)) is NotFound
            assert await documents.text(document.id, 1) is None
            assert await documents.find_same(bot.id, document.source.sha256) is None
            assert await documents.citable([(document.id, 1)]) == set()
            assert await documents.bot_of(document.id) is None
            assert await documents.blob_keys(document.id) == []
            assert await unit.chunks.of(document.id, 1) == []
            assert await unit.chunks.hashes(document.id) == []

    async def test_another_tenant_can_change_nothing(self, backend: Backend) -> None:
        owner, stranger = await add_tenant(backend), await add_tenant(backend)
        document = await add_ready_document(backend, await add_bot(backend, owner))
        stolen = replace(document, tenant_id=stranger, title="Stolen")
        await outcomes(
            in_unit(backend, stranger, lambda u: u.documents.save(stolen)),
            in_unit(backend, stranger, lambda u: u.documents.save_text(document.id, 1, TEXT)),
            in_unit(backend, stranger, lambda u: u.documents.retire(document.id, 9)),
            in_unit(backend, stranger, lambda u: u.documents.delete(document.id)),
            in_unit(backend, stranger, lambda u: u.documents.erase(document.id)),
        )
        async with backend.units.open(owner) as unit:
            assert await unit.documents.get(document.id) == document
            assert await unit.documents.text(document.id, 1) != TEXT
            assert len(await unit.chunks.of(document.id, 1)) == 2

    async def test_a_deleted_bots_documents_are_found_by_their_purge_only(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_ready_document(backend, bot)
        await in_unit(backend, tenant, lambda u: u.bots.delete(bot.id))
        async with backend.units.open(tenant) as unit:
            assert await outcome(unit.documents.get(document.id)) is NotFound
            assert await unit.documents.citable([(document.id, 1)]) == set()
            assert await unit.documents.deleted_of(bot.id) == [document.id]
