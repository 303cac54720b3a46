"""Rate limits that hold across processes, in a table that is not worth a log."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import text

from adapters._psycopg import Connection, Pool
from adapters._refusals import Refusals
from adapters.postgres._keys import indexable
from adapters.postgres.database import Reader
from application.ports.rate_limiter import (
    Charge,
    Limit,
    RateLimiter,
    RateLimiterUnavailable,
    Verdict,
)
from domain.errors import DependencyUnavailable

CALL_SECONDS = 1.0  # a limiter that is slower than what it guards is no help

_HIT = text("""
SELECT used, left_seconds, room FROM hit_rate_limits(
  cast(:keys AS text[]), cast(:quotas AS bigint[]), cast(:costs AS bigint[]),
  cast(:seconds AS float8[]))
""")
_RESET = text("DELETE FROM rate_limits WHERE key = :key")


class PostgresRateLimiter(RateLimiter):
    """One function, so that a hit is one atomic round trip, on a pool of the system role.

    Windows are by the database's clock. A key that was refused is remembered here for up to a second.
    """

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)
        self._refusals = Refusals()

    async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
        remembered = self._refusals.of(charges)
        if remembered is not None:
            return remembered
        values = {
            "keys": [_name(charge.limit, charge.key) for charge in charges],
            "quotas": [charge.limit.quota for charge in charges],
            "costs": [charge.cost for charge in charges],
            "seconds": [float(charge.limit.window_seconds) for charge in charges],
        }
        async with self._connect() as connection:
            found = (await connection.execute(_HIT, values)).one()
        verdicts = [
            _verdict(charge, used, left, charged=found.room)
            for charge, used, left in zip(charges, found.used, found.left_seconds, strict=True)
        ]
        self._refusals.remember(charges, verdicts)
        return verdicts

    async def reset(self, limit: Limit, key: str) -> None:
        self._refusals.forget(limit, key)
        async with self._connect() as connection:
            await connection.execute(_RESET, {"key": _name(limit, key)})

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Connection]:
        try:
            async with asyncio.timeout(CALL_SECONDS), self._reader.connect(None) as connection:
                yield connection
        except (DependencyUnavailable, TimeoutError) as error:
            raise RateLimiterUnavailable from error


def _name(limit: Limit, key: str) -> str:
    return indexable(f"{limit.name}:{key}")


def _verdict(charge: Charge, used: int, left: float, *, charged: bool) -> Verdict:
    quota = charge.limit.quota
    after = max(0, used + charge.cost) if charged else used
    return Verdict(used + charge.cost <= quota, charge.limit, max(0, quota - after), left)
