"""Plans in dictionaries."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.state import AccountTables, MemoryState
from application.ports.plans import PlanRepository
from application.queries.usage import PlanQueries
from domain.errors import NotFound
from domain.plans import Plan, Quota, Standing


def plan_of(tables: AccountTables, workspace_id: str) -> Plan:
    """Return the plan of a workspace. Raises NotFound."""
    workspace = tables.workspaces.get(workspace_id)
    if workspace is None:
        raise NotFound("There is no such workspace.")
    return tables.plans[workspace.plan]


def members_of(tables: AccountTables, workspace_id: str) -> int:
    """Return how many members a workspace has."""
    return sum(tenant_id == workspace_id for tenant_id, _ in tables.memberships)


class InMemoryPlanRepository(PlanRepository):
    """Works on the unit's copy of the tables."""

    def __init__(self, tables: AccountTables) -> None:
        self._tables = tables

    async def find(self, plan_id: str) -> Plan | None:
        """Return a plan, or None."""
        return self._tables.plans.get(plan_id)

    async def save(self, plan: Plan) -> None:
        """Write a plan."""
        self._tables.plans[plan.id] = plan

    async def assign(self, workspace_id: str, plan_id: str) -> None:
        """Give a workspace a plan."""
        workspace = self._tables.workspaces.get(workspace_id)
        if workspace is None:
            raise NotFound("There is no such workspace.")
        self._tables.workspaces[workspace_id] = replace(
            workspace, plan=plan_id, version=workspace.version + 1
        )

    async def seats(self, workspace_id: str) -> Standing:
        """Return how many members there are, of how many."""
        limit = plan_of(self._tables, workspace_id).limits[Quota.MEMBERS]
        return Standing(Quota.MEMBERS, members_of(self._tables, workspace_id), limit)


class InMemoryPlanQueries(PlanQueries):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def list(self) -> Sequence[Plan]:
        """Return every plan, in the order in which they were made."""
        return list(self._state.accounts.plans.values())

    async def of_workspace(self, workspace_id: str) -> Plan:
        """Return the plan of a workspace."""
        return plan_of(self._state.accounts, workspace_id)
