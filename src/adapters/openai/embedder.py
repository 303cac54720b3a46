"""Embedder on any server that speaks OpenAI's embeddings."""

import asyncio
import math
from array import array
from collections.abc import Sequence

import orjson

from adapters._providers.connections import Connections
from adapters._providers.errors import ProviderError
from adapters._providers.http import HttpClient
from adapters._providers.retries import Retries
from application.ports.embedder import (
    Embedder,
    EmbedderDeclined,
    EmbedderRefused,
    EmbedderUnavailable,
    EmbedTask,
    Vector,
)

_MAX_CONNECTIONS = 32
_BAD_REQUEST = (400, 422)


class OpenAIEmbedder(Embedder):
    """Vectors of `POST {base_url}/embeddings`. Source: the OpenAI API reference, embeddings."""

    def __init__(
        self,
        base_url: str,
        model: str,
        dimensions: int,
        api_key: str | None = None,
        *,
        provider: str = "openai",
        batch_size: int = 64,
        timeout_seconds: float = 60.0,
        connections: Connections | None = None,
    ) -> None:
        """Embed with `model` into `dimensions` numbers; `batch_size` texts a request, which has
        `timeout_seconds`, repetitions included.

        `connections` are shared with others and not closed with this; absent, it has its own. Raises
        ValueError where the URL is none or no header can carry the key.
        """
        self._owns_connections = connections is None
        self._connections = connections or Connections(max_connections=_MAX_CONNECTIONS)
        self._client = HttpClient(base_url, api_key, self._connections)
        self._retries = Retries()
        self._model = model
        self._dimensions = dimensions
        self._space = f"{provider}/{model}/{dimensions}"
        self._batch_size = batch_size
        self._timeout = timeout_seconds
        self._asks_for_dimensions = True  # until the server refuses: not every model can shorten

    def __repr__(self) -> str:
        return f"OpenAIEmbedder({self._client.host}, {self._model})"

    @property
    def space(self) -> str:
        """Name of the vector space: provider, model and dimensions."""
        return self._space

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return self._dimensions

    @property
    def batch_size(self) -> int:
        """How many texts go into one request."""
        return self._batch_size

    async def embed(
        self,
        texts: Sequence[str],
        task: EmbedTask,  # noqa: ARG002 - these models embed questions and passages alike
    ) -> list[Vector]:
        """Return one unit-length vector a text.

        Raises EmbedderRefused for a text, EmbedderDeclined for a key, a model or a limit, else
        EmbedderUnavailable.
        """
        vectors: list[Vector] = []
        for start in range(0, len(texts), self._batch_size):
            batch = texts[start : start + self._batch_size]
            deadline = asyncio.get_running_loop().time() + self._timeout
            try:
                body = await self._retries.run(lambda: self._ask(batch, deadline), deadline)  # noqa: B023
            except ProviderError as failure:
                refused = EmbedderRefused if failure.about_content else EmbedderDeclined
                raise failure.as_error(
                    EmbedderUnavailable, refused, "embedder"
                ) from failure.__cause__
            vectors += read_vectors(body, len(batch), self._dimensions)
        return vectors

    async def aclose(self) -> None:
        """Close the connections, where they are its own."""
        if self._owns_connections:
            await self._connections.aclose()

    async def _ask(self, texts: Sequence[str], deadline: float) -> bytes:
        try:
            return await self._post(texts, deadline)
        except ProviderError as failure:
            is_bad = failure.status in _BAD_REQUEST
            if not (self._asks_for_dimensions and is_bad and failure.is_about("dimensions")):
                raise
            self._asks_for_dimensions = False
        return await self._post(texts, deadline)

    async def _post(self, texts: Sequence[str], deadline: float) -> bytes:
        payload: dict[str, object] = {
            "model": self._model,
            "input": list(texts),
            "encoding_format": "float",
        }
        if self._asks_for_dimensions:
            payload["dimensions"] = self._dimensions
        response = await self._client.post("/embeddings", payload, deadline)
        try:
            async with response, asyncio.timeout_at(deadline):
                return await response.read()
        except self._connections.errors as error:
            raise ProviderError(f"{self._client.host} broke off its answer.") from error


def read_vectors(body: bytes, count: int, dimensions: int) -> list[Vector]:
    """Return the `count` vectors in an answer, in the order of their texts, at unit length.

    Raises EmbedderUnavailable where the answer holds other than what was asked for.
    """
    try:
        items = sorted(orjson.loads(body)["data"], key=lambda item: item["index"])
        vectors = [_unit(item["embedding"]) for item in items]
        indices = [item["index"] for item in items]
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise EmbedderUnavailable("The provider sent unreadable vectors.") from error
    if indices != list(range(count)):
        raise EmbedderUnavailable(f"The provider sent {len(vectors)} vectors for {count} texts.")
    if any(len(vector) != dimensions for vector in vectors):
        raise EmbedderUnavailable(
            f"The provider sent vectors of another length than {dimensions}: check the settings."
        )
    return vectors


def _unit(values: Sequence[float]) -> Vector:
    length = math.hypot(*values)
    if not length or not math.isfinite(length):
        raise ValueError("a vector without direction")
    return array("f", (value / length for value in values))
