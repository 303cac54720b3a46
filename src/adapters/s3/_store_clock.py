"""What time it is for a bucket: ages of its objects count by its clock, not by ours."""

import time
from datetime import datetime, timedelta
from secrets import token_hex

import obstore
from obstore.store import S3Store

_TRUST_SECONDS = 600.0  # our clock runs as fast as its clock for so long
_FOLDER = ".clock"  # no tenant's name begins with a dot


class StoreClock:
    """Reads the time off a small object that it writes, and removes."""

    def __init__(self, store: S3Store) -> None:
        self._store = store
        self._seen: tuple[float, datetime] | None = None

    async def now(self) -> datetime:
        """Return the bucket's time, to the second. Raises what the library does."""
        seen = self._seen
        if seen is None or time.monotonic() - seen[0] > _TRUST_SECONDS:
            seen = self._seen = await self._read()
        at, told = seen
        return told + timedelta(seconds=time.monotonic() - at)

    async def _read(self) -> tuple[float, datetime]:
        key = f"{_FOLDER}/{token_hex(8)}"
        await obstore.put_async(self._store, key, b"", use_multipart=False)
        at = time.monotonic()
        try:
            told = (await obstore.head_async(self._store, key))["last_modified"]
        finally:
            await obstore.delete_async(self._store, key)
        return at, told
