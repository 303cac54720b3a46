"""`chatsphere jobs`: what waits and why, trying again, calling off."""

from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import TypeVar

from application.queries.documents import DocumentFilter
from application.queries.jobs import JobFilter
from application.queries.page import Page, PageRequest
from application.services.explanation import explain_document
from application.services.job_views import diagnosis_view, job_view, reason_view
from application.services.views import View, document_view, timestamp
from domain.accounts import Actor
from domain.diagnosis import JobState, explain_job
from domain.documents import Document, DocumentStatus
from domain.errors import Conflict, NotFound
from domain.jobs import JobKind
from entrypoints.cli.local import OnBehalfOf, find_actor, run_local
from entrypoints.cli.output import hint, plain, print_json, say
from entrypoints.container import Container
from entrypoints.settings import Settings

T = TypeVar("T")
_PAGE = 100
_MOST = 1000
_OF_DOCUMENTS = (JobKind.FETCH, JobKind.INGEST)


def show(settings: Settings, which: JobFilter | None, *, as_json: bool) -> int:
    """Print the jobs of all workspaces, in the order in which they fall due."""

    async def work(container: Container) -> list[View]:
        found = await container.job_queries().list(which, _MOST)
        now = container.clock().now()
        return [job_view(job, now) for job in found]

    jobs = run_local(settings, work)
    if as_json:
        print_json({"data": jobs})
        return 0
    for job in jobs:
        line = f"{job['id']}  {job['state']:8} {job['kind']:15} {job['subject_id']}"
        say(f"{line}  due {job['next_try_at']}  {_counts(job)}".rstrip())
    if not jobs:
        hint("There is no such job." if which else "There are no jobs: nothing waits.")
    return 0


def show_failed(settings: Settings, *, as_json: bool) -> int:
    """Print the documents of all workspaces that could not be taken in."""

    async def work(container: Container) -> list[Document]:
        return [document async for document in _failed(container)]

    found = run_local(settings, work)
    if as_json:
        print_json({"data": [document_view(document) for document in found]})
        return 0
    for document in found:
        code = document.error.code if document.error else ""
        say(f"{document.id}  {timestamp(document.updated_at)}  {code:22} {plain(document.title)}")
    if not found:
        hint("There is no failed document.")
    return 0


def explain(settings: Settings, one: str, *, as_json: bool) -> int:
    """Say why a document, or what a job is about, is where it is."""

    async def work(container: Container) -> View:
        job = await _job(container, one)
        if job is not None and job.job.kind not in _OF_DOCUMENTS:
            return await _explained(container, job)
        reads = (container.job_queries(), container.document_queries())
        if job is None:
            tenant_id = await _tenant_of(container, one)
            return diagnosis_view(await explain_document(*reads, tenant_id, one))
        its = job.job
        found = await explain_document(*reads, its.tenant_id, its.subject_id, its.id)
        return diagnosis_view(found)

    told = run_local(settings, work)
    if as_json:
        print_json(told)
        return 0
    reasons = told["reasons"]
    for reason in reasons if isinstance(reasons, list) else []:
        say(plain(reason["detail"]))
        if reason["code"] == "no_worker":  # told to tenants too, who can start none
            hint("Start one: `chatsphere serve`, or `chatsphere worker` beside it (docs/jobs.md).")
    return 0


def retry(settings: Settings, one: str, *, as_json: bool) -> int:
    """Let what waits be tried now, and what failed be taken in again."""

    async def work(container: Container) -> View:
        job = await _job(container, one)
        if job is not None:
            if not await container.job_queue().hasten(job.job.id):
                raise Conflict("A worker is at it already.", code="already_running")
            return {"id": job.job.id, "subject_id": job.job.subject_id, "retried": True}
        actor = await _owner(container, await _tenant_of(container, one))
        document = await container.reprocess_document()(actor, one)
        return {"id": None, "subject_id": document.id, "retried": True}

    return _done(run_local(settings, work), "It is tried again now.", as_json=as_json)


def cancel(settings: Settings, one: str, *, as_json: bool) -> int:
    """Call off the taking in of a document."""

    async def work(container: Container) -> View:
        job = await _job(container, one)
        if job is not None and job.job.kind not in _OF_DOCUMENTS:
            raise Conflict("Only the taking in of a document can be called off.")
        document_id = job.job.subject_id if job else one
        tenant_id = job.job.tenant_id if job else await _tenant_of(container, document_id)
        actor = await _owner(container, tenant_id)
        return document_view(await container.cancel_document()(actor, document_id))

    return _done(run_local(settings, work), "It was called off.", as_json=as_json)


def _done(view: View, sentence: str, *, as_json: bool) -> int:
    if as_json:
        print_json(view)
    else:
        say(sentence)
    return 0


def _counts(job: View) -> str:
    attempts = job["attempts"]
    counts = attempts if isinstance(attempts, dict) else {}
    return ", ".join(f"{name} {number}" for name, number in counts.items() if number)


async def _job(container: Container, one: str) -> JobState | None:
    """Return the job of this id, or the newest of this subject."""
    jobs = container.job_queries()
    found = await jobs.find(one)
    return found or next(reversed(await jobs.of_subject(one)), None)


async def _explained(container: Container, job: JobState) -> View:
    its = job.job
    facts = await container.job_queries().facts(its.tenant_id, its.subject_id, its.id)
    reasons = [reason_view(reason) for reason in explain_job(facts)]
    return {**job_view(job, facts.now), "summary": reasons[0]["detail"], "reasons": reasons}


async def _owner(container: Container, tenant_id: str) -> Actor:
    actor = await find_actor(container, OnBehalfOf(workspace_id=tenant_id))
    if actor is None:
        raise NotFound("The workspace of this is deleted.")
    return actor


async def _tenants(container: Container) -> AsyncIterator[str]:
    after: str | None = None
    while ids := await container.workspace_list().ids(after, _PAGE):
        for tenant_id in ids:
            yield tenant_id
        after = ids[-1]


async def _tenant_of(container: Container, document_id: str) -> str:
    async for tenant_id in _tenants(container):
        try:
            await container.document_queries().get(tenant_id, document_id)
        except NotFound:
            continue
        return tenant_id
    raise NotFound(f"There is no document or job {document_id[:80]!r} here.")


async def _failed(container: Container) -> AsyncIterator[Document]:
    where = DocumentFilter(DocumentStatus.FAILED)
    bots, documents = container.bot_queries(), container.document_queries()
    async for tenant_id in _tenants(container):
        async for bot in _every(partial(bots.list, tenant_id)):
            async for document in _every(partial(documents.list, tenant_id, bot.id, where)):
                yield document


async def _every(page: Callable[[PageRequest], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    after: str | None = None
    while True:
        found = await page(PageRequest(_PAGE, after))
        for one in found.items:
            yield one
        if found.next_after is None:
            return
        after = found.next_after
