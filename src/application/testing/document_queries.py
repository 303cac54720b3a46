"""What every read side of documents promises: live revisions only, complete pages, one tenant."""

from application.queries.documents import DocumentFilter
from application.queries.page import PageRequest
from application.testing.backend import Backend, add_tenant, in_unit, outcome
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
from domain.chunks import Passage
from domain.documents import Document, DocumentStatus
from domain.errors import NotFound
from domain.ids import chunk_id

ALL = DocumentFilter()


def _chunk_ids(document: Document, revision: int) -> list[str]:
    return [chunk_id(document.id, revision, ordinal) for ordinal in range(2)]


async def _texts(backend: Backend, document: Document, revision: int) -> list[str]:
    """Return the texts of the passages that this revision's chunk ids lead to."""
    found = await backend.document_queries.passages(
        document.tenant_id, document.bot_id, _chunk_ids(document, revision)
    )
    return [passage.text for _, passage in sorted(found.items())]


class DocumentQueriesContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_passage_tells_where_it_stands(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_ready_document(backend, bot)
        wanted = chunk_id(document.id, 1, 1)
        found = await backend.document_queries.passages(tenant, bot.id, [wanted])
        chunk = make_chunks(["No shouting.", "No running."])[1]
        assert found == {
            wanted: Passage(
                chunk_id=wanted,
                document_id=document.id,
                title=document.title,
                revision=1,
                text=chunk.text,
                start=chunk.start,
                end=chunk.end,
                page=chunk.page,
                heading_path=chunk.heading_path,
                language="en",
            )
        }

    async def test_ids_that_lead_nowhere_are_left_out(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot, other_bot = await add_bot(backend, tenant), await add_bot(backend, tenant)
        document = await add_ready_document(backend, bot)
        queries = backend.document_queries
        astray = [
            chunk_id(document.id, 1, 9),
            chunk_id(document.id, 2, 0),
            chunk_id(backend.clock.new_id("doc"), 1, 0),
            "chk_nonsense",
            "",
        ]
        assert await queries.passages(tenant, bot.id, astray) == {}
        assert await queries.passages(tenant, bot.id, []) == {}
        assert await queries.passages(tenant, other_bot.id, _chunk_ids(document, 1)) == {}

    async def test_the_old_revision_answers_until_the_new_one_is_live(
        self, backend: Backend
    ) -> None:
        document = await add_document(backend, await add_bot(backend, await add_tenant(backend)))
        await ingest(backend, document, ["old one", "old two"])
        assert await _texts(backend, document, 1) == []
        await flip(backend, document)
        assert await _texts(backend, document, 1) == ["old one", "old two"]
        await give_new_content(backend, document)
        await ingest(backend, document, ["new one", "new two"])
        assert await _texts(backend, document, 1) == ["old one", "old two"]
        assert await _texts(backend, document, 2) == []
        await flip(backend, document)
        assert await _texts(backend, document, 1) == []
        assert await _texts(backend, document, 2) == ["new one", "new two"]

    async def test_the_chunks_shown_are_those_of_the_live_revision_in_order(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        texts = [f"chunk {number}" for number in range(12)]
        document = await add_ready_document(backend, await add_bot(backend, tenant), texts=texts)
        await give_new_content(backend, document)
        await ingest(backend, document, ["not live yet"])
        first = await backend.document_queries.chunks(tenant, document.id, PageRequest(5))
        rest = await backend.document_queries.chunks(
            tenant, document.id, PageRequest(20, first.next_after)
        )
        assert [*first.items, *rest.items] == make_chunks(texts)
        assert (len(first.items), rest.next_after) == (5, None)

    async def test_a_deleted_document_vanishes_from_every_read(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_ready_document(backend, bot)
        await in_unit(backend, tenant, lambda u: u.documents.delete(document.id))
        queries, page = backend.document_queries, PageRequest()
        assert await outcome(queries.get(tenant, document.id)) is NotFound
        assert (await queries.list(tenant, bot.id, ALL, page)).items == []
        assert (await queries.chunks(tenant, document.id, page)).items == []
        assert await queries.matching(tenant, bot.id, [document.id], {}) == []
        assert await _texts(backend, document, 1) == []

    async def test_another_tenants_document_answers_as_an_unknown_one(
        self, backend: Backend
    ) -> None:
        owner, stranger = await add_tenant(backend), await add_tenant(backend)
        bot = await add_bot(backend, owner)
        document = await add_ready_document(backend, bot)
        queries, page = backend.document_queries, PageRequest()
        assert await outcome(queries.get(stranger, document.id)) is NotFound
        assert (await queries.list(stranger, bot.id, ALL, page)).items == []
        assert (await queries.chunks(stranger, document.id, page)).items == []
        assert await queries.matching(stranger, bot.id, None, {}) == []
        assert await queries.passages(stranger, bot.id, _chunk_ids(document, 1)) == {}

    async def test_documents_are_filtered_by_status(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        ready, pending = await add_ready_document(backend, bot), await add_document(backend, bot)
        for status, expected in (
            (DocumentStatus.READY, [ready]),
            (DocumentStatus.PENDING, [pending]),
            (DocumentStatus.FAILED, []),
            (None, [pending, ready]),
        ):
            where = DocumentFilter(status=status)
            page = await backend.document_queries.list(tenant, bot.id, where, PageRequest())
            assert page.items == expected

    async def test_documents_are_filtered_by_title_and_file_name(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        titles = {}
        for title, filename in (
            ("Élan Pricing Guide", "a.pdf"),
            ("100% cotton", "b.pdf"),
            ("1000 cotton", "price_LIST.xlsx"),
        ):
            source = make_source(backend, filename)
            document = make_document(backend, bot, title, source=source)
            titles[(await add_document(backend, bot, document)).id] = title
        for words, expected in (
            ("pricing guide", {"Élan Pricing Guide"}),
            ("élan", {"Élan Pricing Guide"}),
            ("COTTON", {"100% cotton", "1000 cotton"}),
            ("100%", {"100% cotton"}),
            ("price_list", {"1000 cotton"}),
            ("wool", set()),
        ):
            where = DocumentFilter(q=words)
            page = await backend.document_queries.list(tenant, bot.id, where, PageRequest())
            assert {titles[document.id] for document in page.items} == expected, words

    async def test_the_pages_are_complete_while_documents_are_added(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot, other_bot = await add_bot(backend, tenant), await add_bot(backend, tenant)
        ids = [(await add_document(backend, bot)).id for _ in range(5)]
        await add_document(backend, other_bot)
        seen: list[str] = []
        after: str | None = None
        while True:
            page = await backend.document_queries.list(tenant, bot.id, ALL, PageRequest(2, after))
            seen += [document.id for document in page.items]
            after = page.next_after
            if after is None:
                break
            await add_document(backend, bot)
        assert seen == sorted(ids, reverse=True)

    async def test_live_documents_match_by_metadata_within_those_named(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        red, blue = [
            await add_ready_document(
                backend, bot, make_document(backend, bot, metadata={"team": team, "year": "26"})
            )
            for team in ("red", "blue")
        ]
        fresh = await add_document(
            backend, bot, make_document(backend, bot, metadata={"team": "red"})
        )
        for ids, metadata, expected in (
            (None, {"team": "red"}, {red.id}),
            (None, {"year": "26"}, {red.id, blue.id}),
            (None, {"team": "red", "year": "25"}, set()),
            (None, {}, {red.id, blue.id}),
            ([blue.id, fresh.id], {}, {blue.id}),
            ([blue.id], {"team": "red"}, set()),
            ([], {}, set()),
        ):
            found = await backend.document_queries.matching(tenant, bot.id, ids, metadata)
            assert set(found) == expected, (ids, metadata)
