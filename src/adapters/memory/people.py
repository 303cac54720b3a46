"""People, and who they are elsewhere, in dictionaries."""

from copy import deepcopy
from datetime import datetime

from adapters.memory.state import AccountTables
from application.ports.people import ExternalIdentities, UserRepository
from domain.accounts import ExternalIdentity, User
from domain.errors import Conflict

_TAKEN = "There is an account with this e-mail address."


class InMemoryUserRepository(UserRepository):
    """Works on the unit's copy of the tables."""

    def __init__(self, tables: AccountTables) -> None:
        self._tables = tables

    async def add(self, user: User) -> None:
        """Write a new user, unless the address is taken."""
        if await self.by_email(user.email) is not None:
            raise Conflict(_TAKEN)
        self._tables.users[user.id] = deepcopy(user)

    async def save(self, user: User) -> None:
        """Write the changed user and raise its version."""
        other = await self.by_email(user.email)
        if other is not None and other.id != user.id:
            raise Conflict(_TAKEN)
        user.version += 1
        self._tables.users[user.id] = deepcopy(user)

    async def get(self, user_id: str, *, lock: bool = False) -> User | None:  # noqa: ARG002
        """Return a copy of the user, or None; whoever has a transaction has the lock."""
        return deepcopy(self._tables.users.get(user_id))

    async def by_email(self, email: str) -> User | None:
        """Return a copy of the user with this address, or None."""
        found = (user for user in self._tables.users.values() if user.email == email)
        return deepcopy(next(found, None))

    async def remove(self, user_id: str) -> None:
        """Remove the user and what hangs on it."""
        tables = self._tables
        tables.users.pop(user_id, None)
        for key, session in list(tables.sessions.items()):
            if session.user_id == user_id:
                del tables.sessions[key]
        for digest, refresh in list(tables.refresh_tokens.items()):
            if refresh.user_id == user_id:
                del tables.refresh_tokens[digest]
        for digest, token in list(tables.one_time_tokens.items()):
            if token.user_id == user_id:
                del tables.one_time_tokens[digest]
        for place in [place for place in tables.memberships if place[1] == user_id]:
            del tables.memberships[place]
        for name in [name for name, owner in tables.externals.items() if owner == user_id]:
            del tables.externals[name]


class InMemoryExternalIdentities(ExternalIdentities):
    """Works on the unit's copy of the tables."""

    def __init__(self, tables: AccountTables) -> None:
        self._tables = tables

    async def user_id(self, identity: ExternalIdentity) -> str | None:
        """Return whose account it is, or None."""
        return self._tables.externals.get((identity.issuer, identity.subject))

    async def link(self, identity: ExternalIdentity, user_id: str, now: datetime) -> None:  # noqa: ARG002
        """Remember whose account it is."""
        if await self.user_id(identity) is not None:
            raise Conflict("This log-in belongs to an account already.")
        self._tables.externals[identity.issuer, identity.subject] = user_id
