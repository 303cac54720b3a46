"""Who asks, and the unit of work over accounts, in PostgreSQL."""

from types import TracebackType
from typing import Self

from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.audit import PostgresAuditTrail
from adapters.postgres.database import Reader
from adapters.postgres.erasures import PostgresErasureReceipts
from adapters.postgres.job_queue import PostgresJobOutbox
from adapters.postgres.people import PostgresExternalIdentities, PostgresUserRepository
from adapters.postgres.plans import PostgresPlanRepository
from adapters.postgres.sessions import PostgresOneTimeTokens, PostgresSessionRepository
from adapters.postgres.unit_of_work import Transaction
from adapters.postgres.workspaces import (
    PostgresInvitationRepository,
    PostgresWorkspaceRepository,
)
from application.ports.identity import Identities, IdentityUnits
from application.ports.job_queue import JobOutbox
from application.queries.identity import IdentityQueries
from domain.accounts import Actor, MemberRole

_ACTOR = text("""
SELECT u.instance_admin, m.tenant_id, m.role FROM sessions s
JOIN users u ON u.id = s.user_id AND NOT u.disabled
LEFT JOIN LATERAL (
  SELECT m.tenant_id, m.role FROM memberships m
  JOIN workspaces w ON w.id = m.tenant_id AND w.deleted_at IS NULL
  WHERE m.user_id = u.id AND (cast(:workspace_id AS text) IS NULL OR m.tenant_id = :workspace_id)
  ORDER BY m.created_at, m.tenant_id LIMIT 1
) m ON true
WHERE s.id = :session_id AND s.user_id = :user_id AND s.revoked_at IS NULL
  AND s.expires_at > now()
""")
# A key is worth what its maker may do now: a member who is disabled, demoted or gone takes it along.
_KEY_ACTOR = text("""
SELECT k.id, k.scopes, k.tenant_id, k.created_by, m.role FROM api_keys k
JOIN users u ON u.id = k.created_by AND NOT u.disabled
JOIN memberships m ON m.tenant_id = k.tenant_id AND m.user_id = k.created_by
JOIN workspaces w ON w.id = k.tenant_id AND w.deleted_at IS NULL
WHERE (k.secret_hash = :hash OR k.previous_hash = :hash AND k.previous_until > now())
  AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
  AND k.created_at >= m.created_at  -- who left and came back does not get the old keys back
""")
_LOCAL_ACTOR = text("""
SELECT m.user_id, m.tenant_id, m.role FROM memberships m
JOIN users u ON u.id = m.user_id AND NOT u.disabled
JOIN workspaces w ON w.id = m.tenant_id AND w.deleted_at IS NULL
WHERE CASE WHEN cast(:email AS text) IS NULL THEN m.role = 'owner' ELSE u.email = :email END
  AND (cast(:workspace_id AS text) IS NULL OR m.tenant_id = :workspace_id)
ORDER BY w.created_at, w.id, m.created_at, m.user_id LIMIT 1
""")


class PostgresIdentities(Identities):
    """One transaction over accounts."""

    def __init__(self, pool: Pool) -> None:
        self._transaction = Transaction(pool, None)

    async def __aenter__(self) -> Self:
        self._connection = connection = await self._transaction.begin()
        self.audit = PostgresAuditTrail(connection)
        self.users = PostgresUserRepository(connection)
        self.externals = PostgresExternalIdentities(connection)
        self.sessions = PostgresSessionRepository(connection)
        self.tokens = PostgresOneTimeTokens(connection)
        self.workspaces = PostgresWorkspaceRepository(connection)
        self.invitations = PostgresInvitationRepository(connection)
        self.erasures = PostgresErasureReceipts(connection)
        self.plans = PostgresPlanRepository(connection)
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._transaction.end(exc)

    def jobs(self, tenant_id: str) -> JobOutbox:
        return PostgresJobOutbox(self._connection, tenant_id)


class PostgresIdentityUnits(IdentityUnits):
    """Opens units of work over accounts."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def open(self) -> Identities:
        return PostgresIdentities(self._pool)


class PostgresIdentityQueries(IdentityQueries):
    """One statement a request."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def actor(self, user_id: str, session_id: str, workspace_id: str | None) -> Actor | None:
        values = {"user_id": user_id, "session_id": session_id, "workspace_id": workspace_id}
        async with self._reader.connect(None) as connection:
            row = (await connection.execute(_ACTOR, values)).one_or_none()
        if row is None:
            return None
        role = MemberRole(row.role or MemberRole.VIEWER)
        return Actor(
            user_id, row.tenant_id or "", role, session_id, instance_admin=row.instance_admin
        )

    async def key_actor(self, secret_hash: str) -> Actor | None:
        async with self._reader.connect(None) as connection:
            row = (await connection.execute(_KEY_ACTOR, {"hash": secret_hash})).one_or_none()
        if row is None:
            return None
        return Actor(
            row.created_by,
            row.tenant_id,
            MemberRole(row.role),
            key_id=row.id,
            scopes=frozenset(row.scopes),
            secret_hash=secret_hash,
        )

    async def still(self, actor: Actor) -> Actor | None:
        if actor.key_id:
            return await self.key_actor(actor.secret_hash)
        return await self.actor(actor.user_id, actor.session_id, actor.tenant_id)

    async def local_actor(self, email: str | None, workspace_id: str | None) -> Actor | None:
        values = {"email": email, "workspace_id": workspace_id}
        async with self._reader.connect(None) as connection:
            row = (await connection.execute(_LOCAL_ACTOR, values)).one_or_none()
        return None if row is None else Actor(row.user_id, row.tenant_id, MemberRole(row.role))
