"""What commands show."""

from pathlib import Path

import pytest
from rich.console import Console

from domain.citations import Citation
from domain.documents import Progress, Stage
from entrypoints.cli.ask import citation_text
from entrypoints.cli.board import LineBoard, NoBoard, board_for, share_done
from entrypoints.cli.output import plain


def citation(**changed: object) -> Citation:
    values: dict[str, object] = {
        "index": 1, "document_id": "doc_1", "title": "Handbook", "revision": 1,
        "chunk_id": "doc_1#1#0", "start": 0, "end": 8, "page": 12, "quote": "It\nrains.",
        "verified": True,
    }  # fmt: skip
    return Citation(**{**values, **changed})  # type: ignore[arg-type]


def test_a_citation_shows_number_title_page_and_quote() -> None:
    assert citation_text(citation()).plain == "[1] Handbook, page 12\n    “It rains.”"


def test_a_citation_without_pages_shows_none() -> None:
    assert citation_text(citation(page=None)).plain.startswith("[1] Handbook\n")


def test_a_citation_that_is_not_verified_says_so() -> None:
    assert "(not verified)" in citation_text(citation(verified=False)).plain


def test_a_documents_title_cannot_steer_the_terminal() -> None:
    assert "\x1b" not in citation_text(citation(title="\x1b]0;owned\x07")).plain


def test_plain_keeps_letters_line_feeds_and_tabs() -> None:
    assert plain("é\t中\n\x9b1m\r\x00") == "é\t中\n1m"


def test_the_bar_of_a_file_never_goes_back() -> None:
    way = [
        Progress(Stage.QUEUED), Progress(Stage.FETCHING), Progress(Stage.PARSING),
        Progress(Stage.CHUNKING),
        Progress(Stage.EMBEDDING, 0, 10), Progress(Stage.EMBEDDING, 5, 10),
        Progress(Stage.EMBEDDING, 10, 10), Progress(Stage.INDEXING, 10, 10),
        Progress(Stage.DONE, 10, 10),
    ]  # fmt: skip
    shares = [share_done(progress) for progress in way]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)


def test_every_stage_has_its_place_on_the_bar() -> None:
    assert all(0 <= share_done(Progress(stage)) <= 1 for stage in Stage)


def test_without_a_terminal_files_are_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with LineBoard(2) as board:
        board.end(Path("a.txt"), "ready")
        board.end(Path("b.txt"), "failed")
    assert capsys.readouterr().err == "[1/2] ready: a.txt\n[2/2] failed: b.txt\n"


def test_of_many_files_only_failures_and_some_others_are_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    board = LineBoard(1000)
    for number in range(50):
        board.end(Path(f"{number}.txt"), "failed" if number == 3 else "ready")
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_machines_are_shown_no_progress() -> None:
    assert isinstance(board_for(3, as_json=True), NoBoard)


def test_colours_are_for_terminals_only() -> None:
    assert not Console().is_terminal
