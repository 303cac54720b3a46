"""Reads of traces."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.traces import Source, Step


@dataclass(frozen=True, slots=True)
class TracedSource:
    """A source with the title of its document and its text, both None once that is deleted."""

    source: Source
    title: str | None
    text: str | None


@dataclass(frozen=True, slots=True)
class KeptTrace:
    """A trace as it was kept, its sources as they stand now."""

    version: int | None
    settings: Mapping[str, object]
    query: str | None
    steps: Sequence[Step]
    sources: Sequence[TracedSource]


class TraceQueries(ABC):
    """Every call is scoped by tenant."""

    @abstractmethod
    async def of(self, tenant_id: str, message_id: str) -> KeptTrace:
        """Return the trace of an answer. Raises NotFound where none was kept."""
