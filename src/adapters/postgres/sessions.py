"""Log-ins and one-time tokens in PostgreSQL."""

from datetime import datetime

import orjson
from sqlalchemy import text

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from application.ports.sessions import OneTimeTokens, SessionRepository
from application.queries.page import Page, PageRequest
from application.queries.sessions import SessionQueries
from domain.accounts import Device, OneTimeToken, RefreshToken, Session, TokenPurpose

_FORGET_EXPIRED = text("DELETE FROM sessions WHERE user_id = :user_id AND expires_at < now()")
_ADD = text("""
INSERT INTO sessions (id, user_id, created_at, expires_at, last_used_at, address, user_agent)
VALUES (:id, :user_id, :created_at, :expires_at, :last_used_at, :address, :user_agent)
""")
_LIVE = """
SELECT id, user_id, created_at, expires_at, last_used_at, address, user_agent FROM sessions
WHERE user_id = :user_id AND revoked_at IS NULL AND expires_at > now()
"""
_GET = text(f"{_LIVE} AND id = :id")
_PAGE = text(
    f"{_LIVE} AND (cast(:after AS text) IS NULL OR id < :after) ORDER BY id DESC LIMIT :limit"
)
_REVOKE = text("UPDATE sessions SET revoked_at = :now WHERE id = :id AND revoked_at IS NULL")
_REVOKE_ALL = text("""
UPDATE sessions SET revoked_at = :now
WHERE user_id = :user_id AND id <> :keep AND revoked_at IS NULL
""")
_TOUCH = text("""
UPDATE sessions SET last_used_at = :now, address = :address, user_agent = :user_agent WHERE id = :id
""")
_ADD_REFRESH = text("""
INSERT INTO refresh_tokens (token_hash, session_id, expires_at, used_at, used_for)
VALUES (:token_hash, :session_id, :expires_at, :used_at, :used_for)
""")
_REFRESH_TOKEN = text("""
SELECT t.token_hash, t.session_id, s.user_id, t.expires_at, t.used_at, t.used_for
FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id
WHERE t.token_hash = :token_hash AND s.revoked_at IS NULL AND s.expires_at > now()
FOR UPDATE OF t
""")
_USE_REFRESH = text("""
UPDATE refresh_tokens SET used_at = :now, used_for = :used_for WHERE token_hash = :token_hash
""")
_ADD_TOKEN = text("""
INSERT INTO one_time_tokens (token_hash, purpose, user_id, data, expires_at)
VALUES (:token_hash, :purpose, :user_id, cast(:data AS jsonb), :expires_at)
""")
# Two for each that comes, so that they cannot pile up; those that others are at are left to them.
_CLEAR_EXPIRED = text("""
DELETE FROM one_time_tokens WHERE token_hash IN (
  SELECT token_hash FROM one_time_tokens WHERE expires_at < now() - interval '1 hour'
  ORDER BY expires_at LIMIT 2 FOR UPDATE SKIP LOCKED
)
""")
_TAKE_TOKEN = text("""
DELETE FROM one_time_tokens
WHERE token_hash = :token_hash AND purpose = :purpose
RETURNING token_hash, purpose, user_id, data, expires_at
""")
_FORGET_TOKENS = text("DELETE FROM one_time_tokens WHERE user_id = :user_id AND purpose = :purpose")


def to_session(row: Row) -> Session:
    return Session(
        id=row.id,
        user_id=row.user_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        last_used_at=row.last_used_at,
        device=Device(row.address, row.user_agent),
    )


class PostgresSessionRepository(SessionRepository):
    """Works in the connection's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, session: Session) -> None:
        await self._connection.execute(_FORGET_EXPIRED, {"user_id": session.user_id})
        values = {
            "id": session.id,
            "user_id": session.user_id,
            "created_at": session.created_at,
            "expires_at": session.expires_at,
            "last_used_at": session.last_used_at,
            "address": session.device.address,
            "user_agent": session.device.user_agent,
        }
        await self._connection.execute(_ADD, values)

    async def get(self, session_id: str, user_id: str) -> Session | None:
        values = {"id": session_id, "user_id": user_id}
        row = (await self._connection.execute(_GET, values)).one_or_none()
        return None if row is None else to_session(row)

    async def revoke(self, session_id: str, now: datetime) -> None:
        await self._connection.execute(_REVOKE, {"id": session_id, "now": now})

    async def revoke_all(self, user_id: str, now: datetime, *, keep: str = "") -> None:
        values = {"user_id": user_id, "now": now, "keep": keep}
        await self._connection.execute(_REVOKE_ALL, values)

    async def touch(self, session_id: str, now: datetime, device: Device) -> None:
        values = {"address": device.address, "user_agent": device.user_agent}
        await self._connection.execute(_TOUCH, {"id": session_id, "now": now, **values})

    async def add_token(self, token: RefreshToken) -> None:
        values = {
            "token_hash": token.token_hash,
            "session_id": token.session_id,
            "expires_at": token.expires_at,
            "used_at": token.used_at,
            "used_for": token.used_for,
        }
        await self._connection.execute(_ADD_REFRESH, values)

    async def token(self, token_hash: str) -> RefreshToken | None:
        found = await self._connection.execute(_REFRESH_TOKEN, {"token_hash": token_hash})
        row = found.one_or_none()
        if row is None:
            return None
        return RefreshToken(
            row.token_hash, row.session_id, row.user_id, row.expires_at, row.used_at, row.used_for
        )

    async def use_token(self, token_hash: str, now: datetime, used_for: str | None = None) -> None:
        values = {"token_hash": token_hash, "now": now, "used_for": used_for}
        await self._connection.execute(_USE_REFRESH, values)


class PostgresOneTimeTokens(OneTimeTokens):
    """Works in the connection's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, token: OneTimeToken) -> None:
        await self._connection.execute(_CLEAR_EXPIRED)
        await self._connection.execute(
            _ADD_TOKEN,
            {
                "token_hash": token.token_hash,
                "purpose": token.purpose.value,
                "user_id": token.user_id,
                "data": orjson.dumps(dict(token.data)).decode(),
                "expires_at": token.expires_at,
            },
        )

    async def take(
        self, token_hash: str, purpose: TokenPurpose, now: datetime
    ) -> OneTimeToken | None:
        values = {"token_hash": token_hash, "purpose": purpose.value}
        row = (await self._connection.execute(_TAKE_TOKEN, values)).one_or_none()
        if row is None or row.expires_at <= now:
            return None
        return OneTimeToken(row.token_hash, purpose, row.expires_at, row.user_id, row.data)

    async def forget(self, user_id: str, purpose: TokenPurpose) -> None:
        await self._connection.execute(
            _FORGET_TOKENS, {"user_id": user_id, "purpose": purpose.value}
        )


class PostgresSessionQueries(SessionQueries):
    """One statement, no transaction."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def list(self, user_id: str, page: PageRequest) -> Page[Session]:
        values = {"user_id": user_id, "after": page.after, "limit": page.limit + 1}
        async with self._reader.connect(None) as connection:
            found = [to_session(row) for row in await connection.execute(_PAGE, values)]
        return Page.cut(found, page.limit, lambda session: session.id)
