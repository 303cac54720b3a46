"""What the doctor looks at of the adapters that are chosen, and of the settings for them."""

import os
from pathlib import Path

import pytest

from application.ports.plugins import Group
from entrypoints import plugins
from entrypoints.cli.adapter_checks import CHOSEN, check_chosen, check_settings
from entrypoints.cli.checks import Level
from entrypoints.settings import Settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work without the settings of whoever runs the tests."""
    for name in [name for name in os.environ if name.startswith("CHATSPHERE_")]:
        monkeypatch.delenv(name)


def settings(tmp_path: Path, **changed: object) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, **changed)  # type: ignore[call-arg, arg-type]


def test_what_is_chosen_without_any_setting_is_well_and_nothing_is_made(tmp_path: Path) -> None:
    given = settings(tmp_path)
    found = {group: check_chosen(given, group) for group in CHOSEN}
    assert {check.level for check in found.values()} == {Level.OK}
    assert "see Database" in found[Group.VECTOR_INDEXES].found
    assert found[Group.RERANKERS].found == "none is chosen"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("group", "setting", "value"),
    [
        (Group.VECTOR_INDEXES, "vector_index", "qdarnt"),
        (Group.RERANKERS, "reranker", "nobody"),
        (Group.BLOB_STORES, "blob_url", "ftp://files"),
        (Group.CACHES, "cache", "redsi"),
        (Group.RATE_LIMITERS, "rate_limiter", "none"),
        (Group.EVENT_TRANSPORTS, "event_transport", "kafka"),
    ],
)
def test_an_unknown_adapter_fails_and_names_the_setting(
    tmp_path: Path, group: Group, setting: str, value: str
) -> None:
    check = check_chosen(settings(tmp_path, **{setting: value}), group)
    assert check.level is Level.FAIL
    assert "There is no adapter" in check.found
    assert f"CHATSPHERE_{setting.upper()}:" in check.mend


@pytest.mark.parametrize(
    ("group", "chosen", "missing"),
    [
        (Group.VECTOR_INDEXES, {"vector_index": "pinecone"}, "PINECONE_API_KEY"),
        (Group.RERANKERS, {"reranker": "gemini"}, "GEMINI_API_KEY"),
        (Group.CACHES, {"cache": "redis"}, "REDIS_URL"),
        (Group.RATE_LIMITERS, {"rate_limiter": "redis"}, "REDIS_URL"),
        (Group.EVENT_TRANSPORTS, {"event_transport": "redis"}, "REDIS_URL"),
        (Group.BLOB_STORES, {"blob_url": "s3:///folder"}, "BLOB_URL"),
    ],
)
def test_a_missing_setting_fails_with_its_name(
    tmp_path: Path, group: Group, chosen: dict[str, str], missing: str
) -> None:
    check = check_chosen(settings(tmp_path, **chosen), group)
    assert check.level is Level.FAIL
    assert f"CHATSPHERE_{missing}" in check.found


def test_a_missing_package_fails_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugins, "is_installed", lambda module: module != "qdrant_client")
    check = check_chosen(settings(tmp_path, vector_index="qdrant"), Group.VECTOR_INDEXES)
    assert check.level is Level.FAIL
    assert "pip install 'chatsphere[qdrant]'" in check.found


@pytest.mark.parametrize("cache", ["memory", "none"])
def test_a_cache_of_this_process_or_none_is_well(tmp_path: Path, cache: str) -> None:
    assert check_chosen(settings(tmp_path, cache=cache), Group.CACHES).level is Level.OK


def test_a_store_in_files_is_left_to_the_server_that_has_them_open(tmp_path: Path) -> None:
    check = check_chosen(settings(tmp_path, vector_index="chroma"), Group.VECTOR_INDEXES)
    assert check.level is Level.OK
    assert list(tmp_path.iterdir()) == []


def test_without_an_embedder_a_vector_store_is_not_blamed(tmp_path: Path) -> None:
    given = settings(tmp_path, vector_index="qdrant", embedder="gemini")
    check = check_chosen(given, Group.VECTOR_INDEXES)
    assert check.level is Level.WARN
    assert "Embedder" in check.mend


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("GEMINI_API_KYE", "CHATSPHERE_GEMINI_API_KEY"),
        ("QDRNT_URL", "CHATSPHERE_QDRANT_URL"),
        ("VECTOR_INDX", "CHATSPHERE_VECTOR_INDEX"),
    ],
)
def test_a_near_miss_is_told_with_what_was_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, meant: str
) -> None:
    monkeypatch.setenv(f"CHATSPHERE_{name}", "x")
    check = check_settings(settings(tmp_path))
    assert check.level is Level.WARN
    assert check.mend == f"CHATSPHERE_{name}: did you mean {meant}?"


def test_what_resembles_nothing_is_read_by_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHATSPHERE_QQQQQQ", "x")
    assert check_settings(settings(tmp_path)).mend == "CHATSPHERE_QQQQQQ: nothing reads it."
