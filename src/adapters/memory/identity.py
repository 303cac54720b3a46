"""Accounts in dictionaries."""

from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import Self

from adapters.memory.audit import InMemoryAuditTrail
from adapters.memory.erasures import InMemoryErasureReceipts
from adapters.memory.job_queue import InMemoryJobOutbox
from adapters.memory.people import InMemoryExternalIdentities, InMemoryUserRepository
from adapters.memory.plans import InMemoryPlanRepository
from adapters.memory.sessions import InMemoryOneTimeTokens, InMemorySessionRepository
from adapters.memory.state import MemoryState, copy_tables
from adapters.memory.workspaces import InMemoryInvitationRepository, InMemoryWorkspaceRepository
from application.ports.identity import Identities, IdentityUnits
from application.queries.identity import IdentityQueries
from domain.accounts import Actor, MemberRole, Membership
from domain.api_keys import ApiKey


class InMemoryIdentities(Identities):
    """One transaction over accounts; others wait until it ends."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def __aenter__(self) -> Self:
        await self._state.accounts_lock.acquire()
        self._tables = tables = copy_tables(self._state.accounts)
        self.audit = self._audit = InMemoryAuditTrail(self._state)
        self.users = InMemoryUserRepository(tables)
        self.externals = InMemoryExternalIdentities(tables)
        self.sessions = InMemorySessionRepository(tables, self._state.clock)
        self.tokens = InMemoryOneTimeTokens(tables, self._state.clock)
        self.workspaces = InMemoryWorkspaceRepository(tables)
        self.invitations = InMemoryInvitationRepository(tables)
        self.erasures = self._receipts = InMemoryErasureReceipts(self._state)
        self._outboxes: list[InMemoryJobOutbox] = []
        self.plans = InMemoryPlanRepository(tables)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if exc_type is None:
            for gone in self._state.accounts.workspaces.keys() - self._tables.workspaces.keys():
                self._state.audit.pop(gone, None)
            self._state.accounts = self._tables
            self._receipts.commit()
            for outbox in self._outboxes:
                outbox.commit()
            self._state.committed.ring()
            self._audit.commit()
        for outbox in self._outboxes:
            outbox.unlock()
        self._state.accounts_lock.release()

    def jobs(self, tenant_id: str) -> InMemoryJobOutbox:
        """Return the outbox of a tenant."""
        self._outboxes.append(InMemoryJobOutbox(self._state, tenant_id))
        return self._outboxes[-1]


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
        nowhere = Actor(
            user_id, "", MemberRole.VIEWER, session_id, instance_admin=user.instance_admin
        )
        for membership in accounts.memberships_in_use():
            if membership.user_id == user_id and workspace_id in (None, membership.tenant_id):
                return replace(nowhere, tenant_id=membership.tenant_id, role=membership.role)
        return nowhere

    async def key_actor(self, secret_hash: str) -> Actor | None:
        """Return whom an API key acts as."""
        now = self._state.clock.now()
        keys = (key for tables in self._state.tenants.values() for key in tables.api_keys.values())
        key = next((key for key in keys if key.opens_with(secret_hash, now)), None)
        return None if key is None else self._actor_of_key(key, secret_hash)

    async def still(self, actor: Actor) -> Actor | None:
        """Return what the credential is worth now."""
        if actor.key_id:
            return await self.key_actor(actor.secret_hash)
        return await self.actor(actor.user_id, actor.session_id, actor.tenant_id)

    def _actor_of_key(self, key: ApiKey, secret_hash: str) -> Actor | None:
        accounts = self._state.accounts
        user = accounts.users.get(key.created_by)
        membership = accounts.memberships.get((key.tenant_id, key.created_by))
        if user is None or user.disabled or membership not in accounts.memberships_in_use():
            return None
        if key.created_at < accounts.joined[key.tenant_id, key.created_by]:
            return None
        return Actor(
            user.id,
            key.tenant_id,
            membership.role,
            key_id=key.id,
            scopes=frozenset(key.scopes),
            secret_hash=secret_hash,
        )

    async def local_actor(self, email: str | None, workspace_id: str | None) -> Actor | None:
        """Return the user, or an owner, in the named or the oldest workspace."""
        accounts = self._state.accounts

        def age(membership: Membership) -> tuple[datetime, str, datetime, str]:
            made = accounts.workspaces[membership.tenant_id].created_at
            joined = accounts.joined[membership.tenant_id, membership.user_id]
            return made, membership.tenant_id, joined, membership.user_id

        for membership in sorted(accounts.memberships_in_use(), key=age):
            user = accounts.users[membership.user_id]
            named = membership.role is MemberRole.OWNER if email is None else user.email == email
            if named and not user.disabled and workspace_id in (None, membership.tenant_id):
                return Actor(user.id, membership.tenant_id, membership.role)
        return None
