"""`chatsphere sweep`: what is not as the database says, told and mended."""

import os
import time
from pathlib import Path

import pytest

from integration.test_cli import Cli

HOUR = 3600.0


@pytest.fixture
def cli(tmp_path: Path, postgres_url: str) -> Cli:
    """The program on a migrated database of its own."""
    return Cli(tmp_path, {"DATABASE_URL": postgres_url, "DATA_DIR": str(tmp_path / "data")})


def test_a_workspace_is_swept_from_the_command_line(cli: Cli, tmp_path: Path) -> None:
    made = cli.json("create-user", "owner@example.org", "--generate")["workspace"]
    folder = tmp_path / "data" / "blobs" / made["id"] / "ab"
    folder.mkdir(parents=True)
    stray = folder / ("0" * 30)
    stray.write_bytes(b"left over")
    os.utime(stray, (time.time() - 2 * HOUR,) * 2)

    told = cli.json("sweep", "--workspace", made["id"], "--dry-run")
    (only,) = told["data"]
    assert (told["dry_run"], only["workspace_id"], only["clean"]) == (True, made["id"], False)
    assert only["counts"] == {"blobs_looked_at": 1, "blobs_deleted": 1}
    assert stray.exists()
    shown = cli.run("sweep").stdout
    assert f"{made['id']}  not as it should be" in shown
    assert "blobs deleted" in shown
    assert not stray.exists()
    assert [each["clean"] for each in cli.json("sweep")["data"]] == [True]
    assert cli.run("sweep", "--workspace", "ws_nothing").returncode == 1
