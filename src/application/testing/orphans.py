"""What everyone promises who looks for work without a job."""

from application.services.stuck import requeue_purges, requeue_stuck
from application.testing.backend import Backend, add_tenant, in_unit
from application.testing.contract import Contract
from application.testing.crawls import add_crawl
from application.testing.samples import (
    add_bot,
    add_document,
    add_ready_document,
    make_document,
)
from domain.documents import DocumentStatus, Failure
from domain.jobs import JobKind

MINUTE = 60.0


async def _mended(backend: Backend, tenant: str) -> tuple[int, int]:
    async with backend.units.open(tenant) as unit:
        stuck = await requeue_stuck(unit, backend.clock)
    async with backend.units.open(tenant) as unit:
        return stuck, await requeue_purges(unit, backend.clock)


async def _claimed(backend: Backend) -> set[tuple[JobKind, str]]:
    found = set()
    while lease := await backend.job_queue.claim(MINUTE):
        found.add((lease.job.kind, lease.job.subject_id))
    return found


class OrphansContract(Contract):
    """A subclass gives the fixture `backend`, its queue empty."""

    async def test_a_document_that_waits_without_a_job_gets_one(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        upload = await add_document(backend, bot)
        address = make_document(backend, bot)
        address.source_url, address.target = "https://example.org/", 0
        await add_document(backend, bot, address)
        assert await _mended(backend, tenant) == (2, 0)
        assert await _mended(backend, tenant) == (0, 0)
        assert await _claimed(backend) == {
            (JobKind.INGEST, upload.id),
            (JobKind.FETCH, address.id),
        }
        assert await _mended(backend, tenant) == (0, 0), "claimed jobs are jobs"

    async def test_what_is_settled_or_of_others_is_left_alone(self, backend: Backend) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        await add_ready_document(backend, bot)
        failed = await add_document(backend, bot)
        failed.fail(Failure("corrupt_document", "It is damaged."), backend.clock.now())
        await in_unit(backend, tenant, lambda u: u.documents.save(failed))
        await add_document(backend, await add_bot(backend, other))
        assert await _mended(backend, tenant) == (0, 0)
        assert await _claimed(backend) == set()

    async def test_what_it_gives_a_job_waits_again(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        document = await add_document(backend, await add_bot(backend, tenant))
        await _mended(backend, tenant)
        found = await backend.document_queries.get(tenant, document.id)
        assert found.status is DocumentStatus.PENDING
        events = await backend.event_log.read(tenant, document.id, 0)
        assert [event.type for event in events] == ["document.progress"]

    async def test_a_running_crawl_without_a_job_gets_one(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        crawl = await add_crawl(backend, await add_bot(backend, tenant))
        assert await _mended(backend, tenant) == (1, 0)
        assert await _claimed(backend) == {(JobKind.CRAWL, crawl.id)}
        crawl.stop(backend.clock.now())
        await in_unit(backend, tenant, lambda u: u.crawls.save(crawl))
        async with backend.units.open(tenant) as unit:
            await unit.jobs.cancel(JobKind.CRAWL, crawl.id)
        assert await _mended(backend, tenant) == (0, 0)

    async def test_deleted_bots_and_documents_that_nobody_erases_get_a_purge(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot, gone = await add_bot(backend, tenant), await add_bot(backend, tenant)
        await add_ready_document(backend, gone)
        document = await add_ready_document(backend, bot)
        await in_unit(backend, tenant, lambda u: u.documents.delete(document.id))
        await in_unit(backend, tenant, lambda u: u.bots.delete(gone.id))
        assert await _mended(backend, tenant) == (0, 2)
        assert await _mended(backend, tenant) == (0, 0)
        assert await _claimed(backend) == {
            (JobKind.PURGE_DOCUMENT, document.id),
            (JobKind.PURGE_BOT, gone.id),
        }
