"""A backup says where files are that it does not hold, and a restore sees to it."""

from pathlib import Path

from entrypoints.data_dir import DataDirectory
from integration.test_backup import installation

BUCKET = "s3://files/chat"


def test_files_in_a_bucket_are_named_and_not_taken_for_lost(tmp_path: Path) -> None:
    site = installation(tmp_path / "first", BLOB_URL=BUCKET)
    assert site.run("create-user", "owner@example.org", "--generate").returncode == 0
    made = site.json("backup", tmp_path / "backup")
    assert (made["blobs_in"], made["blob_count"], made["missing"]) == (BUCKET, 0, [])
    elsewhere = installation(tmp_path / "elsewhere")
    refused = elsewhere.run("restore", tmp_path / "backup")
    assert refused.returncode == 1
    assert f"kept in {BUCKET}: set CHATSPHERE_BLOB_URL" in " ".join(refused.stderr.split())
    assert not (elsewhere.folder / "data/postgres").exists()


def test_a_restore_run_again_with_another_folder_leaves_what_is_there(tmp_path: Path) -> None:
    site = installation(tmp_path / "first")
    assert site.run("create-user", "owner@example.org", "--generate").returncode == 0
    made = site.json("backup", tmp_path / "backup")
    other = tmp_path / "disk"
    (other / "photos").mkdir(parents=True)
    (other / "photos/harbour.jpg").write_bytes(b"ours")
    second = installation(tmp_path / "second", BLOB_URL=f"file://{other}")
    (second.folder / "data").mkdir()
    begun = DataDirectory(second.folder / "data")
    with begun.alone():
        begun.begin_restore(made["id"], (tmp_path / "backup").absolute())
    assert second.json("restore", tmp_path / "backup")["id"] == made["id"]
    assert (other / "photos/harbour.jpg").read_bytes() == b"ours"
