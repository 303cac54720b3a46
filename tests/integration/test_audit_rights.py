"""The history of a workspace or an account is not removed while there is what it tells of."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from adapters.postgres.roles import APP_ROLE, SYSTEM_ROLE


def system(url: str) -> psycopg.Connection:
    """Connect as the role that keeps accounts, to a database with two chains of history."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute(
        "INSERT INTO workspaces (id, name, plan, created_at) VALUES ('ws_1', 'x', 'free', now());"
        "INSERT INTO users (id, email, full_name, created_at) VALUES ('usr_1', 'a@b.c', 'A', now());"
        "SELECT append_audit('ws_1', 'aud_1', 'bot.created', '{}');"
        "SELECT append_audit('usr_1', 'aud_2', 'session.opened', '{}')"
    )
    connection.execute(f"SET ROLE {SYSTEM_ROLE}")
    return connection


@pytest.mark.parametrize(
    ("chain", "owner"), [("ws_1", "workspaces"), ("usr_1", "users")], ids=["workspace", "person"]
)
def test_it_goes_after_its_subject_and_not_before(
    postgres_url: str, chain: str, owner: str
) -> None:
    with system(postgres_url) as connection:
        remove = f"DELETE FROM audit_events WHERE tenant_id = '{chain}'"
        assert connection.execute(remove).rowcount == 0
        connection.execute(f"DELETE FROM {owner} WHERE id = '{chain}'")
        assert connection.execute(remove).rowcount == 1
        assert connection.execute("SELECT count(*) FROM audit_events").fetchone() == (1,)


def test_nobody_rewrites_it(postgres_url: str) -> None:
    with system(postgres_url) as connection:
        for statement in (
            "UPDATE audit_events SET body = 'x'",
            f"SET ROLE {APP_ROLE}; UPDATE audit_events SET body = 'x'",
            f"SET ROLE {APP_ROLE}; DELETE FROM audit_events",
        ):
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement)
