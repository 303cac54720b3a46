"""The program itself: quick to start, and documented."""

import subprocess
import sys

import pytest

from entrypoints.cli.demo import QUESTIONS, SAMPLES

HEAVY = ("fastapi", "sqlalchemy", "pydantic", "rich", "numpy", "aiohttp")
COMMANDS = (
    "serve", "worker", "migrate", "prepare", "doctor", "demo", "ingest", "ask", "create-user",
    "openapi", "reset-password", "remove-second-factor", "grant-instance-admin", "workspaces",
    "adapters",
)  # fmt: skip


def run_main(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; from entrypoints.cli.main import main\n"
        f"try: main()\nfinally: print('HEAVY', [m for m in {HEAVY} if m in sys.modules])"
    )
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def help_text() -> str:
    return run_main("--help").stdout


def test_help_loads_nothing_heavy(help_text: str) -> None:
    assert help_text.endswith("HEAVY []\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_every_command(help_text: str, command: str) -> None:
    assert f"\n  {command} " in help_text


def test_help_says_what_exit_codes_mean(help_text: str) -> None:
    assert "0 done, 1 failed, 2 called wrongly, 130 interrupted" in help_text


def test_every_command_can_be_debugged() -> None:
    assert "--debug" in run_main("migrate", "--help").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("ask", "Bot"),
        ("ingest", "/there/is/no/such/folder", "--bot", "Bot"),
        ("serve", "--port", "65536"),
        ("create-user", "a@b.de", "--generate", "--password-stdin"),
        ("create-user", "a@b.de"),
        ("openapi", "--check", "a.json", "--out", "b.json"),
    ],
)
def test_a_wrong_call_ends_with_2(arguments: tuple[str, ...]) -> None:
    ended = run_main(*arguments)
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_the_samples_are_part_of_the_package() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SAMPLES.glob("*.md")]
    assert len(texts) >= 4
    assert all(text.startswith("# ") for text in texts)
    assert len(QUESTIONS) >= 2
