"""Accounts in PostgreSQL."""

from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from psycopg import IntegrityError
from sqlalchemy import insert, select, text, update

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from adapters.postgres.schema import memberships, refresh_tokens, sessions, users, workspaces
from adapters.postgres.unit_of_work import Transaction
from application.ports.identity import Identities, IdentityUnits
from application.queries.identity import IdentityQueries
from domain.accounts import Actor, MemberRole, Membership, RefreshToken, Session, User, Workspace
from domain.errors import Conflict

_REFRESH_TOKEN = text("""
SELECT t.token_hash, t.session_id, s.user_id, t.expires_at, t.used_at
FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
WHERE t.token_hash = :token_hash AND s.revoked_at IS NULL AND s.expires_at > now()
FOR UPDATE OF t
""")
_ACTOR = text("""
SELECT m.tenant_id, m.role FROM sessions s
JOIN users u ON u.id = s.user_id AND NOT u.disabled
JOIN memberships m ON m.user_id = u.id
WHERE s.id = :session_id AND s.user_id = :user_id AND s.revoked_at IS NULL
  AND s.expires_at > now()
  AND (cast(:workspace_id AS text) IS NULL OR m.tenant_id = :workspace_id)
ORDER BY m.created_at, m.tenant_id LIMIT 1
""")
_LOCAL_ACTOR = text("""
SELECT m.user_id, m.tenant_id, m.role FROM memberships m
JOIN users u ON u.id = m.user_id AND NOT u.disabled
WHERE CASE WHEN cast(:email AS text) IS NULL THEN m.role = 'owner' ELSE u.email = :email END
  AND (cast(:workspace_id AS text) IS NULL OR m.tenant_id = :workspace_id)
ORDER BY m.created_at, m.tenant_id LIMIT 1
""")


def _to_user(row: Row) -> User:
    return User(
        id=row.id,
        email=row.email,
        full_name=row.full_name,
        password_hash=row.password_hash,
        created_at=row.created_at,
        disabled=row.disabled,
        version=row.version,
    )


class PostgresIdentities(Identities):
    """One transaction over accounts."""

    def __init__(self, pool: Pool) -> None:
        self._transaction = Transaction(pool)
        self._connection: Connection

    async def __aenter__(self) -> Self:
        self._connection = await self._transaction.begin()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._transaction.end(exc)

    async def add_user(self, user: User) -> None:
        values = {
            "id": user.id,
            "email": user.email,
            "full_name": user.full_name,
            "password_hash": user.password_hash,
            "disabled": user.disabled,
            "version": user.version,
            "created_at": user.created_at,
        }
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(insert(users), values)
        except IntegrityError as error:
            raise Conflict("There is an account with this e-mail address.") from error

    async def save_user(self, user: User) -> None:
        user.version += 1
        await self._connection.execute(
            update(users)
            .where(users.c.id == user.id)
            .values(
                email=user.email,
                full_name=user.full_name,
                password_hash=user.password_hash,
                disabled=user.disabled,
                version=user.version,
            )
        )

    async def user(self, user_id: str, *, lock: bool = False) -> User | None:
        statement = select(users).where(users.c.id == user_id)
        found = await self._connection.execute(statement.with_for_update() if lock else statement)
        row = found.one_or_none()
        return None if row is None else _to_user(row)

    async def user_by_email(self, email: str) -> User | None:
        found = await self._connection.execute(select(users).where(users.c.email == email))
        row = found.one_or_none()
        return None if row is None else _to_user(row)

    async def add_workspace(self, workspace: Workspace, owner: Membership) -> None:
        await self._connection.execute(
            insert(workspaces),
            {
                "id": workspace.id,
                "name": workspace.name,
                "plan": workspace.plan,
                "created_at": workspace.created_at,
            },
        )
        await self._connection.execute(
            insert(memberships),
            {
                "tenant_id": owner.tenant_id,
                "user_id": owner.user_id,
                "role": owner.role.value,
                "created_at": workspace.created_at,
            },
        )

    async def workspaces(self, user_id: str) -> Sequence[tuple[Workspace, Membership]]:
        found = await self._connection.execute(
            select(workspaces, memberships.c.role)
            .join(memberships, memberships.c.tenant_id == workspaces.c.id)
            .where(memberships.c.user_id == user_id)
            .order_by(memberships.c.created_at, memberships.c.tenant_id)
        )
        return [
            (
                Workspace(row.id, row.name, row.plan, row.created_at),
                Membership(row.id, user_id, MemberRole(row.role)),
            )
            for row in found
        ]

    async def add_session(self, session: Session) -> None:
        await self._connection.execute(
            insert(sessions),
            {
                "id": session.id,
                "user_id": session.user_id,
                "created_at": session.created_at,
                "expires_at": session.expires_at,
            },
        )

    async def revoke_session(self, session_id: str, now: datetime) -> None:
        await self._connection.execute(
            update(sessions)
            .where(sessions.c.id == session_id, sessions.c.revoked_at.is_(None))
            .values(revoked_at=now)
        )

    async def add_refresh_token(self, token: RefreshToken) -> None:
        await self._connection.execute(
            insert(refresh_tokens),
            {
                "token_hash": token.token_hash,
                "session_id": token.session_id,
                "expires_at": token.expires_at,
                "used_at": token.used_at,
            },
        )

    async def refresh_token(self, token_hash: str) -> RefreshToken | None:
        found = await self._connection.execute(_REFRESH_TOKEN, {"token_hash": token_hash})
        row = found.one_or_none()
        if row is None:
            return None
        return RefreshToken(
            row.token_hash, row.session_id, row.user_id, row.expires_at, row.used_at
        )

    async def use_refresh_token(self, token_hash: str, now: datetime) -> None:
        await self._connection.execute(
            update(refresh_tokens)
            .where(refresh_tokens.c.token_hash == token_hash)
            .values(used_at=now)
        )


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
        async with self._reader.connect() as connection:
            row = (await connection.execute(_ACTOR, values)).one_or_none()
        if row is None:
            return None
        return Actor(user_id, row.tenant_id, MemberRole(row.role), session_id)

    async def local_actor(self, email: str | None, workspace_id: str | None) -> Actor | None:
        values = {"email": email, "workspace_id": workspace_id}
        async with self._reader.connect() as connection:
            row = (await connection.execute(_LOCAL_ACTOR, values)).one_or_none()
        return None if row is None else Actor(row.user_id, row.tenant_id, MemberRole(row.role))
