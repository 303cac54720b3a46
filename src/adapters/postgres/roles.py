"""The database roles: requests own nothing, and only the system role sees across tenants.

`chatsphere_app` serves tenants: row-level security shows it the rows of one tenant for the length of
one transaction, and it cannot read accounts (password hashes, sessions, tokens) at all.
`chatsphere_system` looks up who asks and which job is next: it reads across tenants, but none of
what tenants store. Migrations run as the owner of the tables, who is neither.
"""

import hmac
from contextlib import suppress
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from domain.errors import ChatSphereError

APP_ROLE = "chatsphere_app"
SYSTEM_ROLE = "chatsphere_system"
LOGIN_ROLE = "chatsphere_login"
_CREATE_LOGIN = sql.SQL(f"CREATE ROLE {LOGIN_ROLE} LOGIN NOINHERIT PASSWORD {{}}")
_MAKE_ROLES = f"""
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['{APP_ROLE}', '{SYSTEM_ROLE}'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', name);
    END IF;
    IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', name);
    END IF;
  END LOOP;
END $$
"""


def make_roles(owner_conninfo: str) -> None:
    """Make the two roles where the server does not have them, as the migration does.

    A dump grants rights to them, and roles are of the server, not of the database that is dumped.
    Raises ChatSphereError `roles_missing`.
    """
    with psycopg.connect(owner_conninfo, connect_timeout=10, autocommit=True) as connection:
        try:
            connection.execute(_MAKE_ROLES)
        except psycopg.errors.InsufficientPrivilege as error:
            raise ChatSphereError(
                "This role may not create roles. Let an administrator of the server run: "
                f"CREATE ROLE {APP_ROLE} NOLOGIN NOINHERIT; CREATE ROLE {SYSTEM_ROLE} NOLOGIN "
                f"NOINHERIT; GRANT {APP_ROLE}, {SYSTEM_ROLE} TO {connection.info.user};",
                code="roles_missing",
            ) from error


def login_conninfo(owner_conninfo: str) -> str:
    """Return the URL of an unprivileged log-in to the database of `owner_conninfo`, made if need be.

    The log-in can become either role, and by itself it can do nothing. Its password follows from the
    owner's, so there is nothing more to keep.
    """
    parts = urlsplit(owner_conninfo)
    secret = unquote(parts.password or "").encode()
    password = hmac.digest(secret, LOGIN_ROLE.encode(), "sha256").hex()
    with psycopg.connect(owner_conninfo, connect_timeout=10, autocommit=True) as connection:
        known = "SELECT FROM pg_roles WHERE rolname = %s"
        if connection.execute(known, [LOGIN_ROLE]).fetchone() is None:
            with suppress(psycopg.errors.DuplicateObject), connection.transaction():
                connection.execute(_CREATE_LOGIN.format(sql.Literal(password)))
                connection.execute(f"GRANT {APP_ROLE}, {SYSTEM_ROLE} TO {LOGIN_ROLE}")
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{LOGIN_ROLE}:{quote(password)}@{place}"))
