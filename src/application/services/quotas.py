"""Taking from a plan's limits, and giving back: in the transaction of the thing itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from application.ports.identity import Identities
from application.ports.unit_of_work import UnitOfWork
from domain.errors import PayloadTooLarge
from domain.plans import Footprint, Quota, Standing, require_room


async def take(uow: UnitOfWork, amounts: Mapping[Quota, int], now: datetime) -> None:
    """Count what is made in this unit. Raises QuotaExceeded, and the unit rolls back.

    Call it last in the unit, after the audit log's entry: both stay locked until the commit, and units
    that took them in another order would wait for each other.
    """
    for standing in await uow.usage.count(amounts, now):
        require_room(standing, 0, now)


async def take_message(uow: UnitOfWork, now: datetime) -> None:
    """Count a message that will be answered; how many tokens it takes shows when the answer ends."""
    messages, tokens = await uow.usage.count({Quota.MESSAGES_MONTH: 1, Quota.TOKENS_MONTH: 0}, now)
    require_room(messages, 0, now)
    require_room(tokens, 1, now)


async def release(uow: UnitOfWork, amounts: Mapping[Quota, int], now: datetime) -> None:
    """Give back what is deleted in this unit; last, as for `take`."""
    await uow.usage.count({quota: -amount for quota, amount in amounts.items()}, now)


async def release_documents(
    uow: UnitOfWork, gone: Footprint, now: datetime, *, bots: int = 0
) -> None:
    """Give back documents, and the bot they were of."""
    amounts = {Quota.BOTS: bots, Quota.DOCUMENTS: gone.documents, Quota.BYTES: gone.size}
    if any(amounts.values()):
        await release(uow, amounts, now)


class ByteRoom:
    """How many bytes an upload may have: `most`, the server's cap or what the plan has left."""

    def __init__(self, standing: Standing, cap: int, known: int, now: datetime) -> None:
        free = cap if standing.limit is None else max(standing.limit - standing.used, known, 0)
        self.most = min(cap, free)
        self._by_plan = self.most < cap
        self._standing = standing
        self._now = now

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Raise QuotaExceeded in the place of PayloadTooLarge where it is the plan that has no room."""
        try:
            yield
        except PayloadTooLarge:
            if self._by_plan:
                require_room(self._standing, self.most + 1, self._now)
            raise


async def room_for_bytes(
    uow: UnitOfWork, cap: int, now: datetime, bot_id: str | None = None
) -> ByteRoom:
    """Return how many bytes, up to `cap`, an upload may have.

    A new document of a bot may be as large as the largest it has even where less room is left: these
    very bytes may be sent again, which takes none. What is new is refused when it is counted.
    """
    (standing,) = await uow.usage.count({Quota.BYTES: 0}, now)
    known = 0
    if bot_id is not None and not standing.has_room_for(cap):
        known = await uow.documents.largest(bot_id)
    return ByteRoom(standing, cap, known, now)


async def hold_seat(identities: Identities, workspace_id: str, now: datetime) -> None:
    """Make sure, until the commit, that there is room for one more member.

    Whoever joins needs it; whoever invites is told here that nobody could join. Raises NotFound and
    QuotaExceeded.
    """
    require_room(await identities.plans.seats(workspace_id), 1, now)
