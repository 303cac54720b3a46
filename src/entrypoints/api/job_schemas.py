"""The shapes of what is told of jobs."""

from typing import Annotated, Literal

from pydantic import Field

from entrypoints.api.schemas import Failure, Output


class Reason(Output):
    """Why a document is where it is: a stable code, and a sentence."""

    code: Annotated[str, Field(examples=["workers_busy"])]
    detail: str


class QueuePlace(Output):
    """Where the job waits."""

    position: Annotated[
        int | None,
        Field(description="Place among the workspace's own jobs; null until its time has come."),
    ]
    waiting_since: str
    next_try_at: str


class JobWorker(Output):
    """The worker that has the job, or had it when it vanished: then `lease_until` is past."""

    id: str | None
    since: str | None
    seen_at: Annotated[str | None, Field(description="When it gave its last sign of life.")]
    lease_until: Annotated[
        str, Field(description="If it stays silent, another worker may take over from then on.")
    ]


class Attempts(Output):
    """What befell the job so far, by whose fault."""

    errors: Annotated[int, Field(description="Attempts that failed: counted against the document.")]
    losses: Annotated[int, Field(description="Attempts whose worker vanished.")]
    outages: Annotated[int, Field(description="Attempts that met something that was out.")]


class Diagnosis(Output):
    """Why a document is where it is; the first reason is the summary."""

    document_id: str
    status: Literal["pending", "processing", "ready", "failed"]
    stage: str
    summary: str
    reasons: list[Reason]
    queue: QueuePlace | None
    worker: JobWorker | None
    attempts: Attempts
    last_error: Failure | None
