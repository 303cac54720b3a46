"""Statements of SQLAlchemy Core, run by psycopg without an engine in between (ADR 0010).

Core writes and compiles the SQL, once for each shape of statement; the driver runs it. Core's own
asynchronous engine costs three to five times the CPU a statement: greenlets, result proxies, resets.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, cast
from weakref import WeakValueDictionary

import orjson
import psycopg
from psycopg import sql
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from adapters._driver import Driver, PoolExhausted, Row, connect

__all__ = ["Connection", "Pool", "PoolExhausted", "Row", "Rows", "Values"]

Values = Mapping[str, object]
_NO_VALUES: Values = {}

TENANT = "app.tenant_id"  # the setting that row-level security looks at
_DIALECT = PGDialect_psycopg(  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
    json_serializer=lambda value: orjson.dumps(value).decode()
)


class Rows:
    """The answer to a statement."""

    def __init__(self, rows: Sequence[Row], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def all(self) -> list[Row]:
        """Return every row."""
        return list(self._rows)

    def one_or_none(self) -> Row | None:
        """Return the only row, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Row:
        """Return the only row. Raises IndexError where there is none."""
        return self._rows[0]

    def scalars(self) -> list[Any]:
        """Return the first column."""
        return [row[0] for row in self._rows]


class _Compiled:
    """The driver's text of one shape of statement, and how values are prepared for it."""

    def __init__(self, statement: Any, names: tuple[str, ...], key: Any) -> None:
        self._compiled = statement.compile(
            dialect=_DIALECT, column_keys=list(names) or None, cache_key=key
        )
        self.sql = str(self._compiled)
        self._prepare = dict(self._compiled._bind_processors)
        self._renamed = dict(self._compiled.escaped_bind_names)

    def values(self, given: Values, extracted: Any) -> dict[str, object]:
        """Return what goes to the driver: the statement's own values, then the given ones."""
        values = self._compiled.construct_params(
            dict(given), extracted_parameters=extracted, escape_names=False
        )
        for name, prepare in self._prepare.items():
            if name in values:
                values[name] = prepare(values[name])
        if self._renamed:
            values = {self._renamed.get(name, name): value for name, value in values.items()}
        return cast(dict[str, object], values)


_SHAPES: dict[Any, _Compiled] = {}
_SHAPES_MOST = 1000  # far more than there are statements; a bound all the same


def _compile(statement: Executable, values: Values) -> tuple[_Compiled, Any]:
    names = tuple(values)
    key = cast(Any, statement)._generate_cache_key()
    shape = (key.key if key else statement, names)
    compiled = _SHAPES.get(shape)
    if compiled is None:
        if len(_SHAPES) >= _SHAPES_MOST:
            _SHAPES.clear()
        compiled = _SHAPES[shape] = _Compiled(statement, names, key)
    return compiled, key.bindparams if key else None


_BEGIN_IN_TENANT = sql.SQL(f"BEGIN; SET LOCAL {TENANT} = {{}}")
_SET_TENANT = f"SELECT set_config('{TENANT}', %s, true)"  # a constant


class Connection:
    """One connection in the scope of one tenant. In a transaction, the first statement begins it.

    The tenant is set for each transaction, and for each single statement, anew: what a session keeps
    would leak through the pool to whoever comes next. None sets nothing, and row-level security then
    shows nothing, but to the system role.
    """

    def __init__(
        self,
        driver: Driver,
        tenant_id: str | None,
        *,
        transaction: bool,
    ) -> None:
        self.driver = driver
        self._tenant_id = tenant_id
        self._transaction = transaction
        self._begun = False

    async def begin(self) -> None:
        """Begin the transaction, where this is one and has not begun."""
        if not self._transaction or self._begun:
            return
        self._begun = True
        if self._tenant_id is None:
            await self.driver.execute("BEGIN")
        else:
            begin = _BEGIN_IN_TENANT.format(sql.Literal(self._tenant_id))
            await self.driver.execute(begin, prepare=False)

    async def execute(self, statement: Executable, values: Values = _NO_VALUES) -> Rows:
        """Run a statement."""
        await self.begin()
        cursor = self.driver.cursor()
        compiled, extracted = _compile(statement, values)
        await self._run(cursor, compiled.sql, compiled.values(values, extracted))
        found = await cursor.fetchall() if cursor.description else ()
        return Rows(found, cursor.rowcount)

    async def _run(self, cursor: psycopg.AsyncCursor[Row], command: str, values: Values) -> None:
        if self._transaction or self._tenant_id is None:
            await cursor.execute(command, values)
            return
        # Both go in one round trip and, without a BEGIN, in one implicit transaction.
        try:
            async with self.driver.pipeline():
                await self.driver.execute(_SET_TENANT, (self._tenant_id,))
                await cursor.execute(command, values)
        except BaseException:
            # The driver takes for prepared what was sent, whether or not the server came to it.
            self.driver.is_doubtful = True
            raise

    async def scalar(self, statement: Executable, values: Values | None = None) -> Any:
        """Return the first column of the first row, or None."""
        row = (await self.execute(statement, values or {})).one_or_none()
        return None if row is None else row[0]

    @asynccontextmanager
    async def begin_nested(self) -> AsyncIterator[None]:
        """Undo what fails inside, and nothing else."""
        await self.begin()
        async with self.driver.transaction():
            yield

    async def commit(self) -> None:
        """Make it last."""
        if self._begun:
            self._begun = False
            await self.driver.execute("COMMIT")

    async def rollback(self) -> None:
        """Undo it."""
        if self._begun:
            self._begun = False
            await self.driver.execute("ROLLBACK")


class Pool:
    """Keeps up to `size` connections; whoever comes when all are in use waits up to `patience` s.

    A quarter of them a tenant leaves to the others: its crowd waits for itself, not they for it.
    A connection that is lost takes the idle ones with it: the server has gone, and each of them
    would fail the next one who asks. Every connection works as `role`.
    """

    def __init__(self, conninfo: str, size: int, patience: float, role: str) -> None:
        self._conninfo = conninfo
        self._role = role
        self._patience = patience
        self._room = asyncio.Semaphore(size)
        self._size, self._share = size, max(1, size - max(1, size // 4))
        self._shares: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._lent: dict[Driver, asyncio.Semaphore] = {}
        self._idle: list[Driver] = []

    @asynccontextmanager
    async def connect(self, tenant_id: str | None) -> AsyncIterator[Connection]:
        """Give a connection for single statements: each commits itself."""
        driver = await self.take(tenant_id)
        try:
            yield Connection(driver, tenant_id, transaction=False)
        finally:
            await self.give(driver)

    @asynccontextmanager
    async def begin(self, tenant_id: str | None) -> AsyncIterator[Connection]:
        """Give a transaction that commits on a clean exit and rolls back otherwise."""
        driver = await self.take(tenant_id)
        connection = Connection(driver, tenant_id, transaction=True)
        try:
            yield connection
            await connection.commit()
        except BaseException:
            with suppress(psycopg.Error):
                await connection.rollback()
            raise
        finally:
            await self.give(driver)

    async def take(self, tenant_id: str | None) -> Driver:
        """Return a connection that is the caller's until it is given back. Raises PoolExhausted."""
        share = self._share_of(tenant_id)
        try:
            async with asyncio.timeout(self._patience):
                await share.acquire()
                try:
                    await self._room.acquire()
                except BaseException:
                    share.release()
                    raise
        except TimeoutError as error:
            raise PoolExhausted("All database connections are in use.") from error
        try:
            driver = self._idle_one() or await connect(self._conninfo, self._role)
        except BaseException:
            self._room.release()
            share.release()
            raise
        self._lent[driver] = share
        return driver

    def _share_of(self, tenant_id: str | None) -> asyncio.Semaphore:
        if tenant_id is None:  # of the system pool, where all are asked for
            return asyncio.Semaphore(self._size)
        return self._shares.setdefault(tenant_id, asyncio.Semaphore(self._share))

    def _idle_one(self) -> Driver | None:
        while self._idle:
            driver = self._idle.pop()
            if not driver.is_stale:
                return driver
            driver.pgconn.finish()
        return None

    async def give(self, driver: Driver) -> None:
        """Take a connection back; one that is lost, or in the middle of something, is closed."""
        try:
            if (driver.closed or driver.broken) and not driver.is_dropped:
                idle, self._idle = self._idle, []
                for other in idle:
                    await other.close()
            elif (
                driver.is_doubtful
                or driver.info.transaction_status != psycopg.pq.TransactionStatus.IDLE
                or driver.info.pipeline_status != psycopg.pq.PipelineStatus.OFF
            ):
                await driver.close()
            else:
                self._idle.append(driver)
        finally:
            self._room.release()
            self._lent.pop(driver).release()

    async def dispose(self) -> None:
        """Close the idle connections."""
        while self._idle:
            await self._idle.pop().close()
