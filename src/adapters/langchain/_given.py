"""Embeddings that embed nothing: they hand a VectorStore the vectors that are there already."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

if TYPE_CHECKING:
    from application.ports.embedder import Vector

_MARK = "chatsphere-vector-"


class GivenVectors(Embeddings):
    """Takes texts for names of vectors, which are known for as long as a call lasts.

    A store never gets to see the text of a document: what it embeds is such a name. Any other text, as
    stores embed one to learn the dimensions, gets an axis.
    """

    def __init__(self, dimensions: int) -> None:
        self._dimensions = dimensions
        self._vectors: dict[str, Sequence[float]] = {}
        self._numbers = count(1)

    @contextmanager
    def named(self, vectors: Sequence["Vector"]) -> Iterator[list[str]]:
        """Give names for the vectors, good until the block ends."""
        names = [f"{_MARK}{next(self._numbers)}" for _ in vectors]
        self._vectors.update(zip(names, vectors, strict=True))
        try:
            yield names
        finally:
            for name in names:
                del self._vectors[name]

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of these names. Raises LookupError where a store has changed one."""
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of this name. Raises LookupError where a store has changed it."""
        if text not in self._vectors and _MARK not in text:
            return [1.0] + [0.0] * (self._dimensions - 1)
        return list(self._vectors[text])

    async def aembed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return the vectors of these names, without a thread."""
        return self.embed_documents(texts)

    async def aembed_query(self, text: str) -> list[float]:
        """Return the vector of this name, without a thread."""
        return self.embed_query(text)
