"""Compare vectors, blobs, caches and postings with the database, both ways, and mend what differs."""

import logging
from datetime import datetime

from application.ports.blob_store import BlobStore
from application.ports.clock import Clock
from application.ports.embedding_cache import EmbeddingCache
from application.ports.unit_of_work import UnitsOfWork
from application.ports.vector_index import VectorIndex
from application.services.sweeping.blobs import BlobSweep
from application.services.sweeping.round import Round
from application.services.sweeping.rows import Retention, RowSweep
from application.services.sweeping.vectors import VectorSweep
from domain.jobs import Lease
from domain.sweeps import Sweep

_log = logging.getLogger(__name__)


class SweepWorkspace:
    """Each step may be repeated or left off at any point; none holds a transaction over another store."""

    def __init__(
        self,
        units: UnitsOfWork,
        vectors: VectorIndex,
        blobs: BlobStore,
        cache: EmbeddingCache,
        retention: Retention,
        clock: Clock,
    ) -> None:
        self._units = units
        self._clock = clock
        self._parts = (RowSweep(cache, retention), VectorSweep(vectors, cache), BlobSweep(blobs))

    async def __call__(self, lease: Lease) -> None:
        """Sweep the workspace of the job, write down what was found, and end the job.

        Raises LeaseLost, and DependencyUnavailable where it must be tried again.
        """
        sweep = Round(self._units, self._clock, lease.job.tenant_id, lease)
        found = await self._run(sweep)
        async with self._units.open(found.tenant_id) as uow:
            await uow.upkeep.record(found)
            await uow.jobs.complete(lease)

    async def now(self, tenant_id: str, *, dry_run: bool = False) -> Sweep:
        """Sweep a workspace at once; with `dry_run` only tell what a sweep would do.

        Raises DependencyUnavailable.
        """
        found = await self._run(Round(self._units, self._clock, tenant_id, dry_run=dry_run))
        if not dry_run:
            async with self._units.open(tenant_id) as uow:
                await uow.upkeep.record(found)
        return found

    async def _run(self, sweep: Round) -> Sweep:
        started_at = self._clock.now()
        for part in self._parts:
            await part(sweep)
        return self._result(sweep, started_at)

    def _result(self, sweep: Round, started_at: datetime) -> Sweep:
        counts = {what.value: count for what, count in sweep.counts.items() if count}
        found = Sweep(
            self._clock.new_id("swp"), sweep.tenant_id, started_at, self._clock.now(), counts
        )
        level = logging.INFO if found.is_clean else logging.WARNING
        told = ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))
        _log.log(level, "swept %s: %s", sweep.tenant_id, told or "nothing there")
        return found
