"""Accounts in dictionaries."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from adapters.memory.state import MemoryState, copy_tables
from application.ports.identity import Identities, IdentityUnits
from application.queries.identity import IdentityQueries
from domain.accounts import (
    Actor,
    MemberRole,
    Membership,
    RefreshToken,
    Session,
    User,
    Workspace,
)
from domain.errors import Conflict


class InMemoryIdentities(Identities):
    """One transaction over accounts; others wait until it ends."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def __aenter__(self) -> Self:
        await self._state.accounts_lock.acquire()
        self._tables = copy_tables(self._state.accounts)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            self._state.accounts = self._tables
        self._state.accounts_lock.release()

    async def add_user(self, user: User) -> None:
        """Write a new user, unless the address is taken."""
        if await self.user_by_email(user.email) is not None:
            raise Conflict("There is an account with this e-mail address.")
        self._tables.users[user.id] = deepcopy(user)

    async def save_user(self, user: User) -> None:
        """Write the changed user and raise its version."""
        user.version += 1
        self._tables.users[user.id] = deepcopy(user)

    async def user(self, user_id: str, *, lock: bool = False) -> User | None:  # noqa: ARG002
        """Return a copy of the user, or None; whoever has a transaction has the lock."""
        return deepcopy(self._tables.users.get(user_id))

    async def user_by_email(self, email: str) -> User | None:
        """Return a copy of the user with this address, or None."""
        found = (user for user in self._tables.users.values() if user.email == email)
        return deepcopy(next(found, None))

    async def add_workspace(self, workspace: Workspace, owner: Membership) -> None:
        """Write a workspace with its first member."""
        self._tables.workspaces[workspace.id] = workspace
        self._tables.memberships[owner.tenant_id, owner.user_id] = owner

    async def workspaces(self, user_id: str) -> Sequence[tuple[Workspace, Membership]]:
        """Return the workspaces of a user, oldest membership first."""
        return [
            (self._tables.workspaces[membership.tenant_id], membership)
            for membership in self._tables.memberships.values()
            if membership.user_id == user_id
        ]

    async def add_session(self, session: Session) -> None:
        """Write a session."""
        self._tables.sessions[session.id] = session

    async def revoke_session(self, session_id: str, now: datetime) -> None:  # noqa: ARG002
        """End a session and its refresh tokens; when it was is not kept."""
        self._tables.revoked.add(session_id)

    async def add_refresh_token(self, token: RefreshToken) -> None:
        """Write a refresh token."""
        self._tables.refresh_tokens[token.token_hash] = token

    async def refresh_token(self, token_hash: str) -> RefreshToken | None:
        """Return the token, or None where it is unknown or its session is over."""
        token = self._tables.refresh_tokens.get(token_hash)
        if token is None or token.session_id in self._tables.revoked:
            return None
        session = self._tables.sessions[token.session_id]
        return token if session.expires_at > self._state.clock.now() else None

    async def use_refresh_token(self, token_hash: str, now: datetime) -> None:
        """Mark the token as used."""
        token = self._tables.refresh_tokens[token_hash]
        self._tables.refresh_tokens[token_hash] = replace(token, used_at=now)


class InMemoryIdentityUnits(IdentityUnits):
    """Opens units of work over the accounts of one state."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    def open(self) -> InMemoryIdentities:
        """Return a fresh unit of work."""
        return InMemoryIdentities(self._state)


class InMemoryIdentityQueries(IdentityQueries):
    """Reads the committed accounts."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def actor(self, user_id: str, session_id: str, workspace_id: str | None) -> Actor | None:
        """Return the actor, or None where any part of it does not hold."""
        accounts = self._state.accounts
        user, session = accounts.users.get(user_id), accounts.sessions.get(session_id)
        if user is None or user.disabled or session is None or session.user_id != user_id:
            return None
        if session_id in accounts.revoked or session.expires_at <= self._state.clock.now():
            return None
        for membership in accounts.memberships.values():
            if membership.user_id == user_id and workspace_id in (None, membership.tenant_id):
                return Actor(user_id, membership.tenant_id, membership.role, session_id)
        return None

    async def local_actor(self, email: str | None, workspace_id: str | None) -> Actor | None:
        """Return the user, or an owner, in the named or the oldest workspace."""
        accounts = self._state.accounts
        for membership in accounts.memberships.values():
            user = accounts.users[membership.user_id]
            named = membership.role is MemberRole.OWNER if email is None else user.email == email
            if named and not user.disabled and workspace_id in (None, membership.tenant_id):
                return Actor(user.id, membership.tenant_id, membership.role)
        return None
