"""The tables of a database: opened once, made, written one at a time, read by all."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from adapters.lancedb._errors import ERRORS, Gone, Preempted, port_error
from adapters.lancedb._locks import Locks
from adapters.lancedb._rows import VECTOR, schema
from application.ports.vector_index import VectorIndexUnavailable

if TYPE_CHECKING:
    from lancedb import AsyncConnection
    from lancedb.table import AsyncTable

T = TypeVar("T")

_TRIES = 6
_PAUSE_SECONDS = 0.05  # after the first try
_KEPT_OPEN = 1_000
_LISTED_AT_ONCE = 1_000


class Tables:
    """Tables in the folder `place`, or in an object store by its address.

    All calls raise the port's errors; a call takes `timeout_seconds`, what writes six times that.
    """

    def __init__(self, place: Path | str, timeout_seconds: float) -> None:
        self.folder = place if isinstance(place, Path) else None
        self._place, self._timeout = place, timeout_seconds
        self._locks = Locks(self.folder / ".locks" if self.folder else None)
        self._database: AsyncConnection | None = None
        self._open: dict[str, AsyncTable] = {}
        self._opening = asyncio.Lock()
        self._writing: set[asyncio.Task[object]] = set()

    async def connect(self) -> "AsyncConnection":
        """Return the database; the first call imports LanceDB, a second of CPU."""
        if self._database is not None:
            return self._database
        async with _deadline(self._timeout), self._opening:
            if self._database is None:
                await said(asyncio.to_thread(_load, self.folder))
                import lancedb

                # What another process has written is seen by the next call.
                self._database = await said(
                    lancedb.connect_async(str(self._place), read_consistency_interval=timedelta(0))
                )
            return self._database

    async def names(self) -> list[str]:
        """Return the names of all tables."""
        database = await self.connect()
        found: list[str] = []
        token = None
        async with _deadline(self._timeout):
            while True:
                page = await said(database.list_tables(page_token=token, limit=_LISTED_AT_ONCE))
                found += page.tables
                token = page.page_token
                if not token:
                    return found

    async def read(self, name: str, ask: Callable[["AsyncTable"], Awaitable[T]]) -> T:
        """Return the answer of a table. Raises Gone where there is no such table.

        A version that another process has just cleared away is asked for again.
        """
        async with _deadline(self._timeout):
            return await self._tried(lambda: self.ask(name, ask))

    async def write(self, name: str, work: Callable[[], Awaitable[T]]) -> T:
        """Do `work`, which alone writes to this table meanwhile. Once begun it ends, also if nobody waits
        for it: Lance writes on after a cancellation. What nobody waits for any more does not begin."""
        begun = False

        async def alone() -> T:
            nonlocal begun
            async with self._locks.held(name):
                begun = True
                return await self._tried(work)

        task = asyncio.ensure_future(alone())
        self._writing.add(task)
        task.add_done_callback(self._ended)
        try:
            async with _deadline(6 * self._timeout):
                return await said(asyncio.shield(task))
        finally:
            if not begun:
                task.cancel()

    async def ask(self, name: str, ask: Callable[["AsyncTable"], Awaitable[T]]) -> T:
        """Return the answer of a table. Raises Gone where there is none, Preempted where it has changed."""
        table = await self.opened(name)
        try:
            return await said(ask(table))
        except Gone as error:
            self._open.pop(name, None)
            raise Preempted(str(error)) from error

    async def opened(self, name: str) -> "AsyncTable":
        """Return a table. Raises Gone where there is none."""
        table = self._open.get(name)
        if table is None:
            database = await self.connect()
            table = await said(database.open_table(name))
            if len(self._open) >= _KEPT_OPEN:
                self._open.clear()
            self._open[name] = table
        return table

    async def made(self, name: str, dimensions: int) -> "AsyncTable":
        """Return a table for vectors of a length. Raises ValueError where it holds those of another."""
        try:
            table = await self.opened(name)
            held = await dimensions_of(table)
        except Gone:
            self._open.pop(name, None)
            database = await self.connect()
            table = await said(database.create_table(name, schema=schema(dimensions)))
            self._open[name] = table
            return table
        if held != dimensions:
            raise OtherLength(held, dimensions)
        return table

    async def dropped(self, name: str) -> None:
        """Remove a table with all its files. Raises Gone where there is none."""
        self._open.pop(name, None)
        await said((await self.connect()).drop_table(name))

    async def aclose(self) -> None:
        """Wait for what is being written, then close the tables."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=6 * self._timeout)
        self._open.clear()
        database, self._database = self._database, None
        if database is not None:
            database.close()  # type: ignore[no-untyped-call]

    async def _tried(self, work: Callable[[], Awaitable[T]]) -> T:
        for number in range(_TRIES):
            try:
                return await work()
            except Preempted:
                if number == _TRIES - 1:
                    raise
            await asyncio.sleep(_PAUSE_SECONDS * 2**number)
        raise AssertionError  # the last try returns or raises

    def _ended(self, task: "asyncio.Task[object]") -> None:
        self._writing.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits is told; where nobody does, nobody is to be warned


class OtherLength(ValueError):
    """A vector is not as long as those of its namespace."""

    def __init__(self, held: int, given: int) -> None:
        super().__init__(f"this namespace holds vectors of {held} numbers, not {given}")


async def dimensions_of(table: "AsyncTable") -> int:
    """Return how long the vectors of a table are."""
    columns = await said(table.schema())
    return int(columns.field(VECTOR).type.list_size)


async def said(answer: Awaitable[T]) -> T:
    """Return an answer, its errors as those of the port."""
    try:
        return await answer
    except OtherLength:
        raise
    except ERRORS as error:
        raise port_error(error) from error


@asynccontextmanager
async def _deadline(seconds: float) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise VectorIndexUnavailable("LanceDB did not answer in time.") from error


def _load(folder: Path | None) -> None:
    import lancedb  # noqa: F401

    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
