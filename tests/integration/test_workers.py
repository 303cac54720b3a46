"""Workers on a real database: several at once, and a process of its own for who is suspected."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from adapters.postgres.preflight import queue
from application.use_cases.documents import NewContent
from domain.accounts import Actor
from domain.documents import Document, DocumentStatus
from domain.jobs import SUSPECT_LOSSES, Job, JobKind, Lease
from entrypoints.cli.local import OnBehalfOf, find_actor
from entrypoints.container import Container
from entrypoints.runtime import running
from entrypoints.settings import Settings
from entrypoints.worker import own_process
from entrypoints.worker.attempt import Crashed, NotBegun
from entrypoints.worker.own_process import OwnProcess
from entrypoints.worker.worker import Worker

TEXT = "The library opens at nine in the morning."
DEADLINE_SECONDS = 60.0


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data", worker_concurrency=2)


@pytest.fixture
async def container(postgres_url: str, settings: Settings) -> AsyncIterator[Container]:
    async with running(settings, postgres_url) as container:
        await container.create_user()("owner@example.org", "a long pass phrase", "Ada")
        yield container


async def _owner(container: Container) -> Actor:
    actor = await find_actor(container, OnBehalfOf())
    assert actor is not None
    return actor


async def _upload(container: Container, actor: Actor, count: int) -> list[str]:
    bot, _ = await container.create_bot()(actor, "Librarian", configuration={})
    documents = []
    for number in range(count):
        content = NewContent(f"{number}.txt", "text/plain", _stream(f"{TEXT} {number}"))
        documents.append((await container.add_document()(actor, bot.id, content)).document.id)
    return documents


async def _stream(content: str) -> AsyncIterator[bytes]:
    yield content.encode()


async def _settled(container: Container, actor: Actor, document_id: str) -> Document:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            found: Document = await container.document_queries().get(actor.tenant_id, document_id)
            if found.status.is_settled:
                return found
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _working(worker: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def _a_lease() -> Lease:
    job = Job("job_1", "ws_1", JobKind.INGEST, "doc_1", run_at=datetime.now(UTC))
    return Lease(job, fence=1)


async def test_two_workers_share_what_there_is_and_are_listed_as_long_as_they_work(
    container: Container, settings: Settings, postgres_url: str
) -> None:
    actor = await _owner(container)
    documents = await _upload(container, actor, 12)
    async with running(settings, postgres_url) as other:
        async with (
            _working(Worker(container, settings)),
            _working(Worker(other, settings)),
        ):
            for document_id in documents:
                found = await _settled(container, actor, document_id)
                assert found.status is DocumentStatus.READY
            facts = await container.job_queries().facts(actor.tenant_id, documents[0])
            assert (facts.workers, facts.room, facts.job) == (2, 4, None)
        facts = await container.job_queries().facts(actor.tenant_id, documents[0])
        assert facts.workers == 0


async def test_a_suspect_is_taken_in_by_a_process_of_its_own(
    container: Container, settings: Settings
) -> None:
    actor = await _owner(container)
    (document_id,) = await _upload(container, actor, 1)
    async with container.system_pool().begin(None) as connection:
        await connection.execute(text(f"UPDATE jobs SET losses = {SUSPECT_LOSSES}"))
    async with _working(Worker(container, settings)):
        found = await _settled(container, actor, document_id)
    assert found.status is DocumentStatus.READY


async def test_what_ends_its_own_process_is_set_aside_and_the_worker_lives(
    container: Container, settings: Settings, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.worker.attempt.retry_delay_seconds", lambda *_: 0.0)
    actor = await _owner(container)
    poison, good = await _upload(container, actor, 2)
    async with container.system_pool().begin(None) as connection:
        await connection.execute(
            text("UPDATE jobs SET losses = :losses WHERE subject_id = :id"),
            {"losses": SUSPECT_LOSSES, "id": poison},
        )
    deadly = OwnProcess(settings, postgres_url, ("-c", "import os; os.kill(os.getpid(), 9)"))
    async with _working(Worker(container, settings, deadly)):
        failed = await _settled(container, actor, poison)
        assert (await _settled(container, actor, good)).status is DocumentStatus.READY
    assert failed.error is not None
    assert failed.error.code == "ingestion_crashed"


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("import os; os.kill(os.getpid(), 11)", Crashed),
        ("raise SystemExit(1)", Crashed),
        ("raise SystemExit(75)", NotBegun),
    ],
)
async def test_how_a_process_ended_tells_whose_fault_it_was(
    settings: Settings, program: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await OwnProcess(settings, "unused", ("-c", program))(_a_lease())


async def test_a_process_that_finds_no_database_has_not_begun(settings: Settings) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:9/nothing"
    with pytest.raises(NotBegun):
        await OwnProcess(settings, nowhere)(_a_lease())


async def test_a_process_that_cannot_read_its_job_has_not_begun(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_process, "_written", lambda *_: b"of another release")
    with pytest.raises(NotBegun):
        await OwnProcess(settings, "unused")(_a_lease())


async def test_a_process_of_its_own_ends_with_what_waits_for_it(
    settings: Settings, tmp_path: Path
) -> None:
    note = tmp_path / "pid"
    program = (
        "import os, pathlib, sys, time;"
        f"p = pathlib.Path({str(note)!r}); q = p.with_suffix('.new');"
        "q.write_text(str(os.getpid())); q.rename(p); time.sleep(60)"
    )
    task = asyncio.ensure_future(OwnProcess(settings, "unused", ("-c", program))(_a_lease()))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not note.exists():  # noqa: ASYNC110  # another process makes it
            await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()), 0)


async def test_the_doctor_sees_that_work_waits_and_nobody_is_there(
    container: Container, settings: Settings, postgres_url: str
) -> None:
    await _upload(container, await _owner(container), 1)
    assert queue(postgres_url) == (0, 0)  # not for long yet
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute("UPDATE jobs SET run_at = now() - interval '1 minute'")
    assert queue(postgres_url) == (1, 0)
    async with _working(Worker(container, settings)), asyncio.timeout(10):
        while queue(postgres_url)[1] == 0:  # noqa: ASYNC110  # of another connection
            await asyncio.sleep(0.05)
