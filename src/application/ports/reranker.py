"""Port: judges passages anew by reading each together with the question."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.errors import DependencyUnavailable


class RerankerUnavailable(DependencyUnavailable):
    """The reranker does not answer at the moment."""

    code = "reranker_unavailable"


class Reranker(ABC):
    """A model that says how well a passage answers a question (a cross-encoder, or a chat model).

    `most` is how many passages one call may hold.
    """

    most: int = 30

    @abstractmethod
    async def rerank(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        """Return a score from 0 to 1 for each passage, in their order; larger is better.

        Raises RerankerUnavailable, also where the model's answer cannot be read.
        """

    async def aclose(self) -> None:
        """Release what the reranker holds."""
