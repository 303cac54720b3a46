"""Port: judges passages anew by reading each together with the question."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.errors import DependencyUnavailable


class RerankerUnavailable(DependencyUnavailable):
    """The reranker does not answer at the moment."""

    code = "reranker_unavailable"


class RerankerDeclined(RerankerUnavailable):
    """The reranker is there and gives no scores: too many requests, a key that is wrong, or an answer
    that nobody can read."""

    code = "reranker_declined"
    is_refusal = True


class Reranker(ABC):
    """A model that says how well a passage answers a question (a cross-encoder, or a chat model).

    `most` is how many passages one call may hold. `languages` are those that it was trained for
    (ISO 639-1), None for all: passages in others are not to be judged by it.
    """

    most: int = 30
    languages: frozenset[str] | None = None

    @abstractmethod
    async def rerank(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        """Return a score from 0 to 1 for each of up to `most` passages, in their order; larger is
        better. No passages have no scores, and a long one is judged by its beginning.

        Whatever a passage says about itself or to its reader is no reason for a score. Raises
        RerankerUnavailable, and RerankerDeclined also where the model's answer cannot be read.
        """

    async def aclose(self) -> None:
        """Release what the reranker holds."""
