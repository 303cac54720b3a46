"""`chatsphere secrets`: the real program, over keys that change between its calls."""

import json
from pathlib import Path

import psycopg
import pytest

from adapters.security.secret_box import AesGcmSecretBox
from domain.credentials import sealing_context
from integration.test_cli import Cli

FIRST = "first-0123456789abcdef0123456789abcdef"  # pragma: allowlist secret
SECOND = "second-0123456789abcdef0123456789abcdef"  # pragma: allowlist secret
KEY = "sk-own-0123456789abcdef"  # pragma: allowlist secret


@pytest.fixture
def cli(tmp_path: Path, postgres_url: str) -> Cli:
    """The program on a migrated database of its own."""
    return Cli(tmp_path, {"DATABASE_URL": postgres_url, "ENCRYPTION_KEYS": FIRST})


def box(*keys: str) -> AesGcmSecretBox:
    return AesGcmSecretBox([key.encode() for key in keys])


@pytest.fixture
def workspace(cli: Cli, postgres_url: str) -> str:
    """A workspace with a key of its own, sealed with the first key."""
    made = cli.json("create-user", "owner@example.org", "--generate")["workspace"]["id"]
    sealed = box(FIRST).seal(json.dumps({"api_key": KEY}), sealing_context(made, "openai"))
    with psycopg.connect(postgres_url) as connection:
        connection.execute(
            "INSERT INTO provider_credentials (tenant_id, provider, fields, sealed, key_id, hint, "
            "updated_by, created_at, updated_at) "
            "VALUES (%s, 'openai', '{}', %s, %s, '…', 'usr_x', now(), now())",
            (made, sealed, box(FIRST).current_key_id),
        )
    return str(made)


def stored(postgres_url: str) -> tuple[str, str]:
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT sealed, key_id FROM provider_credentials").fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_key_is_replaced_in_three_steps_and_never_printed(
    cli: Cli, workspace: str, postgres_url: str
) -> None:
    first, second = box(FIRST).current_key_id, box(SECOND).current_key_id
    cli.settings["ENCRYPTION_KEYS"] = f"{SECOND}, {FIRST}"
    assert cli.json("secrets", "status") == {
        "current_key_id": second,
        "secrets": {first: 1},
        "stale": 1,
        "missing_key_ids": [],
    }
    assert cli.json("secrets", "rotate") == {
        "workspaces": 1,
        "resealed": 1,
        "already_current": 0,
        "unreadable": [],
    }
    sealed, key_id = stored(postgres_url)
    assert key_id == second
    opened = box(SECOND).open(sealed, sealing_context(workspace, "openai"))
    assert json.loads(opened) == {"api_key": KEY}
    cli.settings["ENCRYPTION_KEYS"] = SECOND
    shown = cli.run("secrets", "status")
    assert shown.returncode == 0
    assert second in shown.stdout
    assert not {KEY, FIRST, SECOND} & set((shown.stdout + shown.stderr).split())


def test_a_key_that_was_taken_away_too_early_is_named(
    cli: Cli, workspace: str, postgres_url: str
) -> None:
    before = stored(postgres_url)
    cli.settings["ENCRYPTION_KEYS"] = SECOND
    told = cli.json("secrets", "status", code=1)
    assert told["missing_key_ids"] == [box(FIRST).current_key_id]
    rotated = cli.json("secrets", "rotate", code=1)
    assert rotated["unreadable"] == [sealing_context(workspace, "openai")]
    assert stored(postgres_url) == before
