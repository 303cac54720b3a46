"""Why a document is where it is: facts about its job and the queue, turned into plain reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.documents import Document, DocumentStatus, Failure
from domain.jobs import ERRORS_MAX, LOSSES_MAX, Job, JobKind, Setback

ALIVE_SECONDS = 15.0  # a process that missed three signs of life does no jobs


@dataclass(frozen=True, slots=True)
class JobState:
    """A job in the queue; `claimed_at` and `lease_until` where a worker has it, or had when it vanished."""

    job: Job
    enqueued_at: datetime
    claimed_at: datetime | None = None
    lease_until: datetime | None = None
    worker_id: str | None = None
    errors: int = 0
    losses: int = 0
    outages: int = 0
    last: Setback | None = None

    def is_running(self, now: datetime) -> bool:
        """Tell whether a worker holds the job."""
        return self.lease_until is not None and self.lease_until > now


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A process that does jobs, and when it was seen last."""

    id: str
    host: str
    pid: int
    concurrency: int
    started_at: datetime
    seen_at: datetime

    def is_alive(self, now: datetime) -> bool:
        """Tell whether it was seen lately."""
        return now - self.seen_at < timedelta(seconds=ALIVE_SECONDS)


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """The queue at the moment `now`, by its own clock.

    `job` is that of the subject, `holder` the process that has it. `workers` counts processes that are
    alive, `room` the jobs that they do at a time, `working` those that they are doing, `working_here`
    those of this workspace; purges have room of their own and do not count. `ahead` counts the
    workspace's jobs that are due before this one, `others_waiting` tells whether other workspaces have
    jobs that are due. `rests` tells that the workspace is deleted, and its work rests.
    """

    now: datetime
    job: JobState | None = None
    holder: WorkerState | None = None
    workers: int = 0
    room: int = 0
    working: int = 0
    working_here: int = 0
    ahead: int = 0
    others_waiting: bool = False
    rests: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code, and a sentence that a customer understands."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why a document is where it is. The first reason is what is to be known before all."""

    document: Document
    facts: QueueFacts
    reasons: Sequence[Reason]

    @property
    def summary(self) -> str:
        """The first reason's sentence."""
        return self.reasons[0].detail


def diagnose(document: Document, facts: QueueFacts) -> Diagnosis:
    """Say why the document is where it is, and what is to be expected or done."""
    return Diagnosis(document, facts, tuple(_reasons(document, facts)))


def _reasons(document: Document, facts: QueueFacts) -> Iterator[Reason]:
    if document.status is DocumentStatus.READY:
        yield _ready(document)
    elif document.status is DocumentStatus.FAILED:
        yield from _failed(document)
    else:
        yield from explain_job(facts)
        if document.revision:
            yield _ANSWERS_ON


_ANSWERS_ON = Reason(
    "previous_content_answers",
    "Meanwhile the content from before answers questions, as it did.",
)


def _ready(document: Document) -> Reason:
    passages = "1 passage" if document.chunk_count == 1 else f"{document.chunk_count} passages"
    return Reason("ready", f"The document is ready: questions are answered from its {passages}.")


def _failed(document: Document) -> Iterator[Reason]:
    failure = document.error or Failure("ingestion_failed", "The document could not be taken in.")
    yield Reason(failure.code, failure.detail)
    if document.revision:
        yield _ANSWERS_ON
    yield Reason("what_to_do", _REMEDIES.get(failure.code, _TRY_AGAIN))


_OTHER_FILE = "Give the document other content: this file will not do, however often it is tried."
_TRY_AGAIN = (
    "Take the document in again (reprocess); if it fails again, give it other content, or ask those "
    "who run this installation."
)
_REMEDIES = {
    "cancelled": "Take the document in again (reprocess) if it is wanted after all.",
    "quota_exceeded": "Delete what is not needed, or choose a larger plan; then reprocess.",
    "vector_index_changed": "Ask those who run this installation: its vector store is not the bot's.",
    "embedder_changed": "Ask those who run this installation: its embedder is not the bot's.",
    "duplicate_content": "There is nothing to do: the bot has this content in another document.",
    "content_missing": "Upload the file again.",
    **dict.fromkeys(
        (
            "empty_document", "no_text_layer", "password_protected", "corrupt_document",
            "unsupported_media_type", "parse_timeout", "parse_memory", "text_too_large",
            "fetch_too_large", "url_not_allowed", "ingestion_crashed",
        ),
        _OTHER_FILE,
    ),
}  # fmt: skip


def explain_job(facts: QueueFacts) -> Iterator[Reason]:
    """Say why a job is where it is; at least one reason."""
    job = facts.job
    if job is None:
        yield Reason(
            "job_missing",
            "The work on this got lost, which should not happen: the next sweep finds it and begins "
            "anew; reprocess begins at once.",
        )
    elif facts.rests and job.job.kind is not JobKind.ERASE_WORKSPACE:
        yield Reason("workspace_deleted", "The workspace is deleted, and its work rests.")
    elif job.is_running(facts.now):
        yield _running(job, facts)
    elif job.lease_until is not None:
        yield Reason(
            "worker_vanished", "Its worker vanished: the next one that is free takes it over."
        )
        yield from _waiting_for_worker(job, facts)
    elif job.job.run_at > facts.now:
        yield _waiting_for_time(job, facts)
        yield from _nobody_there(facts)
    else:
        yield from _waiting_for_worker(job, facts)
    if job is not None:
        yield from _history(job)


def _running(job: JobState, facts: QueueFacts) -> Reason:
    since = _span(facts.now - (job.claimed_at or facts.now))
    holder = facts.holder
    left = _span((job.lease_until or facts.now) - facts.now)
    if holder is None or not holder.is_alive(facts.now):
        return Reason(
            "worker_silent",
            f"A worker took this up {since} ago and was not heard of lately: if it stays silent, "
            f"another one takes over in {left}.",
        )
    seen = _span(facts.now - holder.seen_at)
    return Reason(
        "being_worked_on",
        f"A worker has been at it for {since}; it was heard of {seen} ago.",
    )


def _waiting_for_time(job: JobState, facts: QueueFacts) -> Reason:
    wait, last = _span(job.job.run_at - facts.now), job.last
    if last is None:
        return Reason("not_yet", f"It is to begin in {wait}.")
    if not last.blame:
        return Reason(
            "dependency_out",
            f"Something that this needs is out: {last.detail} It is tried again in {wait}, and for as "
            "long as it takes.",
        )
    return Reason(
        "waiting_to_retry",
        f"The last try failed: {last.detail} The next one is in {wait}, and is number "
        f"{job.errors + 1} of {ERRORS_MAX}.",
    )


def _waiting_for_worker(job: JobState, facts: QueueFacts) -> Iterator[Reason]:
    if facts.workers == 0:
        yield from _nobody_there(facts)
    elif job.job.kind.is_purge:
        yield Reason(
            "purge_turn",
            "What was deleted goes before all else, and each worker keeps room for it: it is erased "
            "within seconds, or once what was deleted before it is.",
        )
    else:
        yield from _waiting_for_room(facts)


def _waiting_for_room(facts: QueueFacts) -> Iterator[Reason]:
    if facts.working >= facts.room:
        here = f", of which {facts.working_here} of this workspace" if facts.working_here else ""
        yield Reason(
            "workers_busy",
            f"All workers are busy: {_count(facts.working, 'job')} in work{here}.",
        )
    if facts.ahead:
        verb = "comes" if facts.ahead == 1 else "come"
        yield Reason(
            "workspace_queue",
            f"{_count(facts.ahead, 'other job')} of this workspace {verb} before it.",
        )
    if facts.others_waiting:
        yield Reason(
            "workspace_turn",
            "Workspaces take turns, and others are waiting too: whoever has the least in work goes "
            "first.",
        )
    elif facts.working < facts.room and not facts.ahead:
        yield Reason("next", "It is next: a worker takes it up within seconds.")


def _nobody_there(facts: QueueFacts) -> Iterator[Reason]:
    if facts.workers == 0:
        yield Reason(
            "no_worker",
            "No worker is running: it waits until those who run this installation start one.",
        )


def _history(job: JobState) -> Iterator[Reason]:
    if job.losses:
        yield Reason(
            "workers_lost",
            f"{_count(job.losses, 'worker')} vanished over it so far; after {LOSSES_MAX} it is set "
            "aside.",
        )


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _span(span: timedelta) -> str:
    """Return a length of time in words, in the unit that suits it."""
    seconds = max(0, round(span.total_seconds()))
    for unit, size in (("hour", 3600), ("minute", 60)):
        if seconds >= 2 * size:
            return _count(round(seconds / size), unit)
    return _count(seconds, "second")
