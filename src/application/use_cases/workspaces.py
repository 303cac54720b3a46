"""Make, rename, delete and restore workspaces."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.ports.model_catalog import ModelCatalog
from application.queries.credentials import CredentialQueries
from application.services.etag import require_version
from application.services.team import hold_team, record
from application.services.workspace_deletion import schedule_deletion
from domain.accounts import Actor, MemberRole, Membership, Workspace
from domain.audit import Action
from domain.erasures import Erasure
from domain.errors import Forbidden, InvalidInput, NotFound
from domain.jobs import JobKind
from domain.workspaces import checked_workspace_name, is_restorable, restored

_SUBJECT = "workspace"


class CreateWorkspace:
    """Make a workspace; who makes it owns it."""

    def __init__(self, identities: IdentityUnits, clock: Clock, plan: str = "free") -> None:
        self._identities = identities
        self._clock = clock
        self._plan = plan

    async def __call__(self, actor: Actor, name: str) -> Workspace:
        """Raises InvalidInput."""
        workspace = Workspace(
            self._clock.new_id("ws"), checked_workspace_name(name), self._plan, self._clock.now()
        )
        owner = Membership(workspace.id, actor.user_id, MemberRole.OWNER)
        async with self._identities.open() as identities:
            await identities.workspaces.add(workspace, owner)
            await _tell(identities, self._clock, actor, workspace.id, "workspace.created")
        return workspace


class UpdateWorkspace:
    """Change the actor's workspace by JSON Merge Patch (RFC 7396)."""

    def __init__(
        self,
        identities: IdentityUnits,
        credentials: CredentialQueries,
        models: ModelCatalog,
        clock: Clock,
    ) -> None:
        self._identities = identities
        self._credentials = credentials
        self._models = models
        self._clock = clock

    async def __call__(
        self, actor: Actor, patch: Mapping[str, str | None], expected_version: int | None
    ) -> tuple[Workspace, MemberRole]:
        """Return the workspace and the actor's role; of the patch count `name` and `default_model`,
        which None takes back to the installation's. Raises InvalidInput, NotFound, PreconditionFailed.
        """
        changed = await self._checked(actor, patch)
        async with self._identities.open() as identities:
            team = await hold_team(identities, actor, actor.tenant_id)
            require_version(team.workspace.version, expected_version)
            saved = await identities.workspaces.save(replace(team.workspace, **changed))
            if "name" in changed:
                await _tell(identities, self._clock, actor, saved.id, "workspace.renamed")
            if "default_model" in changed:
                await _tell(identities, self._clock, actor, saved.id, "workspace.model_chosen")
        return saved, team.role

    async def _checked(self, actor: Actor, patch: Mapping[str, str | None]) -> dict[str, Any]:
        changed: dict[str, Any] = {}
        if "name" in patch:
            changed["name"] = checked_workspace_name(patch["name"] or "")
        if "default_model" in patch:
            changed["default_model"] = model = patch["default_model"]
            if model is not None:
                await self._see_that_it_is_there(actor.tenant_id, model)
        return changed

    async def _see_that_it_is_there(self, tenant_id: str, model: str) -> None:
        try:
            self._models.resolve(model, await self._credentials.list(tenant_id))
        except InvalidInput as error:
            raise InvalidInput(error.detail, pointer="/default_model", code=error.code) from error


class DeleteWorkspace:
    """Take the actor's workspace out of use at once; what it holds is erased after the grace."""

    def __init__(self, identities: IdentityUnits, clock: Clock, grace: timedelta) -> None:
        self._identities = identities
        self._clock = clock
        self._grace = grace

    async def __call__(self, actor: Actor, expected_version: int | None) -> Erasure:
        """Return the receipt of the erasure. Raises NotFound, Forbidden and PreconditionFailed."""
        async with self._identities.open() as identities:
            team = await hold_team(identities, actor, actor.tenant_id)
            if team.role is not MemberRole.OWNER:
                raise Forbidden("Only owners delete a workspace.")
            require_version(team.workspace.version, expected_version)
            return await schedule_deletion(
                identities, self._clock, actor, team.workspace, self._grace
            )


class RestoreWorkspace:
    """Put a deleted workspace back into use, with all that it holds."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, actor: Actor, workspace_id: str) -> tuple[Workspace, MemberRole]:
        """Return the workspace and the actor's role. Raises NotFound for all but its owners, and where
        its grace is over; nobody acts in a deleted workspace, so the table of access cannot tell."""
        async with self._identities.open() as identities:
            team = await hold_team(identities, actor, workspace_id, deleted=True)
            is_owner = team.role is MemberRole.OWNER
            if not is_owner or not is_restorable(team.workspace, self._clock.now()):
                raise NotFound("There is no such workspace.")
            saved = await identities.workspaces.save(restored(team.workspace))
            await identities.jobs(saved.id).cancel(JobKind.ERASE_WORKSPACE, saved.id)
            receipt = await identities.erasures.pending(_SUBJECT, saved.id)
            if receipt is not None:
                await identities.erasures.withdraw(receipt.id)
            await _tell(identities, self._clock, actor, saved.id, "workspace.restored")
        return saved, team.role


async def _tell(
    identities: Identities, clock: Clock, actor: Actor, workspace_id: str, action: Action
) -> None:
    await record(identities, clock, actor, workspace_id, action, (_SUBJECT, workspace_id))
