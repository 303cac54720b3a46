"""The real program in processes of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

PROGRAM = Path(sys.executable).with_name("chatsphere")
PASSWORD = "a long and boring pass phrase"  # pragma: allowlist secret
FACT = "The harbour ferry leaves every forty minutes between May and September."


@dataclass
class Cli:
    """Runs `chatsphere` on one data directory."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
        own = {"HOME": str(self.folder), "CHATSPHERE_DATA_DIR": str(self.folder / "data")}
        return kept | own | {f"CHATSPHERE_{k}": v for k, v in self.settings.items()}

    def start(self, *arguments: str | Path, **more: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [PROGRAM, *arguments],
            env=self.environment(),
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **more,
        )

    def run(self, *arguments: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
        with self.start(*arguments) as process:
            out, err = process.communicate(given, timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
        ended = self.run(*arguments, "--json")
        assert ended.returncode == code, ended.stderr
        made: dict[str, Any] = json.loads(ended.stdout)
        return made


@pytest.fixture
def cli(tmp_path: Path, postgres_url: str) -> Cli:
    """The program on a migrated database of its own."""
    return Cli(tmp_path, {"DATABASE_URL": postgres_url})


@pytest.fixture
def owner(cli: Cli) -> str:
    """The address of an account there is."""
    assert cli.run("create-user", "owner@example.org", "--generate").returncode == 0
    return "owner@example.org"


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The program on the embedded database, as a newcomer has it."""
    return Cli(tmp_path_factory.mktemp("newcomer"), {"PORT": "0"})


@pytest.fixture(scope="module")
def first_demo(embedded: Cli) -> subprocess.CompletedProcess[str]:
    return embedded.run("demo")


def a_bot_id(text: str) -> str:
    found = re.search(r"bot_\w+", text)
    assert found is not None, text
    return found[0]


def test_the_demo_answers_with_numbered_citations(
    first_demo: subprocess.CompletedProcess[str],
) -> None:
    assert first_demo.returncode == 0, first_demo.stderr
    assert "three years or 800 full charging cycles" in first_demo.stdout
    assert "[1] Warranty and returns\n    “The warranty on the battery is" in first_demo.stdout
    assert "password  " in first_demo.stdout
    assert "not verified" not in first_demo.stdout


def test_without_a_terminal_nothing_is_coloured(
    first_demo: subprocess.CompletedProcess[str],
) -> None:
    assert "\x1b" not in first_demo.stdout + first_demo.stderr


def test_the_demo_run_again_reuses_what_is_there(
    embedded: Cli, first_demo: subprocess.CompletedProcess[str]
) -> None:
    again = embedded.run("demo")
    assert again.returncode == 0, again.stderr
    assert a_bot_id(again.stdout) == a_bot_id(first_demo.stdout)
    assert again.stderr.count("already there") == 4
    assert "password" not in again.stdout


def test_an_answer_comes_as_one_json_object(
    embedded: Cli, first_demo: subprocess.CompletedProcess[str]
) -> None:
    answer = embedded.json("ask", "demo", "Can I take the e-bike on a plane?")
    assert answer["status"] == "completed"
    assert all(c["verified"] for c in answer["citations"])
    assert "must not be taken on a plane" in answer["citations"][0]["quote"]
    follow_up = embedded.json(
        "ask", "Demo", "And on a train?", "--conversation", answer["conversation_id"]
    )
    assert follow_up["conversation_id"] == answer["conversation_id"]


def test_the_doctor_finds_a_set_up_installation_well(
    embedded: Cli, first_demo: subprocess.CompletedProcess[str]
) -> None:
    report = embedded.json("doctor")
    assert report["ok"] is True
    assert {check["name"]: check["status"] for check in report["checks"]} == {
        "Python": "ok", "Settings": "ok", "Packages": "ok", "Data directory": "ok",
        "Secret key": "ok", "Port": "ok",
        "Production settings": "ok", "Restore": "ok",
        "Database": "ok", "pgvector": "ok", "Schema": "ok", "Queue": "ok", "Embedder": "ok",
        "Parser": "ok",
        "Chat model": "ok", "Vector store": "ok", "Reranker": "ok", "Files": "ok", "Cache": "ok",
        "Rate limiter": "ok", "Events": "ok",
    }  # fmt: skip


def test_the_doctor_says_how_to_mend_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/secret.key").write_text("x" * 40)
    (tmp_path / "data/secret.key").chmod(0o644)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        url = "postgresql://x:hunter2@127.0.0.1:1/x"  # pragma: allowlist secret
        broken = {"DATABASE_URL": url, "PORT": port, "MODEL_DIR": str(tmp_path / "none")}
        model = {"CHAT_MODEL": "openai", "OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}
        ended = Cli(tmp_path, broken | model).run("doctor")
    assert ended.returncode == 1
    for mend in ("chmod 600", "CHATSPHERE_PORT", "CHATSPHERE_DATABASE_URL", "chatsphere prepare"):
        assert mend in ended.stdout
    assert "Start the server, or correct CHATSPHERE_OPENAI_BASE_URL" in ended.stdout
    assert "hunter2" not in ended.stdout + ended.stderr


def test_a_folder_is_taken_in_and_what_failed_is_told(cli: Cli, owner: str, tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "sub").mkdir(parents=True)
    (files / "ferry.txt").write_text(FACT)
    (files / "sub/copy.txt").write_text("Another file about the museum and its opening hours.")
    (files / "empty.txt").write_text("")
    (files / ".hidden.txt").write_text("Nobody is to see this.")
    report = cli.json("ingest", files, "--bot", "Town", "--create", code=1)
    assert report["summary"] == {"ready": 2, "already_there": 0, "failed": 1}
    errors = {Path(f["path"]).name: f["error"] and f["error"]["code"] for f in report["files"]}
    assert errors == {"ferry.txt": None, "copy.txt": None, "empty.txt": "empty_document"}
    again = cli.run("ingest", files, "--bot", report["bot"]["id"])
    assert again.returncode == 1
    assert "empty.txt (empty_document)" in again.stdout
    answer = cli.run("ask", "Town", "How often does the harbour ferry leave?")
    assert answer.returncode == 0
    assert f"“{FACT}”" in answer.stdout


def test_an_interrupted_ingestion_leaves_a_queue_that_goes_on(
    cli: Cli, owner: str, tmp_path: Path, postgres_url: str
) -> None:
    text = "\n\n".join(
        f"Paragraph {n} tells of the {n} lamps of street {n}. " * 8 for n in range(800)
    )
    (tmp_path / "long.txt").write_text(text)
    command = ("ingest", tmp_path / "long.txt", "--bot", "Town", "--create")
    with cli.start(*command, start_new_session=True) as process:
        wait_for_chunks(postgres_url)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the helpers too
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "stays queued" in err
    assert "Traceback" not in err
    with psycopg.connect(postgres_url) as connection:
        rows = connection.execute("SELECT status, revision FROM documents").fetchall()
        leased = connection.execute("SELECT count(*) FROM jobs WHERE lease_until > now()")
        assert rows == [("processing", 0)]
        assert leased.fetchone() == (0,)


def wait_for_chunks(url: str) -> None:
    deadline = time.monotonic() + 60
    with psycopg.connect(url, autocommit=True) as connection:
        while connection.execute("SELECT count(*) FROM chunks").fetchone() == (0,):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_without_an_account_a_command_says_what_to_do_first(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(FACT)
    for arguments in (("ask", "Bot", "Why?"), ("ingest", "a.txt", "--bot", "Bot", "--create")):
        ended = cli.run(*arguments)
        assert ended.returncode == 1
        assert "chatsphere create-user" in ended.stderr
        assert ended.stdout == ""


def test_an_unknown_bot_is_one_sentence_or_one_object(cli: Cli, owner: str) -> None:
    ended = cli.run("ask", "Nobody", "Why?")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "There is no bot 'Nobody' in this workspace. (not_found)\n"
    ended = cli.run("ask", "Nobody", "Why?", "--user", owner, "--json")
    assert json.loads(ended.stderr)["code"] == "not_found"


def test_a_password_from_standard_input_is_taken_and_never_printed(cli: Cli) -> None:
    made = cli.run("create-user", "Ann@Example.org", "--password-stdin", given=f"{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    assert "usr_" in made.stdout
    assert PASSWORD not in made.stdout + made.stderr
    again = cli.run("create-user", "ann@example.org", "--password-stdin", given=PASSWORD)
    assert again.returncode == 1
    assert "(conflict)" in again.stderr


def test_a_link_for_a_forgotten_password_is_printed(cli: Cli, owner: str) -> None:
    made = cli.run("reset-password", owner.upper())
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("http://127.0.0.1:")
    assert "/#reset_password=" in made.stdout
    assert "CHATSPHERE_PUBLIC_URL" in made.stderr
    unknown = cli.run("reset-password", "nobody@example.org", "--json")
    assert json.loads(unknown.stderr)["code"] == "not_found"
    assert cli.run("remove-second-factor", owner).returncode == 1


def test_who_runs_the_installation_can_be_named(cli: Cli) -> None:
    made = cli.run("create-user", "ann@example.org", "--generate", "--instance-admin")
    assert made.returncode == 0, made.stderr


def test_who_has_an_account_can_be_named_too(cli: Cli, owner: str) -> None:
    for _ in range(2):
        assert cli.run("grant-instance-admin", owner.upper()).returncode == 0
    with psycopg.connect(cli.settings["DATABASE_URL"]) as connection:
        named = connection.execute("SELECT email FROM users WHERE instance_admin").fetchall()
        logged = connection.execute(
            "SELECT count(*) FROM audit_events WHERE action = 'instance_admin.granted'"
        ).fetchone()
    assert (named, logged) == ([(owner,)], (1,))
    assert cli.run("grant-instance-admin", "nobody@example.org").returncode == 1


def test_who_has_several_workspaces_is_told_in_which_a_command_works(cli: Cli, owner: str) -> None:
    assert "In the workspace" not in cli.run("ask", "Bot", "Why?").stderr
    first = cli.json("workspaces", "list")["data"][0]
    with psycopg.connect(cli.settings["DATABASE_URL"]) as connection:
        connection.execute(
            "INSERT INTO workspaces (id, name, plan, created_at) VALUES ('ws_b', 'B', 'free', now())"
        )
        connection.execute(
            "INSERT INTO memberships (tenant_id, user_id, role, created_at)"
            " SELECT 'ws_b', id, 'owner', now() FROM users"
        )
    told = cli.run("ask", "Bot", "Why?").stderr
    assert f"In the workspace {first['name']} ({first['id']}), one of 2." in told
    assert "In the workspace" not in cli.run("ask", "Bot", "Why?", "--workspace", "ws_b").stderr


@pytest.mark.parametrize("given", ["short\n", "", "\udcff" * 20])
def test_a_password_that_will_not_do_is_refused(cli: Cli, given: str) -> None:
    with cli.start(
        "create-user", "ann@example.org", "--password-stdin", errors="surrogateescape"
    ) as p:
        out, err = p.communicate(given, timeout=60)
    assert p.returncode == 1
    assert "(invalid_request)" in err
    assert out == ""


def test_migrating_tells_what_it_did(tmp_path: Path) -> None:
    cli = Cli(tmp_path)
    first, second = cli.run("migrate"), cli.run("migrate")
    assert (first.returncode, second.returncode) == (0, 0)
    assert "from empty to" in first.stdout
    assert "nothing to do" in second.stdout


def test_wrong_settings_are_named_without_their_values(tmp_path: Path) -> None:
    wrong = {"PORT": "eight", "SECRET_KEY": "hunter2"}
    ended = Cli(tmp_path, wrong).run("migrate")
    assert ended.returncode == 1
    assert "CHATSPHERE_PORT is not valid" in ended.stderr
    assert "CHATSPHERE_SECRET_KEY is not valid" in ended.stderr
    assert "hunter2" not in ended.stderr


def test_serve_says_when_its_port_is_taken(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = cli.run("serve", "--port", str(taken.getsockname()[1]))
    assert ended.returncode == 1
    assert "(address_in_use)" in ended.stderr


def test_the_api_document_is_written_and_compared(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    assert cli.run("openapi", "--out", path).returncode == 0
    assert json.loads(path.read_text())["openapi"].startswith("3.1")
    assert cli.run("openapi", "--check", path).returncode == 0
    assert cli.run("openapi").stdout == path.read_text()
    path.write_text(path.read_text().replace("ChatSphere", "Other"))
    ended = cli.run("openapi", "--check", path)
    assert ended.returncode == 1
    assert "openapi_drift" in ended.stderr


def test_a_reader_that_goes_away_is_no_error(cli: Cli) -> None:
    with cli.start("openapi") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == ""
