"""`chatsphere ingest`: files and folders into a bot, with progress and a summary."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rich.table import Table

from domain.accounts import Actor
from domain.bots import Bot
from domain.documents import Document, DocumentStatus, Failure
from domain.errors import ChatSphereError, InvalidInput, NotFound
from entrypoints.cli.board import Board, board_for
from entrypoints.cli.errors import FAILED
from entrypoints.cli.files import content_of, files_under
from entrypoints.cli.local import OnBehalfOf, acting, find_bot, prepare_local_model, run_local
from entrypoints.cli.output import console, hint, plain, print_json
from entrypoints.container import Container
from entrypoints.serve import worker_of
from entrypoints.settings import Settings

_AT_A_TIME = 8  # files under way: each follower may hold a connection for a moment
_STALLED_SECONDS = 300.0
_STALLED = Failure(
    "not_finished",
    "Nothing moved for 5 minutes; the document stays queued, and a running server goes on with it.",
)


class Result(StrEnum):
    """What became of a file."""

    READY = "ready"
    THERE = "already there"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A file, what became of it, and why where it failed."""

    path: Path
    result: Result
    document: Document | None = None
    failure: Failure | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the outcome as JSON values."""
        failure = self.failure
        return {
            "path": str(self.path),
            "result": self.result.value.replace(" ", "_"),
            "document_id": self.document.id if self.document else None,
            "chunk_count": self.document.chunk_count if self.document else None,
            "error": {"code": failure.code, "detail": failure.detail} if failure else None,
        }


def command(
    settings: Settings,
    who: OnBehalfOf,
    paths: Sequence[Path],
    bot: str,
    *,
    create: bool,
    as_json: bool,
) -> int:
    """Take files in; return the exit code, 1 if any failed."""
    files = files_under(paths)
    if not files:
        raise InvalidInput("There is no file to take in.", code="no_files")
    prepare_local_model(settings)

    async def work(container: Container) -> tuple[Bot, list[Outcome]]:
        actor = await acting(container, who)
        target = await bot_for(container, actor, bot, create=create)
        with board_for(len(files), as_json=as_json) as board:
            return target, await Ingestion(container, settings, actor, target, board)(files)

    try:
        target, outcomes = run_local(settings, work)
    except KeyboardInterrupt:
        hint("Stopped. What was accepted stays queued: the same command goes on from there.")
        raise
    if as_json:
        print_json(_report(target, outcomes))
    else:
        print_summary(target, outcomes)
    return FAILED if any(outcome.result is Result.FAILED for outcome in outcomes) else 0


async def bot_for(container: Container, actor: Actor, name: str, *, create: bool) -> Bot:
    """Return the bot, made with `create` where there is none of this name. Raises NotFound."""
    bot = await find_bot(container, actor, name)
    if bot is None and create:
        bot, _ = await container.create_bot()(actor, name)
    if bot is None:
        raise NotFound(f"There is no bot {name[:80]!r} in this workspace: --create makes it.")
    return bot


class Ingestion:
    """Adds files to a bot and sees each through; this process works too, beside any server's worker."""

    def __init__(
        self, container: Container, settings: Settings, actor: Actor, bot: Bot, board: Board
    ) -> None:
        self._container = container
        self._settings = settings
        self._actor = actor
        self._bot = bot
        self._board = board
        self._room = asyncio.Semaphore(_AT_A_TIME)

    async def __call__(self, files: Sequence[Path]) -> list[Outcome]:
        """Return an outcome a file, in order.

        Cancelling leaves what was accepted in the queue, and everything else out.
        """
        async with self._working(), asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._see_through(path)) for path in files]
        return [task.result() for task in tasks]

    @asynccontextmanager
    async def _working(self) -> AsyncIterator[None]:
        worker = asyncio.create_task(worker_of(self._container, self._settings).run())
        try:
            yield
        finally:
            worker.cancel()
            with suppress(asyncio.CancelledError):
                await worker

    async def _see_through(self, path: Path) -> Outcome:
        async with self._room:
            try:
                outcome = await self._take_in(path)
            except OSError as error:
                reason = Failure("unreadable_file", f"The file cannot be read: {error.strerror}.")
                outcome = Outcome(path, Result.FAILED, failure=reason)
            except ChatSphereError as error:
                failure = Failure(error.code, error.detail)
                outcome = Outcome(path, Result.FAILED, failure=failure)
            self._board.end(path, outcome.result.value)
            return outcome

    async def _take_in(self, path: Path) -> Outcome:
        added = await self._container.add_document()(self._actor, self._bot.id, content_of(path))
        document = added.document
        if added.existed and document.status is DocumentStatus.READY:
            return Outcome(path, Result.THERE, document)
        if document.status is DocumentStatus.FAILED:  # to ask again is to try again
            document = await self._container.reprocess_document()(self._actor, document.id)
        document, stalled = await self._watch(path, document)
        if document.status is DocumentStatus.READY:
            return Outcome(path, Result.READY, document)
        return Outcome(path, Result.FAILED, document, _STALLED if stalled else document.error)

    async def _watch(self, path: Path, document: Document) -> tuple[Document, bool]:
        """Return the document once it is ready or failed, or with True once nothing moves any more."""
        moved, tenant_id = time.monotonic(), self._actor.tenant_id
        follow = self._container.event_log().follow(tenant_id, document.id, 0, frozenset())
        async with aclosing(follow) as batches:  # it is a generator
            async for batch in batches:
                # The row tells where it stands; the stream may hold ends of earlier attempts.
                document = await self._container.document_queries().get(tenant_id, document.id)
                self._board.stage(path, document.progress)
                if document.status in (DocumentStatus.READY, DocumentStatus.FAILED):
                    break
                if batch:
                    moved = time.monotonic()
                elif time.monotonic() - moved > _STALLED_SECONDS:
                    return document, True
        return document, False


def _counts(outcomes: Sequence[Outcome]) -> dict[Result, int]:
    counted = Counter(outcome.result for outcome in outcomes)
    return {result: counted[result] for result in Result}


def _report(bot: Bot, outcomes: Sequence[Outcome]) -> dict[str, object]:
    return {
        "bot": {"id": bot.id, "name": bot.name},
        "files": [outcome.as_dict() for outcome in outcomes],
        "summary": {r.value.replace(" ", "_"): n for r, n in _counts(outcomes).items()},
    }


def print_summary(bot: Bot, outcomes: Sequence[Outcome]) -> None:
    """Print what became of the files, the failed ones with their reasons."""
    screen = console()
    for outcome in outcomes:
        if outcome.result is Result.FAILED and outcome.failure is not None:
            failure = outcome.failure
            screen.print(f"failed: {plain(str(outcome.path))} ({failure.code})", soft_wrap=True)
            screen.print(f"        {plain(failure.detail)}", soft_wrap=True)
    table = Table("Bot", *(result.value.capitalize() for result in Result))
    table.add_row(f"{plain(bot.name)}\n{bot.id}", *map(str, _counts(outcomes).values()))
    screen.print(table)
