"""Provider credentials in dictionaries."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.state import MemoryState, TenantTables
from application.ports.credentials import CredentialsRepository, WorkspaceList
from application.queries.credentials import CredentialQueries
from domain.credentials import StoredCredentials
from domain.errors import NotFound


class InMemoryCredentialsRepository(CredentialsRepository):
    """Works on the tables of a unit of work."""

    def __init__(self, tables: TenantTables, state: MemoryState, tenant_id: str) -> None:
        self._tables = tables
        self._state = state
        self._tenant_id = tenant_id

    async def default_model(self) -> str | None:
        """Return the workspace's own choice."""
        return default_model(self._state, self._tenant_id)

    async def list(self, *, lock: bool = False) -> Sequence[StoredCredentials]:  # noqa: ARG002
        """Return all, by provider; a unit of work is alone anyway."""
        return _by_provider(self._tables)

    async def save(self, credentials: StoredCredentials) -> None:
        """Put them in the place of those there are."""
        old = self._tables.credentials.get(credentials.provider)
        if old is not None:
            credentials = replace(credentials, created_at=old.created_at)
        self._tables.credentials[credentials.provider] = credentials

    async def remove(self, provider: str) -> None:
        """Remove those of a provider."""
        if self._tables.credentials.pop(provider, None) is None:
            raise NotFound("This workspace has no key of its own for this provider.")


class InMemoryCredentialQueries(CredentialQueries):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def list(self, tenant_id: str) -> Sequence[StoredCredentials]:
        """Return the credentials of a workspace, by provider."""
        return _by_provider(self._state.tenant(tenant_id))


class InMemoryWorkspaceList(WorkspaceList):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def ids(self, after: str | None, limit: int) -> Sequence[str]:
        """Return up to `limit` ids that follow `after`."""
        known = sorted(self._state.accounts.workspaces)
        return [name for name in known if after is None or name > after][:limit]


def default_model(state: MemoryState, tenant_id: str) -> str | None:
    """Return the model that a workspace chose."""
    workspace = state.accounts.workspaces.get(tenant_id)
    return workspace.default_model if workspace else None


def _by_provider(tables: TenantTables) -> Sequence[StoredCredentials]:
    return [found for _, found in sorted(tables.credentials.items())]
