"""The way to one collection: made or checked on first use, asked within deadlines."""

import asyncio
from collections.abc import Awaitable, Callable
from json import JSONDecodeError
from typing import TYPE_CHECKING, TypeVar

from adapters.qdrant._errors import CollectionMissing, port_error
from application.ports.vector_index import VectorIndexMismatch, VectorIndexUnavailable

if TYPE_CHECKING:
    from qdrant_client import AsyncQdrantClient
    from qdrant_client.models import CollectionInfo

T = TypeVar("T")

_MAX_CONNECTIONS = 32
_CONFLICT = 409


class Connection:
    """Calls one server; each call takes `timeout_seconds` at most."""

    def __init__(
        self,
        url: str,
        collection: str,
        dimensions: int,
        api_key: str | None,
        timeout_seconds: float,
    ) -> None:
        self.collection, self.dimensions = collection, dimensions
        self._url, self._api_key, self._timeout = url, api_key, timeout_seconds
        self._client: AsyncQdrantClient | None = None
        self._is_checked = False
        self._opening = asyncio.Lock()

    async def ready(self) -> None:
        """Load the client and see to the collection, where that is still to be done."""
        await self._opened()

    async def call(self, ask: Callable[["AsyncQdrantClient"], Awaitable[T]]) -> T:
        """Return the answer of the server. Raises VectorIndexUnavailable, StorageFull."""
        client = await self._opened()
        try:
            return await self._in_time(ask(client))
        except CollectionMissing:
            self._is_checked = False
            raise

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client, self._is_checked = self._client, None, False
        if client is not None:
            await client.close()

    async def _opened(self) -> "AsyncQdrantClient":
        if self._client is not None and self._is_checked:
            return self._client
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(self._build)
            if not self._is_checked:
                await self._prepare(self._client)
                self._is_checked = True
            return self._client

    def _build(self) -> "AsyncQdrantClient":
        """Import and build the client: seconds of CPU, so not on the event loop.

        The key goes as a header, since the client warns of `api_key` over http (which is what a
        container beside ours speaks); the limits, since it keeps no connection to localhost alive;
        no check of versions, since that is a blocking request.
        """
        from httpx import Limits
        from qdrant_client import AsyncQdrantClient

        return AsyncQdrantClient(
            url=self._url,
            headers={"api-key": self._api_key} if self._api_key else None,
            timeout=max(1, round(self._timeout)),
            limits=Limits(max_connections=_MAX_CONNECTIONS),
            check_compatibility=False,
        )

    async def _prepare(self, client: "AsyncQdrantClient") -> None:
        """Make the collection where it is missing; see to it that it fits."""
        if not await self._in_time(client.collection_exists(self.collection)):
            await self._create(client)
        info = await self._in_time(client.get_collection(self.collection))
        self._check(info)
        await self._index_payload(client, frozenset(info.payload_schema))

    def _check(self, info: "CollectionInfo") -> None:
        params = info.config.params.vectors
        if params is None or isinstance(params, dict):
            raise self._mismatch("holds named vectors")
        if params.size != self.dimensions:
            raise self._mismatch(
                f"holds vectors of {params.size} numbers and the embedder makes {self.dimensions}"
            )
        if params.distance.value != "Cosine":
            raise self._mismatch(f"compares by {params.distance.value} and not by Cosine")

    def _mismatch(self, what: str) -> VectorIndexMismatch:
        return VectorIndexMismatch(
            f"The collection {self.collection} {what}: name another, which is made where it is "
            "missing, in CHATSPHERE_QDRANT_COLLECTION, or go back to the embedder that filled this one.",
            retry_after=60.0,
        )

    async def _create(self, client: "AsyncQdrantClient") -> None:
        """Make the collection: a graph for each namespace (m=0, payload_m), none over all tenants.

        A filter then costs no recall. Source: qdrant.tech, "Multitenancy".
        """
        from qdrant_client import models
        from qdrant_client.http.exceptions import UnexpectedResponse

        try:
            await self._in_time(
                client.create_collection(
                    self.collection,
                    vectors_config=models.VectorParams(
                        size=self.dimensions, distance=models.Distance.COSINE
                    ),
                    hnsw_config=models.HnswConfigDiff(m=0, payload_m=16),
                )
            )
        except VectorIndexUnavailable as error:  # another process was faster
            cause = error.__cause__
            if not isinstance(cause, UnexpectedResponse) or cause.status_code != _CONFLICT:
                raise

    async def _index_payload(self, client: "AsyncQdrantClient", there: frozenset[str]) -> None:
        """Index the fields that are filtered by, each where it is not yet."""
        from qdrant_client import models

        keyword = models.PayloadSchemaType.KEYWORD
        tenancy = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        fields: dict[str, models.PayloadSchemaType | models.KeywordIndexParams] = {
            "namespace": tenancy,
            "tenant_id": keyword,
            "document_id": keyword,
            "revision": models.PayloadSchemaType.INTEGER,
        }
        for field, kind in fields.items():
            if field not in there:
                await self._in_time(client.create_payload_index(self.collection, field, kind))

    async def _in_time(self, answer: Awaitable[T]) -> T:
        """Return the answer within the deadline of a call (a page instead of JSON passes the client)."""
        from qdrant_client.common.client_exceptions import QdrantException
        from qdrant_client.http.exceptions import ApiException

        try:
            async with asyncio.timeout(self._timeout):
                return await answer
        except TimeoutError as error:
            raise VectorIndexUnavailable("Qdrant did not answer in time.") from error
        except (ApiException, QdrantException, JSONDecodeError) as error:
            raise port_error(error) from error
