"""psycopg's connections, made to notice a server that is silent, and what its errors mean.

A connection that is lost without a word (a cable, a firewall, a stopped machine) is noticed by the
system where packets are not acknowledged, and by the deadline of each wait where they are: by a proxy
before a dead server, or a server that hangs.
"""

import asyncio
import select
from enum import Enum, auto
from typing import Any

import orjson
import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from psycopg.rows import namedtuple_row
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg.waiting import wait_async

Row = Any  # a named tuple of the statement's columns

STATEMENT_SECONDS = 30
_ANSWER_SECONDS = STATEMENT_SECONDS + 5.0  # the server gives a statement up before we give it up
_WITHDRAWAL_SECONDS = 1.0  # for the server to end a statement that nobody waits for any more
_INTERVAL = 0.1
_OPTIONS = (
    f"-c statement_timeout={STATEMENT_SECONDS}s -c lock_timeout=10s "
    "-c idle_in_transaction_session_timeout=15s -c timezone=UTC"
)
# A server that cannot be reached: 3 s. One that is lost on the way: within 15 s, whoever speaks.
WATCHFUL: dict[str, Any] = {
    "connect_timeout": 3,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds
}


class PoolExhausted(psycopg.OperationalError):
    """No connection became free in time."""


class Driver(psycopg.AsyncConnection[Row]):
    """A connection no wait of which is without end, not that after a cancellation either.

    `is_doubtful`: what it remembers of the server's side may be wrong, so nobody is to have it next.
    `is_dropped`: whoever had it was in too much of a hurry to wait; of the server that tells nothing.
    """

    is_doubtful = False
    is_dropped = False

    async def wait(
        self,
        gen: PQGen[RV],
        interval: float = _INTERVAL,
        timeout: float | None = None,  # noqa: ASYNC109  # as it is called
    ) -> RV:
        """Wait for the server. Raises OperationalError where it is silent; it is closed then."""
        if timeout is not None:  # whoever listens expects silence
            return await super().wait(gen, interval, timeout)
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await wait_async(gen, self.pgconn.socket, interval=interval)
        except TimeoutError as error:
            self.pgconn.finish()
            raise psycopg.OperationalError("The database did not answer in time.") from error
        except asyncio.CancelledError:
            await self._withdraw(gen)
            raise

    async def _withdraw(self, gen: PQGen[RV]) -> None:
        """End the statement on the server; where that takes long, close the connection instead."""
        if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
            return
        try:
            async with asyncio.timeout(_WITHDRAWAL_SECONDS):
                await self.cancel_safe(timeout=_WITHDRAWAL_SECONDS)
                await wait_async(gen, self.pgconn.socket, interval=_INTERVAL)
        except psycopg.errors.QueryCanceled:
            pass  # as it should
        except BaseException as error:
            self.pgconn.finish()
            if not isinstance(error, Exception):
                self.is_dropped = True
                raise

    @property
    def is_stale(self) -> bool:
        """Tell whether an idle connection is closed, or has been by the server while nobody looked.

        A server has nothing to say to whoever is idle, but that it goes.
        """
        if self.closed:
            return True
        poll = select.poll()
        poll.register(self.pgconn.socket, select.POLLIN)
        return bool(poll.poll(0))


async def connect(conninfo: str, role: str) -> Driver:
    """Return a new connection that works as `role`. Raises OperationalError."""
    driver = await Driver.connect(
        conninfo,
        autocommit=True,
        prepare_threshold=2,
        application_name="chatsphere",
        options=f"{_OPTIONS} -c role={role}",
        row_factory=namedtuple_row,
        **WATCHFUL,
    )
    set_json_loads(orjson.loads, driver)
    set_json_dumps(lambda value: orjson.dumps(value).decode(), driver)
    return driver


class Trouble(Enum):
    """What kept the database from doing what it was asked for."""

    OUT = auto()  # it does not answer, or goes
    NO_CONNECTION = auto()  # all of ours are in use
    BUSY = auto()  # it took too long, or met somebody's lock
    FULL = auto()  # there is no room on its disk


_BUSY = frozenset({"57014", "55P03", "40001", "40P01"})
_OUT = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25006", "58000", "58030"})
_OUT_CLASSES = frozenset({"08", "53"})
_FULL = "53100"


def trouble_of(error: Exception) -> Trouble | None:
    """Return what an error of the driver means; None: it is a mistake of ours, and no outage.

    Source: PostgreSQL, appendix A. Errors without a code come from the connection itself.
    """
    if isinstance(error, PoolExhausted):
        return Trouble.NO_CONNECTION
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    if state is None:
        lost = (psycopg.OperationalError, psycopg.InterfaceError, OSError)
        return Trouble.OUT if isinstance(error, lost) else None
    if state in _BUSY:
        return Trouble.BUSY
    if state == _FULL:
        return Trouble.FULL
    # Before a session stands, whatever the server says ("no such role") is about the way to it.
    outside = isinstance(error, psycopg.OperationalError) and state[:2] in ("28", "3D")
    return Trouble.OUT if outside or state in _OUT or state[:2] in _OUT_CLASSES else None
