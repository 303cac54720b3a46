"""Documents of addresses: named at once, fetched under a lease, fetched again on demand."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.memory.web_fetcher import Page
from application.ports.blob_store import StoredBlob
from application.ports.job_queue import LeaseLost
from application.ports.web_fetcher import FetchRefused, FetchUnavailable
from application.services.idempotency import IdempotencyKey
from application.use_cases.documents import (
    DeleteDocument,
    NewContent,
    ReplaceContent,
    ReprocessDocument,
)
from application.use_cases.web_documents import TRIES, AddedAddress, AddUrl, NewAddress
from domain.bots import Bot
from domain.documents import Document, DocumentStatus, Progress, Stage
from domain.errors import InvalidInput, NotFound
from domain.jobs import JobKind
from domain.urls import UrlNotAllowed
from unit.installation import Installation, stream_of

URL = "https://example.org/rules.html"
TEXT = b"The library opens at nine in the morning."


async def _add(
    on: Installation, bot: Bot, url: str = URL, key: IdempotencyKey | None = None, **more: str
) -> AddedAddress:
    add = AddUrl(on.units, on.web, on.clock)
    return await add(on.actor, bot.id, NewAddress(url, **more), key)


async def _reprocess(on: Installation, document: Document) -> Document:
    return await ReprocessDocument(on.units, on.clock)(on.actor, document.id)


async def _ready(on: Installation, bot: Bot) -> Document:
    on.web.pages[URL] = Page(TEXT, "text/plain")
    added = await _add(on, bot)
    await on.work()
    return await on.document(added.document.id)


async def test_an_address_becomes_a_document_that_answers(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    on.web.pages[URL] = Page(TEXT, "text/plain")
    added = await _add(on, bot, "HTTPS://EXAMPLE.org:443/a/../rules.html#top")
    pending = await on.document(added.document.id)
    assert (pending.source_url, pending.status, pending.revision) == (
        URL,
        DocumentStatus.PENDING,
        0,
    )
    assert (pending.source.size, pending.source.sha256, pending.title) == (0, "", "rules.html")
    await on.work()
    ready = await on.document(pending.id)
    assert (ready.status, ready.revision, ready.source.size) == (DocumentStatus.READY, 1, len(TEXT))
    assert list(on.blobs.blobs.values()) == [TEXT]
    progress = [e.data["progress"] for e in await on.events(pending.id) if "progress" in e.data]
    stages = list(dict.fromkeys(p["stage"] for p in progress))  # type: ignore[index]
    assert stages == ["queued", "fetching", "parsing", "chunking", "embedding", "indexing"]


async def test_the_same_address_again_is_the_same_document(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    first = await _add(on, bot)
    again = await _add(on, bot, URL + "#part")
    elsewhere = await _add(on, await on.add_bot())
    assert (first.existed, again.existed, elsewhere.existed) == (False, True, False)
    assert first.document.id == again.document.id != elsewhere.document.id


async def test_a_repeated_request_is_done_once(installation: Installation) -> None:
    on, bot, key = installation, await installation.add_bot(), IdempotencyKey("k", "f")
    first, again = await _add(on, bot, key=key), await _add(on, bot, key=key)
    assert (again.document.id, again.replayed) == (first.document.id, True)


async def test_title_and_metadata_are_checked_and_kept(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    added = await _add(on, bot, title="  The   rules ")
    assert added.document.title == "The rules"
    with pytest.raises(InvalidInput):
        await _add(on, bot, title="x" * 400)


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "ftp://example.org/", "http://[::1]/", "x"])
async def test_an_address_that_is_not_of_the_public_web_makes_no_document(
    installation: Installation, url: str
) -> None:
    with pytest.raises(UrlNotAllowed):
        await _add(installation, await installation.add_bot(), url)
    assert installation.tables.documents == {}


async def test_the_bot_of_another_workspace_is_not_found(installation: Installation) -> None:
    bot = await installation.add_bot()
    add = AddUrl(installation.units, installation.web, installation.clock)
    with pytest.raises(NotFound):
        await add(installation.stranger, bot.id, NewAddress(URL))


async def test_a_site_that_says_no_fails_the_document_with_its_reason(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    on.web.pages[URL] = Page(error=FetchRefused("Not public.", code="url_not_allowed"))
    document = (await _add(on, bot)).document
    await on.work()
    failed = await on.document(document.id)
    assert failed.error is not None
    assert (failed.status, failed.error.code) == (DocumentStatus.FAILED, "url_not_allowed")
    assert (await on.kinds(document.id))[-1] == "document.failed"
    assert on.state.jobs == {}


async def test_a_site_that_is_down_is_tried_again_and_then_given_up(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    on.web.pages[URL] = Page(error=FetchUnavailable("Down.", code="fetch_timeout"))
    document = (await _add(on, bot)).document
    lease = await on.claim()
    for errors in range(TRIES - 1):
        with pytest.raises(FetchUnavailable):
            await on.do(replace(lease, errors=errors))
    assert (await on.document(document.id)).status is DocumentStatus.PROCESSING
    await on.do(replace(lease, errors=TRIES - 1))
    failed = await on.document(document.id)
    assert failed.error is not None
    assert failed.error.code == "fetch_timeout"


async def test_the_content_of_another_document_is_refused_and_leaves_no_bytes(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    await on.upload(bot, TEXT.decode())
    on.web.pages[URL] = Page(TEXT)
    document = (await _add(on, bot)).document
    await on.work()
    failed = await on.document(document.id)
    assert failed.error is not None
    assert failed.error.code == "duplicate_content"
    assert len(on.blobs.blobs) == 1


async def test_reprocessing_fetches_again_and_the_old_text_answers_meanwhile(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    document = await _ready(on, bot)
    on.web.pages[URL] = Page(b"It opens at ten now.", "text/plain")
    pending = await _reprocess(on, document)
    assert (pending.status, pending.revision) == (DocumentStatus.PENDING, 1)
    assert pending.source == document.source
    await on.work()
    renewed = await on.document(document.id)
    assert (renewed.status, renewed.revision) == (DocumentStatus.READY, 2)
    assert list(on.blobs.blobs.values()) == [b"It opens at ten now."]


async def test_unchanged_bytes_are_not_embedded_again(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    document = await _ready(on, bot)
    known = dict(on.state.vectors)
    await _reprocess(on, document)
    await on.work()
    again = await on.document(document.id)
    assert (again.status, again.revision) == (DocumentStatus.READY, 2)
    assert on.state.vectors == known
    assert len(on.blobs.blobs) == 1


async def test_a_refetch_that_fails_leaves_the_old_revision_answering(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    document = await _ready(on, bot)
    on.web.pages.clear()
    await _reprocess(on, document)
    await on.work()
    failed = await on.document(document.id)
    assert (failed.status, failed.revision) == (DocumentStatus.FAILED, 1)
    assert failed.source == document.source
    assert failed.source.blob_key in on.blobs.blobs


async def test_a_crash_while_fetching_loses_and_doubles_nothing(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    on.web.pages[URL] = Page(TEXT)
    document = (await _add(on, bot)).document
    lost = await on.claim()
    on.clock.advance(3600)
    await on.work()
    with pytest.raises(LeaseLost):
        await on.do(lost)
    ready = await on.document(document.id)
    assert (ready.status, ready.revision, ready.target) == (DocumentStatus.READY, 1, 1)
    assert len(on.blobs.blobs) == 1


async def test_who_lost_the_lease_during_the_fetch_stores_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, bot = installation, await installation.add_bot()
    on.web.pages[URL] = Page(TEXT)
    document = (await _add(on, bot)).document
    put = on.blobs.put

    async def put_slowly(
        tenant_id: str, data: AsyncIterator[bytes], *, max_bytes: int
    ) -> StoredBlob:
        blob = await put(tenant_id, data, max_bytes=max_bytes)
        on.clock.advance(3600)
        return blob

    monkeypatch.setattr(on.blobs, "put", put_slowly)
    with pytest.raises(LeaseLost):
        await on.do(await on.claim())
    assert on.blobs.blobs == {}
    assert (await on.document(document.id)).target == 0


async def test_a_document_deleted_while_it_is_fetched_leaves_nothing(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    on.web.pages[URL] = Page(TEXT)
    document = (await _add(on, bot)).document
    lease = await on.claim()
    await DeleteDocument(on.units, on.clock)(on.actor, document.id)
    with pytest.raises(NotFound):
        await on.do(lease)
    await on.work()
    assert (on.blobs.blobs, on.tables.documents, on.state.jobs) == ({}, {}, {})


async def test_new_content_calls_a_fetch_off(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    document = await _ready(on, bot)
    await _reprocess(on, document)
    lease = await on.claim()
    assert lease.job.kind is JobKind.FETCH
    content = NewContent("own.txt", "text/plain", stream_of(b"My own words."))
    await ReplaceContent(on.units, on.blobs, on.clock, 1 << 20)(on.actor, document.id, content)
    with pytest.raises(LeaseLost):
        await on.do(lease)
    await on.work()
    assert list(on.blobs.blobs.values()) == [b"My own words."]


async def test_a_fetch_calls_an_older_ingestion_off(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    on.web.pages[URL] = Page(TEXT)
    document = (await _add(on, bot)).document
    await on.do(await on.claim())
    ingestion = await on.claim()
    await _reprocess(on, document)
    with pytest.raises(LeaseLost):
        await on.do(ingestion)
    await on.work()
    ready = await on.document(document.id)
    assert (ready.status, ready.revision) == (DocumentStatus.READY, 2)
    assert ready.progress == Progress(Stage.DONE, 1, 1)
