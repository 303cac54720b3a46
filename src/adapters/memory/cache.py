"""A cache of one process."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence

from application.ports.cache import Cache
from application.ports.clock import Clock

BYTES_MAX = 64 << 20
_BYTES_AN_ENTRY = 300  # of the dictionary, the key and the objects around the value; measured


class InMemoryCache(Cache):
    """Holds up to `bytes_max`; what was not asked for the longest makes room. Not for threads."""

    def __init__(self, clock: Clock, bytes_max: int = BYTES_MAX) -> None:
        self._monotonic = clock.monotonic
        self._bytes_max = bytes_max
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._bytes = 0

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        now, found = self._monotonic(), {}
        for key in keys:
            ends, value = self._entries.get(key, (0.0, b""))
            if ends > now:
                self._entries.move_to_end(key)
                found[key] = value
            else:
                self._drop(key)
        return found

    async def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        ends = self._monotonic() + seconds
        for key, value in values.items():
            self._drop(key)
            self._entries[key] = (ends, value)
            self._bytes += _size(key, value)
        while self._bytes > self._bytes_max:
            self._drop(next(iter(self._entries)))

    async def delete_many(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._drop(key)

    def __len__(self) -> int:
        """Return the number of values that are held."""
        return len(self._entries)

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= _size(key, entry[1])


def _size(key: str, value: bytes) -> int:
    return len(key) + len(value) + _BYTES_AN_ENTRY
