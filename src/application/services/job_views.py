"""The public shape of diagnoses and jobs, as JSON values."""

from datetime import datetime

from application.services.views import View, timestamp
from domain.diagnosis import Diagnosis, JobState, QueueFacts, Reason


def diagnosis_view(diagnosis: Diagnosis) -> View:
    """Why a document is where it is."""
    document, facts = diagnosis.document, diagnosis.facts
    error = document.error or (facts.job.last if facts.job else None)
    return {
        "document_id": document.id,
        "status": document.status.value,
        "stage": document.progress.stage.value,
        "summary": diagnosis.summary,
        "reasons": [reason_view(reason) for reason in diagnosis.reasons],
        "queue": _queue(facts),
        "worker": _worker(facts),
        "attempts": _attempts(facts.job),
        "last_error": {"code": error.code, "detail": error.detail} if error else None,
    }


def reason_view(reason: Reason) -> View:
    """A reason."""
    return {"code": reason.code, "detail": reason.detail}


def _queue(facts: QueueFacts) -> View | None:
    job = facts.job
    if job is None or job.is_running(facts.now):
        return None
    is_due = job.job.run_at <= facts.now
    return {
        "position": facts.ahead + 1 if is_due else None,
        "waiting_since": timestamp(job.enqueued_at),
        "next_try_at": timestamp(job.job.run_at),
    }


def _worker(facts: QueueFacts) -> View | None:
    job = facts.job
    if job is None or job.lease_until is None:
        return None
    seen = facts.holder.seen_at if facts.holder else None
    return {
        "id": job.worker_id,
        "since": _timestamp_or_none(job.claimed_at),
        "seen_at": _timestamp_or_none(seen),
        "lease_until": timestamp(job.lease_until),
    }


def _attempts(job: JobState | None) -> View:
    return {
        "errors": job.errors if job else 0,
        "losses": job.losses if job else 0,
        "outages": job.outages if job else 0,
    }


def job_view(job: JobState, now: datetime) -> View:
    """A job, for those who run the installation."""
    return {
        "id": job.job.id,
        "workspace_id": job.job.tenant_id,
        "kind": job.job.kind.value,
        "subject_id": job.job.subject_id,
        "state": "running" if job.is_running(now) else "waiting",
        "waiting_since": timestamp(job.enqueued_at),
        "next_try_at": timestamp(job.job.run_at),
        "worker_id": job.worker_id,
        "claimed_at": _timestamp_or_none(job.claimed_at),
        "attempts": _attempts(job),
        "last_error": {"code": job.last.code, "detail": job.last.detail} if job.last else None,
    }


def _timestamp_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)
