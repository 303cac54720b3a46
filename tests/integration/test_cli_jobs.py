"""`chatsphere jobs`: what waits and why, trying again, calling off."""

from pathlib import Path

import psycopg
import pytest

from integration.test_cli import Cli

FACT = "The harbour ferry leaves every forty minutes."


@pytest.fixture
def cli(tmp_path: Path, postgres_url: str) -> Cli:
    """The program on a migrated database of its own."""
    return Cli(tmp_path, {"DATABASE_URL": postgres_url})


def _ingested(cli: Cli) -> str:
    """Return the id of a document that is ready."""
    cli.json("create-user", "owner@example.org", "--generate")
    (cli.folder / "fact.txt").write_text(FACT)
    done = cli.json("ingest", cli.folder / "fact.txt", "--bot", "Librarian", "--create")
    document: str = done["files"][0]["document_id"]
    return document


def _put_off(url: str, document: str) -> None:
    """Let the document wait for a job that is due in an hour, after two errors."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("UPDATE documents SET status = 'pending' WHERE id = %s", [document])
        connection.execute(
            "INSERT INTO jobs (id, tenant_id, kind, subject_id, revision, priority, run_at, errors,"
            " last_code, last_error, last_blame) SELECT 'job_late', tenant_id, 'ingest', id, target,"
            " 50, now() + interval '1 hour', 2, 'internal_error', 'It went wrong.', true"
            " FROM documents WHERE id = %s",
            [document],
        )


def test_jobs_are_listed_explained_hastened_and_called_off(cli: Cli, postgres_url: str) -> None:
    assert cli.json("jobs", "list") == {"data": []}
    document = _ingested(cli)
    assert cli.json("jobs", "explain", document)["reasons"][0]["code"] == "ready"
    _put_off(postgres_url, document)
    (listed,) = cli.json("jobs", "list", "--waiting")["data"]
    assert (listed["id"], listed["subject_id"]) == ("job_late", document)
    assert listed["attempts"] == {"errors": 2, "losses": 0, "outages": 0}
    shown = cli.run("jobs", "list").stdout
    assert "job_late" in shown
    assert "errors 2" in shown
    told = cli.json("jobs", "explain", "job_late")
    codes = [reason["code"] for reason in told["reasons"]]
    assert codes == ["waiting_to_retry", "no_worker", "previous_content_answers"]
    assert told["document_id"] == document
    assert "It went wrong." in cli.run("jobs", "explain", document).stdout
    assert cli.json("jobs", "retry", "job_late")["retried"]
    told = cli.json("jobs", "explain", document)
    assert told["reasons"][0]["code"] == "no_worker"
    assert "`chatsphere worker`" in cli.run("jobs", "explain", document).stderr
    assert cli.json("jobs", "cancel", document)["error"]["code"] == "cancelled"
    (failed,) = cli.json("jobs", "list", "--failed")["data"]
    assert failed["id"] == document
    assert cli.json("jobs", "retry", document)["subject_id"] == document
    (listed,) = cli.json("jobs", "list")["data"]
    assert (listed["kind"], listed["subject_id"]) == ("ingest", document)


def test_what_there_is_not_is_told(cli: Cli) -> None:
    refused = cli.run("jobs", "explain", "doc_nothing")
    assert refused.returncode == 1
    assert "no document or job 'doc_nothing'" in refused.stderr
    assert cli.run("jobs", "list", "--failed", "--running").returncode == 2


def test_the_very_job_is_explained_that_was_asked_for(cli: Cli, postgres_url: str) -> None:
    document = _ingested(cli)
    _put_off(postgres_url, document)
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for kind in ("crawl", "purge_document"):
            connection.execute(
                "INSERT INTO jobs (id, tenant_id, kind, subject_id, revision, priority, run_at)"
                " SELECT 'job_' || %s, tenant_id, %s, subject_id, 1, 50, now() FROM jobs"
                " WHERE id = 'job_late'",
                [kind, kind],
            )
    told = cli.json("jobs", "explain", "job_late")
    assert told["reasons"][0]["code"] == "waiting_to_retry"
    told = cli.json("jobs", "explain", "job_crawl")
    assert (told["id"], told["reasons"][0]["code"]) == ("job_crawl", "no_worker")
