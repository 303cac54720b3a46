"""Diagnoses: every state of a document has a true reason that a person understands."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.diagnosis import (
    ALIVE_SECONDS,
    JobState,
    QueueFacts,
    Reason,
    WorkerState,
    diagnose,
    explain_job,
)
from domain.documents import Document, DocumentStatus, Failure, Source
from domain.jobs import ERRORS_MAX, LOSSES_MAX, Job, JobKind, Setback

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ERROR = Setback("internal_error", "Something went wrong on our side (KeyError).")
OUTAGE = Setback("embedder_unavailable", "The embedder does not answer.", blame=False)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def a_document(**changes: object) -> Document:
    document = Document(
        "doc_1", "ws_1", "bot_1", "Rules", Source("rules.md", "", 1, "a", "b"), NOW, NOW
    )
    return replace(document, **changes)  # type: ignore[arg-type]  # tests name the fields


def a_job(due_in: float = 0, **changes: object) -> JobState:
    job = Job("job_1", "ws_1", JobKind.INGEST, "doc_1", NOW + seconds(due_in))
    return replace(JobState(job, NOW), **changes)  # type: ignore[arg-type]  # as above


def a_worker(seen_ago: float = 1) -> WorkerState:
    return WorkerState("wrk_1", "host", 1, 2, NOW - seconds(99), NOW - seconds(seen_ago))


def the_facts(job: JobState | None = None, **changes: object) -> QueueFacts:
    facts = QueueFacts(NOW, job, workers=1, room=2)
    return replace(facts, **changes)  # type: ignore[arg-type]  # as above


def codes(reasons: Sequence[Reason]) -> list[str]:
    return [reason.code for reason in reasons]


def why(facts: QueueFacts) -> list[Reason]:
    reasons = list(explain_job(facts))
    assert all(reason.detail.endswith(".") for reason in reasons)
    return reasons


def test_a_ready_document_says_so() -> None:
    ready = a_document(status=DocumentStatus.READY, chunk_count=1, revision=1)
    found = diagnose(ready, the_facts())
    assert codes(found.reasons) == ["ready"]
    assert "1 passage." in found.summary


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("cancelled", "reprocess"),
        ("quota_exceeded", "plan"),
        ("corrupt_document", "other content"),
        ("ingestion_crashed", "other content"),
        ("ingestion_failed", "reprocess"),
        ("never_heard_of", "reprocess"),
    ],
)
def test_a_failed_document_says_why_and_what_to_do(code: str, remedy: str) -> None:
    failure = Failure(code, "It went wrong.")
    found = diagnose(a_document(status=DocumentStatus.FAILED, error=failure), the_facts())
    assert found.reasons[0] == Reason(code, "It went wrong.")
    assert codes(found.reasons)[1:] == ["what_to_do"]
    assert remedy in found.reasons[1].detail


@pytest.mark.parametrize("status", [DocumentStatus.FAILED, DocumentStatus.PENDING])
def test_that_content_from_before_answers_on_is_said(status: DocumentStatus) -> None:
    document = a_document(status=status, revision=1, target=2)
    found = diagnose(document, the_facts(a_job()))
    assert "previous_content_answers" in codes(found.reasons)[1:]


def test_a_job_that_is_due_is_next_where_a_worker_is_free() -> None:
    assert codes(why(the_facts(a_job()))) == ["next"]


def test_without_a_worker_it_waits_for_one() -> None:
    facts = the_facts(a_job(), workers=0, room=0)
    assert codes(why(facts)) == ["no_worker"]


def test_busy_workers_are_counted_and_how_much_of_it_is_ones_own() -> None:
    reasons = why(the_facts(a_job(), working=2))
    assert codes(reasons) == ["workers_busy"]
    assert "2 jobs in work." in reasons[0].detail
    (reason,) = why(the_facts(a_job(), working=2, working_here=1))
    assert "of which 1 of this workspace" in reason.detail


def test_jobs_of_the_same_workspace_that_come_first_are_counted() -> None:
    facts = the_facts(a_job(), working=2, ahead=1)
    reasons = why(facts)
    assert codes(reasons) == ["workers_busy", "workspace_queue"]
    assert reasons[1].detail.startswith("1 other job of this workspace comes")
    assert why(replace(facts, ahead=7))[1].detail.startswith("7 other jobs of this workspace come")


def test_other_workspaces_take_their_turns_and_are_not_counted() -> None:
    reasons = why(the_facts(a_job(), working=2, working_here=2, others_waiting=True))
    assert codes(reasons) == ["workers_busy", "workspace_turn"]


@pytest.mark.parametrize("kind", [JobKind.PURGE_DOCUMENT, JobKind.PURGE_BOT])
def test_a_purge_waits_for_no_other_job(kind: JobKind) -> None:
    job = a_job()
    purge = replace(job, job=replace(job.job, kind=kind))
    facts = the_facts(purge, working=2, ahead=3, others_waiting=True)
    assert codes(why(facts)) == ["purge_turn"]
    assert codes(why(replace(facts, workers=0))) == ["no_worker"]


def test_the_work_of_a_deleted_workspace_rests() -> None:
    assert codes(why(the_facts(a_job(), rests=True)))[0] == "workspace_deleted"


def test_what_erases_a_deleted_workspace_does_not_rest() -> None:
    job = a_job(due_in=99)
    erases = replace(job, job=replace(job.job, kind=JobKind.ERASE_WORKSPACE))
    assert codes(why(the_facts(erases, rests=True))) == ["not_yet"]


def test_after_an_error_it_waits_for_the_next_try_and_says_which_that_is() -> None:
    reasons = why(the_facts(a_job(due_in=8, errors=2, last=ERROR)))
    assert codes(reasons) == ["waiting_to_retry"]
    assert ERROR.detail in reasons[0].detail
    assert "in 8 seconds" in reasons[0].detail
    assert f"number 3 of {ERRORS_MAX}" in reasons[0].detail


def test_an_outage_is_named_and_waited_for_without_end() -> None:
    reasons = why(the_facts(a_job(due_in=4, errors=1, outages=7, last=OUTAGE)))
    assert codes(reasons) == ["dependency_out"]
    assert OUTAGE.detail in reasons[0].detail
    assert "as long as it takes" in reasons[0].detail


def test_who_waits_for_the_next_try_is_told_that_nobody_will_make_it() -> None:
    facts = the_facts(a_job(due_in=4, errors=1, last=ERROR), workers=0)
    assert codes(why(facts)) == ["waiting_to_retry", "no_worker"]


def test_a_job_whose_time_has_not_come_says_when_it_comes() -> None:
    (reason,) = why(the_facts(a_job(due_in=7200)))
    assert (reason.code, reason.detail) == ("not_yet", "It is to begin in 2 hours.")


def test_of_a_job_in_work_it_is_said_since_when_and_when_its_worker_was_heard_of() -> None:
    job = a_job(claimed_at=NOW - seconds(180), lease_until=NOW + seconds(20), worker_id="wrk_1")
    (reason,) = why(the_facts(job, holder=a_worker(3)))
    assert reason.code == "being_worked_on"
    assert "for 3 minutes" in reason.detail
    assert "3 seconds ago" in reason.detail


@pytest.mark.parametrize("holder", [None, a_worker(ALIVE_SECONDS + 1)])
def test_a_silent_worker_says_when_another_takes_over(holder: WorkerState | None) -> None:
    job = a_job(claimed_at=NOW - seconds(40), lease_until=NOW + seconds(20), worker_id="wrk_1")
    (reason,) = why(the_facts(job, holder=holder))
    assert reason.code == "worker_silent"
    assert "in 20 seconds" in reason.detail


def test_once_the_lease_has_ended_the_worker_counts_as_vanished() -> None:
    job = a_job(claimed_at=NOW - seconds(90), lease_until=NOW - seconds(1), losses=1)
    facts = the_facts(job, holder=a_worker(90))
    assert codes(why(facts)) == ["worker_vanished", "next", "workers_lost"]
    assert codes(why(replace(facts, workers=0)))[:2] == ["worker_vanished", "no_worker"]
    assert f"1 worker vanished over it so far; after {LOSSES_MAX}" in why(facts)[2].detail


def test_a_lost_job_is_said_to_be_lost() -> None:
    found = diagnose(a_document(), the_facts())
    assert codes(found.reasons) == ["job_missing"]
    assert "sweep" in found.summary


def test_a_document_in_work_is_explained_by_its_job() -> None:
    job = a_job(claimed_at=NOW, lease_until=NOW + seconds(20), worker_id="wrk_1")
    document = a_document(status=DocumentStatus.PROCESSING)
    assert diagnose(document, the_facts(job, holder=a_worker())).reasons[0].code == (
        "being_worked_on"
    )
