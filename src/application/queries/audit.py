"""Reads of the audit log."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator

from application.queries.page import Page, PageRequest
from domain.audit import AuditLink


class AuditQueries(ABC):
    """The chains, each within its workspace (or a person's account)."""

    @abstractmethod
    async def list(
        self, scope: str, page: PageRequest, *, action: str | None = None
    ) -> Page[AuditLink]:
        """Return entries, newest first; of the actions that begin with `action` where given."""

    @abstractmethod
    def chain(self, scope: str) -> AsyncIterator[AuditLink]:
        """Return the whole chain from its beginning on."""
