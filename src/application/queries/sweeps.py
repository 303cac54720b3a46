"""Reads of sweeps."""

from abc import ABC, abstractmethod

from application.queries.page import Page, PageRequest
from domain.sweeps import Sweep


class SweepQueries(ABC):
    """Every call is scoped by tenant."""

    @abstractmethod
    async def list(self, tenant_id: str, page: PageRequest) -> Page[Sweep]:
        """Return the sweeps of a workspace, newest first; the position is a sweep id."""
