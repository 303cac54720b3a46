"""Starting beside others, and ending: in order, or at once, of the real program."""

import asyncio
import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import psycopg
import pytest

from adapters.postgres.migrate import revisions
from integration.test_cli import Cli
from standins.openai_server import OpenAIServer, Script

PROMPTLY_SECONDS = 6.0


class Program:
    """`chatsphere serve` or `worker`, until the test ends."""

    def __init__(self, cli: Cli, *arguments: str) -> None:
        self.process = cli.start(*arguments)
        self.url = ""

    def ready(self) -> "Program":
        """Wait for its address."""
        assert self.process.stdout is not None
        while not (found := re.search(r"http://[0-9.:]+", self.process.stdout.readline())):
            assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
        self.url = found[0]
        return self

    def asks(self, path: str, body: Any = None, token: str = "") -> tuple[int, Any]:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        request = urllib.request.Request(self.url + path, data, headers if token or data else {})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def ends(self, seconds: float = 60) -> tuple[int, str]:
        _, err = self.process.communicate(timeout=seconds)
        return self.process.returncode, err


@pytest.fixture
def run(request: pytest.FixtureRequest) -> Iterator[Callable[..., Program]]:
    """Gives a function that runs the program."""
    running: list[Program] = []

    def start(cli: Cli, *arguments: str) -> Program:
        running.append(Program(cli, *arguments))
        return running[-1]

    yield start
    for program in running:
        if program.process.poll() is None:
            program.process.kill()
        program.process.communicate()


@pytest.fixture
def external(tmp_path: Path, postgres_url: str) -> Cli:
    return Cli(tmp_path, {"DATABASE_URL": postgres_url, "DEFAULT_PLAN": "enterprise"})


def registered(program: Program) -> str:
    person = {"email": "a@example.com", "password": "a long enough passphrase", "full_name": "A B"}
    status, account = program.asks("/api/v1/auth/register", person)
    assert status == 201, account
    return str(account["access_token"])


@pytest.fixture
async def model() -> Any:
    async with OpenAIServer(Script(tokens=("slow ",) * 300, delay=0.1)) as server:
        yield server


async def answering(run: Callable[..., Program], cli: Cli, model: OpenAIServer) -> Program:
    """Return a program that writes an answer which takes half a minute."""
    cli.settings |= {"OPENAI_BASE_URL": model.base_url, "EMBEDDED_WORKER": "false"}
    program = await asyncio.to_thread(run(cli, "serve", "--port", "0").ready)

    def ask() -> None:
        token = registered(program)
        made = {
            "name": "B",
            "configuration": {"agent_type": "chat", "llm_model": "openai/stand-in"},
        }
        _, bot = program.asks("/api/v1/bots", made, token)
        body = {"message": "Go on?"}
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        data = json.dumps(body).encode()
        url = f"{program.url}/api/v1/bots/{bot['id']}/chat"
        stream = urllib.request.Request(url, data, {**headers, "Accept": "text/event-stream"})
        answer = urllib.request.urlopen(stream, timeout=30)
        assert b"message.started" in answer.readline() + answer.readline() + answer.readline()
        program.stream = answer  # type: ignore[attr-defined]  # kept open

    await asyncio.to_thread(ask)
    return program


async def test_the_drain_takes_as_long_as_it_is_set_and_readiness_tells_at_once(
    run: Callable[..., Program], external: Cli, model: OpenAIServer
) -> None:
    external.settings["DRAIN_SECONDS"] = "3"
    program = await answering(run, external, model)
    program.process.send_signal(signal.SIGTERM)
    since = time.monotonic()
    await asyncio.sleep(0.3)
    status, told = await asyncio.to_thread(program.asks, "/readyz")
    assert (status, told["checks"]["accepting"]) == (503, "draining")
    code, err = await asyncio.to_thread(program.ends)
    assert code == 0, err
    assert "Stopping: " in err
    assert 2.5 < time.monotonic() - since < 3 + PROMPTLY_SECONDS


async def test_a_second_signal_ends_it_at_once_and_says_so(
    run: Callable[..., Program], external: Cli, model: OpenAIServer
) -> None:
    program = await answering(run, external, model)
    for second in (signal.SIGTERM, signal.SIGINT):
        program.process.send_signal(second)
        await asyncio.sleep(0.3)
    since = time.monotonic()
    code, err = await asyncio.to_thread(program.ends, 10)
    assert code == 128 + signal.SIGINT
    assert "Ending at once, as asked again." in err
    assert time.monotonic() - since < PROMPTLY_SECONDS  # of the thirty that the answer takes


def test_a_worker_gives_its_job_back_and_ends_promptly(
    run: Callable[..., Program], external: Cli, postgres_url: str, tmp_path: Path
) -> None:
    external.settings["EMBEDDED_WORKER"] = "false"
    api = run(external, "serve", "--port", "0").ready()
    token = registered(api)
    _, bot = api.asks("/api/v1/bots", {"name": "B"}, token)
    text = "\n\n".join(
        f"Paragraph {n} tells of the {n} lamps of street {n}. " * 8 for n in range(800)
    )
    status, _ = api.asks(f"/api/v1/bots/{bot['id']}/documents", {"title": "t", "text": text}, token)
    assert status == 202
    worker = run(external, "worker")
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        leased = "SELECT count(*) FROM jobs WHERE lease_until > now()"
        until = time.monotonic() + 60
        while connection.execute(leased).fetchone() == (0,):
            assert time.monotonic() < until
            time.sleep(0.05)
        worker.process.send_signal(signal.SIGTERM)
        since = time.monotonic()
        code, err = worker.ends()
        assert (code, connection.execute(leased).fetchone()) == (0, (0,)), err
        assert time.monotonic() - since < PROMPTLY_SECONDS
        assert connection.execute("SELECT count(*) FROM jobs").fetchone() == (1,)


def test_a_port_in_use_is_told_and_nothing_is_left_running(
    run: Callable[..., Program], tmp_path: Path
) -> None:
    embedded = Cli(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, err = run(embedded, "serve", "--port", str(taken.getsockname()[1])).ends()
    assert (code, "(address_in_use)" in err, "Traceback" in err) == (1, True, False)
    assert still_at_work(tmp_path) == []


def test_an_address_that_is_taken_after_the_look_is_told_too(tmp_path: Path) -> None:
    from domain.errors import ChatSphereError
    from entrypoints import serve
    from entrypoints.settings import Settings

    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings = Settings(_env_file=None, data_dir=tmp_path / "data", port=taken.getsockname()[1])
        with pytest.raises(ChatSphereError) as refused:
            serve.serve(settings)
    assert refused.value.code == "address_in_use"
    assert still_at_work(tmp_path) == []


def still_at_work(folder: Path) -> list[str]:
    """Return the programs that work in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and Path(process.cwd()).is_relative_to(folder / "data"):
                found.append(process.name())
        except (psutil.Error, OSError):
            continue
    return found


def test_two_servers_share_a_data_directory_and_one_outlives_the_other(
    run: Callable[..., Program], tmp_path: Path
) -> None:
    embedded = Cli(tmp_path)
    first = run(embedded, "serve", "--port", "0").ready()
    second = run(embedded, "serve", "--port", "0").ready()
    token = registered(first)
    assert second.asks("/api/v1/me", token=token)[0] == 200
    first.process.send_signal(signal.SIGTERM)
    assert first.ends()[0] == 0
    until = time.monotonic() + 20
    while second.asks("/api/v1/me", token=token)[0] != 200:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert second.asks("/api/v1/bots", {"name": "B"}, token)[0] == 201
    second.process.send_signal(signal.SIGTERM)
    assert second.ends()[0] == 0
    assert still_at_work(tmp_path) == []


def test_a_newer_schema_is_not_served(external: Cli, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for command in (("serve", "--port", "0"), ("worker",), ("migrate",)):
        ended = external.run(*command)
        assert ended.returncode == 1
        assert "Install that release" in ended.stderr
        assert "(schema_too_new)" in ended.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
def test_root_does_not_take_over_another_users_installation(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "encryption.key").write_text("k" * 40)
    os.chown(data / "encryption.key", 12345, 12345)
    ended = Cli(tmp_path).run("serve", "--port", "0")
    assert ended.returncode == 1
    assert "12345" in ended.stderr
    assert "(wrong_user)" in ended.stderr
    assert not (data / "postgres").exists()


def preflight(cli: Cli, code: int = 0) -> dict[str, Any]:
    report = cli.json("preflight", code=code)
    assert report["ok"] is (code == 0)
    return {check["name"]: check for check in report["checks"]}


def test_a_sound_installation_may_be_upgraded(external: Cli) -> None:
    found = preflight(external)
    assert found["Schema"]["found"].endswith("nothing to migrate")
    assert found["Unfinished"]["found"] == "no answers or jobs"
    assert found["Backup"]["status"] == "warn"


def test_an_unfinished_restore_and_a_backup_that_is_gone_are_told(external: Cli) -> None:
    data = external.folder / "data"
    data.mkdir(exist_ok=True)
    noted = {"created_at": datetime.now(UTC).isoformat(), "path": "/nowhere/backup"}
    (data / "last_backup.json").write_text(json.dumps(noted))
    assert "not there any more" in preflight(external)["Backup"]["found"]
    (data / "restore.unfinished").write_text(json.dumps({"id": "bkp_1", "from": "/nowhere"}))
    assert preflight(external, code=1)["Restore"]["status"] == "fail"
    checks = {check["name"]: check for check in external.json("doctor", code=1)["checks"]}
    assert checks["Restore"]["status"] == "fail"


def test_pending_migrations_and_settings_that_nothing_reads_are_told(
    external: Cli, postgres_url: str
) -> None:
    external.settings |= {"DRAIN_SECOND": "5", "FOO_BAR": "x"}
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0003'")
    found = preflight(external)
    assert found["Schema"]["found"] == f"to be migrated: {', '.join(revisions()[3:])}"
    mend = found["Settings"]["mend"]
    assert "CHATSPHERE_DRAIN_SECOND: did you mean CHATSPHERE_DRAIN_SECONDS?" in mend
    assert "CHATSPHERE_FOO_BAR: nothing reads it." in mend


def test_a_newer_schema_and_a_silent_database_forbid_an_upgrade(
    external: Cli, postgres_url: str, tmp_path: Path
) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    assert preflight(external, code=1)["Schema"]["status"] == "fail"
    silent = Cli(tmp_path, {"DATABASE_URL": "postgresql://x:x@127.0.0.1:1/x"})
    assert preflight(silent, code=1)["Database"]["status"] == "fail"


def test_a_long_transaction_is_found(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from adapters.postgres import preflight as looking

    monkeypatch.setattr(looking, "LONG_SECONDS", 0.2)
    with psycopg.connect(postgres_url) as holder:
        holder.execute("SELECT 1")
        time.sleep(0.5)
        found = looking.obstacles(postgres_url)
        assert [line.startswith("process ") for line in found.long] == [True]
    assert looking.obstacles(postgres_url).long == []
