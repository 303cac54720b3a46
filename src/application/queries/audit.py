"""Reads of the audit log."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from application.queries.page import Page, PageRequest
from domain.audit import AuditLink


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries: of actions that begin with `action`, by who did it, by what it was done to, by when
    (`since` counts, `until` does not)."""

    action: str | None = None
    actor_id: str | None = None
    subject_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = AuditFilter()


class AuditQueries(ABC):
    """The chains, each within its workspace (or a person's account)."""

    @abstractmethod
    async def list(
        self, scope: str, page: PageRequest, where: AuditFilter = EVERYTHING
    ) -> Page[AuditLink]:
        """Return the entries that every part of the filter lets through, newest first."""

    @abstractmethod
    def chain(self, scope: str) -> AsyncIterator[AuditLink]:
        """Return the whole chain from its beginning on."""
