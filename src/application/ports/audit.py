"""Port: the audit log."""

from abc import ABC, abstractmethod

from domain.audit import AuditEntry


class AuditTrail(ABC):
    """Takes entries in the transaction of what they tell of: both are there, or neither."""

    @abstractmethod
    async def record(self, entry: AuditEntry, *, scope: str | None = None) -> None:
        """Add the entry to the chain of the unit's workspace, or of `scope` where the unit has none.

        To be called last in a transaction: others of the same chain wait for its end.
        """
