"""The trace of an answer: how it came about, without any text of a document."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.chunks import ScoredPassage, Scores
from domain.configuration import Configuration

# What a trace tells of a configuration: all but its texts and what does not bear on an answer.
TOLD_SETTINGS = (
    "agent_type", "llm_model", "fallback_models", "temperature", "retriever_k", "retrieval_mode",
    "rerank", "chat_history_length", "unverified_citations",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """A part of the work; `started_ms` counts from its beginning."""

    name: str
    started_ms: float
    duration_ms: float


@dataclass(frozen=True, slots=True)
class Source:
    """Where a passage that an answer could draw on stands; `text[start:end]` of that revision."""

    chunk_id: str
    document_id: str
    revision: int
    start: int
    end: int
    page: int | None
    score: float
    scores: Scores

    @classmethod
    def of(cls, hit: ScoredPassage) -> "Source":
        """Return where a passage stands."""
        passage = hit.passage
        return cls(
            passage.chunk_id,
            passage.document_id,
            passage.revision,
            passage.start,
            passage.end,
            passage.page,
            hit.score,
            hit.scores,
        )


@dataclass(frozen=True, slots=True)
class Trace:
    """How an answer came about. `version` None: by the bot's unpublished configuration; `query` None:
    nothing was searched for. A text of a document is never in it: it outlives the document."""

    version: int | None
    settings: Mapping[str, object]
    query: str | None = None
    steps: Sequence[Step] = ()
    sources: Sequence[Source] = ()


def told_settings(configuration: Configuration) -> dict[str, object]:
    """Return what a trace tells of a configuration."""
    values = configuration.as_dict()
    return {name: values[name] for name in TOLD_SETTINGS}
