"""The event log in PostgreSQL: any process can read and follow any stream."""

from collections.abc import AsyncGenerator, Sequence

import orjson
from sqlalchemy import bindparam, select, text

from adapters._psycopg import Connection, Pool
from adapters.postgres.database import Reader, database_errors
from adapters.postgres.notifier import Notifier
from adapters.postgres.schema import events
from application.ports.event_log import EventAppender, EventLog
from domain.events import Event, NewEvent

KEEP_ALIVE_SECONDS = 15.0
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
_APPEND = text("SELECT append_events(:tenant_id, :stream_id, :types, :data)")


class PostgresEventAppender(EventAppender):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self.appended: list[tuple[str, list[Event]]] = []  # for followers, once it is committed

    async def append(self, stream_id: str, new: Sequence[NewEvent]) -> int:
        last = await self._connection.scalar(
            _APPEND,
            {
                "tenant_id": self._tenant_id,
                "stream_id": stream_id,
                "types": [event.type for event in new],
                "data": [orjson.dumps(event.data).decode() for event in new],
            },
        )
        first = int(last) - len(new) + 1
        events = [Event(first + place, event.type, event.data) for place, event in enumerate(new)]
        self.appended.append((stream_id, events))
        return int(last)


class PostgresEventLog(EventLog):
    """Reads by statement; wakes by NOTIFY."""

    def __init__(
        self, pool: Pool, notifier: Notifier, keep_alive: float = KEEP_ALIVE_SECONDS
    ) -> None:
        self._reader = Reader(pool)
        self._notifier = notifier
        self._keep_alive = keep_alive

    async def read(
        self, tenant_id: str, stream_id: str, after: int, limit: int = 1000
    ) -> list[Event]:
        values = {"tenant_id": tenant_id, "stream_id": stream_id, "after": after, "limit": limit}
        with database_errors():
            async with self._reader.connect(tenant_id) as connection:
                found = await connection.execute(_READ, values)
                return [Event(row.seq, row.type, row.data) for row in found]

    async def _has_ended(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> bool:
        """Tell whether the newest event is an end: then nothing comes for whoever has seen it."""
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
        return newest is not None and newest.seq <= after and newest.type in ends

    async def _exists(self, tenant_id: str, stream_id: str) -> bool:
        return bool(await self.read(tenant_id, stream_id, 0, limit=1))

    async def follow(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> AsyncGenerator[list[Event], None]:
        with self._notifier.watch(stream_id) as watch:
            batch = await self.read(tenant_id, stream_id, after)
            if not batch and after and await self._has_ended(tenant_id, stream_id, after, ends):
                return
            while True:
                if batch:
                    end = next((i for i, event in enumerate(batch) if event.type in ends), None)
                    yield batch if end is None else batch[: end + 1]
                    if end is not None:
                        return
                    after = batch[-1].seq
                batch = watch.take(after)
                if not batch and watch.must_look(after):
                    batch = await self.read(tenant_id, stream_id, after)
                if not batch and not await watch.wait(self._keep_alive):
                    batch = await self.read(
                        tenant_id, stream_id, after
                    )  # in case a wake-up got lost
                    if not batch:
                        if after and not await self._exists(tenant_id, stream_id):
                            return  # what it told of was erased
                        yield []
