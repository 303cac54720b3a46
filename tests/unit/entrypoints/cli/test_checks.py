"""What the doctor looks at on this machine."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from entrypoints.cli import checks
from entrypoints.cli.checks import Level
from entrypoints.production import weaknesses
from entrypoints.settings import Settings

GOOD = "f3a91c07e2b84d65a0c8e47b19d25f60"  # pragma: allowlist secret


def settings(tmp_path: Path, **changed: object) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, **changed)  # type: ignore[call-arg, arg-type]


@pytest.mark.parametrize(("version", "level"), [((3, 10, 9), Level.FAIL), ((3, 11, 0), Level.OK)])
def test_python_must_be_3_11(version: tuple[int, ...], level: Level) -> None:
    assert checks.check_python(version).level is level


def test_our_packages_are_recognised() -> None:
    assert checks.check_packages().level is Level.OK


def test_namesakes_of_our_packages_are_found(tmp_path: Path) -> None:
    check = checks.check_packages(tmp_path)
    assert check.level is Level.FAIL
    assert "environment of its own" in check.mend


def test_a_data_directory_that_is_not_there_yet_is_well_where_it_can_be_made(
    tmp_path: Path,
) -> None:
    check = checks.check_data_dir(tmp_path / "new" / "data")
    assert check.level is Level.OK
    assert "will be made" in check.found
    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_that_is_a_file_fails(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    check = checks.check_data_dir(tmp_path / "data")
    assert check.level is Level.FAIL
    assert "CHATSPHERE_DATA_DIR" in check.mend


@pytest.mark.parametrize(("free", "level"), [(10**8, Level.FAIL), (10**9, Level.WARN)])
def test_a_full_disk_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: Level
) -> None:
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert checks.check_data_dir(tmp_path).level is level


def test_a_secret_that_others_can_read_fails_and_says_how_to_close_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.key"
    secret.write_text("x" * 40)
    secret.chmod(0o644)
    check = checks.check_secret(settings(tmp_path))
    assert check.level is Level.FAIL
    assert f"chmod 600 {secret}" in check.mend
    secret.chmod(0o600)
    assert checks.check_secret(settings(tmp_path)).level is Level.OK


def test_a_secret_that_is_not_there_yet_is_well(tmp_path: Path) -> None:
    assert checks.check_secret(settings(tmp_path)).level is Level.OK


def test_without_production_nothing_is_asked_of_the_settings(tmp_path: Path) -> None:
    assert checks.check_production(settings(tmp_path)).level is Level.OK


def test_production_settings_that_serve_refuses_fail_with_a_line_a_reason(tmp_path: Path) -> None:
    given = settings(tmp_path, environment="production")
    check = checks.check_production(given)
    assert check.level is Level.FAIL
    assert check.mend.splitlines() == weaknesses(given)
    assert len(weaknesses(given)) > 1
    assert checks.check_secret(given).level is Level.FAIL


def test_safe_production_settings_are_well_once_there_is_a_mail_server(tmp_path: Path) -> None:
    safe = {
        "environment": "production",
        "secret_key": GOOD,
        "public_url": "https://chat.example.org",
    }
    check = checks.check_production(settings(tmp_path, **safe))
    assert check.level is Level.WARN
    assert "CHATSPHERE_SMTP_URL" in check.mend
    with_mail = settings(tmp_path, **safe, smtp_url="smtps://mail.example.org")
    assert checks.check_production(with_mail).level is Level.OK
    assert checks.check_secret(with_mail).level is Level.OK


def test_a_key_that_can_be_guessed_fails_in_production(tmp_path: Path) -> None:
    given = settings(tmp_path, environment="production", secret_key="change-me-" * 4)
    check = checks.check_secret(given)
    assert check.level is Level.FAIL
    assert "openssl rand -hex 32" in check.mend


def test_the_extractive_model_needs_nothing(tmp_path: Path) -> None:
    assert checks.check_chat_model(settings(tmp_path)).level is Level.OK


@pytest.mark.parametrize("model", ["openai", "openai/small", "oracle/big"])
def test_a_chat_model_that_is_not_configured_fails(tmp_path: Path, model: str) -> None:
    check = checks.check_chat_model(settings(tmp_path, chat_model=model))
    assert check.level is Level.FAIL
    assert "chatsphere adapters list" in check.mend


def test_an_address_that_is_not_http_is_not_asked(tmp_path: Path) -> None:
    given = settings(tmp_path, chat_model="openai", openai_base_url="file:///etc")
    assert checks.check_chat_model(given).level is Level.FAIL
