"""The worker: tries again, gives up for good reasons only, and lets go of what it lost."""

import asyncio

import pytest

from adapters.memory.crawls import InMemoryCrawlQueries
from adapters.memory.web_fetcher import Page
from application.ports.web_fetcher import FetchUnavailable
from application.services.suspicion import SUSPECT_OUTAGES
from application.use_cases.crawls import NewCrawl, StartCrawl
from application.use_cases.settle_answers import LATE_SECONDS
from application.use_cases.web_documents import TRIES, AddUrl, NewAddress
from domain.conversations import MessageStatus
from domain.documents import DocumentStatus
from domain.jobs import (
    ERRORS_MAX,
    LOSSES_MAX,
    Lease,
)
from entrypoints.worker import worker as module
from unit.entrypoints.workshop import (
    HOUR,
    BrokenEmbedder,
    FailingOnPoison,
    FailingToWrite,
    SlowEmbedder,
    lose,
    overtaken,
    running,
    upload,
    worker_of,
)
from unit.installation import Installation


async def test_what_is_due_is_done_and_then_the_worker_is_idle(
    installation: Installation,
) -> None:
    document, other = await upload(installation), await upload(installation)
    await installation.delete(other)
    await worker_of(installation).run_until_idle()
    assert (await installation.document(document.id)).status is DocumentStatus.READY
    assert other.id not in installation.tables.documents
    assert installation.state.jobs == {}


async def test_a_running_worker_takes_what_comes(installation: Installation) -> None:
    async with asyncio.timeout(10), running(worker_of(installation)):
        document = await upload(installation)
        await installation.wait_for(document.id, "document.ready")


async def test_an_error_is_tried_again_later_and_later_and_then_given_up(
    installation: Installation,
) -> None:
    installation.embedder = BrokenEmbedder()
    document = await upload(installation)
    worker, waits = worker_of(installation), []
    for _ in range(ERRORS_MAX):
        assert (await installation.document(document.id)).status is not DocumentStatus.FAILED
        await worker.run_until_idle()
        for row in installation.state.jobs.values():
            waits.append((row.job.run_at - installation.clock.now()).total_seconds())
            installation.clock.set(row.job.run_at)
    failed = await installation.document(document.id)
    assert failed.error is not None
    assert failed.error.code == "ingestion_failed"
    assert "RuntimeError" in failed.error.detail
    assert "bug" not in failed.error.detail
    assert installation.state.jobs == {}
    assert len(waits) == ERRORS_MAX - 1
    for wait, least in zip(waits, (2, 4, 8, 16), strict=True):
        assert least <= wait <= least * 1.2


async def test_a_passing_error_does_not_fail_the_document(installation: Installation) -> None:
    installation.embedder = embedder = BrokenEmbedder()
    document = await upload(installation)
    worker = worker_of(installation)
    await worker.run_until_idle()
    embedder.is_broken = False
    installation.clock.advance(HOUR)
    await worker.run_until_idle()
    assert (await installation.document(document.id)).status is DocumentStatus.READY


async def test_an_outage_however_long_never_fails_the_document(
    installation: Installation,
) -> None:
    installation.embedder.is_available = False
    document = await upload(installation)
    worker = worker_of(installation)
    for _ in range(3 * ERRORS_MAX):
        await worker.run_until_idle()
        installation.clock.advance(HOUR)
    assert (await installation.document(document.id)).status is DocumentStatus.PROCESSING
    installation.embedder.is_available = True
    await worker.run_until_idle()
    assert (await installation.document(document.id)).status is DocumentStatus.READY


@pytest.mark.parametrize("part", ["embedder", "vectors"])
async def test_a_part_that_answers_and_fails_on_one_document_alone_is_no_outage(
    installation: Installation, part: str
) -> None:
    if part == "embedder":
        installation.embedder = FailingOnPoison()
    else:
        installation.vectors = FailingToWrite()
    document = await upload(installation, text="The poison is in this text.")
    for _ in range(SUSPECT_OUTAGES + ERRORS_MAX):
        await worker_of(installation).run_until_idle()
        installation.clock.advance(HOUR)
    failed = await installation.document(document.id)
    assert failed.error is not None
    assert failed.error.code == "ingestion_failed"


async def test_an_error_after_a_long_outage_is_the_first_error(installation: Installation) -> None:
    installation.embedder.is_available = False
    document = await upload(installation)
    worker = worker_of(installation)
    for _ in range(ERRORS_MAX):
        await worker.run_until_idle()
        installation.clock.advance(HOUR)
    installation.embedder = BrokenEmbedder()
    await worker_of(installation).run_until_idle()
    assert (await installation.document(document.id)).status is DocumentStatus.PROCESSING
    installation.clock.advance(HOUR)
    assert (await installation.claim()).errors == 1


async def test_a_document_that_takes_its_workers_along_is_set_aside(
    installation: Installation,
) -> None:
    document = await upload(installation)
    await lose(installation, LOSSES_MAX)
    await worker_of(installation).run_until_idle()
    failed = await installation.document(document.id)
    assert failed.error is not None
    assert failed.error.code == "ingestion_crashed"


async def test_a_job_whose_subject_is_gone_is_dropped(installation: Installation) -> None:
    document = await upload(installation)
    async with installation.units.open("ws_1") as uow:
        await uow.documents.delete(document.id)
    await worker_of(installation).run_until_idle()
    assert installation.state.jobs == {}


async def test_a_lost_lease_stops_the_job(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEATS_A_LEASE", 3000)
    embedder = SlowEmbedder()
    document, other = await overtaken(installation, embedder)
    embedder.go_on.set()
    await installation.ingest(other)
    assert (await installation.document(document.id)).status is DocumentStatus.READY
    assert (await installation.kinds(document.id)).count("document.ready") == 1


async def test_a_heart_that_stumbles_beats_on(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEATS_A_LEASE", 3000)
    installation.embedder = embedder = SlowEmbedder()
    await upload(installation)
    worker = worker_of(installation)
    beats = 0
    heartbeat = installation.queue.heartbeat

    async def stumble(lease: Lease, lease_seconds: float) -> None:
        nonlocal beats
        beats += 1
        if beats < 3:
            raise RuntimeError("out of shape")
        await heartbeat(lease, lease_seconds)
        embedder.go_on.set()

    monkeypatch.setattr(installation.queue, "heartbeat", stumble)
    async with asyncio.timeout(5):
        await worker.run_until_idle()
    assert beats >= 3


async def test_a_cancelled_worker_gives_its_job_back_without_blame(
    installation: Installation,
) -> None:
    installation.embedder = embedder = SlowEmbedder()
    document = await upload(installation)
    async with asyncio.timeout(5), running(worker_of(installation)) as task:
        await embedder.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    lease = await installation.claim()
    assert (lease.job.subject_id, lease.errors, lease.losses) == (document.id, 0, 0)
    embedder.go_on.set()
    await installation.ingest(lease)
    assert (await installation.document(document.id)).status is DocumentStatus.READY


async def test_a_worker_cancelled_at_any_moment_loses_no_job() -> None:
    for steps in range(0, 60, 2):
        installation = Installation()
        document = await upload(installation)
        async with running(worker_of(installation)):
            for _ in range(steps):
                await asyncio.sleep(0)
        installation.clock.advance(HOUR)
        await worker_of(installation).run_until_idle()
        assert (await installation.document(document.id)).status is DocumentStatus.READY
        assert (await installation.kinds(document.id)).count("document.ready") == 1


async def test_the_worker_ends_answers_whose_process_died_and_that_nobody_took_over(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_HOUSEKEEPING_SECONDS", 0.01)
    bot = await installation.add_bot()
    pending = (await installation.ask("When?", bot_id=bot.id)).answer
    installation.clock.advance(60)
    async with asyncio.timeout(10), running(worker_of(installation)):
        await asyncio.sleep(0.05)
        assert (await installation.message(pending.id)).status is MessageStatus.PENDING
        installation.clock.advance(LATE_SECONDS)
        await installation.wait_for(pending.id, "error")
    assert (await installation.message(pending.id)).status is MessageStatus.FAILED


async def test_a_site_that_stays_down_is_given_up_though_other_outages_are_not(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    url = "https://example.org/rules"
    installation.web.pages[url] = Page(error=FetchUnavailable("Down.", code="fetch_timeout"))
    add = AddUrl(installation.units, installation.web, installation.clock)
    document = (await add(installation.actor, bot.id, NewAddress(url))).document
    for _ in range(TRIES):
        await worker_of(installation).run_until_idle()
        installation.clock.advance(HOUR)
    failed = await installation.document(document.id)
    assert failed.error is not None
    assert failed.error.code == "fetch_timeout"
    assert installation.web.fetched == [url] * TRIES


async def test_a_crawl_that_ends_workers_again_and_again_is_set_aside(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    new = NewCrawl("https://example.org/", max_pages=1, max_depth=1)
    start = StartCrawl(installation.units, installation.web, installation.clock)
    crawl = (await start(installation.actor, bot.id, new))[0]
    await lose(installation, LOSSES_MAX)
    await worker_of(installation).run_until_idle()
    ended = await InMemoryCrawlQueries(installation.state).get(crawl.tenant_id, crawl.id)
    assert ended.error is not None
    assert ended.error.code == "ingestion_crashed"
