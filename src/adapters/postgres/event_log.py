"""The event log in PostgreSQL: any process can read and follow any stream."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import orjson
from sqlalchemy import bindparam, select, text

from adapters._events import EVENT_BYTES, HELD_BYTES, Commit, Notifier, Watch
from adapters._psycopg import Connection, Pool
from adapters.postgres.database import Reader, database_errors
from adapters.postgres.schema import events
from application.ports.event_log import EventAppender, EventLog
from domain.events import Event, NewEvent

KEEP_ALIVE_SECONDS = 15.0
_LOOKS_AT_ONCE = 3  # by followers: a crowd of them leaves the pool to requests
_READ = (
    select(events.c.seq, events.c.type, events.c.data)
    .where(
        events.c.tenant_id == bindparam("tenant_id"),
        events.c.stream_id == bindparam("stream_id"),
        events.c.seq > bindparam("after"),
    )
    .order_by(events.c.seq)
    .limit(bindparam("limit"))
)
# As much as one follower may hold, one event at least; and up to where there are more.
_LOOK = text(f"""
WITH RECURSIVE upcoming AS (
  (SELECT seq, type, data, octet_length(data::text) + {EVENT_BYTES} AS size FROM events
   WHERE tenant_id = :tenant_id AND stream_id = :stream_id AND seq > :after ORDER BY seq LIMIT 1)
  UNION ALL
  SELECT e.seq, e.type, e.data, u.size + octet_length(e.data::text) + {EVENT_BYTES}
  FROM upcoming u JOIN events e
    ON e.tenant_id = :tenant_id AND e.stream_id = :stream_id AND e.seq = u.seq + 1
  WHERE u.size < {HELD_BYTES}
)
SELECT seq, type, data, (
  SELECT max(seq) FROM events WHERE tenant_id = :tenant_id AND stream_id = :stream_id
) AS newest FROM upcoming
WHERE size <= {HELD_BYTES} OR seq = (SELECT min(seq) FROM upcoming) ORDER BY seq
""")  # noqa: S608  # constants only
_APPEND = text("SELECT append_events(:tenant_id, :stream_id, :types, :data, :notifies)")


class PostgresEventAppender(EventAppender):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str, *, notifies: bool) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self._notifies = notifies
        self.commits: list[Commit] = []  # for followers, once it is committed

    async def append(self, stream_id: str, new: Sequence[NewEvent]) -> int:
        payloads = [orjson.dumps(event.data) for event in new]
        last = await self._connection.scalar(
            _APPEND,
            {
                "tenant_id": self._tenant_id,
                "stream_id": stream_id,
                "types": [event.type for event in new],
                "data": [payload.decode() for payload in payloads],
                "notifies": self._notifies,
            },
        )
        first = int(last) - len(new) + 1
        events = [Event(first + place, event.type, event.data) for place, event in enumerate(new)]
        if events:
            self.commits.append(Commit(self._tenant_id, stream_id, events, payloads))
        return int(last)


class PostgresEventLog(EventLog):
    """Reads by statement; learns of new events from a notifier."""

    def __init__(
        self, pool: Pool, notifier: Notifier, keep_alive: float = KEEP_ALIVE_SECONDS
    ) -> None:
        self._reader = Reader(pool)
        self._notifier = notifier
        self._keep_alive = keep_alive
        self._looking = asyncio.Semaphore(_LOOKS_AT_ONCE)

    async def read(
        self, tenant_id: str, stream_id: str, after: int, limit: int = 1000
    ) -> list[Event]:
        values = {"tenant_id": tenant_id, "stream_id": stream_id, "after": after, "limit": limit}
        with database_errors():
            async with self._reader.connect(tenant_id) as connection:
                found = await connection.execute(_READ, values)
                return [Event(row.seq, row.type, row.data) for row in found]

    async def _look(self, watch: Watch, tenant_id: str, after: int) -> list[Event]:
        """Return the next events as far as a follower may hold them; the watch knows of the rest."""
        values = {"tenant_id": tenant_id, "stream_id": watch.key, "after": after}
        with database_errors():
            async with self._looking, self._reader.connect(tenant_id) as connection:
                rows = (await connection.execute(_LOOK, values)).all()
        if rows:
            watch.wake(rows[-1].newest)
        return [Event(row.seq, row.type, row.data) for row in rows]

    async def _is_over(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> bool:
        """Tell whether nothing comes after `after` any more: the newest event is an end, or all is erased."""
        statement = (
            select(events.c.seq, events.c.type)
            .where(events.c.tenant_id == tenant_id, events.c.stream_id == stream_id)
            .order_by(events.c.seq.desc())
            .limit(1)
        )
        with database_errors():
            async with self._reader.connect(tenant_id) as connection:
                newest = (await connection.execute(statement)).one_or_none()
        # An end that came since we read is still to be told.
        return newest is None or (newest.seq <= after and newest.type in ends)

    async def follow(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> AsyncGenerator[list[Event], None]:
        clock = asyncio.get_running_loop().time
        with self._notifier.watch(stream_id, tenant_id) as watch:
            batch = await self._look(watch, tenant_id, after)
            if not batch and after and await self._is_over(tenant_id, stream_id, after, ends):
                return
            self._notifier.carry(watch, batch[-1].seq if batch else after)
            told = clock()
            while True:
                if batch:
                    end = next((i for i, event in enumerate(batch) if event.type in ends), None)
                    yield batch if end is None else batch[: end + 1]
                    if end is not None:
                        return
                    after, told = batch[-1].seq, clock()
                batch = await self._next(watch, tenant_id, after, told + self._keep_alive)
                if not batch:
                    if after and await self._is_over(tenant_id, stream_id, after, ends):
                        return  # erased, or ended before the place that the caller gave
                    yield []
                    told = clock()

    async def _next(self, watch: Watch, tenant_id: str, after: int, until: float) -> list[Event]:
        """Return what comes after `after`, or nothing once the time is `until`."""
        clock, looks = asyncio.get_running_loop().time, 0
        while True:
            batch = watch.take(after)
            if not batch and watch.must_look(after):
                batch = await self._look(watch, tenant_id, after)
            left = until - clock()
            if batch or left <= 0:
                return batch
            if not await watch.wait(min(left, self._notifier.patience(looks))):
                batch = await self._look(watch, tenant_id, after)  # in case a wake-up got lost
                looks += 1
                if batch:
                    return batch
