"""People, and who they are elsewhere, in PostgreSQL."""

from collections.abc import Mapping
from datetime import datetime

from psycopg import IntegrityError
from sqlalchemy import text

from adapters._psycopg import Connection, Row
from application.ports.people import ExternalIdentities, UserRepository
from domain.accounts import ExternalIdentity, User
from domain.errors import Conflict
from domain.second_factor import SecondFactor

_FIELDS = (
    "email", "full_name", "password_hash", "disabled", "version", "email_verified_at",
    "instance_admin", "totp_secret", "totp_confirmed_at", "totp_last_step", "recovery_hashes",
)  # fmt: skip
_NAMES = ", ".join(_FIELDS)
_VALUES = ", ".join(f":{name}" for name in _FIELDS)
_CHANGES = ", ".join(f"{name} = :{name}" for name in _FIELDS)
# The names stand above: nothing from outside gets into these texts.
_ADD = text(f"INSERT INTO users (id, created_at, {_NAMES}) VALUES (:id, :created_at, {_VALUES})")  # noqa: S608
_SAVE = text(f"UPDATE users SET {_CHANGES} WHERE id = :id")  # noqa: S608
_SELECT = f"SELECT id, created_at, {_NAMES} FROM users WHERE"  # noqa: S608
_BY_ID = text(f"{_SELECT} id = :id")
_BY_ID_LOCKED = text(f"{_SELECT} id = :id FOR UPDATE")
_BY_EMAIL = text(f"{_SELECT} email = :email")
_REMOVE = text("DELETE FROM users WHERE id = :id")
_USER_ID = text(
    "SELECT user_id FROM external_identities WHERE issuer = :issuer AND subject = :subject"
)
_LINK = text("""
INSERT INTO external_identities (issuer, subject, user_id, created_at)
VALUES (:issuer, :subject, :user_id, :created_at)
""")


def to_user(row: Row) -> User:
    factor = None
    if row.totp_secret is not None:
        factor = SecondFactor(
            row.totp_secret, row.totp_confirmed_at, row.totp_last_step, tuple(row.recovery_hashes)
        )
    return User(
        id=row.id,
        email=row.email,
        full_name=row.full_name,
        password_hash=row.password_hash,
        created_at=row.created_at,
        disabled=row.disabled,
        version=row.version,
        email_verified_at=row.email_verified_at,
        instance_admin=row.instance_admin,
        second_factor=factor,
    )


def _values(user: User) -> Mapping[str, object]:
    factor = user.second_factor
    return {
        "id": user.id,
        "email": user.email,
        "full_name": user.full_name,
        "password_hash": user.password_hash,
        "disabled": user.disabled,
        "version": user.version,
        "created_at": user.created_at,
        "email_verified_at": user.email_verified_at,
        "instance_admin": user.instance_admin,
        "totp_secret": factor.sealed_secret if factor else None,
        "totp_confirmed_at": factor.confirmed_at if factor else None,
        "totp_last_step": factor.last_step if factor else 0,
        "recovery_hashes": list(factor.recovery_hashes) if factor else [],
    }


class PostgresUserRepository(UserRepository):
    """Works in the connection's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, user: User) -> None:
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(_ADD, _values(user))
        except IntegrityError as error:
            raise Conflict("There is an account with this e-mail address.") from error

    async def save(self, user: User) -> None:
        values = {**_values(user), "version": user.version + 1}
        values.pop("created_at")
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(_SAVE, values)
        except IntegrityError as error:
            raise Conflict("There is an account with this e-mail address.") from error
        user.version += 1

    async def get(self, user_id: str, *, lock: bool = False) -> User | None:
        statement = _BY_ID_LOCKED if lock else _BY_ID
        row = (await self._connection.execute(statement, {"id": user_id})).one_or_none()
        return None if row is None else to_user(row)

    async def by_email(self, email: str) -> User | None:
        row = (await self._connection.execute(_BY_EMAIL, {"email": email})).one_or_none()
        return None if row is None else to_user(row)

    async def remove(self, user_id: str) -> None:
        await self._connection.execute(_REMOVE, {"id": user_id})


class PostgresExternalIdentities(ExternalIdentities):
    """Works in the connection's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def user_id(self, identity: ExternalIdentity) -> str | None:
        values = {"issuer": identity.issuer, "subject": identity.subject}
        row = (await self._connection.execute(_USER_ID, values)).one_or_none()
        return None if row is None else str(row.user_id)

    async def link(self, identity: ExternalIdentity, user_id: str, now: datetime) -> None:
        values = {
            "issuer": identity.issuer,
            "subject": identity.subject,
            "user_id": user_id,
            "created_at": now,
        }
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(_LINK, values)
        except IntegrityError as error:
            raise Conflict("This log-in belongs to an account already.") from error
