"""Embedder on Google's Gemini API."""

import asyncio
import math
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING

from adapters._providers.errors import ProviderError
from adapters._providers.retries import Retries
from adapters.gemini._errors import ApiKey, provider_errors
from adapters.gemini._turns import PROVIDER, model_name
from adapters.gemini.client import GEMINI_URL, GeminiClients, checked_url, host_of
from application.ports.embedder import (
    Embedder,
    EmbedderDeclined,
    EmbedderRefused,
    EmbedderUnavailable,
    EmbedTask,
    Vector,
)

if TYPE_CHECKING:
    from google.genai import types

_MOST_TEXTS = 100  # what the service takes in one request
_TASK_TYPES = {EmbedTask.QUERY: "RETRIEVAL_QUERY", EmbedTask.DOCUMENT: "RETRIEVAL_DOCUMENT"}
# From gemini-embedding-2 on, the task stands in the text. Source: the Gemini API's page on embeddings.
_TASK_PREFIXES = {
    EmbedTask.QUERY: "task: search result | query: ",
    EmbedTask.DOCUMENT: "title: none | text: ",
}
_WITH_TASK_TYPES = ("gemini-embedding-001", "gemini-embedding-exp", "text-embedding-", "embedding-")


class GeminiEmbedder(Embedder):
    """Vectors of `batchEmbedContents`. Source: the Gemini API reference, embeddings."""

    def __init__(
        self,
        api_key: str,
        base_url: str = GEMINI_URL,
        *,
        model: str = "gemini-embedding-2",
        dimensions: int = 768,
        batch_size: int = _MOST_TEXTS,
        timeout_seconds: float = 60.0,
        clients: GeminiClients | None = None,
    ) -> None:
        """Embed with `model` into `dimensions` numbers; `batch_size` texts a request, which has
        `timeout_seconds`, repetitions included.

        `clients` are shared with others and not closed with this; absent, it has its own. Raises
        ValueError where the URL is none, no header can carry the key, or a number is out of range.
        """
        if not 1 <= batch_size <= _MOST_TEXTS:
            raise ValueError(f"a batch holds from 1 to {_MOST_TEXTS} texts")
        if dimensions < 1:
            raise ValueError("a vector has at least one dimension")
        try:
            self._model = model_name(model)
        except ProviderError as error:
            raise ValueError(str(error)) from error
        self._key = ApiKey(api_key)
        self._base_url = checked_url(base_url)
        self._host = host_of(self._base_url)
        self._dimensions = dimensions
        self._batch_size = batch_size
        self._timeout = timeout_seconds
        self._owns_clients = clients is None
        self._clients = clients or GeminiClients()
        self._retries = Retries()

    def __repr__(self) -> str:
        return f"GeminiEmbedder({self._host}, {self._model})"

    @property
    def space(self) -> str:
        """Name of the vector space: provider, model and dimensions."""
        return f"{PROVIDER}/{self._model}/{self._dimensions}"

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return self._dimensions

    @property
    def batch_size(self) -> int:
        """How many texts go into one request."""
        return self._batch_size

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        """Return one unit-length vector a text. Raises EmbedderUnavailable, EmbedderRefused."""
        vectors: list[Vector] = []
        for start in range(0, len(texts), self._batch_size):
            try:
                vectors += await self._embed_batch(texts[start : start + self._batch_size], task)
            except ProviderError as failure:
                refused = EmbedderRefused if failure.about_content else EmbedderDeclined
                raise failure.as_error(
                    EmbedderUnavailable, refused, "embedder"
                ) from failure.__cause__
        return vectors

    async def aclose(self) -> None:
        """Close the connections, where they are its own."""
        if self._owns_clients:
            await self._clients.aclose()

    async def _embed_batch(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        deadline = asyncio.get_running_loop().time() + self._timeout
        self._retries.begin()
        attempt = 1
        while True:
            try:
                response = await self._ask(texts, task, deadline)
            except ProviderError as failure:
                await self._retries.pause(failure, attempt, deadline)
                attempt += 1
            else:
                return self._read(response, len(texts))

    async def _ask(
        self, texts: Sequence[str], task: EmbedTask, deadline: float
    ) -> "types.EmbedContentResponse":
        client = await self._clients.get(self._base_url, deadline)
        from google.genai import types

        by_type = self._model.removeprefix("models/").startswith(_WITH_TASK_TYPES)
        prefix = "" if by_type else _TASK_PREFIXES[task]
        # Texts that are not wrapped, the newer models take for parts of one: one vector for all.
        contents = [types.Content(parts=[types.Part(text=prefix + text)]) for text in texts]
        config = types.EmbedContentConfig(
            http_options=types.HttpOptions(headers=self._key.headers()),
            task_type=_TASK_TYPES[task] if by_type else None,
            output_dimensionality=self._dimensions,
        )
        with provider_errors(self._host, self._key):
            async with asyncio.timeout_at(deadline):
                return await client.aio.models.embed_content(
                    model=self._model, contents=list(contents), config=config
                )

    def _read(self, response: "types.EmbedContentResponse", count: int) -> list[Vector]:
        found = [each.values or [] for each in response.embeddings or ()]
        if len(found) != count:
            raise ProviderError(f"The provider sent {len(found)} vectors for {count} texts.")
        if any(len(values) != self._dimensions for values in found):
            raise ProviderError(
                f"The provider sent vectors of another length than {self._dimensions}:"
                " check the settings."
            )
        return [_unit(values) for values in found]


def _unit(values: Sequence[float]) -> Vector:
    """Return the vector at unit length: below 3072 dimensions, gemini-embedding-001 does not."""
    length = math.hypot(*values)
    if not length or not math.isfinite(length):
        raise ProviderError("The provider sent a vector without direction.")
    return array("f", (value / length for value in values))
