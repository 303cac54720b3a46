"""The built-in page in a real browser, against a service of its own (page.e2e.mjs holds the steps)."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
CHROMIUM = os.environ.get("CHATSPHERE_CHROMIUM", "/usr/bin/chromium")
START_SECONDS = 90
STOP_SECONDS = 40
BROWSER_SECONDS = 150
DOCUMENT = """The lighthouse at Skarholm

The lamp was lit for the first time in 1869. Its light reaches 21 sea miles.

The crew has seven people 🚢 all year round. Each watch lasts six hours.

Visitors may climb the tower on Wednesdays between 13:00 and 16:00. Dogs wait at the pier.
"""


def lacking() -> str | None:
    """Tell what is missing for these tests."""
    if not Path(CHROMIUM).exists():
        return "there is no Chromium: apt install chromium, or set CHATSPHERE_CHROMIUM"
    if not shutil.which("node") or not shutil.which("npm"):
        return "there is no Node.js with npm (20 or newer)"
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.lstrip("v").partition(".")[0]) < 20:
        return f"Node.js is {version.stdout.strip()}, older than 20"
    return None


@pytest.fixture(scope="module")
def browser_tools() -> None:
    """Node packages as the lock file pins them; skips (in CI: fails) where a program is missing."""
    missing = lacking()
    if missing and os.environ.get("CHATSPHERE_REQUIRE_E2E") == "1":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    lock = (HERE / "package-lock.json").read_bytes()
    done = HERE / "node_modules" / ".chatsphere-lock"
    if not done.exists() or done.read_bytes() != lock:
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=HERE, check=True)
        done.write_bytes(lock)


@pytest.fixture
def settings() -> dict[str, str]:
    """What the service is told besides; a test may say otherwise."""
    return {}


@pytest.fixture
def service(tmp_path: Path, settings: dict[str, str]) -> Iterator[str]:
    """The address of a service with an empty data directory; it must end well on SIGTERM."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "entrypoints.cli.main", "serve", "--port", str(port)]
    program = shutil.which("chatsphere", path=str(Path(sys.executable).parent))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CHATSPHERE_")}
    environment |= {"CHATSPHERE_DATA_DIR": str(tmp_path / "data"), "NO_COLOR": "1", **settings}
    with (
        (tmp_path / "service.log").open("w") as log,
        subprocess.Popen(
            [program, *command[3:]] if program else command,
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            wait_until_ready(address, process, tmp_path / "service.log")
            yield address
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                code = process.wait(STOP_SECONDS)
            finally:
                process.kill()
        assert code == 0


def wait_until_ready(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Return once /readyz says so."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the service did not become ready:\n{log.read_text()}")


def drive(script: str, service: str, tmp_path: Path, *more: Path) -> None:
    """Run the steps of a script in the browser; CHATSPHERE_E2E_SCREENSHOTS names where pictures stay."""
    shots = Path(os.environ.get("CHATSPHERE_E2E_SCREENSHOTS", tmp_path / "screenshots"))
    shots.mkdir(parents=True, exist_ok=True)
    run = subprocess.run(
        ["node", script, service, str(shots), *map(str, more)],
        cwd=HERE,
        env={**os.environ, "CHATSPHERE_CHROMIUM": CHROMIUM},
        capture_output=True,
        text=True,
        timeout=BROWSER_SECONDS,
        check=False,
    )
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr}"


pytestmark = [
    pytest.mark.usefixtures("browser_tools"),
    pytest.mark.timeout(START_SECONDS + BROWSER_SECONDS + STOP_SECONDS + 60),
]


def test_a_person_gets_a_cited_answer_by_the_page_alone(service: str, tmp_path: Path) -> None:
    """Register, make a bot, upload, ask, open the passage, cut, stop, reload, log out, log in, docs.

    Every screen is held against axe-core in light and dark, 1280, 375 and 320 px wide.
    """
    document = tmp_path / "lighthouse.txt"
    document.write_text(DOCUMENT, encoding="utf-8")
    drive("page.e2e.mjs", service, tmp_path, document)


@pytest.mark.parametrize("settings", [{"CHATSPHERE_EMAIL_VERIFICATION": "required"}])
def test_people_join_guard_and_recover_their_accounts_by_the_links_of_mails(
    service: str, tmp_path: Path
) -> None:
    """Confirm an address, make an API key, invite a viewer, second factor, password, two tabs."""
    drive("people.e2e.mjs", service, tmp_path, tmp_path / "service.log")
