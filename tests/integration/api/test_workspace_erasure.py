"""Deleting a workspace: out of use at once, restorable for a while, then gone without a rest."""

import asyncio
import re
from pathlib import Path
from secrets import token_hex
from typing import Any

import psycopg
import pytest
from psycopg import sql

from integration.api.client import WAIT_SECONDS, Client
from integration.api.estates import absent, estate
from integration.api.service import Service
from integration.api.test_workspaces import ABSENT, home, join, place

Database = psycopg.Connection[Any]
# What a made-up row says where the type alone does not tell.
_MADE_UP = {"jsonb": "{}", "boolean": False, "bytea": b"x", "ARRAY": "{}"}
_SPECIAL = {("jobs", "kind"): "ingest", ("audit_events", "body"): "{}"}
_FUTURE = "2999-01-01T00:00:00Z"  # a job of then is not done meanwhile


@pytest.fixture
def database(service: Service) -> Any:
    """The database as its owner sees it."""
    with psycopg.connect(service.container.conninfo(), autocommit=True) as connection:
        yield connection


def tables(database: Database, *, partitions: bool = True) -> list[str]:
    """Return every table with a column `tenant_id`, as the catalogue has it."""
    found = database.execute(
        "SELECT c.relname, c.relispartition FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE a.attname = 'tenant_id' AND c.relkind IN ('r', 'p') "
        "AND c.relnamespace = 'public'::regnamespace ORDER BY 1"
    ).fetchall()
    return [name for name, is_partition in found if partitions or not is_partition]


def rows(database: Database, table: str, tenant: str) -> list[str]:
    """Return the rows of a tenant as text, in order."""
    query = sql.SQL("SELECT t::text FROM {} t WHERE tenant_id = %s ORDER BY 1")
    return [row[0] for row in database.execute(query.format(sql.Identifier(table)), [tenant])]


def fill(database: Database, table: str, tenant: str) -> None:
    """Make up a row of a tenant; foreign keys are not looked at."""
    checks = database.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass "
        "AND contype = 'c'", [table]
    ).fetchall()  # fmt: skip
    values: dict[str, object] = {}
    for name, kind in database.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s "
        "AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'", [table]
    ).fetchall():  # fmt: skip
        allowed = next(
            (re.search(r"'(\w+)'", check)[1] for (check,) in checks if f"({name} = " in check),  # type: ignore[index]
            None,
        )
        made_up = _FUTURE if kind.startswith("timestamp") else _MADE_UP.get(kind, 1)
        if kind == "text":
            made_up = token_hex(8)
        values[name] = _SPECIAL.get((table, name), allowed or made_up)
    values["tenant_id"] = tenant
    with database.transaction():
        database.execute("SET LOCAL session_replication_role = replica")
        database.execute(
            sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
                sql.Identifier(table),
                sql.SQL(", ").join(map(sql.Identifier, values)),
                sql.SQL(", ").join([sql.Placeholder()] * len(values)),
            ),
            list(values.values()),
        )


def postings(database: Database, tenant: str) -> list[Any]:
    """Return the keyword postings of a tenant's scopes."""
    return database.execute(
        "SELECT p.* FROM keyword_postings p JOIN keyword_scopes s ON s.number = p.scope "
        "WHERE s.tenant_id = %s ORDER BY p.term", [tenant]
    ).fetchall()  # fmt: skip


def end_of_grace(database: Database, tenant: str) -> None:
    """Let the grace of a deleted workspace be over."""
    past = "now() - interval '1 second'"
    database.execute(f"UPDATE workspaces SET erase_after = {past} WHERE id = %s", [tenant])
    database.execute(
        f"UPDATE jobs SET run_at = {past} WHERE tenant_id = %s AND kind = 'erase_workspace'",
        [tenant],
    )


async def erased(database: Database, tenant: str) -> None:
    """Wait until the job that erases is done."""
    query = "SELECT count(*) FROM jobs WHERE tenant_id = %s"
    async with asyncio.timeout(WAIT_SECONDS):
        while database.execute(query, [tenant]).fetchone() != (0,):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_nobody_acts_in_a_deleted_workspace_until_an_owner_restores_it(
    ada: Client, eve: Client
) -> None:
    await join(ada, eve, "admin")
    bot = await ada.bot()
    await ada.text(bot, "The library opens at nine.")
    key = await ada.post("/api_keys", {"name": "Robot", "scopes": ["bots:read"]})
    assert key.status == 201, key
    robot = {"Authorization": f"Bearer {key.json['secret']}"}
    there = {"X-Workspace-Id": home(ada)}
    assert (await ada.get("/bots", headers=robot)).status == 200
    assert (await ada.delete(place(ada))).status == 204
    assert (await ada.get("/bots", headers=robot)).problem == (401, "unauthenticated")
    assert (await ada.get("/bots")).problem == (403, "no_workspace")
    for client in (ada, eve):
        assert (await client.get("/bots", headers=there)).problem == ABSENT
        assert (await client.get(f"/bots/{bot}", headers=there)).problem == ABSENT
        assert (await client.get(place(ada))).problem == ABSENT
        assert (await client.delete(place(ada))).problem == ABSENT
    assert home(ada) not in str((await eve.get("/workspaces")).json)
    (listed,) = (await ada.get("/workspaces")).json["data"]
    assert listed["deleted_at"] < listed["erase_after"]
    theirs, none = [
        await eve.post(f"/workspaces/{each}/restore") for each in (home(ada), absent(home(ada)))
    ]
    assert theirs.problem == none.problem == ABSENT
    assert theirs.json["detail"] == none.json["detail"]
    restored = await ada.post(f"{place(ada)}/restore")
    assert (restored.status, restored.json["deleted_at"]) == (200, None)
    assert (await ada.post(f"{place(ada)}/restore")).problem == ABSENT
    assert (await ada.get("/bots", headers=robot)).status == 200
    assert "nine" in (await ada.ask(bot, "When does the library open?"))["content"]
    assert (await eve.get(place(ada))).status == 200


async def test_nothing_is_left_of_an_erased_workspace_and_all_of_the_others(
    ada: Client, eve: Client, service: Service, database: Database
) -> None:
    for client in (ada, eve):
        await estate(client)
        for table in tables(database, partitions=False):
            if not rows(database, table, home(client)):
                fill(database, table, home(client))
    gone, kept = home(ada), home(eve)
    every = tables(database)
    assert len(every) > 30
    for table in tables(database, partitions=False):
        assert rows(database, table, gone), f"{table} was empty from the beginning"
    scopes = "SELECT number FROM keyword_scopes WHERE tenant_id = %s"
    numbers = [row[0] for row in database.execute(scopes, [gone])]
    before = {table: rows(database, table, kept) for table in every}, postings(database, kept)
    assert postings(database, gone)
    blobs = service.settings.data_dir / "blobs"
    files = blobs_of(blobs, kept)
    assert files
    assert blobs_of(blobs, gone)

    assert (await ada.delete(place(ada))).status == 204
    assert rows(database, "bots", gone)
    end_of_grace(database, gone)
    assert (await ada.post(f"{place(ada)}/restore")).problem == ABSENT
    await erased(database, gone)

    assert {table: rows(database, table, gone) for table in every} == {t: [] for t in every}
    left = "SELECT count(*) FROM keyword_postings WHERE scope = ANY(%s)"
    assert database.execute(left, [numbers]).fetchone() == (0,)
    workspace = "SELECT count(*) FROM workspaces WHERE id = %s"
    assert database.execute(workspace, [gone]).fetchone() == (0,)
    assert not (blobs / gone).exists()
    after = {table: rows(database, table, kept) for table in every}, postings(database, kept)
    assert after == before
    assert blobs_of(blobs, kept) == files
    receipts = database.execute(
        "SELECT subject_type, requested_by, counts, finished_at >= requested_at FROM erasures "
        "WHERE subject_id = %s", [gone]
    ).fetchall()  # fmt: skip
    ((kind, by, counts, in_order),) = receipts
    assert (kind, by, in_order) == ("workspace", ada.account["user"]["id"], True)
    assert counts["bots"] == 1
    assert counts["documents"] == 1
    assert counts.keys() >= {
        "chunks",
        "chunk_vectors",
        "keyword_postings",
        "messages",
        "audit_events",
    }
    assert (await ada.get("/workspaces")).json["data"] == []


def blobs_of(root: Path, tenant: str) -> list[Path]:
    """Return the files of a tenant."""
    return sorted(path for path in (root / tenant).rglob("*") if path.is_file())


async def test_a_workspace_deleted_again_has_its_whole_grace_again(
    ada: Client, database: Database
) -> None:
    assert (await ada.delete(place(ada))).status == 204
    assert (await ada.post(f"{place(ada)}/restore")).status == 200
    jobs = "SELECT count(*) FROM jobs WHERE tenant_id = %s AND run_at > now() + interval '6 days'"
    receipts = "SELECT count(*) FROM erasures WHERE subject_id = %s"
    assert database.execute(jobs, [home(ada)]).fetchone() == (0,)
    assert database.execute(receipts, [home(ada)]).fetchone() == (0,)
    assert (await ada.delete(place(ada))).status == 204
    assert database.execute(jobs, [home(ada)]).fetchone() == (1,)
    assert database.execute(receipts, [home(ada)]).fetchone() == (1,)
