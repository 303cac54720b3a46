"""Erase a deleted workspace once its grace is over: vectors, bytes, rows, and then the workspace."""

from dataclasses import replace

from application.ports.blob_store import BlobStore
from application.ports.clock import Clock
from application.ports.identity import IdentityUnits
from application.ports.unit_of_work import UnitsOfWork
from application.ports.vector_index import Namespace, VectorIndex
from domain.errors import DependencyUnavailable
from domain.jobs import Lease
from domain.workspaces import in_erasure, is_to_be_erased

ROWS_AT_ONCE = 5_000  # a transaction of well under a second
_SUBJECT = "workspace"


class EraseWorkspace:
    """Leaves nothing of a tenant but the receipt.

    Each step may be repeated, and the rows by which a step finds its things go after it: a crash at
    any point is made good by the next try. Other tenants wait for none of it.
    """

    def __init__(
        self,
        identities: IdentityUnits,
        units: UnitsOfWork,
        blobs: BlobStore,
        vectors: VectorIndex,
        clock: Clock,
    ) -> None:
        self._identities = identities
        self._units = units
        self._blobs = blobs
        self._vectors = vectors
        self._clock = clock

    async def __call__(self, lease: Lease) -> None:
        """Erase the workspace and end the job, or end only the job where it was restored.

        Raises LeaseLost, and DependencyUnavailable where it must be tried again.
        """
        tenant_id = lease.job.tenant_id
        if not await self._begin(lease):
            return
        async with self._units.open(tenant_id) as uow:
            generations = await uow.estate.generations()
        namespaces = {Namespace(tenant_id, each.bot_id, each.id) for each in generations}
        await self._note(tenant_id)
        for namespace in namespaces.union(await self._vectors.namespaces(tenant_id)):
            await self._vectors.empty(namespace)
        await self._blobs.delete_all(tenant_id)
        await self._verify(tenant_id)
        await self._erase_rows(lease)
        async with self._identities.open() as identities:
            await identities.workspaces.erase(tenant_id)
        await self._erase_rows(lease)  # what came between; without a workspace nothing more can
        await self._erase_history(tenant_id)
        await self._verify(tenant_id)
        await self._finish(lease)

    async def _begin(self, lease: Lease) -> bool:
        """Mark the point of no return, and note what is there; tell whether there is anything to do."""
        tenant_id = lease.job.tenant_id
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.fence(lease)
            busy, counts = await uow.estate.is_busy(), await uow.estate.count()
        async with self._identities.open() as identities:
            workspace = await identities.workspaces.get(tenant_id, lock=True)
            if workspace is None:
                return True  # erased by a try that did not come to its end
            # The queue gave the job out when it was due, by the one clock that counts.
            due = is_to_be_erased(workspace, lease.job.run_at)
            if due and not busy:
                await identities.workspaces.save(in_erasure(workspace))
                receipt = await identities.erasures.pending(_SUBJECT, tenant_id)
                if receipt is not None and not receipt.counts:
                    await identities.erasures.save(replace(receipt, counts=counts))
                return True
        if due:
            raise DependencyUnavailable("Somebody still works for this workspace.")
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.complete(lease)
            if workspace.erase_after is not None:
                await uow.jobs.enqueue(replace(lease.job, run_at=workspace.erase_after))
        return False

    async def _erase_rows(self, lease: Lease) -> None:
        more = True
        while more:
            async with self._units.open(lease.job.tenant_id) as uow:
                await uow.jobs.fence(lease)
                more = await uow.estate.erase(ROWS_AT_ONCE)

    async def _erase_history(self, tenant_id: str) -> None:
        more = True
        while more:
            async with self._identities.open() as identities:
                more = await identities.workspaces.erase_history(tenant_id, ROWS_AT_ONCE)

    async def _note(self, tenant_id: str) -> int:
        """Write on the receipt what the stores show, and return how much that is."""
        namespaces = await self._vectors.namespaces(tenant_id)
        vectors = sum([await self._vectors.count(each) for each in namespaces])
        blobs = sum([1 async for _ in self._blobs.list(tenant_id)])
        async with self._identities.open() as identities:
            receipt = await identities.erasures.pending(_SUBJECT, tenant_id)
            if receipt is not None:
                now = self._clock.now()
                receipt = receipt.noted("vector_index", self._vectors.kind, vectors, now)
                receipt = receipt.noted("blob_store", self._blobs.kind, blobs, now)
                await identities.erasures.save(receipt)
        return vectors + blobs

    async def _verify(self, tenant_id: str) -> None:
        if await self._note(tenant_id):
            raise DependencyUnavailable(
                "A store still shows what it was told to delete.", code="not_erased"
            )

    async def _finish(self, lease: Lease) -> None:
        tenant_id = lease.job.tenant_id
        async with self._identities.open() as identities:
            receipt = await identities.erasures.pending(_SUBJECT, tenant_id)
            if receipt is not None:
                await identities.erasures.save(replace(receipt, finished_at=self._clock.now()))
            await identities.erasures.outlive(tenant_id, self._clock.now())
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.complete(lease)
