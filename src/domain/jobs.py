"""Jobs: work that outlives a request, done under a lease and guarded by a fence."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

ERRORS_MAX = 5
LOSSES_MAX = 20  # a vanished worker is rarely the job's fault: be patient
SUSPECT_LOSSES = (
    3  # from here on a job has a process to itself, and its death tells whose fault it is
)
OUTAGE_SECONDS_MAX = 15.0  # so that all is done within a minute of the end of an outage


class JobKind(StrEnum):
    """What is to be done with the subject."""

    FETCH = "fetch"
    INGEST = "ingest"
    CRAWL = "crawl"
    PURGE_DOCUMENT = "purge_document"
    PURGE_BOT = "purge_bot"
    ERASE_WORKSPACE = "erase_workspace"
    SWEEP = "sweep"

    @property
    def is_purge(self) -> bool:
        """Tell whether it erases what a person deleted, for which there is a promised time."""
        return self in PURGES


# What goes first; to erase a document takes little, and never waits until a bot is erased.
PURGES = (JobKind.PURGE_DOCUMENT, JobKind.PURGE_BOT)
ALL_KINDS = frozenset(JobKind)
# What a worker does side by side. The purges of bots may take long, and have room of their own.
IN_TURN = ALL_KINDS - {JobKind.PURGE_BOT}


@dataclass(frozen=True, slots=True)
class Job:
    """Work on one subject (a document, bot, crawl or workspace). Smaller `priority` first."""

    id: str
    tenant_id: str
    kind: JobKind
    subject_id: str
    run_at: datetime
    priority: int = 100
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Setback:
    """Why a job was given back: a stable code and a sentence without secrets.

    With `blame` it counts as an error of the job; without, something that it needs was out.
    """

    code: str
    detail: str
    blame: bool = True


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker's claim on a job. Each claim raises `fence`, so an older holder's writes are refused.

    `errors` counts attempts that raised, `losses` claims whose holder vanished, `outages` attempts that
    met something that was out. They are told apart, since neither a crash of ours nor an outage is the
    document's fault.
    """

    job: Job
    fence: int
    errors: int = 0
    losses: int = 0
    outages: int = 0

    @property
    def is_suspect(self) -> bool:
        """Tell whether so many workers vanished over this job that it had better have none beside it."""
        return self.losses >= SUSPECT_LOSSES


@dataclass(frozen=True, slots=True)
class WorkerProcess:
    """A process that does jobs, up to `concurrency` at a time."""

    id: str
    host: str
    pid: int
    concurrency: int


def retry_delay_seconds(errors: int, jitter: float) -> float:
    """Return how long to wait before the next try: 2, 4, 8 ... 300 s, plus up to 20 % (`jitter` 0-1)."""
    base = float(min(300, 2 ** max(1, errors)))
    return base * (1 + 0.2 * jitter)


def outage_delay_seconds(outages: int, jitter: float) -> float:
    """Return how long to wait for what is out: up to 2, 4, 8, then 15 s, by chance (`jitter` 0-1) half
    of that or all, so that those who wait do not come back as one."""
    return min(OUTAGE_SECONDS_MAX, float(2 ** min(10, 1 + outages))) * (0.5 + 0.5 * jitter)
