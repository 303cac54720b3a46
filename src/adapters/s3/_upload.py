"""An object that comes to be: there is all of it in the end, or nothing."""

import asyncio
import logging
from collections.abc import Awaitable
from types import TracebackType
from typing import Self

import obstore
from obstore.store import S3Store

from adapters.s3._errors import bucket_errors
from application.ports.blob_store import BlobStoreUnavailable
from domain.errors import NotFound

PART_BYTES = 5 << 20  # the least that S3 takes as a part; what is smaller goes in one request
_PARTS_AT_ONCE = 3
_log = logging.getLogger(__name__)


class Upload:
    """Parts that become an object when the block ends, and are thrown away where it fails.

    A cancellation waits for the step under way, up to `seconds`: a request that nobody waits for
    could leave a part behind that nobody knows of.
    """

    def __init__(self, store: S3Store, key: str, seconds: float) -> None:
        self._store = store
        self._key = key
        self._seconds = seconds
        self._size = 0
        self._writer = obstore.open_writer_async(
            store, key, buffer_size=PART_BYTES, max_concurrency=_PARTS_AT_ONCE
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            if not await self._could(self._writer.__aexit__(kind, error, trace)):
                self._tell()
            return
        try:
            await self._step(self._writer.close())
        except BaseException:  # it may be whole all the same, and only the answer be lost
            await self._could(obstore.delete_async(self._store, self._key))
            self._tell()  # the library throws parts away only where it was the last step that failed
            raise

    async def write(self, block: bytes) -> None:
        """Add a block. Raises BlobStoreUnavailable, StorageFull."""
        self._size += len(block)
        await self._step(self._writer.write(block))

    async def _step(self, work: Awaitable[object]) -> None:
        step = asyncio.ensure_future(work)
        try:
            with bucket_errors():
                async with asyncio.timeout(self._seconds):
                    await asyncio.shield(step)
        except NotFound as error:  # nobody asked for anything to be there
            raise BlobStoreUnavailable from error
        except asyncio.CancelledError:
            await asyncio.wait([step], timeout=self._seconds)
            raise
        finally:
            step.cancel()
            step.add_done_callback(_look_at)

    async def _could(self, work: Awaitable[object]) -> bool:
        """Tell whether a step went well."""
        try:
            await self._step(work)
        except Exception:  # what went wrong before it is told instead
            return False
        return True

    def _tell(self) -> None:
        if self._size > PART_BYTES:
            _log.warning("parts of a broken upload may be left in the bucket: %s", self._key)


def _look_at(step: "asyncio.Future[object]") -> None:
    """Take note of an error, which asyncio would report otherwise."""
    if not step.cancelled():
        step.exception()
