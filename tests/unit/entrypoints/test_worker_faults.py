"""The worker under faults: jobs that end processes, never end, or are called off."""

import asyncio

import pytest

from application.use_cases.bots import DeleteBot
from application.use_cases.cancel_document import CANCELLED, CancelDocument
from application.use_cases.documents import ReprocessDocument
from domain.documents import DocumentStatus
from domain.errors import DatabaseBusy, DependencyUnavailable
from domain.jobs import (
    ERRORS_MAX,
    LOSSES_MAX,
    SUSPECT_LOSSES,
    JobKind,
    Lease,
    Setback,
    WorkerProcess,
)
from entrypoints.worker import attempt as attempt_module
from entrypoints.worker import worker as module
from entrypoints.worker.attempt import Crashed, NotBegun
from unit.entrypoints.workshop import (
    HOUR,
    TEXT,
    BrokenVectors,
    CancellingEmbedder,
    SlowEmbedder,
    StubbornEmbedder,
    lose,
    overtaken,
    running,
    until,
    upload,
    worker_of,
)
from unit.installation import Installation, StepwiseIndex


async def test_while_a_worker_lives_it_is_listed_and_then_no_more(
    installation: Installation,
) -> None:
    async with asyncio.timeout(5), running(worker_of(installation)):
        await until(lambda: bool(installation.state.workers))
        (listed,) = installation.state.workers.values()
        assert listed.process.concurrency == 1
    assert installation.state.workers == {}


async def test_a_claimed_job_tells_who_has_it(installation: Installation) -> None:
    installation.embedder = embedder = SlowEmbedder()
    await upload(installation)
    async with asyncio.timeout(5), running(worker_of(installation)):
        await embedder.begun.wait()
        (row,) = installation.state.jobs.values()
        assert row.worker_id in installation.state.workers


async def test_a_sign_of_life_that_fails_ends_no_worker(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LISTED_SECONDS", 0.01)
    worker, failures = worker_of(installation), 0
    beat = worker._registry.beat

    async def stumble(process: WorkerProcess) -> None:
        nonlocal failures
        failures += 1
        if failures < 3:
            raise RuntimeError("out of shape")
        await beat(process)

    monkeypatch.setattr(worker._registry, "beat", stumble)
    async with asyncio.timeout(5), running(worker):
        await until(lambda: bool(installation.state.workers))


async def test_a_suspect_is_done_in_a_process_of_its_own(installation: Installation) -> None:
    document = await upload(installation)
    await lose(installation, SUSPECT_LOSSES)
    suspects: list[Lease] = []

    async def alone(lease: Lease) -> None:
        suspects.append(lease)
        await installation.ingest(lease)

    await worker_of(installation, alone).run_until_idle()
    assert [lease.losses for lease in suspects] == [SUSPECT_LOSSES]
    assert (await installation.document(document.id)).status is DocumentStatus.READY


async def test_one_that_lost_fewer_workers_is_no_suspect(installation: Installation) -> None:
    document = await upload(installation)
    await lose(installation, SUSPECT_LOSSES - 1)
    await worker_of(installation).run_until_idle()
    assert (await installation.document(document.id)).status is DocumentStatus.READY


async def test_a_suspect_whose_own_process_dies_again_and_again_is_set_aside(
    installation: Installation,
) -> None:
    document = await upload(installation)
    await lose(installation, SUSPECT_LOSSES)

    async def alone(_: Lease) -> None:
        raise Crashed

    worker = worker_of(installation, alone)
    for _ in range(ERRORS_MAX):
        assert (await installation.document(document.id)).status is DocumentStatus.PENDING
        await worker.run_until_idle()
        installation.clock.advance(HOUR)
    failed = await installation.document(document.id)
    assert failed.error is not None
    assert failed.error.code == "ingestion_crashed"


async def test_a_suspect_whose_process_cannot_begin_is_not_blamed(
    installation: Installation,
) -> None:
    document = await upload(installation)
    await lose(installation, SUSPECT_LOSSES)

    async def alone(_: Lease) -> None:
        raise NotBegun

    worker = worker_of(installation, alone)
    for _ in range(2 * ERRORS_MAX):
        await worker.run_until_idle()
        installation.clock.advance(HOUR)
    assert (await installation.document(document.id)).status is DocumentStatus.PENDING
    assert (await installation.claim()).outages == 2 * ERRORS_MAX


async def test_a_purge_is_never_given_up(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = await upload(installation)
    await worker_of(installation).run_until_idle()
    await installation.delete(document)
    await lose(installation, LOSSES_MAX)
    installation.vectors = BrokenVectors()
    worker = worker_of(installation)
    monkeypatch.setattr(worker, "_alone", worker._attempt)
    for _ in range(2 * ERRORS_MAX):
        await worker.run_until_idle()
        installation.clock.advance(HOUR)
    assert [key[1] for key in installation.state.jobs] == [JobKind.PURGE_DOCUMENT]


async def test_an_outage_is_waited_for_in_short_steps(installation: Installation) -> None:
    installation.embedder.is_available = False
    await upload(installation)
    worker, waits = worker_of(installation), []
    for _ in range(10):
        await worker.run_until_idle()
        (row,) = installation.state.jobs.values()
        waits.append((row.job.run_at - installation.clock.now()).total_seconds())
        installation.clock.set(row.job.run_at)
    assert waits[0] <= 2
    assert max(waits) <= 15
    assert min(waits[4:]) >= 7


async def test_a_database_that_is_busy_counts_against_the_job_as_it_may_be_the_reason(
    installation: Installation,
) -> None:
    await upload(installation)
    busy = True

    async def before(_: int) -> None:
        if busy:
            raise DatabaseBusy

    installation.units.before = before
    await worker_of(installation).run_until_idle()
    busy = False
    (row,) = installation.state.jobs.values()
    assert (row.errors, row.outages) == (1, 0)
    assert row.last is not None
    assert row.last.code == "database_busy"


async def test_a_use_case_that_heeds_no_cancelling_holds_up_no_worker(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEATS_A_LEASE", 3000)
    monkeypatch.setattr(module, "_PATIENCE_SECONDS", 0.01)
    embedder = StubbornEmbedder()
    document, other = await overtaken(installation, embedder)
    assert embedder.cancelled
    embedder.go_on.set()
    await installation.ingest(other)
    assert (await installation.document(document.id)).status is DocumentStatus.READY
    assert (await installation.kinds(document.id)).count("document.ready") == 1


async def test_a_job_that_takes_too_long_is_cut_short_and_blamed(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_JOB_SECONDS", 0.01)
    installation.embedder = SlowEmbedder()
    await upload(installation)
    async with asyncio.timeout(5):
        await worker_of(installation).run_until_idle()
    (row,) = installation.state.jobs.values()
    assert (row.errors, row.lease_until) == (1, None)
    assert row.last is not None
    assert row.last.code == "cut_short"


async def test_a_library_that_cancels_by_itself_ends_no_worker(
    installation: Installation,
) -> None:
    installation.embedder = CancellingEmbedder()
    document = await upload(installation)
    async with asyncio.timeout(5), running(worker_of(installation)):
        await until(lambda: any(row.errors for row in installation.state.jobs.values()))
        other = await upload(installation, "b.txt")
        await installation.wait_for(other.id, "document.ready")
    assert (await installation.document(document.id)).status is DocumentStatus.PROCESSING


async def test_a_heart_that_hears_nothing_for_a_lease_stops_the_job(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.embedder = SlowEmbedder()
    await upload(installation)
    worker = worker_of(installation)
    worker._lease_seconds = 0.04

    async def hang(lease: Lease, lease_seconds: float) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(installation.queue, "heartbeat", hang)
    async with asyncio.timeout(5):
        await worker.run_until_idle()  # nobody lets the embedder go on
    (row,) = installation.state.jobs.values()
    assert row.errors == 0


async def test_a_job_is_given_back_once_the_database_is_there_again(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt_module, "_PAUSE_SECONDS", 0.001)
    installation.embedder.is_available = False
    await upload(installation)
    retry, tries = installation.queue.retry, 0

    async def stumble(lease: Lease, delay_seconds: float, why: Setback) -> None:
        nonlocal tries
        tries += 1
        if tries < 5:
            raise DependencyUnavailable
        await retry(lease, delay_seconds, why)

    monkeypatch.setattr(installation.queue, "retry", stumble)
    async with asyncio.timeout(5):
        await worker_of(installation).run_until_idle()
    (row,) = installation.state.jobs.values()
    assert (row.outages, row.losses, row.lease_until) == (1, 0, None)


async def test_a_cancelled_document_is_let_go_of_and_can_be_taken_in_again(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEATS_A_LEASE", 3000)
    installation.embedder = embedder = SlowEmbedder()
    document = await upload(installation)
    working = asyncio.create_task(worker_of(installation).run_until_idle())
    await embedder.begun.wait()
    cancelled = await CancelDocument(installation.units, installation.clock)(
        installation.actor, document.id
    )
    assert (cancelled.status, cancelled.error) == (DocumentStatus.FAILED, CANCELLED)
    async with asyncio.timeout(5):
        await working
    assert installation.state.jobs == {}
    assert (await installation.document(document.id)).status is DocumentStatus.FAILED
    assert (await installation.kinds(document.id))[-1] == "document.failed"
    embedder.go_on.set()
    again = ReprocessDocument(installation.units, installation.clock)
    await again(installation.actor, document.id)
    await worker_of(installation).run_until_idle()
    assert (await installation.document(document.id)).status is DocumentStatus.READY


async def test_a_purge_does_not_wait_until_a_long_document_is_through(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PURGE_SECONDS", 0.01)
    gone = await upload(installation)
    await worker_of(installation).run_until_idle()
    installation.embedder = embedder = SlowEmbedder()
    await upload(installation, "b.txt", f"{TEXT} On Mondays too.")
    async with asyncio.timeout(5), running(worker_of(installation)):
        await embedder.begun.wait()
        await installation.delete(gone)
        await until(lambda: gone.id not in installation.tables.documents)


async def test_nothing_waits_until_a_large_bot_is_erased(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PURGE_SECONDS", 0.01)
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def step() -> None:
        begun.set()
        await go_on.wait()

    installation.vectors = index = StepwiseIndex()
    index.step = step
    gone = await upload(installation)
    bots = [(await upload(installation, f"{n}.txt")).bot_id for n in range(3)]
    await worker_of(installation).run_until_idle()
    installation.embedder = embedder = SlowEmbedder()
    async with asyncio.timeout(5), running(worker_of(installation)):
        for bot_id in bots:
            await DeleteBot(installation.units, installation.clock)(installation.actor, bot_id)
        await begun.wait()
        document = await upload(installation, "b.txt", f"{TEXT} On Mondays too.")
        await embedder.begun.wait()
        await installation.delete(gone)
        await until(lambda: gone.id not in installation.tables.documents)
        embedder.go_on.set()
        await installation.wait_for(document.id, "document.ready")
        assert set(bots) < set(installation.tables.bots)
        go_on.set()
        await until(lambda: not set(bots) & set(installation.tables.bots))
