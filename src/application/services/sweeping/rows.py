"""Rows among themselves: lost jobs, postings, cached embeddings, and what is past its time."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from application.ports.embedding_cache import EmbeddingCache
from application.ports.unit_of_work import UnitOfWork
from application.services.stuck import requeue_purges, requeue_stuck
from application.services.sweeping.round import PAGE, Round
from domain.errors import NotFound
from domain.sweeps import Finding

_ROUNDS_MOST = (
    1_000  # of a step that goes on while it finds something; the next sweep does the rest
)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long is kept what only serves for a while."""

    event_days: float
    idempotency_hours: float


class RowSweep:
    """Works in short transactions, each of which may be the last one."""

    def __init__(self, cache: EmbeddingCache, retention: Retention) -> None:
        self._cache = cache
        self._retention = retention

    async def __call__(self, sweep: Round) -> None:
        """Raises LeaseLost and DependencyUnavailable."""
        await self._mend_postings(sweep)
        await self._forget_embeddings(sweep)
        if sweep.dry_run:
            await self._count_orphans(sweep)
            return
        clock, kept = sweep.clock, self._retention
        for finding, step in (
            (Finding.TOTALS_MENDED, lambda uow: uow.upkeep.mend_totals()),
            (Finding.STUCK_REQUEUED, lambda uow: requeue_stuck(uow, clock)),
            (Finding.PURGES_REQUEUED, lambda uow: requeue_purges(uow, clock)),
            (
                Finding.EVENTS_TRIMMED,
                lambda uow: uow.upkeep.trim_events(kept.event_days, PAGE),
            ),
            (
                Finding.KEYS_FORGOTTEN,
                lambda uow: uow.upkeep.trim_idempotency(kept.idempotency_hours, PAGE),
            ),
        ):
            await self._repeat(sweep, finding, step)

    async def _repeat(
        self, sweep: Round, finding: Finding, step: Callable[[UnitOfWork], Awaitable[int]]
    ) -> None:
        for _ in range(_ROUNDS_MOST):
            async with sweep.unit() as uow:
                done = await step(uow)
            sweep.counts[finding] += done
            if not done:
                return

    async def _count_orphans(self, sweep: Round) -> None:
        async with sweep.unit() as uow:
            stuck = [*await uow.orphans.documents(PAGE), *await uow.orphans.crawls(PAGE)]
            sweep.counts[Finding.STUCK_REQUEUED] += len(stuck)
            sweep.counts[Finding.PURGES_REQUEUED] += len(await uow.orphans.tombstones(PAGE))

    async def _mend_postings(self, sweep: Round) -> None:
        async with sweep.unit() as uow:
            strays = await uow.upkeep.stray_postings(PAGE)
        for document_id in strays:
            await self._remove_stray(sweep, document_id)
        async with sweep.unit() as uow:
            standing = await uow.upkeep.standing(await uow.upkeep.unindexed(PAGE))
            # Asked again: what began to answer before its revision was read has its postings by now.
            lacking = await uow.upkeep.unindexed(PAGE)
        for document_id in standing.keys() & set(lacking):
            await sweep.requeue(document_id, standing[document_id].revision)

    async def _remove_stray(self, sweep: Round, document_id: str) -> None:
        """Look again under the document's lock, so that none goes that has just been written."""
        async with sweep.unit() as uow:
            with suppress(NotFound):  # then nobody writes postings of it any more
                await uow.documents.get(document_id, lock=True)
            if await uow.upkeep.stray_postings(1, [document_id]):
                sweep.counts[Finding.POSTINGS_REMOVED] += 1
                if not sweep.dry_run:
                    await uow.postings.remove(document_id)

    async def _forget_embeddings(self, sweep: Round) -> None:
        """Chunks are stored before their embeddings, so what is used is never found unused."""
        after = None
        while hashes := await self._cache.hashes(sweep.tenant_id, after, PAGE):
            after = hashes[-1]
            async with sweep.unit():
                pass  # only while the lease holds
            if not sweep.dry_run:
                gone = await self._cache.forget_unused(sweep.tenant_id, hashes)
                sweep.counts[Finding.EMBEDDINGS_FORGOTTEN] += gone
