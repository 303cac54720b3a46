"""Embedder without a model: hashed bags of words."""

import re
from array import array
from collections.abc import Sequence
from hashlib import blake2b
from math import sqrt

from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask, Vector

_WORD = re.compile(r"\w+")
_PREFIX_WEIGHT = 0.5  # so that "printer" and "printers" are neighbours
_PREFIX_LENGTH = 5


class InMemoryEmbedder(Embedder):
    """Texts that share words are near; the same text gives the same vector in every process.

    Set `is_available` to False to play an outage; `embedded` lists the texts it was asked for.
    """

    def __init__(self, dimensions: int = 64) -> None:
        self._dimensions = dimensions
        self.is_available = True
        self.embedded: list[str] = []

    @property
    def space(self) -> str:
        """Name of the vector space."""
        return f"in-memory/{self._dimensions}"

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return self._dimensions

    async def embed(
        self,
        texts: Sequence[str],
        task: EmbedTask,  # noqa: ARG002 - questions and documents count alike
    ) -> list[Vector]:
        """Return one unit vector a text. Raises EmbedderUnavailable while told so."""
        if not self.is_available:
            raise EmbedderUnavailable
        self.embedded += texts
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> Vector:
        values = [0.0] * self._dimensions
        for word in _WORD.findall(text.casefold()) or [""]:
            self._count(values, word, 1.0)
            self._count(values, f"{word[:_PREFIX_LENGTH]}*", _PREFIX_WEIGHT)
        length = sqrt(sum(value * value for value in values)) or 1.0
        return array("f", (value / length for value in values))

    def _count(self, values: list[float], feature: str, weight: float) -> None:
        digest = int.from_bytes(blake2b(feature.encode(), digest_size=8).digest(), "big")
        values[digest % self._dimensions] += weight
