"""Chunks: the passages that are embedded, searched, shown and cited."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage of a revision: `text == extracted_text[start:end]`, offsets in code points.

    `content_hash` is the hex SHA-256 of what is embedded (heading path and text), so equal content
    is embedded once. `page` counts from 1.
    """

    ordinal: int
    text: str
    start: int
    end: int
    page: int | None
    heading_path: tuple[str, ...]
    content_hash: str

    @property
    def embedded_text(self) -> str:
        """What the embedder sees: the headings above the passage, then the passage."""
        return embedded_text(self.heading_path, self.text)


def embedded_text(heading_path: tuple[str, ...], text: str) -> str:
    """Return the text that is embedded for a passage under these headings."""
    return f"{' > '.join(heading_path)}\n{text}" if heading_path else text


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as retrieval hands it to a model or a person: with the document it stands in."""

    chunk_id: str
    document_id: str
    title: str
    revision: int
    text: str
    start: int
    end: int
    page: int | None = None
    heading_path: tuple[str, ...] = ()
    language: str = ""
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """The parts of a passage's score; None where that part of retrieval did not return it."""

    vector: float | None = None
    keyword: float | None = None
    rerank: float | None = None


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage with its fused score; only the order of scores of one search has a meaning."""

    passage: Passage
    score: float
    scores: Scores
