"""Rate limits of one process."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.rate_limiter import Charge, Limit, RateLimiter, Verdict

KEYS_MAX = 50_000  # of one limit; about 15 MB


@dataclass(slots=True)
class _Window:
    ends: float
    used: int = 0


class InMemoryRateLimiter(RateLimiter):
    """One window a key, O(1) a hit.

    Windows of a limit last equally long, so the oldest entry is the first to end: each new key
    clears away up to two that have. When `keys_max` keys are alive at once, the oldest makes room:
    who commands so many keys can have a counter forgotten, but can never make this grow.
    """

    def __init__(self, clock: Clock, keys_max: int = KEYS_MAX) -> None:
        self._monotonic = clock.monotonic
        self._keys_max = keys_max
        self._limits: dict[str, OrderedDict[str, _Window]] = {}

    async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
        now = self._monotonic()
        windows = [self._window(charge, now) for charge in charges]
        rooms = [
            charge.limit.quota - window.used >= charge.cost
            for charge, window in zip(charges, windows, strict=True)
        ]
        if all(rooms):
            for charge, window in zip(charges, windows, strict=True):
                self._take(charge, window, now)
        return [
            Verdict(room, c.limit, max(0, c.limit.quota - window.used), window.ends - now)
            for c, window, room in zip(charges, windows, rooms, strict=True)
        ]

    async def reset(self, limit: Limit, key: str) -> None:
        if limit.name in self._limits:
            self._limits[limit.name].pop(key, None)

    def __len__(self) -> int:
        """Return the number of keys that are held."""
        return sum(len(keys) for keys in self._limits.values())

    def _window(self, charge: Charge, now: float) -> _Window:
        """Return the key's window, a fresh one where none is alive."""
        keys = self._limits.get(charge.limit.name)
        window = keys.get(charge.key) if keys else None
        if window is None or window.ends <= now:
            return _Window(now + charge.limit.window_seconds)
        return window

    def _take(self, charge: Charge, window: _Window, now: float) -> None:
        fresh = window.used == 0
        window.used = max(0, window.used + charge.cost)
        if fresh is not bool(window.used):
            return
        keys = self._limits.setdefault(charge.limit.name, OrderedDict())
        keys.pop(charge.key, None)
        if window.used:
            self._make_room(keys, now)
            keys[charge.key] = window

    def _make_room(self, keys: OrderedDict[str, _Window], now: float) -> None:
        for _ in range(2):
            if not keys:
                return
            oldest = next(iter(keys.values()))
            if oldest.ends > now and len(keys) < self._keys_max:
                return
            keys.popitem(last=False)
