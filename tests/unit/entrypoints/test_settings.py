"""Settings: read from the environment, refused in a sentence, with a secret that stays."""

import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from application.ports.plugins import Group
from entrypoints.settings import Settings


@pytest.fixture(autouse=True)
def _clean_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where there is no .env."""
    monkeypatch.chdir(tmp_path)


def _settings(data_dir: Path | None = None, **values: object) -> Settings:
    if data_dir is not None:
        values["data_dir"] = data_dir
    return Settings(**values)  # type: ignore[arg-type]  # fields by name


def test_every_field_has_a_default_that_works_and_a_description(tmp_path: Path) -> None:
    settings = _settings()
    assert settings.embedder == "minilm"
    assert settings.max_upload_bytes == 100 * 1024 * 1024
    assert all(field.description for field in Settings.model_fields.values())
    assert not any(field.is_required() for field in Settings.model_fields.values())


def test_the_environment_and_env_file_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("CHATSPHERE_PORT=9001\nCHATSPHERE_HOST=::1\nOTHER=1\n")
    monkeypatch.setenv("CHATSPHERE_PORT", "9000")
    settings = _settings()
    assert (settings.host, settings.port) == ("::1", 9000)


def test_what_is_empty_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "PORT", "SECRET_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(f"CHATSPHERE_{name}", "")
    settings = _settings()
    assert settings.database_url is None
    assert "openai_api_key" not in settings.given
    assert settings.port == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "70000"),
        ("port", "http"),
        ("worker_concurrency", "0"),
        ("max_upload_mb", "-1"),
        ("log_level", "LOUD"),
        ("embedded_worker", "perhaps"),
        ("rerank_seconds", "0"),
        ("secret_key", "x" * 31),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"CHATSPHERE_{name.upper()}", value)
    with pytest.raises(ValidationError) as caught:
        _settings()
    [error] = caught.value.errors()
    assert error["loc"] == (name,)
    assert error["msg"]


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    secret = "s" * 32
    settings = _settings(
        tmp_path,
        secret_key=secret,
        openai_api_key=secret,
        database_url=f"postgresql://a:{secret}@b",
    )
    assert secret not in repr(settings)
    assert settings.given["openai_api_key"] == secret
    assert settings.signing_secret == secret.encode()
    assert list(tmp_path.iterdir()) == []


def test_secrets_that_signed_before_are_listed_and_long_enough(tmp_path: Path) -> None:
    assert _settings(tmp_path).previous_signing_secrets == ()
    old, older = "o" * 32, "p" * 32
    settings = _settings(tmp_path, secret_keys_previous=f"{old}, {older}")
    assert settings.previous_signing_secrets == (old.encode(), older.encode())
    assert old not in repr(settings)
    with pytest.raises(ValidationError, match="SECRET_KEYS_PREVIOUS"):
        _settings(tmp_path, secret_keys_previous=f"{old},{older[:-1]}")


def test_a_secret_is_made_once_random_and_for_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    secret = _settings(folder).signing_secret
    assert len(secret) >= 32
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert (folder / "secret.key").stat().st_mode & 0o777 == 0o600
    assert _settings(folder).signing_secret == secret
    assert _settings(tmp_path / "other").signing_secret != secret


def test_processes_that_start_at_once_agree_on_one_secret(tmp_path: Path) -> None:
    found: list[bytes] = []
    barrier = threading.Barrier(8)

    def start() -> None:
        settings = _settings(tmp_path)
        barrier.wait()
        found.append(settings.signing_secret)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(found[0]) >= 32
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_secret_file_that_holds_too_little_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_bytes(b"")
    with pytest.raises(ValueError, match=r"secret\.key holds no secret"):
        _ = _settings(tmp_path).signing_secret


def test_models_are_kept_where_they_are_told_to_be(tmp_path: Path) -> None:
    assert _settings(tmp_path, model_dir=tmp_path / "m").models == tmp_path / "m"


def test_encryption_keys_are_made_once_apart_from_the_signing_secret(tmp_path: Path) -> None:
    (made,) = _settings(tmp_path).encryption_secrets
    assert len(made) >= 32
    assert made != _settings(tmp_path).signing_secret
    assert (tmp_path / "encryption.key").stat().st_mode & 0o777 == 0o600
    assert _settings(tmp_path).encryption_secrets == (made,)
    moved = _settings(tmp_path / "other", encryption_keys=made.decode())
    assert moved.encryption_secrets == (made,)


def test_encryption_keys_are_listed_the_current_one_first_and_not_shown(tmp_path: Path) -> None:
    new, old = "n" * 32, "o" * 32
    settings = _settings(tmp_path, encryption_keys=f"{new}, {old}")
    assert settings.encryption_secrets == (new.encode(), old.encode())
    assert not {new, old} & set(repr(settings).replace("'", " ").split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keys", ["x" * 31, "x" * 32 + ",", "x" * 32 + ",short", ","])
def test_a_short_or_empty_encryption_key_is_refused_without_repeating_it(
    tmp_path: Path, keys: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        _settings(tmp_path, encryption_keys=keys)
    assert "ENCRYPTION_KEYS" in str(raised.value)
    assert "x" * 31 not in str(raised.value)


def test_what_is_chosen_is_told_by_port(tmp_path: Path) -> None:
    chosen = _settings(tmp_path).chosen
    assert set(chosen) == set(Group)
    assert (chosen[Group.RATE_LIMITERS], chosen[Group.BLOB_STORES]) == ("memory", "file")
    given = _settings(
        tmp_path,
        chat_model="gemini-3.5-flash",
        blob_url="s3://bucket/folder",
        redis_url="redis://127.0.0.1:6379/0",
    )
    assert given.chosen[Group.CHAT_MODELS] == "gemini"
    assert given.chosen[Group.BLOB_STORES] == "s3"
    assert given.chosen[Group.RATE_LIMITERS] == "redis"
