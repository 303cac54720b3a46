"""Production does not start with what is not safe there."""

import secrets
from pathlib import Path

import pytest

from entrypoints.cli import programs
from entrypoints.cli.errors import UsageProblem
from entrypoints.production import is_guessable, listens_to_others, weaknesses
from entrypoints.settings import Settings

GOOD = "f3a91c07e2b84d65a0c8e47b19d25f60"  # pragma: allowlist secret
URL = "https://chat.example.org"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGPASSWORD", "PGPASSFILE", "PGSERVICE"):
        monkeypatch.delenv(name, raising=False)


def found(folder: Path, **options: object) -> str:
    """Return what is found wrong with production settings, good ones but for `options`."""
    given = {"secret_key": GOOD, "public_url": URL, **options}
    settings = Settings(_env_file=None, data_dir=folder, environment="production", **given)  # type: ignore[arg-type,call-arg]
    return " ".join(weaknesses(settings))


def test_good_settings_pass(tmp_path: Path) -> None:
    assert found(tmp_path) == ""
    assert found(tmp_path, database_url=f"postgresql://a:{GOOD}@db/chat") == ""
    assert found(tmp_path, database_url="postgresql://a@db/chat?sslmode=verify-full") == ""


@pytest.mark.parametrize("number", range(20))
def test_what_is_random_is_not_guessable(number: int) -> None:
    for secret in (secrets.token_hex(16), secrets.token_hex(32), secrets.token_urlsafe(32)):
        assert not is_guessable(secret), secret


@pytest.mark.parametrize(
    "secret",
    [
        "a" * 64, "ab" * 32, "abcdefghijklmnopqrstuvwxyz0123456789",
        "f3a91c07e2b84d65" * 4,  # pragma: allowlist secret
        "change-me-change-me-please-1234567890", "my-super-SECRET-key-for-this-service-9",
        "your-256-bit-key-goes-here-0193847562", "zyxwvutsrqponmlkjihgfedcba9876543210",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",  # pragma: allowlist secret
        "1111111122222222333333334444444455555555", "correct correct correct correct correct",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabcdefghi",
    ],
)  # fmt: skip
def test_a_secret_that_can_be_guessed_is_refused_and_not_repeated(
    tmp_path: Path, secret: str
) -> None:
    told = found(tmp_path, secret_key=secret)
    assert told.startswith("CHATSPHERE_SECRET_KEY can be guessed.")
    assert secret not in told
    assert "ENCRYPTION_KEYS" in found(tmp_path, encryption_keys=f"{GOOD},{secret}")
    assert "SECRET_KEYS_PREVIOUS" in found(tmp_path, secret_keys_previous=f"{GOOD},{secret}")


def test_a_missing_secret_is_refused_though_one_could_be_made(tmp_path: Path) -> None:
    assert "SECRET_KEY is missing" in found(tmp_path, secret_key=None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "told"),
    [(None, "PUBLIC_URL is missing"), ("http://chat.example.org", "https"), ("https://", "https"),
     ("chat.example.org", "https")],
)  # fmt: skip
def test_people_have_to_come_by_tls(tmp_path: Path, url: str | None, told: str) -> None:
    assert told in found(tmp_path, public_url=url)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://chat:postgres@db/chat",  # pragma: allowlist secret
        "postgresql://chat:Password@db/chat",  # pragma: allowlist secret
        "postgresql://chat:%70assword@db/chat",  # pragma: allowlist secret
        "postgresql://chat:@db/chat",  # pragma: allowlist secret
        "postgresql://somebody:somebody@db/chat",  # pragma: allowlist secret
        "postgresql://somebody:chat2@db/chat2",  # pragma: allowlist secret
        "postgresql://somebody@db/chat?password=postgres",  # pragma: allowlist secret
        "host=db user=chat password=changeme",  # pragma: allowlist secret
    ],
)
def test_a_database_password_that_everybody_knows_is_refused(tmp_path: Path, url: str) -> None:
    expected = "CHATSPHERE_DATABASE_URL has an empty or well-known password."
    assert found(tmp_path, database_url=url) == expected
    assert "MIGRATION_DATABASE_URL" in found(tmp_path, migration_database_url=url)


def test_the_password_of_the_environment_is_judged_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "postgres")
    url = "postgresql://chat@db/chat"
    assert "DATABASE_URL" in found(tmp_path, database_url=url)
    monkeypatch.setenv("PGPASSWORD", GOOD)
    assert found(tmp_path, database_url=url) == ""


@pytest.mark.parametrize(
    ("host", "others"),
    [("127.0.0.1", False), ("127.9.9.9", False), ("::1", False), ("localhost", False), ("0.0.0.0", True),
     ("::", True), ("192.0.2.5", True), ("chat.example.org", True)],
)  # fmt: skip
def test_which_addresses_other_machines_reach(host: str, others: bool) -> None:
    assert listens_to_others(host) is others


@pytest.mark.parametrize("program", [programs.serve, programs.worker])
def test_a_program_refuses_to_start_and_says_all_that_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: object
) -> None:
    monkeypatch.setattr(programs, "prepare_local_model", lambda _: None)
    for name in ("serve", "run_worker"):
        monkeypatch.setattr(programs.programs, name, lambda *_: 0)
    settings = Settings(_env_file=None, data_dir=tmp_path, environment="production")  # type: ignore[call-arg]
    with pytest.raises(UsageProblem) as refused:
        program(settings)  # type: ignore[operator]
    first, *reasons = str(refused.value).splitlines()
    assert first == "This is not safe in production."
    assert [reason.strip() for reason in reasons] == weaknesses(settings)
    assert "SECRET_KEY is missing" in reasons[0]
    assert "PUBLIC_URL is missing" in reasons[1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "environment", "warned"),
    [("0.0.0.0", "development", True), ("127.0.0.1", "development", False), ("0.0.0.0", "production", False)],
)  # fmt: skip
def test_listening_to_others_without_production_is_warned_of(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    host: str,
    environment: str,
    warned: bool,
) -> None:
    monkeypatch.setattr(programs, "prepare_local_model", lambda _: None)
    monkeypatch.setattr(programs.programs, "serve", lambda *_: 0)
    given = {"secret_key": GOOD, "public_url": URL, "host": host, "port": 0}
    settings = Settings(_env_file=None, data_dir=tmp_path, environment=environment, **given)  # type: ignore[arg-type,call-arg]
    assert programs.serve(settings) == 0
    assert ("ENVIRONMENT=production" in capsys.readouterr().err) is warned


@pytest.mark.parametrize(
    ("environment", "smtp_url", "warned"),
    [("production", None, True), ("production", "smtps://mail.example.org", False),
     ("development", None, False)],
)  # fmt: skip
def test_production_without_a_mail_server_is_warned_of(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: str,
    smtp_url: str | None,
    warned: bool,
) -> None:
    monkeypatch.setattr(programs, "prepare_local_model", lambda _: None)
    monkeypatch.setattr(programs.programs, "serve", lambda *_: 0)
    given = {"secret_key": GOOD, "public_url": URL, "smtp_url": smtp_url, "port": 0}
    settings = Settings(_env_file=None, data_dir=tmp_path, environment=environment, **given)  # type: ignore[arg-type,call-arg]
    assert programs.serve(settings) == 0
    assert ("Mails go nowhere" in capsys.readouterr().err) is warned
