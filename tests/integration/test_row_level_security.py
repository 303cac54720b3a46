"""The second wall: what the database itself refuses, whatever the statement says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.roles import APP_ROLE, LOGIN_ROLE, SYSTEM_ROLE, login_conninfo

# Tables that tenants' requests may read without a policy: the same for all, and nobody's secret.
OPEN_TABLES = {"plans", "workers"}
ADA, EVE = "ws_ada", "ws_eve"
Connection = psycopg.Connection[Any]


@pytest.fixture
def owner(postgres_url: str) -> Iterator[Connection]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield connection


@contextmanager
def as_tenant(url: str, tenant_id: str | None, role: str = APP_ROLE) -> Iterator[Connection]:
    """Open a transaction as requests do."""
    with psycopg.connect(url, options=f"-c role={role}") as connection:
        if tenant_id is not None:
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", [tenant_id])
        yield connection
        connection.rollback()


def values(connection: Connection, question: str, *parameters: object) -> list[Any]:
    return [row[0] for row in connection.execute(question, parameters).fetchall()]


def tenant_tables(owner: Connection) -> list[str]:
    return values(
        owner,
        "SELECT table_name::text FROM information_schema.columns WHERE table_schema = 'public' "
        "AND column_name = 'tenant_id' ORDER BY 1",
    )


@pytest.fixture
def two_tenants(owner: Connection) -> None:
    """A row of each tenant in as many tables as plain statements fill."""
    for tenant in (ADA, EVE):
        owner.execute(
            "INSERT INTO workspaces (id, name, plan, created_at) VALUES (%s, 'W', 'free', now())",
            [tenant],
        )
        for number in (1, 2):
            owner.execute(
                "INSERT INTO bots (tenant_id, id, name, description, configuration, public_id, "
                "created_at, updated_at) VALUES (%s, %s, 'B', '', '{}', %s, now(), now())",
                [tenant, f"bot_{tenant}_{number}", f"pub_{tenant}_{number}"],
            )
        owner.execute(
            "INSERT INTO keyword_scopes (tenant_id, bot_id) VALUES (%s, %s)", [tenant, "bot"]
        )
    owner.execute(
        "INSERT INTO keyword_postings (scope, term, document, places) "
        "SELECT number, 'fish', 1, '{1}' FROM keyword_scopes"
    )


def test_every_table_that_tenants_reach_has_forced_policies(owner: Connection) -> None:
    bare = values(
        owner,
        """
        SELECT c.relname::text FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
          AND has_table_privilege(%s, c.oid, 'SELECT, INSERT, UPDATE, DELETE')
          AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
            SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND %s::regrole = ANY (p.polroles)))
        """,
        APP_ROLE,
        APP_ROLE,
    )
    assert set(bare) == OPEN_TABLES


def test_every_table_of_tenants_is_behind_forced_policies(owner: Connection) -> None:
    tables = tenant_tables(owner)
    walled = values(
        owner,
        "SELECT relname::text FROM pg_class WHERE relrowsecurity AND relforcerowsecurity "
        "AND relnamespace = 'public'::regnamespace",
    )
    assert len(tables) > 25
    assert set(tables) <= set(walled)


def test_the_roles_of_requests_own_nothing_and_pass_no_wall(
    owner: Connection, postgres_url: str
) -> None:
    login_conninfo(postgres_url)
    rows = owner.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit, "
        "(SELECT count(*) FROM pg_class c WHERE c.relowner = r.oid) FROM pg_roles r "
        "WHERE rolname = ANY (%s)",
        [[APP_ROLE, SYSTEM_ROLE, LOGIN_ROLE]],
    ).fetchall()
    assert sorted(row[0] for row in rows) == sorted([APP_ROLE, SYSTEM_ROLE, LOGIN_ROLE])
    assert {row[1:] for row in rows} == {(False, False, False, False, False, 0)}


def test_tenants_requests_have_no_right_to_accounts(owner: Connection) -> None:
    people = ("users", "sessions", "refresh_tokens", "one_time_tokens", "external_identities")
    for table in people:
        rights = values(
            owner,
            "SELECT has_table_privilege(%s, %s, 'SELECT, INSERT, UPDATE, DELETE') "
            "OR has_any_column_privilege(%s, %s, 'SELECT, INSERT, UPDATE')",
            *(APP_ROLE, table) * 2,
        )
        assert rights == [False], table


def test_the_system_role_reads_nothing_of_what_tenants_store(owner: Connection) -> None:
    for table in ("bots", "documents", "document_revisions", "chunks", "events", "chunk_vectors"):
        rights = values(
            owner,
            "SELECT has_table_privilege(%s, %s, 'SELECT, INSERT, UPDATE, DELETE') "
            "OR has_any_column_privilege(%s, %s, 'SELECT')",
            *(SYSTEM_ROLE, table) * 2,
        )
        assert rights == [False], table
    columns = values(
        owner,
        "SELECT attname::text FROM pg_attribute WHERE attrelid = 'messages'::regclass AND attnum > 0 "
        "AND has_column_privilege(%s, attrelid, attnum, 'SELECT')",
        SYSTEM_ROLE,
    )
    assert set(columns) == {"tenant_id", "id", "conversation_id", "status", "lease_until"}


@pytest.mark.usefixtures("two_tenants")
def test_a_statement_without_a_tenant_sees_no_row(postgres_url: str, owner: Connection) -> None:
    with as_tenant(postgres_url, None) as connection:
        for table in [*tenant_tables(owner), "workspaces", "keyword_postings"]:
            if table.startswith("chunk_vectors_"):
                continue
            assert values(connection, f"SELECT count(*) FROM {table}") == [0], table


@pytest.mark.usefixtures("two_tenants")
def test_a_statement_that_forgets_the_tenant_sees_the_own_rows_only(postgres_url: str) -> None:
    with as_tenant(postgres_url, ADA) as connection:
        assert set(values(connection, "SELECT tenant_id FROM bots")) == {ADA}
        assert values(connection, "SELECT id FROM workspaces") == [ADA]
        assert values(connection, "SELECT count(*) FROM keyword_postings") == [1]


@pytest.mark.usefixtures("two_tenants")
def test_foreign_rows_are_neither_changed_nor_removed(postgres_url: str, owner: Connection) -> None:
    with as_tenant(postgres_url, ADA) as connection:
        assert connection.execute("UPDATE bots SET name = 'mine'").rowcount == 2
        assert connection.execute("DELETE FROM bots WHERE tenant_id = %s", [EVE]).rowcount == 0
        assert connection.execute("DELETE FROM keyword_postings").rowcount == 1
        connection.commit()
    assert set(values(owner, "SELECT name FROM bots WHERE tenant_id = %s", EVE)) == {"B"}
    assert values(owner, "SELECT count(*) FROM keyword_postings") == [1]


@pytest.mark.usefixtures("two_tenants")
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO job_turns (tenant_id, served_at) VALUES ('ws_eve', now())",
        "UPDATE bots SET tenant_id = 'ws_eve'",
        "INSERT INTO keyword_postings (scope, term, document, places) VALUES (0, 'x', 1, '{1}')",
        "UPDATE workspaces SET plan = 'enterprise'",
        "DELETE FROM audit_events",
        "SELECT password_hash FROM users",
        "SELECT * FROM chunk_vectors_0",
        "TRUNCATE bots",
        "ALTER TABLE bots DISABLE ROW LEVEL SECURITY",
        f"SET ROLE {SYSTEM_ROLE}; SELECT * FROM documents",
    ],
)
def test_what_is_not_the_tenants_is_refused(postgres_url: str, statement: str) -> None:
    with as_tenant(postgres_url, ADA) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.usefixtures("two_tenants")
def test_the_log_in_of_requests_can_do_nothing_by_itself(postgres_url: str) -> None:
    url = login_conninfo(postgres_url)
    with psycopg.connect(url) as connection:
        assert connection.info.user == LOGIN_ROLE
        with pytest.raises(InsufficientPrivilege):
            connection.execute("SELECT * FROM bots")
    with as_tenant(url, EVE) as connection:
        assert set(values(connection, "SELECT tenant_id FROM bots")) == {EVE}


@pytest.mark.usefixtures("two_tenants")
async def test_a_connection_forgets_the_tenant_with_the_transaction(postgres_url: str) -> None:
    """One connection, used in turn by two tenants and by nobody."""
    pool = Pool(postgres_url, size=1, patience=1.0, role=APP_ROLE)
    question = text("SELECT DISTINCT tenant_id FROM bots")
    seen = []
    for tenant in (ADA, None, EVE, None):
        async with pool.connect(tenant) as connection:
            seen.append((await connection.execute(question)).scalars())
        async with pool.begin(tenant) as connection:
            seen.append((await connection.execute(question)).scalars())
    assert seen == [[ADA], [ADA], [], [], [EVE], [EVE], [], []]
    await pool.dispose()
