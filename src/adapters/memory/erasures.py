"""Receipts of erasures in a dictionary."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.memory.state import MemoryState
from application.ports.erasures import ErasureReceipts
from domain.erasures import Erasure


class InMemoryErasureReceipts(ErasureReceipts):
    """Sees the receipts of its tenant, or all; what it changes is seen by others from the commit on."""

    def __init__(self, state: MemoryState, tenant_id: str | None = None) -> None:
        self._state = state
        self._tenant_id = tenant_id
        self._changed: dict[str, Erasure | None] = {}

    async def add(self, erasure: Erasure) -> None:
        """Write a receipt."""
        self._changed[erasure.id] = replace(erasure, tenant_id=self._tenant_id)

    async def save(self, erasure: Erasure) -> None:
        """Write the changed receipt."""
        if await self.get(erasure.id) is not None:
            self._changed[erasure.id] = erasure

    async def get(self, erasure_id: str) -> Erasure | None:
        """Return the receipt with this id, or None."""
        return next((each for each in self._seen() if each.id == erasure_id), None)

    async def pending(self, subject_type: str, subject_id: str) -> Erasure | None:
        """Return the receipt that is not finished, or None."""
        receipts = await self.of(subject_type, subject_id)
        return next((each for each in reversed(receipts) if each.finished_at is None), None)

    async def of(self, subject_type: str, subject_id: str) -> Sequence[Erasure]:
        """Return all receipts of a subject, oldest first."""
        subject = (subject_type, subject_id)
        return [each for each in self._seen() if (each.subject_type, each.subject_id) == subject]

    async def outlive(self, tenant_id: str, finished_at: datetime) -> None:
        """End the receipts of a tenant."""
        for each in self._seen():
            if each.tenant_id == tenant_id:
                ended = each.finished_at or finished_at
                self._changed[each.id] = replace(each, tenant_id=None, finished_at=ended)

    async def withdraw(self, erasure_id: str) -> None:
        """Remove a receipt that is not finished."""
        found = await self.get(erasure_id)
        if found is not None and found.finished_at is None:
            self._changed[erasure_id] = None

    def commit(self) -> None:
        """Let others see what the unit did."""
        for erasure_id, erasure in self._changed.items():
            if erasure is None:
                self._state.receipts.pop(erasure_id, None)
            else:
                self._state.receipts[erasure_id] = erasure

    def _seen(self) -> list[Erasure]:
        every = {**self._state.receipts, **self._changed}.values()
        return [
            each for each in every if each is not None and self._tenant_id in (None, each.tenant_id)
        ]
