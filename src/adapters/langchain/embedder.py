"""Embedder on any of LangChain's embeddings."""

import asyncio
import math
from array import array
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from adapters.langchain._errors import failure_of
from adapters.langchain._parts import Lazy
from adapters.langchain._secrets import Redactor, redactor_for
from application.ports.embedder import (
    Embedder,
    EmbedderDeclined,
    EmbedderRefused,
    EmbedderUnavailable,
    EmbedTask,
    Vector,
)
from application.ports.plugins import NotConfigured

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings


class LangChainEmbedder(Embedder):
    """Vectors of one Embeddings: `aembed_documents` for passages, `aembed_query` for questions.

    Source: langchain-core 1.7, Embeddings.
    """

    def __init__(
        self,
        make: "Callable[[], Embeddings]",
        space: str,
        dimensions: int,
        *,
        batch_size: int = 64,
        timeout_seconds: float = 60.0,
    ) -> None:
        """Embed with what `make` returns; it is called once, in a thread.

        `space` names the model and its version: vectors of another name never mix with these. They have
        `dimensions` numbers. `batch_size` texts a call and `timeout_seconds` for each.
        """
        self._embeddings = Lazy(make)
        self._space = f"langchain/{space}/{dimensions}"
        self._dimensions = dimensions
        self._batch_size = batch_size
        self._timeout = timeout_seconds

    def __repr__(self) -> str:
        return f"LangChainEmbedder({self._space})"

    @property
    def space(self) -> str:
        """Name of the vector space: the name it was given, and the dimensions."""
        return self._space

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return self._dimensions

    @property
    def batch_size(self) -> int:
        """How many texts go into one call."""
        return self._batch_size

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        """Return one unit-length vector a text. Raises EmbedderUnavailable, EmbedderRefused."""
        vectors: list[Vector] = []
        for start in range(0, len(texts), self._batch_size):
            batch = list(texts[start : start + self._batch_size])
            found = await self._embed(batch, task)
            vectors += read_vectors(found, len(batch), self._dimensions)
        return vectors

    async def _embed(self, texts: list[str], task: EmbedTask) -> list[list[float]]:
        redact = Redactor()
        try:
            async with asyncio.timeout(self._timeout):
                embeddings = await self._embeddings.get()
                redact = redactor_for(embeddings)
                if task is EmbedTask.DOCUMENT:
                    return await embeddings.aembed_documents(texts)
                return await _in_turn(embeddings.aembed_query, texts)
        except NotConfigured as error:
            raise EmbedderDeclined(str(error)) from None
        except Exception as error:  # an integration's; no cause, which may hold its key
            failure = failure_of(error, redact)
            refused = EmbedderRefused if failure.about_content else EmbedderDeclined
            raise failure.as_error(EmbedderUnavailable, refused, "embedder") from None


async def _in_turn(
    embed: Callable[[str], Awaitable[list[float]]], texts: Sequence[str]
) -> list[list[float]]:
    return [await embed(text) for text in texts]


def read_vectors(found: Sequence[Sequence[float]], count: int, dimensions: int) -> list[Vector]:
    """Return the `count` vectors found, at unit length.

    Raises EmbedderUnavailable where they are other than what was asked for.
    """
    try:
        if len(found) != count:
            raise EmbedderUnavailable(
                f"The LangChain embeddings gave {len(found)} vectors for {count} texts."
            )
        if any(len(vector) != dimensions for vector in found):
            raise EmbedderUnavailable(
                f"The LangChain embeddings have another length than {dimensions}: check the settings."
            )
        return [_unit(vector) for vector in found]
    except (TypeError, ValueError):
        raise EmbedderUnavailable("The LangChain embeddings gave unreadable vectors.") from None


def _unit(values: Sequence[float]) -> Vector:
    length = math.hypot(*values)
    if not length or not math.isfinite(length):
        raise ValueError("a vector without direction")
    return array("f", (value / length for value in values))
