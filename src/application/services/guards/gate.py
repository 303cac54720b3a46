"""Room for so many at a time, shared out fairly between tenants."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from domain.errors import Overloaded

_QUEUED_PER_PLACE = 16  # beyond, whoever comes would wait longer than anybody does
_ABOUT_SECONDS = 2.0  # so long after his last visit a tenant is still reckoned with


class Gate:
    """Lets `room` in at a time. Of one tenant alone half of that, of several an eighth each.

    What is inside shares the processors, so a crowd slows the others down long before the room is
    full: measured on two cores, eight searches at once make a ninth five times as long. Who finds no
    place waits in the line of his tenant; a free place goes to the tenants in turn. The lines are
    bounded, all together and each by half of that; beyond, and after `patience` seconds, one is sent
    away. Source: fair queueing, Nagle, RFC 970.
    """

    def __init__(self, room: int) -> None:
        self._free = room
        self._alone, self._among_others = max(1, room // 2), max(1, room // 8)
        self._waiting_most = room * _QUEUED_PER_PLACE
        self._waiting = 0
        self._inside: dict[str, int] = {}
        self._seen: OrderedDict[str, float] = OrderedDict()  # when each came last, in that order
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def enter(self, tenant_id: str, *, patience: float) -> AsyncIterator[None]:
        """Be inside while the context is open. Raises Overloaded."""
        self._note(tenant_id)
        if self._free and self._has_share(tenant_id):
            self._let_in(tenant_id)
        else:
            await self._wait(tenant_id, patience)
        try:
            yield
        finally:
            self._leave(tenant_id)

    def _note(self, tenant_id: str) -> None:
        now = asyncio.get_running_loop().time()
        self._seen[tenant_id] = now
        self._seen.move_to_end(tenant_id)
        while now - next(iter(self._seen.values())) > _ABOUT_SECONDS:
            self._seen.popitem(last=False)

    def _has_share(self, tenant_id: str) -> bool:
        inside = self._inside.get(tenant_id, 0)
        return inside < self._among_others or (
            inside < self._alone and not self._others_about(tenant_id)
        )

    def _others_about(self, tenant_id: str) -> bool:
        newest = next((t for name, t in reversed(self._seen.items()) if name != tenant_id), None)
        if newest is None:
            return False
        return asyncio.get_running_loop().time() - newest <= _ABOUT_SECONDS

    def _let_in(self, tenant_id: str) -> None:
        self._free -= 1
        self._inside[tenant_id] = self._inside.get(tenant_id, 0) + 1

    def _leave(self, tenant_id: str) -> None:
        self._free += 1
        self._inside[tenant_id] -= 1
        if not self._inside[tenant_id]:
            del self._inside[tenant_id]
        self._call_next()

    async def _wait(self, tenant_id: str, patience: float) -> None:
        line = self._lines.get(tenant_id)
        if self._waiting >= self._waiting_most or len(line or ()) >= self._waiting_most // 2:
            raise Overloaded("Too many ask at once: try again in a moment.", retry_after=2)
        if line is None:
            line = self._lines[tenant_id] = deque()
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(place)
        self._waiting += 1
        try:
            async with asyncio.timeout(patience):
                await place
        except BaseException as error:
            if place.cancelled():
                self._drop(tenant_id, place)
            else:
                self._leave(tenant_id)  # it was called in the moment in which it went
            if isinstance(error, TimeoutError):
                raise Overloaded(
                    "Nobody came to this in time: try again in a moment.", retry_after=2
                ) from error
            raise

    def _drop(self, tenant_id: str, place: "asyncio.Future[None]") -> None:
        line = self._lines.get(tenant_id, deque())
        if place in line:
            line.remove(place)
            self._waiting -= 1
        if tenant_id in self._lines and not line:
            del self._lines[tenant_id]

    def _call_next(self) -> None:
        """Give the free places to the lines in turn, as far as their tenants have a share left."""
        called = True
        while called:
            called = False
            for tenant_id in list(self._lines):
                called = self._call_one(tenant_id) or called

    def _call_one(self, tenant_id: str) -> bool:
        line = self._lines[tenant_id]
        called = False
        while line and not called and self._free and self._has_share(tenant_id):
            place = line.popleft()
            self._waiting -= 1
            if not place.cancelled():
                place.set_result(None)
                self._let_in(tenant_id)
                self._lines.move_to_end(tenant_id)  # next time, the others come first
                called = True
        if not line:
            del self._lines[tenant_id]
        return called
