"""The dashboard in a real browser, against services of their own (frontend/e2e holds the steps)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e import browser
from e2e.browser import Script
from e2e.service import START_SECONDS, STOP_SECONDS, Service

SCRIPT_SECONDS = 600
DOCUMENT = """The lighthouse at Skarholm

The lamp was lit for the first time in 1869. Its light reaches 21 sea miles.

The crew has seven people 🚢 all year round. Each watch lasts six hours.

Visitors may climb the tower on Wednesdays between 13:00 and 16:00. Dogs wait at the pier.
"""


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node.js; skips (in CI: fails) where there is no browser."""
    missing = browser.lacking()
    if missing and os.environ.get("CHATSPHERE_REQUIRE_E2E") == "1":
        pytest.fail(missing)
    if missing:
        pytest.skip(missing)
    return browser.ready()


@pytest.fixture
def settings() -> dict[str, str]:
    """What the service is told besides; a test may say otherwise."""
    return {}


@pytest.fixture
def service(node: str, tmp_path: Path, settings: dict[str, str]) -> Iterator[Service]:
    """A service with an empty data directory; it must end well on SIGTERM."""
    with Service(tmp_path, settings) as running:
        yield running


def drive(node: str, name: str, service: Service, tmp_path: Path, *more: Path) -> int:
    """Run the steps of a script, which holds the assertions; 0: all held.

    CHATSPHERE_E2E_SCREENSHOTS names where pictures stay.
    """
    shots = Path(os.environ.get("CHATSPHERE_E2E_SCREENSHOTS", tmp_path / "screenshots"))
    return Script(node, name, service, shots, *more).run(SCRIPT_SECONDS)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A text with a few facts."""
    path = tmp_path / "lighthouse.txt"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


pytestmark = pytest.mark.timeout(START_SECONDS * 2 + SCRIPT_SECONDS + STOP_SECONDS * 2 + 240)


def test_a_person_gets_a_cited_answer_whatever_happens_on_the_way(
    node: str, service: Service, tmp_path: Path, document: Path
) -> None:
    """Register to first answer in 4 clicks; a bad file, a passage, a killed service, stop, feedback."""
    assert drive(node, "chat.e2e.mjs", service, tmp_path, document) == 0


def test_every_screen_is_accessible_in_every_state_and_view(
    node: str, service: Service, tmp_path: Path
) -> None:
    """With data, empty, loading, failing; light, dark, 1280, 375 and 320 px wide, from both sides."""
    assert drive(node, "gallery.e2e.mjs", service, tmp_path) == 0


@pytest.mark.parametrize("settings", [{"CHATSPHERE_EMAIL_VERIFICATION": "required"}])
def test_people_join_guard_and_recover_their_accounts_by_the_links_of_mails(
    node: str, service: Service, tmp_path: Path
) -> None:
    """Confirm an address, make an API key, invite a viewer, second factor, provider, password."""
    assert drive(node, "people.e2e.mjs", service, tmp_path, service.log) == 0


def test_people_are_shown_what_is_theirs_and_offered_what_their_role_may(
    node: str, service: Service, tmp_path: Path
) -> None:
    """A viewer is offered no deeds and refused them; a stranger's addresses tell nothing."""
    assert drive(node, "roles.e2e.mjs", service, tmp_path) == 0


def test_people_lose_nothing_when_a_token_expires_or_a_session_ends(
    node: str, service: Service, tmp_path: Path
) -> None:
    """Renewed while somebody types, by two tabs at once; ended elsewhere, and begun again."""
    assert drive(node, "sessions.e2e.mjs", service, tmp_path) == 0
