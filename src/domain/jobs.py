"""Jobs: work that outlives a request, done under a lease and guarded by a fence."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class JobKind(StrEnum):
    """What is to be done with the subject."""

    FETCH = "fetch"
    INGEST = "ingest"
    CRAWL = "crawl"
    PURGE_DOCUMENT = "purge_document"
    PURGE_BOT = "purge_bot"
    ERASE_WORKSPACE = "erase_workspace"


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
class Lease:
    """A worker's claim on a job. Each claim raises `fence`, so an older holder's writes are refused.

    `errors` counts attempts that raised, `losses` claims whose holder vanished: they are told apart,
    since a crash of ours is not the document's fault.
    """

    job: Job
    fence: int
    errors: int = 0
    losses: int = 0


def retry_delay_seconds(errors: int, jitter: float) -> float:
    """Return how long to wait before the next try: 2, 4, 8 ... 300 s, plus up to 20 % (`jitter` 0-1)."""
    base = float(min(300, 2 ** max(1, errors)))
    return base * (1 + 0.2 * jitter)
