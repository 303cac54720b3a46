"""`chatsphere adapters`: what there is, what is broken, and whether it keeps its contract."""

import asyncio
from pathlib import Path
from typing import Any

import psycopg
import pytest

from application.ports.plugins import Group
from contract.judges import JudgingOpenAI
from entrypoints.cli.adapter_check import CALLS
from entrypoints.cli.adapter_page import page
from integration.test_third_party_adapter import CliWith
from standins.openai_server import OpenAIServer, Script
from support.s3 import S3Server

PAGE = Path(__file__).parents[2] / "docs" / "adapters" / "README.md"
SECRET = "sk-never-shown"  # pragma: allowlist secret
BROKEN = "raise RuntimeError('no such\\x1b[31m luck')\n"
LOSSY = """
import asyncio

from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.plugins import Plugin

class Lossy(InMemoryVectorIndex):
    left = set()

    def __init__(self, folder):
        super().__init__()
        self.report = folder / "left"

    async def delete_chunks(self, namespace, chunk_ids):
        pass

    async def namespaces(self, tenant_id):
        await asyncio.Event().wait()

    async def aclose(self):
        self.report.write_text(str(len(self._records)))

vector_index = Plugin("Loses deletes, and waits for ever.", lambda options, context: Lossy(context.data_dir))
"""


class Talking(OpenAIServer):
    """Knows the hours of the office that the contract asks for."""

    async def _record(self, request: Any) -> Any:
        body = await super()._record(request)
        asked = str(body.get("messages", [""])[-1])
        if "office" in asked and "response_format" not in body:
            self.scripts.append(Script(tokens=["At nine, ", "at six."]))
        return body


def plant(site: Path, name: str, source: str) -> None:
    """Install a package with one vector store, as an installer would leave it."""
    (site / f"{name}_module.py").write_text(source)
    info = site / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    point = f"{name} = {name}_module:vector_index"
    (info / "entry_points.txt").write_text(f"[chatsphere.vector_indexes]\n{point}\n")


@pytest.fixture
def cli(tmp_path: Path, postgres_url: str) -> CliWith:
    site = tmp_path / "site"
    site.mkdir()
    return CliWith(tmp_path, {"DATABASE_URL": postgres_url}, site)


def test_what_is_chosen_is_marked(cli: CliWith) -> None:
    cli.settings |= {"CHAT_MODEL": "openai/gpt-5-mini", "BLOB_URL": "s3://bucket"}
    rows = cli.json("adapters", "list")["data"]
    chosen = {(row["group"], row["name"]) for row in rows if row["chosen"]}
    assert chosen == {
        ("chat_models", "openai"), ("embedders", "minilm"), ("vector_indexes", "pgvector"),
        ("blob_stores", "s3"), ("caches", "memory"), ("rate_limiters", "memory"),
        ("event_transports", "postgres"),
    }  # fmt: skip
    shown = cli.run("adapters", "list").stdout
    assert "\n* pgvector " in shown
    assert "\n  qdrant " in shown


def test_settings_are_told_and_never_their_values(cli: CliWith) -> None:
    cli.settings |= {"GEMINI_API_KEY": SECRET, "QDRANT_URL": "http://qdrant.internal:6333"}
    for ended in (
        cli.run("adapters", "list", "--settings"),
        cli.run("adapters", "list", "--settings", "--json"),
    ):
        assert ended.returncode == 0
        assert SECRET not in ended.stdout + ended.stderr
        assert "qdrant.internal" not in ended.stdout
    shown = cli.run("adapters", "list", "--settings").stdout
    assert "CHATSPHERE_GEMINI_API_KEY  set, required" in shown
    assert "CHATSPHERE_PINECONE_API_KEY  not set, required" in shown


def test_a_package_that_cannot_be_loaded_is_a_line_with_its_reason(cli: CliWith) -> None:
    plant(cli.site, "broken", BROKEN)
    ended = cli.run("adapters", "list")
    assert ended.returncode == 0
    [line] = [line for line in ended.stdout.splitlines() if line.startswith("  broken")]
    assert "cannot be loaded" in line
    assert "no such" in line
    assert "[broken 1.0]" in line
    assert "\x1b" not in line
    assert "\n* pgvector " in ended.stdout


def test_what_is_not_installed_says_what_to_install(cli: CliWith) -> None:
    hidden = "import sys\nsys.modules['qdrant_client'] = None\n"
    (cli.site / "sitecustomize.py").write_text(hidden)
    [row] = [row for row in cli.json("adapters", "list")["data"] if row["name"] == "qdrant"]
    assert (row["status"], row["reason"]) == (
        "not installed", "pip install 'chatsphere[qdrant]'",
    )  # fmt: skip


def test_an_adapter_that_breaks_its_contract_fails_and_is_cleaned_up(cli: CliWith) -> None:
    plant(cli.site, "lossy", LOSSY)
    told = cli.json("adapters", "check", "lossy", "--timeout", "2", code=1)
    failed = {test["name"]: test["reason"] for test in told["tests"] if test["outcome"] == "failed"}
    assert "deleted chunks are gone" in failed
    assert "TimeoutError" in failed["a tenants namespaces are found"]
    assert "the nearest come first" not in failed
    assert all(failed.values())
    assert (cli.folder / "data" / "left").read_text() == "0"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nobody"], "adapter_unknown"),
        (["gemini"], "adapter_of_several_groups"),
        (["memory", "--group", "nothing"], "group_unknown"),
        (["chat_models/gemini"], "adapter_not_configured"),
        (["s3"], "adapter_not_configured"),
    ],
)
def test_what_cannot_be_checked_is_told_in_a_sentence(
    cli: CliWith, arguments: list[str], code: str
) -> None:
    ended = cli.run("adapters", "check", *arguments)
    assert ended.returncode == 1
    assert ended.stderr.rstrip().endswith(f"({code})")


@pytest.mark.parametrize(
    "name", ["rate_limiters/postgres", "caches/postgres", "file", "event_transports/postgres"]
)
def test_what_stands_on_the_installation_keeps_its_contract_and_leaves_nothing(
    cli: CliWith, postgres_url: str, name: str
) -> None:
    told = cli.json("adapters", "check", name)
    assert told["kept"]
    left = {path.name for path in (cli.folder / "data").iterdir()}
    assert not any(name.startswith("chatsphere-check") for name in left)
    with psycopg.connect(postgres_url) as connection:
        for table in ("workspaces", "users", "events", "cache_entries"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


@pytest.mark.parametrize(
    ("name", "setting", "code"),
    [
        ("qdrant", "QDRANT_URL", "vector_index_unavailable"),
        ("chat_models/openai", "OPENAI_BASE_URL", "model_unavailable"),
        ("embedders/openai", "OPENAI_BASE_URL", "embedder_unavailable"),
        ("rerankers/openai", "OPENAI_BASE_URL", "reranker_unavailable"),
        ("caches/redis", "REDIS_URL", "cache_unavailable"),
        ("rate_limiters/redis", "REDIS_URL", "rate_limiter_unavailable"),
    ],
)
def test_what_is_away_is_one_sentence_that_names_its_settings(
    cli: CliWith, name: str, setting: str, code: str
) -> None:
    cli.settings |= {
        setting: f"{'redis' if setting == 'REDIS_URL' else 'http'}://127.0.0.1:1",
        "OPENAI_EMBEDDING_MODEL": "none", "OPENAI_EMBEDDING_DIMENSIONS": "32",
        "OPENAI_RERANKER_MODEL": "none",
    }  # fmt: skip
    ended = cli.run("adapters", "check", name)
    assert (ended.returncode, ended.stdout) == (1, "")
    *_, told = ended.stderr.splitlines()
    assert told.endswith(f"({code})")
    assert f"CHATSPHERE_{setting}" in told
    assert ended.stderr.count("cannot be used (") == 1


def test_a_bucket_that_is_missing_is_told_at_once(cli: CliWith, s3_server: S3Server) -> None:
    cli.settings |= {
        "BLOB_URL": "s3://missing", "S3_ENDPOINT": s3_server.url(),
        "S3_ACCESS_KEY_ID": s3_server.key, "S3_SECRET_ACCESS_KEY": s3_server.secret,
    }  # fmt: skip
    ended = cli.run("adapters", "check", "s3")
    assert (ended.returncode, ended.stdout) == (1, "")
    [told] = ended.stderr.splitlines()
    assert "CHATSPHERE_BLOB_URL" in told
    assert told.endswith("(storage_misconfigured)")
    found = cli.json("doctor", code=1)["checks"]
    [files] = [check for check in found if check["name"] == "Files"]
    assert files["status"] == "fail"
    assert "CHATSPHERE_BLOB_URL" in files["mend"]


def test_the_doctor_asks_what_is_chosen_and_names_the_settings_of_what_is_away(
    cli: CliWith,
) -> None:
    cli.settings |= {
        "VECTOR_INDEX": "qdrant", "QDRANT_URL": "http://127.0.0.1:1", "CACHE": "redis",
        "EVENT_TRANSPORT": "redis", "REDIS_URL": "redis://127.0.0.1:1", "QDRANT_ULR": "x",
    }  # fmt: skip
    found = {check["name"]: check for check in cli.json("doctor", code=1)["checks"]}
    asked = {"Vector store": "QDRANT_URL", "Cache": "REDIS_URL", "Events": "REDIS_URL"}
    for name, setting in (asked | {"Rate limiter": "REDIS_URL"}).items():
        assert found[name]["status"] == "fail"
        assert f"CHATSPHERE_{setting}" in found[name]["mend"]
    assert found["Embedder"]["status"] == found["Files"]["status"] == "ok"
    assert found["Settings"]["mend"] == "CHATSPHERE_QDRANT_ULR: did you mean CHATSPHERE_QDRANT_URL?"


def test_what_lacks_a_setting_is_marked_and_the_columns_hold(cli: CliWith) -> None:
    cli.settings |= {"CHAT_MODEL": "gemini"}
    ended = cli.run("adapters", "list")
    lines = ended.stdout.splitlines()
    [chosen] = [line for line in lines if line.startswith("* gemini")]
    assert chosen.endswith("(needs CHATSPHERE_GEMINI_API_KEY)")
    [pinecone] = [line for line in lines if line.startswith("  pinecone")]
    assert pinecone.endswith("(needs CHATSPHERE_PINECONE_API_KEY)")
    assert "needs CHATSPHERE_OPENAI_BASE_URL or CHATSPHERE_OPENAI_API_KEY" in ended.stdout
    [longest] = [line for line in lines if line.startswith("  cross_encoder ")]
    [shortest] = [line for line in lines if line.startswith("  s3 ")]
    assert longest.index("ms-marco") == shortest.index("Objects")
    assert lines[-1].startswith("* is chosen.")
    assert ended.stderr == ""
    cli.settings |= {"OPENAI_API_KEY": SECRET, "GEMINI_API_KEY": SECRET}
    rows = cli.json("adapters", "list")["data"]
    status = {(row["group"], row["name"]): row["status"] for row in rows}
    assert status["chat_models", "openai"] == status["chat_models", "gemini"] == "ready"
    assert status["vector_indexes", "pinecone"] == "not set up"


@pytest.mark.parametrize(
    ("group", "name", "server"),
    [
        (Group.CHAT_MODELS, "openai/stand-in", Talking()),
        (Group.EMBEDDERS, "embedders/openai", OpenAIServer(dimensions=32)),
        (Group.RERANKERS, "rerankers/openai", JudgingOpenAI()),
    ],
)  # fmt: skip
async def test_a_model_is_called_no_more_often_than_was_said(
    cli: CliWith, group: Group, name: str, server: OpenAIServer
) -> None:
    async with server:
        cli.settings |= {
            "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": SECRET,
            "OPENAI_EMBEDDING_MODEL": "stand-in", "OPENAI_EMBEDDING_DIMENSIONS": "32",
            "OPENAI_RERANKER_MODEL": "stand-in",
        }  # fmt: skip
        ended = await asyncio.to_thread(cli.run, "adapters", "check", name)
    assert ended.returncode == 0, ended.stdout
    assert 0 < len(server.requests) <= CALLS[group]
    assert f"is called up to {CALLS[group]} times" in ended.stderr
    assert SECRET not in ended.stdout + ended.stderr


def test_the_committed_page_shows_the_adapters() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "chatsphere adapters table --out tells how"
