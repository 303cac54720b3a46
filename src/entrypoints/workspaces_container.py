"""The part of the composition root that is about workspaces."""

from typing import Any

from dependency_injector import containers, providers

from adapters.postgres.workspaces import PostgresWorkspaceQueries
from application.use_cases.erase_workspace import EraseWorkspace
from application.use_cases.invitations import (
    AcceptInvitation,
    InviteMember,
    LookUpInvitation,
    RevokeInvitation,
)
from application.use_cases.list_models import ListModels
from application.use_cases.members import ChangeMemberRole, RemoveMember, TransferOwnership
from application.use_cases.workspaces import (
    CreateWorkspace,
    DeleteWorkspace,
    RestoreWorkspace,
    UpdateWorkspace,
)

Single = providers.Singleton


class WorkspacesContainer(containers.DeclarativeContainer):
    """Copied into Container, whose parts take the places of the dependencies that are named here."""

    settings: Any = providers.Dependency()
    clock: Any = providers.Dependency()
    system_pool: Any = providers.Dependency()
    identities: Any = providers.Dependency()
    units: Any = providers.Dependency()
    blobs: Any = providers.Dependency()
    vector_index: Any = providers.Dependency()
    postman: Any = providers.Dependency()
    mails: Any = providers.Dependency()
    credential_queries: Any = providers.Dependency()
    models: Any = providers.Dependency()

    workspace_queries = Single(PostgresWorkspaceQueries, system_pool)
    list_models = Single(ListModels, units, models)

    create_workspace = Single(CreateWorkspace, identities, clock, settings.provided.default_plan)
    update_workspace = Single(UpdateWorkspace, identities, credential_queries, models, clock)
    delete_workspace = Single(DeleteWorkspace, identities, clock, settings.provided.workspace_grace)
    restore_workspace = Single(RestoreWorkspace, identities, clock)
    erase_workspace = Single(EraseWorkspace, identities, units, blobs, vector_index, clock)

    change_member_role = Single(ChangeMemberRole, identities, clock)
    remove_member = Single(RemoveMember, identities, clock)
    transfer_ownership = Single(TransferOwnership, identities, clock)

    invite_member = Single(InviteMember, identities, postman, mails, clock)
    revoke_invitation = Single(RevokeInvitation, identities, clock)
    look_up_invitation = Single(LookUpInvitation, identities, clock)
    accept_invitation = Single(AcceptInvitation, identities, clock)
