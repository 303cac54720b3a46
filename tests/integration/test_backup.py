"""Backup and restore with the real program: embedded database, files, secrets; and kills."""

import asyncio
import json
import random
import re
import shutil
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest

from adapters.embedded_postgres import EmbeddedPostgres
from adapters.local_disk.blob_store import LocalDiskBlobStore
from integration.api.client import PASSWORD, Client, Contract
from integration.api.service import GENEROUS, Service
from integration.test_cli import Cli
from standins.openai_server import OpenAIServer

FACT = "The harbour ferry leaves every forty minutes between May and September."
SECRET_FACT = "The old lighthouse keeper was called Barnabas Quill."
QUESTION = "How often does the harbour ferry leave?"
KEY = "sk-proj-4fKq0wT7mZ1xB8vN5cR2yL9dH3gJ6pS0aE"  # pragma: allowlist secret


@pytest.fixture(scope="module")
def contract() -> Contract:
    return Contract()


def installation(folder: Path, **settings: str) -> Cli:
    """Return the program with an embedded database in a folder of its own."""
    folder.mkdir(exist_ok=True)
    limits = {name.upper(): value for name, value in GENEROUS.items()}
    return Cli(folder, {"DEFAULT_PLAN": "enterprise", **limits, **settings})


@asynccontextmanager
async def serving(cli: Cli, contract: Contract) -> AsyncIterator[Client]:
    """Run `chatsphere serve`; give somebody who has no account yet."""
    process = cli.start("serve", "--port", "0")
    try:
        said = ""
        assert process.stdout is not None
        while not (found := re.search(r"http://[0-9.:]+", said)):
            line = await asyncio.to_thread(process.stdout.readline)
            assert line, process.stderr and process.stderr.read()
            said += line
        nothing = cast(Any, None)
        service = Service(found[0], int(found[0].rpartition(":")[2]), nothing, nothing, nothing)
        async with Client(service, contract) as client:
            yield client
        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.to_thread(process.communicate, timeout=30)
        assert process.returncode == 0, err
    finally:
        process.kill()
        process.communicate()


async def run(cli: Cli, *arguments: str | Path) -> Any:
    """Run a command beside the server; return what it prints as JSON."""
    return await asyncio.to_thread(cli.json, *arguments)


async def test_everything_is_there_after_a_round_trip(tmp_path: Path, contract: Contract) -> None:
    async with OpenAIServer(api_key=KEY) as model:
        host = model.base_url.removeprefix("http://").partition("/")[0]
        allowed = {"TRUSTED_MODEL_HOSTS": host, "FETCH_ALLOWED_HOSTS": "127.0.0.1:9"}
        first = installation(tmp_path / "first", **allowed)
        content = FACT.encode() + b"\r\n \n"  # not as it would be written anew
        async with serving(first, contract) as ada:
            await ada.register()
            bot = await ada.bot()
            form = await ada.upload(bot, ("ferry.txt", content))
            document = form.json["data"][0]["id"] if "data" in form.json else form.json["id"]
            assert (await ada.settled(document))["status"] == "ready"
            gone = await ada.text(bot, SECRET_FACT)
            assert (await ada.delete(f"/documents/{gone}")).status == 204
            other = await ada.text(bot, SECRET_FACT)
            assert (await ada.put(f"/documents/{other}/content", {"text": "New."})).status == 202
            assert (await ada.settled(other))["revision"] == 2
            nowhere = {"url": "http://127.0.0.1:9/"}  # nobody answers there: it has no bytes
            assert (await ada.post(f"/bots/{bot}/documents", nowhere)).status == 202
            made = await ada.post("/api_keys", {"name": "A key", "scopes": ["chat"]})
            assert made.status == 201, made
            given = {"api_key": KEY, "base_url": model.base_url}
            assert (await ada.put("/provider_credentials/openai", given)).status == 200
            talker = await ada.bot(agent_type="chat", llm_model="openai/stand-in")
            asked = await ada.ask(bot, QUESTION)
            backup = await run(first, "backup", tmp_path / "backup")
        assert (backup["counts"]["documents"] >= 1, backup["missing"]) == (True, [])
        assert backup["blob_count"] == 2  # neither deleted nor replaced bytes are in a backup
        assert await run(first, "backup", "--verify", tmp_path / "backup")

        second = installation(tmp_path / "second", TRUSTED_MODEL_HOSTS=host)
        assert (await run(second, "restore", tmp_path / "backup"))["id"] == backup["id"]
        async with serving(second, contract) as again:
            email = ada.account["user"]["email"]
            login = await again.post("/auth/login", {"email": email, "password": PASSWORD})
            assert login.status == 200, login
            again.headers["Authorization"] = f"Bearer {login.json['access_token']}"
            answer = await again.ask(bot, QUESTION)
            assert answer["citations"][0]["quote"] == FACT
            assert answer["citations"] == asked["citations"]
            assert (await again.get(f"/documents/{document}/content")).body == content
            assert (await again.get(f"/documents/{gone}")).status == 404
            hidden = await again.ask(bot, "What was the old lighthouse keeper called?")
            assert all(c["document_id"] != gone for c in hidden["citations"])
            free = await again.ask(talker, "Hello?")  # by the workspace's own, sealed key
            assert free["status"] == "completed", free
            assert (await again.get("/audit_events/verification")).json["intact"] is True
            again.headers["Authorization"] = f"Bearer {made.json['secret']}"
            assert (await again.ask(bot, QUESTION))["citations"]
    modes = {p.stat().st_mode & 0o077 for p in (tmp_path / "backup").rglob("*")}
    assert modes == {0}
    key = (tmp_path / "first/data/encryption.key").read_bytes()
    assert (tmp_path / "second/data/encryption.key").read_bytes() == key


async def test_a_backup_made_under_load_holds_every_document_whole(
    tmp_path: Path, contract: Contract
) -> None:
    first = installation(tmp_path / "first")
    async with serving(first, contract) as ada:
        await ada.register()
        bot, stopped, written = await ada.bot(), asyncio.Event(), 0

        async def write() -> None:
            nonlocal written
            while not stopped.is_set():
                written += 1
                text = f"Note {written}: the lamp of street {written} was lit at dusk. " * 20
                reply = await ada.upload(bot, (f"{written}.txt", text.encode()))
                assert reply.status == 202, reply
                if written % 3 == 0:
                    listed = (await ada.get(f"/bots/{bot}/documents?limit=1")).json["data"]
                    await ada.delete(f"/documents/{listed[0]['id']}")

        writer = asyncio.create_task(write())
        await asyncio.sleep(2)
        backups = [tmp_path / f"backup{number}" for number in range(3)]
        told = [await run(first, "backup", path) for path in backups]
        stopped.set()
        await writer
    assert [report["missing"] for report in told] == [[], [], []]
    assert told[0]["counts"]["documents"] < told[2]["counts"]["documents"]
    second = installation(tmp_path / "second")
    await run(second, "restore", backups[1])
    await holds_what_it_lists(tmp_path / "second/data")


async def holds_what_it_lists(data: Path) -> None:
    """Fail unless each document has its bytes, and each ready one its chunks and vectors."""
    postgres, blobs = EmbeddedPostgres(data), LocalDiskBlobStore(data / "blobs")
    try:
        with psycopg.connect(postgres.start()) as connection:
            revisions = connection.execute(
                "SELECT r.blob_key, r.size FROM document_revisions r JOIN documents d"
                " ON d.id = r.document_id WHERE d.deleted_at IS NULL"
            ).fetchall()
            torn = connection.execute(
                "SELECT d.id FROM documents d WHERE status = 'ready' AND deleted_at IS NULL AND"
                " (SELECT count(*) FROM chunks c WHERE c.document_id = d.id"
                "  AND c.revision = d.revision) <> d.chunk_count OR chunk_count <>"
                " (SELECT count(*) FROM chunk_vectors v WHERE v.document_id = d.id)"
                " AND status = 'ready' AND deleted_at IS NULL"
            ).fetchall()
    finally:
        postgres.stop()
    assert len(revisions) > 5
    assert torn == []
    for key, size in revisions:
        assert sum([len(block) async for block in blobs.open(key)]) == size


@pytest.fixture
def cli(tmp_path: Path, postgres_url: str) -> Cli:
    """The program on an external database of its own, with an account."""
    cli = Cli(tmp_path, {"DATABASE_URL": postgres_url})
    assert cli.run("create-user", "owner@example.org", "--generate").returncode == 0
    return cli


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A stopped installation with some documents."""
    cli = installation(tmp_path_factory.mktemp("site") / "first")
    files = cli.folder / "files"
    files.mkdir()
    for number in range(40):
        text = f"Note {number}: {FACT} " + f"Lamp {number} was lit at dusk. " * 50
        (files / f"{number}.txt").write_text(text)
    assert cli.run("create-user", "owner@example.org", "--generate").returncode == 0
    cli.json("ingest", files, "--bot", "Town", "--create")
    return cli


@pytest.fixture(scope="module")
def backup(site: Cli) -> Path:
    path = site.folder / "backup"
    site.json("backup", path)
    return path


def code_of(cli: Cli, *arguments: str | Path) -> str:
    ended = cli.run(*arguments, "--json")
    assert ended.returncode == 1, ended
    return str(json.loads(ended.stderr)["code"])


def test_nothing_is_overwritten(site: Cli, backup: Path, tmp_path: Path) -> None:
    before = (backup / "manifest.json").read_bytes()
    assert code_of(site, "backup", backup) == "backup_exists"
    assert (backup / "manifest.json").read_bytes() == before
    assert code_of(site, "backup", tmp_path / "unmounted/disk") == "no_such_folder"
    assert not (tmp_path / "unmounted").exists()
    assert code_of(site, "restore", backup) == "not_empty"
    other = installation(tmp_path / "other")
    (other.folder / "data/blobs/ws_x").mkdir(parents=True)
    assert code_of(other, "restore", backup) == "not_empty"
    shutil.rmtree(other.folder / "data/blobs")
    (other.folder / "data/encryption.key").write_text("k" * 40)
    assert code_of(other, "restore", backup) == "not_empty"
    assert not (other.folder / "data/postgres").exists()


def test_files_may_be_restored_to_a_larger_disk(backup: Path, tmp_path: Path) -> None:
    other, disk = installation(tmp_path / "other"), tmp_path / "disk"
    (other.folder / "data").mkdir()
    (other.folder / "data/blobs").symlink_to(disk)
    disk.mkdir()
    other.json("restore", backup)
    assert sum(path.is_file() for path in disk.rglob("*")) == 40


@pytest.mark.parametrize("part", ["database.dump", "blobs.jsonl", "blob", "manifest.json"])
def test_a_damaged_backup_is_found_and_not_restored(
    backup: Path, tmp_path: Path, part: str
) -> None:
    copy = Path(shutil.copytree(backup, tmp_path / "copy"))
    blob = next(p for p in (copy / "blobs").rglob("*") if p.is_file())
    path = blob if part == "blob" else copy / part
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    other = installation(tmp_path / "other")
    assert code_of(other, "backup", "--verify", copy) == "backup_damaged"
    assert code_of(other, "restore", copy) == "backup_damaged"
    assert not (other.folder / "data").exists()


def test_a_list_of_files_that_names_others_is_refused(backup: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(backup, tmp_path / "copy"))
    line = '{"key": "../../../etc/passwd", "size": 1, "sha256": ""}\n'
    (copy / "blobs.jsonl").write_text(line)
    manifest = json.loads((copy / "manifest.json").read_text())
    part = next(p for p in manifest["parts"] if p["path"] == "blobs.jsonl")
    from entrypoints.backups.manifest import digest_of

    found = digest_of(copy / "blobs.jsonl")
    part.update(size=found.size, sha256=found.sha256)
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert code_of(installation(tmp_path / "o"), "backup", "--verify", copy) == "backup_damaged"


def test_a_backup_of_a_newer_schema_is_refused(backup: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(backup, tmp_path / "copy"))
    manifest = (copy / "manifest.json").read_text()
    (copy / "manifest.json").write_text(re.sub(r'"schema": "\d+"', '"schema": "9999"', manifest))
    assert code_of(installation(tmp_path / "o"), "restore", copy) == "schema_too_new"


def test_keys_can_be_left_out(site: Cli, tmp_path: Path) -> None:
    ended = site.run("backup", tmp_path / "b", "--without-secrets")
    assert ended.returncode == 0, ended.stderr
    assert "encryption.key elsewhere" in ended.stderr.replace("\n", " ")
    assert not (tmp_path / "b/secrets").exists()
    restored = installation(tmp_path / "o").run("restore", tmp_path / "b")
    assert restored.returncode == 0, restored.stderr
    assert "no encryption key" in restored.stderr


def test_lost_files_are_told_and_everything_else_is_kept(
    site: Cli, backup: Path, tmp_path: Path
) -> None:
    blob = next(p for p in (site.folder / "data/blobs").rglob("*") if p.is_file())
    content = blob.read_bytes()
    try:
        blob.unlink()
        report = site.json("backup", tmp_path / "b", code=1)
        blob.write_bytes(content[:-1])
        damaged = site.json("backup", tmp_path / "c", code=1)
    finally:
        blob.write_bytes(content)
    lost = str(blob.relative_to(site.folder / "data/blobs"))
    assert report["missing"] == damaged["missing"] == [lost]
    assert report["blob_count"] == 39


def test_a_backup_killed_at_any_moment_leaves_nothing_that_looks_whole(
    site: Cli, backup: Path, tmp_path: Path
) -> None:
    since = time.monotonic()
    site.json("backup", tmp_path / "whole")
    seconds, chance = time.monotonic() - since, random.Random(20_261)
    for number in range(6):
        path = tmp_path / f"killed{number}"
        with site.start("backup", path) as process:
            time.sleep(chance.uniform(0.4, 1.0) * seconds)
            process.kill()
            process.communicate()
        drafts = list(tmp_path.glob(f".{path.name}.unfinished-*"))
        for found in [path, *drafts]:
            if found.exists() and (found / "manifest.json").exists():
                verified = site.run("backup", "--verify", found)
                assert verified.returncode == 0 or "damaged" in verified.stderr
        assert path.exists() == (not drafts) or not path.exists()


def test_a_restore_killed_at_any_moment_is_not_served_and_can_be_run_again(
    backup: Path, tmp_path: Path
) -> None:
    trial = installation(tmp_path / "trial")
    since = time.monotonic()
    trial.json("restore", backup)
    seconds, chance, refused = time.monotonic() - since, random.Random(20_261), 0
    for share in (0.35, 0.6, 0.85):
        cli = installation(tmp_path / f"site{share}")
        with cli.start("restore", backup) as process:
            time.sleep((share + chance.uniform(-0.1, 0.1)) * seconds)
            process.kill()
            process.communicate()
        if (cli.folder / "data/restore.unfinished").exists():
            refused += 1
            assert code_of(cli, "workspaces", "list") == "restore_unfinished"
        elif not (cli.folder / "data/postgres").exists():
            refused += 1  # killed before it began: there is nothing to be served
        with suppress(AssertionError):
            cli.json("restore", backup)
        assert len(cli.json("workspaces", "list")["data"]) == 1
        assert cli.json("backup", tmp_path / f"again{share}")["blob_count"] == 40
    assert refused >= 2


def test_a_restore_and_a_server_keep_out_of_each_others_way(backup: Path, tmp_path: Path) -> None:
    from entrypoints.data_dir import DataDirectory

    cli = installation(tmp_path / "o")
    held = DataDirectory(cli.folder / "data")
    held.enter()
    assert code_of(cli, "restore", backup) == "data_dir_in_use"
    held.leave()
    with held.alone():
        assert code_of(cli, "workspaces", "list") == "restore_running"


def test_an_external_database_is_backed_up_and_restored(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text(FACT)
    cli.json("ingest", tmp_path / "ferry.txt", "--bot", "Town", "--create")
    report = cli.json("backup", tmp_path / "b")
    assert (report["counts"]["documents"], report["blob_count"]) == (1, 1)
    other = Cli(tmp_path / "other", dict(cli.settings))
    other.folder.mkdir()
    assert code_of(other, "restore", tmp_path / "b") == "not_empty"
    url, name = cli.settings["DATABASE_URL"], f"restored_{time.monotonic_ns()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        other.settings["DATABASE_URL"] = re.sub(r"/\w+\?", f"/{name}?", url)
        other.json("restore", tmp_path / "b")
        assert "every forty minutes" in other.json("ask", "Town", QUESTION)["content"]
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_role_that_sees_only_some_rows_is_told_what_to_do(cli: Cli, tmp_path: Path) -> None:
    url = cli.settings["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE ROLE half_blind LOGIN PASSWORD 'x'")
        connection.execute("GRANT pg_read_all_data TO half_blind")
        try:
            rest = re.sub(r"^postgresql://[^@]*@", "", url)
            of_its_own = {"MIGRATION_DATABASE_URL": f"postgresql://half_blind:x@{rest}"}
            blind = Cli(cli.folder, cli.settings | of_its_own)
            ended = blind.run("backup", tmp_path / "b", "--json")
            assert json.loads(ended.stderr)["code"] == "sees_too_little"
            assert 'ALTER ROLE "half_blind" BYPASSRLS' in json.loads(ended.stderr)["detail"]
            assert not (tmp_path / "b").exists()
            connection.execute("ALTER ROLE half_blind BYPASSRLS")
            assert blind.json("backup", tmp_path / "b")["counts"]["users"] == 1
        finally:
            connection.execute("DROP OWNED BY half_blind; DROP ROLE half_blind")
