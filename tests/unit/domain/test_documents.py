"""Documents: names and metadata within bounds, and the way from pending to ready or failed."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import (
    FILENAME_MAX,
    MEDIA_TYPE_MAX,
    Document,
    DocumentStatus,
    Failure,
    Progress,
    Source,
    Stage,
    checked_metadata,
    checked_title,
    safe_filename,
    safe_media_type,
)
from domain.errors import InvalidInput
from domain.jobs import retry_delay_seconds

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(minutes=1)
SOURCE = Source("a.txt", "text/plain", 1, "00", "blob-1")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rules.pdf", "rules.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\rules.pdf", "rules.pdf"),
        ("a/b/", "document"),
        ("..", "document"),
        ("", "document"),
        (" rules.pdf. ", "rules.pdf"),
        ("ru\x00les\n.pdf", "rules.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("größe 字.txt", "größe 字.txt"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf"),
        ("." + "x" * 300, "x" * 255),
    ],
)
def test_a_file_name_keeps_its_last_part_only(name: str, expected: str) -> None:
    assert safe_filename(name) == expected


@given(st.text(max_size=600))
def test_any_file_name_becomes_a_harmless_one(name: str) -> None:
    safe = safe_filename(name)
    assert 1 <= len(safe) <= FILENAME_MAX
    assert not {"/", "\\"} & set(safe)
    assert safe not in (".", "..")
    assert not any(unicodedata.category(sign)[0] == "C" for sign in safe)


def test_a_title_stands_on_one_line_within_bounds() -> None:
    assert checked_title("  House \n\t rules ") == "House rules"
    assert checked_title("") == ""
    for title in ("x" * 301, "a\x00b"):
        with pytest.raises(InvalidInput):
            checked_title(title)


@pytest.mark.parametrize(
    "metadata",
    [
        {str(number): "x" for number in range(51)},
        {"": "x"},
        {"x" * 101: "x"},
        {"x": "y" * 1001},
        {"x\x00": "y"},
        {"x": "y\x00"},
    ],
)
def test_metadata_beyond_its_bounds_is_refused(metadata: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_metadata(metadata)
    assert caught.value.pointer == "/metadata"


def test_metadata_within_its_bounds_is_kept() -> None:
    metadata = {f"{number:0100}": "y" * 1000 for number in range(50)}
    assert checked_metadata(metadata) == metadata


def _document() -> Document:
    return Document("doc_1", "ws_1", "bot_1", "Rules", SOURCE, NOW, NOW)


def test_a_document_becomes_ready_with_its_target_revision() -> None:
    document = _document()
    assert not document.status.is_settled
    document.advance(Progress(Stage.EMBEDDING, 1, 3), LATER)
    assert (document.status, document.revision) == (DocumentStatus.PROCESSING, 0)
    document.become_ready(3, LATER)
    assert document.status.is_settled
    assert (document.revision, document.chunk_count, document.updated_at) == (1, 3, LATER)
    assert document.progress == Progress(Stage.DONE, 3, 3)


def test_new_content_leaves_the_live_revision_alone() -> None:
    document = _document()
    document.become_ready(3, NOW)
    document.replace(Source("b.txt", "text/plain", 2, "11", "blob-2"), LATER)
    assert (document.status, document.revision, document.target) == (DocumentStatus.PENDING, 1, 2)
    document.fail(Failure("corrupt_document", "It is damaged."), LATER)
    assert document.status.is_settled
    assert (document.revision, document.chunk_count) == (1, 3)
    document.requeue(LATER)
    assert (document.status, document.error, document.target) == (DocumentStatus.PENDING, None, 2)


@given(st.integers(0, 5000), st.floats(0, 1))
def test_a_job_waits_longer_with_each_error_up_to_a_bound(errors: int, jitter: float) -> None:
    wait = retry_delay_seconds(errors, jitter)
    assert 2 <= wait <= 360
    assert retry_delay_seconds(errors, 0) <= retry_delay_seconds(errors + 1, 0)
    assert [retry_delay_seconds(n, 0) for n in (0, 1, 2, 3)] == [2, 2, 4, 8]


@given(st.text())
def test_any_media_type_becomes_one_that_can_be_stored(given_type: str) -> None:
    media_type = safe_media_type(given_type)
    assert len(media_type) <= MEDIA_TYPE_MAX
    assert all(unicodedata.category(c)[0] != "C" for c in media_type)


def test_a_media_type_loses_what_cannot_be_stored_and_nothing_else() -> None:
    assert safe_media_type("text/plain; charset=utf-8") == "text/plain; charset=utf-8"
    assert safe_media_type(" text/\x00pl\nain\r\n") == "text/plain"
    assert safe_media_type("") == ""
    assert len(safe_media_type("a" * 999)) == MEDIA_TYPE_MAX
