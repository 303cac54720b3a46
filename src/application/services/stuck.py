"""Mending of what lost its job: no process should be able to bring it about, and none may stay so.

The sweep of a tenant calls both in a unit of work of its own. Each gives what it finds a new job, which
leaves with the unit's commit, and returns how many those were; more than a call takes is found by the
next one.
"""

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitOfWork
from application.services.ingestion import crawl_job, enqueue_fetch, enqueue_ingestion
from domain.jobs import Job

_MOST = 500


async def requeue_stuck(uow: UnitOfWork, clock: Clock) -> int:
    """Give documents and crawls that wait without a job a new one; return how many they were."""
    documents = await uow.orphans.documents(_MOST)
    for document_id in documents:
        document = await uow.documents.get(document_id, lock=True)
        enqueue = enqueue_fetch if document.wants_fetching else enqueue_ingestion
        document.requeue(clock.now())
        await uow.documents.save(document)
        await enqueue(uow, document, clock)
    crawls = await uow.orphans.crawls(_MOST)
    for crawl_id in crawls:
        crawl = await uow.crawls.get(crawl_id, lock=True)
        await uow.jobs.enqueue(crawl_job(crawl, clock), at_once=True)
    return len(documents) + len(crawls)


async def requeue_purges(uow: UnitOfWork, clock: Clock) -> int:
    """Give deleted bots and documents that no job erases a new one; return how many they were."""
    found = await uow.orphans.tombstones(_MOST)
    for kind, subject_id in found:
        job = Job(clock.new_id("job"), uow.tenant_id, kind, subject_id, run_at=clock.now())
        await uow.jobs.enqueue(job, at_once=True)
    return len(found)
