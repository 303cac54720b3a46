"""Receipts of erasures in a dictionary."""

from collections.abc import Sequence

from adapters.memory.state import AccountTables
from application.ports.erasures import ErasureReceipts
from domain.erasures import Erasure


class InMemoryErasureReceipts(ErasureReceipts):
    """Works on the unit's copy of the tables."""

    def __init__(self, tables: AccountTables) -> None:
        self._receipts = tables.erasures

    async def add(self, erasure: Erasure) -> None:
        """Write a receipt."""
        self._receipts[erasure.id] = erasure

    async def save(self, erasure: Erasure) -> None:
        """Write the changed receipt."""
        self._receipts[erasure.id] = erasure

    async def get(self, erasure_id: str) -> Erasure | None:
        """Return the receipt with this id, or None."""
        return self._receipts.get(erasure_id)

    async def pending(self, subject_type: str, subject_id: str) -> Erasure | None:
        """Return the receipt that is not finished, or None."""
        receipts = await self.of(subject_type, subject_id)
        return next((each for each in reversed(receipts) if each.finished_at is None), None)

    async def of(self, subject_type: str, subject_id: str) -> Sequence[Erasure]:
        """Return all receipts of a subject, oldest first."""
        subject = (subject_type, subject_id)
        return [
            each
            for each in self._receipts.values()
            if (each.subject_type, each.subject_id) == subject
        ]

    async def withdraw(self, erasure_id: str) -> None:
        """Remove a receipt that is not finished."""
        found = self._receipts.get(erasure_id)
        if found is not None and found.finished_at is None:
            del self._receipts[erasure_id]
