"""A Chroma server, spoken to over HTTP.

By hand and not by `chromadb.AsyncHttpClient`: that one keeps its connections, with their headers, in
one place for all clients of the process, so that a second server is sent the token of the first;
it does not check certificates unless told to; it waits forever; and it does not give Retry-After.
"""

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp

from adapters.chroma._engine import COSINE, Batch, Engine, Metadata, Where
from adapters.chroma._errors import CollectionMissing, port_error
from adapters.chroma._points import float32, numbers
from application.ports.embedder import Vector
from application.ports.vector_index import VectorIndexMismatch, VectorIndexUnavailable

T = TypeVar("T")

_MAX_CONNECTIONS = 32
_SUCCESS = 300


class Server(Engine):
    """Asks the server at `url`; each call takes `timeout_seconds` at most.

    Source: the server's own description (/openapi.json), API v2.
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        *,
        tenant: str = "default_tenant",
        database: str = "default_database",
        timeout_seconds: float = 10.0,
    ) -> None:
        self._root = url.rstrip("/").removesuffix("/api/v2") + "/api/v2"
        self._database = f"/tenants/{quote(tenant, safe='')}/databases/{quote(database, safe='')}"
        self._told = database
        # Chroma Cloud reads the one, a proxy before a server of one's own the other.
        self._headers = (
            {"x-chroma-token": api_key, "Authorization": f"Bearer {api_key}"} if api_key else {}
        )
        self._timeout = timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    async def prepare(self) -> None:
        """See to it that the database is there and the server takes vectors as we send them."""
        packs = await self._ask(
            "GET", "/pre-flight-checks", lambda said: bool(said.get("supports_base64_encoding"))
        )
        if not packs:
            raise VectorIndexMismatch("This Chroma server is too old: it must be 1.1 or later.")
        try:
            await self._ask("GET", self._database, _nothing)
        except CollectionMissing as error:
            raise VectorIndexMismatch(
                f"Chroma has no database {self._told!r} for this tenant: create it, or correct "
                "CHATSPHERE_CHROMA_DATABASE and CHATSPHERE_CHROMA_TENANT."
            ) from error

    async def open(self, name: str) -> str:
        """Return the id of the collection of that name."""
        return await self._ask("GET", f"{self._database}/collections/{quote(name)}", _checked)

    async def create(self, name: str) -> str:
        """Return the id of the collection of that name; made where it is missing."""
        asked = {"name": name, "get_or_create": True, "configuration": COSINE}
        return await self._ask("POST", f"{self._database}/collections", _checked, asked)

    async def drop(self, name: str) -> None:
        """Remove a collection."""
        await self._ask("DELETE", f"{self._database}/collections/{quote(name)}", _nothing)

    async def names(self, limit: int, offset: int) -> list[str]:
        """Return names of collections."""
        page = f"?limit={limit}&offset={offset}"
        return await self._ask("GET", f"{self._database}/collections{page}", _names)

    async def upsert(self, collection: str, batch: Batch) -> None:
        """Write records: vectors as bytes, which are written and read ten times faster than digits."""
        packed = [b64encode(float32(vector).tobytes()).decode() for vector in batch.vectors]
        asked = {"ids": batch.ids, "embeddings": packed, "metadatas": batch.metadatas}
        await self._ask("POST", self._of(collection, "upsert"), _nothing, asked)

    async def query(
        self, collection: str, vector: Vector, limit: int, where: Where | None
    ) -> list[tuple[str, float]]:
        """Return the nearest."""
        asked = {
            "query_embeddings": [numbers(vector)],
            "n_results": limit,
            "where": where,
            "include": ["distances"],
        }
        return await self._ask("POST", self._of(collection, "query"), _nearest, asked)

    async def get(self, collection: str, where: Where) -> list[tuple[str, Metadata]]:
        """Return ids and what stands beside them."""
        asked = {"where": where, "include": ["metadatas"]}
        return await self._ask("POST", self._of(collection, "get"), _records, asked)

    async def delete(
        self, collection: str, ids: Sequence[str] | None = None, where: Where | None = None
    ) -> None:
        """Remove these, or those that `where` holds for."""
        asked = {"ids": ids, "where": where}
        await self._ask("POST", self._of(collection, "delete"), _nothing, asked)

    async def count(self, collection: str) -> int:
        """Return how many vectors there are."""
        return await self._ask("GET", self._of(collection, "count"), int)

    async def aclose(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _of(self, collection: str, verb: str) -> str:
        return f"{self._database}/collections/{collection}/{verb}"

    async def _ask(
        self,
        method: str,
        path: str,
        read: Callable[[Any], T],
        body: Mapping[str, object] | None = None,
    ) -> T:
        """Return what the server answers, as `read` takes it."""
        data = None if body is None else json.dumps(body).encode()
        try:
            async with asyncio.timeout(self._timeout):
                said = await self._answer(method, path, data)
        except TimeoutError as error:
            raise VectorIndexUnavailable("Chroma did not answer in time.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise VectorIndexUnavailable("Chroma cannot be reached.") from error
        try:
            return read(json.loads(said))
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise VectorIndexUnavailable("Chroma's answer cannot be read.") from error

    async def _answer(self, method: str, path: str, data: bytes | None) -> bytes:
        headers = {"Content-Type": "application/json"} if data else {}
        request = self._opened().request(method, self._root + path, data=data, headers=headers)
        async with request as response:
            said = await response.read()
            if response.status < _SUCCESS:
                return said
            wait = response.headers.get("Retry-After", "")
            raise port_error(response.status, _message(said), wait)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_MAX_CONNECTIONS),
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=None),  # `_ask` has the deadline
            )
        return self._session


def _checked(collection: Any) -> str:
    """Return the id of a collection that compares by cosine."""
    configuration = collection.get("configuration_json") or {}
    graph = configuration.get("hnsw") or configuration.get("spann") or {}
    space = graph.get("space", "cosine")
    if space != "cosine":
        raise VectorIndexMismatch(
            f"The collection {collection['name']} compares by {space}; it must be cosine: remove it."
        )
    return str(collection["id"])


def _nothing(_: Any) -> None:
    """Take an answer that says nothing."""


def _names(said: Any) -> list[str]:
    return [str(one["name"]) for one in said]


def _nearest(said: Any) -> list[tuple[str, float]]:
    pairs = zip(said["ids"][0], said["distances"][0], strict=True)
    return [(str(key), float(away)) for key, away in pairs]


def _records(said: Any) -> list[tuple[str, Metadata]]:
    return list(zip(said["ids"], said["metadatas"], strict=True))


def _message(said: bytes) -> str:
    try:
        return str(json.loads(said)["message"])
    except (ValueError, LookupError, TypeError):
        return ""
