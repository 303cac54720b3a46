"""Port: the plans of the installation, and which workspace has which."""

from abc import ABC, abstractmethod

from domain.plans import Plan, Standing


class PlanRepository(ABC):
    """Plans stand above tenants."""

    @abstractmethod
    async def find(self, plan_id: str) -> Plan | None:
        """Return a plan, which nobody else changes before the commit, or None."""

    @abstractmethod
    async def save(self, plan: Plan) -> None:
        """Write a new plan, or a changed one in the place of the one there is, as it is given."""

    @abstractmethod
    async def assign(self, workspace_id: str, plan_id: str) -> None:
        """Give a workspace a plan that there is. Raises NotFound: no such workspace."""

    @abstractmethod
    async def seats(self, workspace_id: str) -> Standing:
        """Return how many members a workspace has, of how many.

        Whoever asks for the same workspace waits for the commit. Raises NotFound.
        """
