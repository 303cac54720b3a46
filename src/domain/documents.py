"""Documents: what people give a bot to know, their revisions and the way from upload to ready."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.errors import InvalidInput

TITLE_MAX = 300
FILENAME_MAX = 255
MEDIA_TYPE_MAX = 200
METADATA_KEYS_MAX = 50
METADATA_VALUE_MAX = 1000


class DocumentStatus(StrEnum):
    """Where a document stands for the one who uploaded it."""

    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"

    @property
    def is_settled(self) -> bool:
        """Tell whether ingestion has ended."""
        return self in (DocumentStatus.READY, DocumentStatus.FAILED)


class Stage(StrEnum):
    """The steps of ingestion, in order."""

    QUEUED = "queued"
    FETCHING = "fetching"
    PARSING = "parsing"
    CHUNKING = "chunking"
    EMBEDDING = "embedding"
    INDEXING = "indexing"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the present stage has come: `done` of `total` units (chunks, when embedding)."""

    stage: Stage = Stage.QUEUED
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document could not be taken: a stable code and a sentence that a person understands."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the extracted text that has a place in the original.

    `start` is an offset in Unicode code points; a section ends where the next one starts.
    `page` counts from 1 (a slide or sheet too), None where the format has no pages.
    `heading_path` is the chain of headings above the stretch, outermost first.
    """

    start: int
    page: int | None = None
    heading_path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExtractedText:
    """The text of a revision: NFC, line feeds only; with the map from offsets to pages and headings.

    `language` is an ISO 639-1 code, "" where it is not known. `title` is the document's own, or "".
    """

    text: str
    sections: tuple[Section, ...] = ()
    language: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The bytes of a revision as they were given; those of revision 0, which stands for an address that
    is not fetched yet, are none: no size, no hash, no key."""

    filename: str
    media_type: str
    size: int
    sha256: str
    blob_key: str


@dataclass(slots=True)
class Document:
    """A document of a bot. `revision` is the live one (0: none yet), `target` the newest one given (0: an
    address that is not fetched yet)."""

    id: str
    tenant_id: str
    bot_id: str
    title: str
    source: Source
    created_at: datetime
    updated_at: datetime
    status: DocumentStatus = DocumentStatus.PENDING
    progress: Progress = field(default_factory=Progress)
    error: Failure | None = None
    chunk_count: int = 0
    revision: int = 0
    target: int = 1
    source_url: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    version: int = 1

    def advance(self, progress: Progress, now: datetime) -> None:
        """Record that ingestion is at work."""
        self.status, self.progress, self.error = DocumentStatus.PROCESSING, progress, None
        self.updated_at = now

    def become_ready(self, chunk_count: int, now: datetime) -> None:
        """Let the target revision answer from now on."""
        self.status, self.error = DocumentStatus.READY, None
        self.progress = Progress(Stage.DONE, chunk_count, chunk_count)
        self.revision, self.chunk_count, self.updated_at = self.target, chunk_count, now

    def fail(self, failure: Failure, now: datetime) -> None:
        """Record why the target revision could not be taken; a live revision goes on answering."""
        self.status, self.error, self.updated_at = DocumentStatus.FAILED, failure, now

    def replace(self, source: Source, now: datetime) -> None:
        """Take new content: a new revision that becomes live once it is complete."""
        self.target += 1
        self.source = source
        self.requeue(now)

    def take_fetched(self, source: Source, now: datetime) -> None:
        """Take what stands at the address; a title that was only the file's name goes with it."""
        if self.title == self.source.filename:
            self.title = source.filename
        self.replace(source, now)

    @property
    def wants_fetching(self) -> bool:
        """Tell whether the next step is to fetch the address rather than to take the target in."""
        if self.source_url is None:
            return False
        return self.progress.stage is Stage.FETCHING or self.target == self.revision

    def requeue(self, now: datetime) -> None:
        """Start ingestion of the target revision again."""
        self.status, self.progress, self.error = DocumentStatus.PENDING, Progress(), None
        self.updated_at = now


def safe_filename(name: str) -> str:
    """Return the last part of a client's file name, without control characters; never empty."""
    last = name.replace("\\", "/").rpartition("/")[2]
    visible = _visible(last).strip(" .")
    if len(visible) > FILENAME_MAX:
        stem, dot, ending = visible.rpartition(".")
        room = FILENAME_MAX - len(dot + ending)
        visible = stem[:room] + dot + ending if stem and room > 0 else visible[:FILENAME_MAX]
    return visible or "document"


def safe_media_type(media_type: str) -> str:
    """Return a client's media type without control characters and not overlong; it may be empty."""
    return _visible(media_type).strip()[:MEDIA_TYPE_MAX]


def _visible(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c)[0] != "C")


def checked_title(title: str) -> str:
    """Return a title on one line. Raises InvalidInput."""
    line = " ".join(title.split())
    if len(line) > TITLE_MAX or "\x00" in line:
        raise InvalidInput(f"A title has at most {TITLE_MAX} characters.", pointer="/title")
    return line


def checked_metadata(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return metadata within bounds. Raises InvalidInput."""
    if len(metadata) > METADATA_KEYS_MAX:
        raise InvalidInput(
            f"A document has at most {METADATA_KEYS_MAX} metadata keys.", pointer="/metadata"
        )
    for key, value in metadata.items():
        too_long = not 1 <= len(key) <= 100 or len(value) > METADATA_VALUE_MAX  # noqa: PLR2004
        if too_long or "\x00" in key + value:
            raise InvalidInput(
                "A metadata key has 1 to 100 characters, "
                f"a value at most {METADATA_VALUE_MAX}; neither holds a NUL character.",
                pointer="/metadata",
            )
    return dict(metadata)
