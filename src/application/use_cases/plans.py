"""Change what plans allow, and who has which. What is there stays; what is new is measured anew."""

from collections.abc import Mapping
from dataclasses import replace

from application.ports.clock import Clock
from application.ports.identity import IdentityUnits
from application.services.etag import require_version
from application.services.team import record
from domain.accounts import Actor
from domain.errors import InvalidInput, PreconditionFailed
from domain.plans import Plan, checked_plan


class SavePlan:
    """Make a plan, or change its name and limits for everyone who has it."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(
        self,
        actor: Actor,
        plan_id: str,
        name: str,
        limits: Mapping[str, int | None],
        expected_version: int | None = None,
    ) -> tuple[Plan, bool]:
        """Return the plan, and whether it is new. Raises InvalidInput and PreconditionFailed."""
        plan = checked_plan(plan_id, name, limits)
        async with self._identities.open() as identities:
            old = await identities.plans.find(plan_id)
            if old is not None:
                require_version(old.version, expected_version)
                plan = replace(plan, version=old.version + 1)
            elif expected_version is not None:
                raise PreconditionFailed
            await identities.plans.save(plan)
            allowed = {quota.value: limit for quota, limit in plan.limits.items()}
            subject = ("plan", plan_id)
            await record(
                identities, self._clock, actor, actor.user_id, "plan.saved", subject, **allowed
            )
        return plan, old is None


class AssignPlan:
    """Give a workspace another plan; it holds from the next thing that is counted."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, actor: Actor, workspace_id: str, plan_id: str) -> Plan:
        """Raises InvalidInput (no such plan) and NotFound."""
        async with self._identities.open() as identities:
            plan = await identities.plans.find(plan_id)
            if plan is None:
                raise InvalidInput("There is no such plan.", pointer="/plan")
            await identities.plans.assign(workspace_id, plan_id)
            subject = ("workspace", workspace_id)
            await record(
                identities, self._clock, actor, workspace_id, "plan.assigned", subject, plan=plan_id
            )
        return plan
