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

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

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


def _by_provider(tables: TenantTables) -> Sequence[StoredCredentials]:
    return [found for _, found in sorted(tables.credentials.items())]
