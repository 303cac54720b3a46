"""The way to one index: opened on first use, checked, and asked within deadlines."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeVar

from adapters.pinecone._errors import (
    RATE_LIMITED,
    is_missing_namespace,
    is_transient,
    misconfigured,
    port_error,
)
from application.ports.vector_index import (
    VectorIndexMismatch,
    VectorIndexRefused,
    VectorIndexUnavailable,
)

_chance = Random()  # noqa: S311  # no secret: for jitter

if TYPE_CHECKING:
    from pinecone import AsyncPinecone
    from pinecone.async_client.async_index import AsyncIndex
    from pinecone.models.indexes.index import IndexModel

T = TypeVar("T")

_METRIC = "cosine"
_POLL_S = 0.5
_ATTEMPTS = 3
_FIRST_PAUSE = 0.2  # seconds
_RETRIES_A_CALL = 0.1  # an outage must not triple what Pinecone has to refuse
_RETRIES_SAVED = 10.0
_DEAD_STATES = frozenset({"InitializationFailed", "Terminating", "Disabled"})


@dataclass(frozen=True, slots=True)
class Creation:
    """Where an index that is missing is created: a serverless one in this cloud and region."""

    cloud: str
    region: str


class NamespaceMissing(VectorIndexRefused):
    """Pinecone knows no such namespace."""


class Connection:
    """Calls one index. A call is tried three times at most, within `timeout_seconds` in all."""

    def __init__(
        self,
        api_key: str,
        index_name: str,
        dimensions: int,
        *,
        host: str,
        create: Creation | None,
        timeout_seconds: float,
        ready_within_seconds: float,
    ) -> None:
        self.dimensions = dimensions
        self._api_key, self._index_name = api_key, index_name
        self._host, self._create = host, create
        self._timeout, self._ready_within = timeout_seconds, ready_within_seconds
        self._client: AsyncPinecone | None = None
        self._index: AsyncIndex | None = None
        self._opening = asyncio.Lock()
        self._retries = _RETRIES_SAVED

    async def call(self, ask: Callable[["AsyncIndex"], Awaitable[T]]) -> T:
        """Return the answer of the index.

        Raises VectorIndexUnavailable; ValueError for what Pinecone cannot take; NamespaceMissing.
        """
        index = await self._opened()
        try:
            async with asyncio.timeout(self._timeout):
                return await self._patiently(lambda: ask(index))
        except TimeoutError as error:
            raise VectorIndexUnavailable("Pinecone did not answer in time.") from error

    async def ready(self) -> None:
        """Open the index, where that is still to be done. Raises VectorIndexUnavailable."""
        await self._opened()

    async def aclose(self) -> None:
        """Close the connections."""
        client, index, self._client, self._index = self._client, self._index, None, None
        if index is not None:
            await index.close()
        if client is not None:
            await client.close()

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask again where that may help and costs the others nothing."""
        self._retries = min(self._retries + _RETRIES_A_CALL, _RETRIES_SAVED)
        attempt = 1
        while True:
            try:
                return await self._once(ask)
            except VectorIndexUnavailable as error:
                pause = _FIRST_PAUSE * attempt * _chance.uniform(0.5, 1.5)
                if error.code == RATE_LIMITED:
                    pause = max(pause, error.retry_after)
                may_repeat = is_transient(error) and self._retries >= 1
                if attempt == _ATTEMPTS or not may_repeat or pause > self._timeout / 2:
                    raise
                self._retries -= 1
            await asyncio.sleep(pause)
            attempt += 1

    async def _once(self, ask: Callable[[], Awaitable[T]]) -> T:
        from httpx import HTTPError
        from pinecone.errors import PineconeError

        try:
            return await ask()
        except (PineconeError, HTTPError) as error:
            if is_missing_namespace(error):
                raise NamespaceMissing from error
            raise port_error(error, self._api_key) from error

    async def _opened(self) -> "AsyncIndex":
        if self._index is None:
            async with self._opening:
                if self._index is None:
                    self._index = await self._open()
        return self._index

    async def _open(self) -> "AsyncIndex":
        from adapters.pinecone import _sdk

        if self._client is None:
            self._client = await asyncio.to_thread(
                _sdk.open_client, self._api_key, self._host, self._timeout
            )
        model = await self._ready(self._client)
        self._check(model)
        host = model.host or ""
        if self._host.startswith(
            "http://"
        ):  # a Pinecone beside this: the SDK would speak TLS to it
            host = f"http://{host.removeprefix('https://').removeprefix('http://')}"
        return await asyncio.to_thread(_sdk.open_index, self._client, host)

    async def _ready(self, client: "AsyncPinecone") -> "IndexModel":
        """Return the index as soon as it can be used; create it where that is wanted."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._ready_within
        model = await self._ask(lambda: self._described(client))
        while not (model.status.ready and model.host):
            if model.status.state in _DEAD_STATES:
                raise misconfigured(f"The index {self._index_name} is {model.status.state}.")
            if loop.time() >= deadline:
                raise VectorIndexUnavailable(
                    f"The index {self._index_name} is not ready yet: {model.status.state}."
                )
            await asyncio.sleep(_POLL_S)
            model = await self._ask(lambda: client.indexes.describe(self._index_name))
        return model

    async def _ask(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask the control plane within the deadline of a call."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._patiently(ask)
        except TimeoutError as error:
            raise VectorIndexUnavailable("Pinecone did not answer in time.") from error

    async def _described(self, client: "AsyncPinecone") -> "IndexModel":
        from pinecone.errors import NotFoundError

        try:
            return await client.indexes.describe(self._index_name)
        except NotFoundError as missing:
            if self._create is None:
                raise misconfigured(
                    f"Pinecone has no index {self._index_name}: create it with {self.dimensions} "
                    f"dimensions and the metric {_METRIC}, or set CHATSPHERE_PINECONE_CLOUD and "
                    "CHATSPHERE_PINECONE_REGION."
                ) from missing
        deployment = {"deployment_type": "managed"}
        deployment |= {"cloud": self._create.cloud, "region": self._create.region}
        # Where another process is faster this is a conflict: the next attempt finds the index.
        return await client.indexes.create(
            name=self._index_name,
            dimension=self.dimensions,
            metric=_METRIC,
            deployment=deployment,
            timeout=-1,
        )

    def _check(self, model: "IndexModel") -> None:
        try:
            dimension, metric = model.dimension, model.metric
        except AttributeError as error:
            raise _mismatch(
                f"The index {self._index_name} does not hold one dense vector a record"
            ) from error
        if dimension != self.dimensions:
            raise _mismatch(
                f"The index {self._index_name} holds vectors of {dimension} numbers and the embedder "
                f"makes {self.dimensions}"
            )
        if metric != _METRIC:
            raise _mismatch(
                f"The index {self._index_name} compares by {metric} and not by {_METRIC}"
            )


def _mismatch(what: str) -> VectorIndexMismatch:
    return VectorIndexMismatch(
        f"{what}: name an index that fits, or one that does not exist yet (it is created), in "
        "CHATSPHERE_PINECONE_INDEX, or go back to the embedder that filled this one.",
        retry_after=60.0,
    )
