"""Port: receipts of what was erased."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.erasures import Erasure


class ErasureReceipts(ABC):
    """The receipts of the whole installation; in a unit of work of a tenant, those of the tenant."""

    @abstractmethod
    async def add(self, erasure: Erasure) -> None:
        """Write a receipt for an erasure that is asked for."""

    @abstractmethod
    async def save(self, erasure: Erasure) -> None:
        """Write its counts and stores, and when it was finished."""

    @abstractmethod
    async def get(self, erasure_id: str) -> Erasure | None:
        """Return the receipt with this id, or None."""

    @abstractmethod
    async def pending(self, subject_type: str, subject_id: str) -> Erasure | None:
        """Return the receipt of the erasure that is not finished, or None."""

    @abstractmethod
    async def of(self, subject_type: str, subject_id: str) -> Sequence[Erasure]:
        """Return all receipts of a subject, oldest first."""

    @abstractmethod
    async def outlive(self, tenant_id: str, finished_at: datetime) -> None:
        """End the receipts of a tenant of which all is erased: they belong to nobody from now on."""

    @abstractmethod
    async def withdraw(self, erasure_id: str) -> None:
        """Remove a receipt whose erasure does not come about; a finished one stays."""
