"""Reads of plans and of what was used of them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime

from domain.plans import Grouping, Plan, Standing, Usage


class PlanQueries(ABC):
    """Reads above tenants."""

    @abstractmethod
    async def list(self) -> Sequence[Plan]:
        """Return every plan, in the order in which they were made."""

    @abstractmethod
    async def of_workspace(self, workspace_id: str) -> Plan:
        """Return the plan of a workspace. Raises NotFound."""


class UsageQueries(ABC):
    """Every call is scoped by tenant."""

    @abstractmethod
    async def standings(self, tenant_id: str, now: datetime) -> Sequence[Standing]:
        """Return how much is used of each limit, in the order of Quota. Raises NotFound."""

    @abstractmethod
    async def used(self, tenant_id: str, first: date, last: date, by: Grouping) -> Sequence[Usage]:
        """Return what was used from `first` to the end of `last` (days in UTC), by group in order."""
