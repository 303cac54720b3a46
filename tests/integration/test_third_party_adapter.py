"""A package of somebody else's is installed, found, held to the contract, and answers questions."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from integration.test_cli import FACT, Cli

SAMPLE = Path(__file__).parents[2] / "examples" / "chatsphere-sqlite-index"
NAME = "sqlite"


@dataclass
class CliWith(Cli):
    """Runs `chatsphere` in an environment that has other packages too."""

    site: Path = Path()

    def environment(self) -> dict[str, str]:
        return super().environment() | {"PYTHONPATH": str(self.site)}

    @property
    def vectors(self) -> int:
        """How many vectors the file holds."""
        with sqlite3.connect(self.folder / "data" / "vectors.sqlite") as db:
            [(count,)] = db.execute("SELECT count(*) FROM vectors").fetchall()
        return int(count)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of installed packages, with the sample alone."""
    folder = tmp_path_factory.mktemp("site")
    uv = Path(sys.executable).with_name("uv")
    options = ["--quiet", "--offline", "--no-deps", "--no-build-isolation", "--no-cache"]
    python = ["--python", sys.executable]
    subprocess.run(
        [uv, "pip", "install", *options, *python, "--target", folder, SAMPLE], check=True
    )
    return folder


@pytest.fixture
def cli(tmp_path: Path, postgres_url: str, site: Path) -> CliWith:
    return CliWith(tmp_path, {"DATABASE_URL": postgres_url}, site)


def test_it_is_a_vector_store_in_under_100_lines_of_code() -> None:
    source = SAMPLE / "chatsphere_sqlite_index" / "vector_index.py"
    assert sum(bool(line.strip()) for line in source.read_text().splitlines()) < 100


def test_the_installed_package_is_found_and_told_apart_from_ours(cli: CliWith) -> None:
    found = cli.json("adapters", "list")["data"]
    [row] = [row for row in found if row["name"] == NAME]
    assert (row["group"], row["status"]) == ("vector_indexes", "ready")
    assert (row["ours"], row["package"]) == (False, "chatsphere-sqlite-index 0.1.0")
    assert row["settings"][0]["name"] == "CHATSPHERE_SQLITE_FILE"
    assert all(row["ours"] for row in found if row["name"] != NAME)
    assert "[chatsphere-sqlite-index 0.1.0]" in cli.run("adapters", "list").stdout


def test_it_keeps_the_contract_and_nothing_is_left(cli: CliWith) -> None:
    told = cli.json("adapters", "check", NAME)
    assert (told["adapter"], told["kept"]) == (f"vector_indexes/{NAME}", True)
    assert told["passed"] >= 24
    assert told["capabilities"]["dimensions"] == "384"
    assert all(test["reason"] for test in told["tests"] if test["outcome"] == "skipped")
    assert cli.vectors == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_nothing_is_left_where_the_check_is_interrupted(
    cli: CliWith, number: signal.Signals
) -> None:
    process = cli.start("adapters", "check", NAME)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("passed"):
            break
    process.send_signal(number)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert cli.vectors == 0


def test_documents_are_taken_in_and_questions_answered_with_it(cli: CliWith) -> None:
    cli.settings["VECTOR_INDEX"] = NAME
    assert cli.run("create-user", "owner@example.org", "--generate").returncode == 0
    document = cli.folder / "ferry.md"
    document.write_text(f"# Ferries\n\n{FACT}\n")
    cli.json("ingest", document, "--bot", "Harbour", "--create")
    assert cli.vectors > 0
    answer = cli.json("ask", "Harbour", "How often does the harbour ferry leave?")
    assert "forty minutes" in str(answer)


def test_without_the_package_its_name_is_refused_with_those_there_are(
    tmp_path: Path, postgres_url: str
) -> None:
    cli = Cli(tmp_path, {"DATABASE_URL": postgres_url, "VECTOR_INDEX": NAME})
    ended = cli.run("adapters", "check", NAME)
    assert ended.returncode == 1
    assert "adapter_unknown" in ended.stderr


@pytest.fixture(scope="module", autouse=True)
def _leaves_the_sample_as_it_is() -> Iterator[None]:
    before = sorted(os.walk(SAMPLE))
    yield
    assert [one[0] for one in sorted(os.walk(SAMPLE))] == [one[0] for one in before]
