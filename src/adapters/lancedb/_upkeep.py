"""What has to be done after writing: small files joined, deleted rows removed from the disk, an index."""

import asyncio
import re
import time
import warnings
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adapters.lancedb._errors import Gone
from adapters.lancedb._rows import VECTOR, one_of
from adapters.lancedb._tables import Tables, said
from application.ports.vector_index import VectorIndexUnavailable
from domain.errors import StorageFull

if TYPE_CHECKING:
    from lancedb.table import AsyncTable

EXACT = 10_000  # rows that are compared one by one, in some 15 ms
_WRITES = 32  # after which files are joined
_REST = 4  # times as long as the work took, so that a large table is not rewritten all the time
_LONGEST_REST = 20.0  # seconds
_LONGEST_CLOSE = 20.0
_TRIES = 5
_FIRST_PAUSE = 0.5
_GROWN = 4  # times as many rows as the index was made for
_INDEX = re.compile(r"rows_(\d+)\Z")
_PENDING = ".deleted"


class Upkeep:
    """Sees to tables in the background, one run at a time for each.

    A row that is deleted stays in Lance's files, hidden, until they are rewritten and the older versions
    removed: that is begun at once. Where files are local, a mark is kept meanwhile, so that a process
    that dies before leaves the work to the next.
    """

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._marks = tables.folder / _PENDING if tables.folder else None
        self._writes: dict[str, int] = {}
        self._due: set[str] = set()
        self._deleted: set[str] = set()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._closing = asyncio.Event()

    async def resume(self) -> None:
        """Begin what an earlier process has left."""
        if self._marks is not None:
            for name in await said(asyncio.to_thread(_marked, self._marks)):
                self._begin(name, deleted=True)

    async def before_deleting(self, name: str) -> None:
        """Note that rows of this table are to leave the disk."""
        if self._marks is not None:
            await asyncio.to_thread(_mark, self._marks / name)

    def deleted(self, name: str) -> None:
        """Have rows that were deleted removed from the disk."""
        self._begin(name, deleted=True)

    def written(self, name: str) -> None:
        """Note a write."""
        self._writes[name] = self._writes.get(name, 0) + 1
        if self._writes[name] >= _WRITES:
            self._begin(name, deleted=False)

    async def dropped(self, name: str) -> None:
        """Forget a table that is gone."""
        self._writes.pop(name, None)
        await self._unmark(name)

    async def aclose(self) -> None:
        """Do what is due, without rests; what takes too long is left to the next process."""
        self._closing.set()
        running = list(self._running.values())
        if running:
            _, late = await asyncio.wait(running, timeout=_LONGEST_CLOSE)
            for task in late:
                task.cancel()

    def _begin(self, name: str, *, deleted: bool) -> None:
        self._writes.pop(name, None)
        self._due.add(name)
        if deleted:
            self._deleted.add(name)
        if name not in self._running:
            self._running[name] = asyncio.create_task(self._see_to(name))

    async def _see_to(self, name: str) -> None:
        try:
            while name in self._due:
                self._due.discard(name)
                deleted = name in self._deleted
                self._deleted.discard(name)
                started = time.monotonic()
                await self._persist(name, deleted=deleted)
                await self._rest(_REST * (time.monotonic() - started))
        finally:
            self._running.pop(name, None)

    async def _persist(self, name: str, *, deleted: bool) -> None:
        """Tidy a table, again where that fails; what does not succeed is left to the next writing."""
        for number in range(_TRIES):
            with suppress(VectorIndexUnavailable, StorageFull):
                await self._tables.write(name, lambda: self._tidy(name, deleted=deleted))
                return
            if self._closing.is_set():
                return
            await self._rest(_FIRST_PAUSE * 2**number)

    async def _tidy(self, name: str, *, deleted: bool) -> None:
        with suppress(Gone):
            await self._tables.ask(name, lambda table: self._tidied(table, deleted=deleted))
        if deleted:
            await self._unmark(name)

    async def _tidied(self, table: "AsyncTable", *, deleted: bool) -> None:
        made_for = await _made_for(table)
        rows = await table.count_rows()
        if deleted:
            # The index holds what its rows held; and Lance joins only files with the same indexes.
            if made_for is not None:
                await table.drop_index(f"rows_{made_for}")
                made_for = None
            await _touch(table)
        await _optimize(table, alone=self._marks is not None)
        if rows > EXACT and (made_for is None or rows > _GROWN * made_for):
            await _index(table, rows)
            if made_for is not None:
                await table.drop_index(f"rows_{made_for}")

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(min(seconds, _LONGEST_REST)):
                await self._closing.wait()

    async def _unmark(self, name: str) -> None:
        if self._marks is not None:
            path = self._marks / name
            await asyncio.to_thread(lambda: path.unlink(missing_ok=True))


async def _touch(table: "AsyncTable") -> None:
    """Write one row anew, as it is: two files are joined, and without what was deleted; one alone is
    left as it is unless a tenth of it was deleted."""
    found = await table.query().select(["chunk_id"]).limit(1).to_list()
    if found:
        its = one_of("chunk_id", [found[0]["chunk_id"]])
        await table.update(updates_sql={"revision": "revision"}, where=its)


async def _optimize(table: "AsyncTable", *, alone: bool) -> None:
    """Join files and remove all versions but the last.

    A reader that was at an older one asks again (Tables). Files of a write that came to nothing are
    removed too where it is sure that nobody else is writing.
    """
    warnings.filterwarnings("ignore", r"optimize\(cleanup_older_than=0\)", UserWarning)
    await table.optimize(cleanup_older_than=timedelta(0), delete_unverified=alone)


async def _index(table: "AsyncTable", rows: int) -> None:
    """Make an index: some thousand vectors a part, a byte a number; the best are compared exactly."""
    from lancedb.index import IvfSq

    config: Any = IvfSq(distance_type="cosine")  # the declared union leaves it out
    await table.create_index(VECTOR, config=config, name=f"rows_{rows}")


async def _made_for(table: "AsyncTable") -> int | None:
    """Return for how many rows the index was made; None where there is none."""
    names = [_INDEX.match(index.name) for index in await table.list_indices()]
    return max((int(name[1]) for name in names if name), default=None)


def _marked(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def _mark(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)
