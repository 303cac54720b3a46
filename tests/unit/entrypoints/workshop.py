"""A worker over an installation in memory, and what its tests let happen to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from dependency_injector import providers

from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.vector_index import InMemoryVectorIndex
from adapters.memory.workers import InMemoryWorkerRegistry
from application.ports.embedder import EmbedderUnavailable, EmbedTask, Vector
from application.ports.vector_index import Namespace, VectorIndexUnavailable, VectorRecord
from domain.documents import Document
from domain.jobs import (
    Lease,
)
from entrypoints.container import Container
from entrypoints.settings import Settings
from entrypoints.worker.worker import Worker
from unit.installation import Installation

TEXT = "The library opens at nine in the morning."
HOUR = 3600.0


class SlowEmbedder(InMemoryEmbedder):
    """Waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        self.begun.set()
        await self.go_on.wait()
        return await super().embed(texts, task)


class BrokenEmbedder(InMemoryEmbedder):
    """Has a bug, as long as it is told so."""

    is_broken = True

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        if self.is_broken:
            raise RuntimeError("a bug")
        return await super().embed(texts, task)


async def never(lease: Lease) -> None:
    raise AssertionError(f"{lease} is no suspect")


class StubbornEmbedder(SlowEmbedder):
    """Does not let itself be cancelled."""

    cancelled = False

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        self.begun.set()
        while not self.go_on.is_set():
            try:
                await self.go_on.wait()
            except asyncio.CancelledError:
                self.cancelled = True
        return await super().embed(texts, task)


class CancellingEmbedder(InMemoryEmbedder):
    """Breaks off the first time, as if it had been cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        self.calls += 1
        if self.calls == 1:
            raise asyncio.CancelledError
        return await super().embed(texts, task)


class FailingOnPoison(InMemoryEmbedder):
    """Answers everybody, but for one text."""

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        if any("poison" in text for text in texts):
            raise EmbedderUnavailable("The provider answered 500.")
        return await super().embed(texts, task)


class FailingToWrite(InMemoryVectorIndex):
    """Can be read, and takes nothing."""

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        raise VectorIndexUnavailable


class BrokenVectors(InMemoryVectorIndex):
    """Cannot delete."""

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        raise RuntimeError("a bug")


def worker_of(
    installation: Installation, alone: Callable[[Lease], Awaitable[None]] = never
) -> Worker:
    settings = Settings(data_dir=Path("unused"), worker_concurrency=1)
    container = Container(settings=settings, conninfo="unused")
    parts = {
        "units": installation.units,
        "job_queue": installation.queue,
        "worker_registry": InMemoryWorkerRegistry(installation.state),
        "clock": installation.clock,
        "fetch_document": installation.fetch,
        "ingest_document": installation.ingest,
        "run_crawl": installation.crawl,
        "purge_document": installation.purge_document,
        "purge_bot": installation.purge_bot,
        "settle_answers": installation.settle,
    }
    for name, part in parts.items():
        getattr(container, name).override(providers.Object(part))
    return Worker(container, settings, alone)


async def lose(installation: Installation, times: int) -> None:
    """Let as many workers vanish over the next job."""
    for _ in range(times):
        await installation.claim()
        installation.clock.advance(HOUR)


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator["asyncio.Task[None]"]:
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


async def upload(installation: Installation, filename: str = "a.txt", text: str = TEXT) -> Document:
    return (await installation.upload(await installation.add_bot(), text, filename)).document


async def overtaken(installation: Installation, embedder: SlowEmbedder) -> tuple[Document, Lease]:
    """Let a worker lose its job, in the middle of it, to somebody else; return the job and his lease.

    The worker goes on, and ends when nothing is left to do.
    """
    installation.embedder = embedder
    document = await upload(installation)
    working = asyncio.create_task(worker_of(installation).run_until_idle())
    await embedder.begun.wait()
    installation.clock.advance(HOUR)
    other = await installation.claim()
    async with asyncio.timeout(5):
        await working
    return document, other


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what has no event; the test's deadline bounds it."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0.001)
