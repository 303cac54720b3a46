"""Port: turns texts into vectors."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum

from domain.errors import DependencyUnavailable

Vector = Sequence[float]


class EmbedTask(StrEnum):
    """What a vector is for; some models embed questions and passages differently."""

    QUERY = "query"
    DOCUMENT = "document"


class EmbedderUnavailable(DependencyUnavailable):
    """The embedding model does not answer at the moment."""

    code = "embedder_unavailable"


class EmbedderDeclined(EmbedderUnavailable):
    """The embedding model takes nothing at the moment: too many requests, or a key that is wrong."""

    code = "embedder_declined"
    is_refusal = True


class EmbedderRefused(EmbedderUnavailable):
    """The embedding model does not take this text, and will not take it later."""

    code = "embedder_rejected"
    is_outage = False
    is_refusal = True


class Embedder(ABC):
    """A model that maps texts into one vector space."""

    @property
    @abstractmethod
    def space(self) -> str:
        """Name of the vector space (model, version, dimensions): vectors of different spaces never mix."""

    @property
    @abstractmethod
    def dimensions(self) -> int:
        """Length of each vector."""

    @property
    def batch_size(self) -> int:
        """How many texts a call should hold: small enough that a queued question waits little."""
        return 16

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages the model was trained for (ISO 639-1), None for all: retrieval trusts it there."""
        return None

    @abstractmethod
    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        """Return one vector of unit length a text, in order. Raises EmbedderUnavailable, EmbedderRefused."""

    async def aclose(self) -> None:
        """Release what the embedder holds."""
