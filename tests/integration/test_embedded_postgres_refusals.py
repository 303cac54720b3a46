"""What the embedded PostgreSQL refuses, and how it says so; no server comes up here."""

from __future__ import annotations

import fcntl
from pathlib import Path

import pytest

from adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError


def refusal(data_dir: Path, *, timeout_s: float = 60.0) -> EmbeddedPostgresError:
    with pytest.raises(EmbeddedPostgresError) as caught:
        EmbeddedPostgres(data_dir, timeout_s=timeout_s).start()
    return caught.value


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """What a data directory says of itself before its server runs."""
    (tmp_path / "postgres").mkdir(mode=0o700)
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    (tmp_path / "postgres.password").write_text("open-sesame")
    return tmp_path


def test_a_cluster_of_another_major_version_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    error = refusal(data_dir)
    assert error.code == "wrong_version"
    assert "PostgreSQL 17" in str(error)


def test_a_lost_password_file_is_named(data_dir: Path) -> None:
    (data_dir / "postgres.password").unlink()
    error = refusal(data_dir)
    assert error.code == "password_missing"
    assert str(data_dir / "postgres.password") in str(error)


def test_a_damaged_cluster_is_refused_in_the_servers_own_words(data_dir: Path) -> None:
    error = refusal(data_dir)
    assert error.code == "start_failed"
    assert "could not access the server configuration file" in str(error)
    assert "open-sesame" not in str(error)


def test_a_cluster_without_its_version_file_is_never_overwritten(data_dir: Path) -> None:
    (data_dir / "postgres" / "PG_VERSION").rename(data_dir / "postgres" / "precious")
    assert refusal(data_dir).code == "data_dir_unusable"
    assert (data_dir / "postgres" / "precious").exists()


def test_waiting_for_an_owner_without_a_server_ends(data_dir: Path) -> None:
    with (data_dir / "postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert refusal(data_dir, timeout_s=0.3).code == "not_ready"


def test_a_file_in_the_place_of_the_data_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    assert refusal(tmp_path / "data").code == "data_dir_unusable"


def test_a_refused_start_leaves_the_data_directory_to_others(data_dir: Path) -> None:
    refusal(data_dir)
    with (data_dir / "postgres.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
