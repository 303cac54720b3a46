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

APP_ROLE = "chatsphere_app"
SYSTEM_ROLE = "chatsphere_system"
LOGIN_ROLE = "chatsphere_login"
_CREATE_LOGIN = sql.SQL(f"CREATE ROLE {LOGIN_ROLE} LOGIN NOINHERIT PASSWORD {{}}")


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
