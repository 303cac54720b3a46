"""Blobs against rows: what no revision names goes, and what is named and missing is told."""

import logging
from collections.abc import Sequence

from application.ports.blob_store import BlobStore
from application.services.sweeping.round import PAGE, Round
from domain.sweeps import Finding

_log = logging.getLogger(__name__)
# A blob is whole before the row that names it commits. In between stand two transactions at most, each
# of which the pool's patience and the time-outs of statements and locks end in well under a minute.
GRACE_SECONDS = 3600.0
_TOLD = 20


class BlobSweep:
    """Asks the store first and the rows after that: a blob that is named stays named until it may go."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    async def __call__(self, sweep: Round) -> None:
        """Raises LeaseLost and DependencyUnavailable."""
        batch: list[str] = []
        async for blob in self._blobs.list(sweep.tenant_id):
            sweep.counts[Finding.BLOBS_LOOKED_AT] += 1
            if blob.age_seconds >= GRACE_SECONDS:
                batch.append(blob.key)
            if len(batch) >= PAGE:
                await self._delete_unnamed(sweep, batch)
                batch = []
        await self._delete_unnamed(sweep, batch)
        await self._tell_missing(sweep)

    async def _delete_unnamed(self, sweep: Round, keys: Sequence[str]) -> None:
        if not keys:
            return
        async with sweep.unit() as uow:
            needed = await uow.upkeep.needed_blobs(keys)
        for key in keys:
            if key not in needed:
                sweep.counts[Finding.BLOBS_DELETED] += 1
                if not sweep.dry_run:
                    await self._blobs.delete(key)

    async def _tell_missing(self, sweep: Round) -> None:
        after, told = None, 0
        while True:
            async with sweep.unit() as uow:
                page = await uow.upkeep.blobs(after, PAGE)
            for document_id, keys in page.items():
                gone = await self._gone(sweep, keys)
                sweep.counts[Finding.BLOBS_MISSING] += gone
                if gone and (told := told + 1) <= _TOLD:
                    _log.error("the stored file of %s is gone: upload it again", document_id)
            if len(page) < PAGE:
                return
            after = list(page)[-1]

    async def _gone(self, sweep: Round, keys: Sequence[str]) -> int:
        """Return how many are not there, though they are still named after that was seen."""
        absent = [key for key in keys if not await self._blobs.exists(key)]
        if not absent:
            return 0
        async with sweep.unit() as uow:
            return len(await uow.upkeep.needed_blobs(absent))
