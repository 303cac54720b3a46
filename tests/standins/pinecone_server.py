"""A stand-in for Pinecone's control and data plane, strict where the real one is; faults by script.

In a test: `async with PineconeServer(api_key="k") as server: ... server.url, server.requests`.
`server.lag` is how long (in seconds) a write takes to be seen. Written from what the SDK pinecone 10
sends and reads, and from docs.pinecone.io: limits, data freshness, listing.
"""

import asyncio
import json
import re
from collections import deque
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web

from standins.pinecone_store import NAME_LIMIT, NoNamespace, Refused, Store

_VERSION = "2026-07"
_INDEX_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?\Z")
_UPSERT_BYTES = 2 * 1024 * 1024
_TOKEN_PREFIX = "after:"


@dataclass
class Fault:
    """What happens to the next `times` requests whose path begins with `path`. Times in seconds.

    `upserted` writes only so many records; `cut` breaks the connection in mid-answer; `raw` is
    sent instead of an answer; otherwise `status` is answered, or after `delay` what is right.
    """

    path: str = "/"
    times: int = 1
    status: int | None = None
    retry_after: str | None = None
    message: str = "The stand-in was told to fail."
    delay: float = 0.0
    cut: bool = False
    raw: bytes | None = None
    upserted: int | None = None


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    size: int


@dataclass
class Index:
    """An index of the control plane."""

    name: str
    fields: dict[str, Any]
    store: Store
    ready_at: float = 0.0
    state: str = "Ready"
    cloud: str = "aws"
    region: str = "us-east-1"

    def is_ready(self) -> bool:
        return self.state == "Ready" and asyncio.get_running_loop().time() >= self.ready_at


class PineconeServer:
    """Serves both planes on loopback; every index on the same address (tests use one)."""

    def __init__(self, *, api_key: str | None = None, page: int = 100) -> None:
        self.indexes: dict[str, Index] = {}
        self.faults: deque[Fault] = deque()
        self.requests: list[Recorded] = []
        self.lag = 0.0  # seconds until a write can be read
        self.ready_after = 0.0  # seconds until a created index is ready
        self.gives_lsn = True
        self.most_at_once = 0  # requests under way
        self._under_way = 0
        self._arrived = asyncio.Event()
        self._api_key, self._page = api_key, page

    @property
    def url(self) -> str:
        """The address of the control plane."""
        return f"http://127.0.0.1:{self._port}"

    def add_index(self, name: str, dimension: int, metric: str = "cosine") -> Index:
        """Have an index of that name, ready to use."""
        field = {"type": "dense_vector", "dimension": dimension, "metric": metric}
        self.indexes[name] = Index(name, {"_values": field}, Store(dimension))
        return self.indexes[name]

    def asked(self, path: str) -> list[Recorded]:
        """Return the requests to that path."""
        return [one for one in self.requests if one.path == path]

    async def until_asked(self, path: str, times: int) -> None:
        """Wait until there have been so many requests to that path."""
        while len(self.asked(path)) < times:
            self._arrived.clear()
            await self._arrived.wait()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self._under_way += 1
        self.most_at_once = max(self.most_at_once, self._under_way)
        try:
            recorded = await self._record(request)
            fault = self._next_fault(recorded.path)
            await asyncio.sleep(fault.delay)
            if fault.cut or fault.raw is not None or fault.status is not None:
                return await self._fail(request, fault)
            self._check_headers(recorded)
            return self._routed(recorded, fault)
        except Refused as refused:
            return _error(refused.status, refused.code, str(refused))
        finally:
            self._under_way -= 1

    async def _record(self, request: web.Request) -> Recorded:
        raw = await request.read()
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            raise Refused("Invalid JSON payload received.") from None
        path = request.raw_path.partition("?")[0]
        recorded = Recorded(
            request.method, path, dict(request.query), dict(request.headers), body, len(raw)
        )
        self.requests.append(recorded)
        self._arrived.set()
        return recorded

    def _next_fault(self, path: str) -> Fault:
        for fault in self.faults:
            if path.startswith(fault.path):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return Fault()

    async def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.cut:
            response = web.StreamResponse(headers={"Content-Length": "1000"})
            await response.prepare(request)
            await response.write(b'{"matches": [')
            await asyncio.sleep(0.01)  # so that what is written has left
            if request.transport:
                request.transport.abort()
            return response
        if fault.raw is not None:
            return web.Response(
                body=fault.raw, status=fault.status or 200, content_type="application/json"
            )
        answer = _error(fault.status or 500, 13, fault.message)
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = fault.retry_after
        return answer

    def _check_headers(self, asked: Recorded) -> None:
        if self._api_key and asked.headers.get("Api-Key") != self._api_key:
            raise Refused("Invalid API Key.", status=401, code=16)
        if asked.headers.get("X-Pinecone-Api-Version") != _VERSION:
            raise Refused("Unsupported API version.")

    def _routed(self, asked: Recorded, fault: Fault) -> web.Response:
        if asked.path == "/indexes" or asked.path.startswith("/indexes/"):
            return self._control(asked)
        if not self.indexes:
            raise Refused("no such index", status=404)
        store = next(iter(self.indexes.values())).store
        store.lag = self.lag
        match f"{asked.method} {asked.path}":
            case "POST /vectors/upsert":
                return self._upsert(store, asked, fault)
            case "POST /vectors/delete":
                return self._written({}, store.delete(asked.body))
            case "POST /query":
                return self._query(store, asked)
            case "GET /vectors/list":
                return self._list(store, asked)
        return self._namespaces(store, asked)

    def _query(self, store: Store, asked: Recorded) -> web.Response:
        matches, seen = store.query(asked.body)
        name = asked.body.get("namespace", "")
        answer = {"matches": matches, "namespace": name, "usage": {"readUnits": 1}}
        headers = {"x-pinecone-max-indexed-lsn": str(seen)} if self.gives_lsn else None
        return web.json_response(answer, headers=headers)

    def _upsert(self, store: Store, asked: Recorded, fault: Fault) -> web.Response:
        if asked.size > _UPSERT_BYTES:
            raise Refused("Error, message length too large: the limit is 2097152 bytes.")
        body = asked.body
        store.check_upsert(body)
        if fault.upserted is not None:
            body = body | {"vectors": body["vectors"][: fault.upserted]}
        written = store.upsert(body)
        return self._written({"upsertedCount": len(body["vectors"])}, written)

    def _list(self, store: Store, asked: Recorded) -> web.Response:
        limit = int(asked.query.get("limit", "100"))
        if not 1 <= limit <= 100:
            raise Refused("limit must be between 1 and 100")
        found = store.ids(asked.query.get("namespace", ""), asked.query.get("prefix", ""))
        ids, following = self._paged(found, limit, asked.query.get("paginationToken"))
        answer: dict[str, Any] = {"vectors": [{"id": one} for one in ids]}
        return web.json_response(answer | {"pagination": following} if following else answer)

    def _namespaces(self, store: Store, asked: Recorded) -> web.Response:
        if asked.path == "/namespaces" and asked.method == "GET":
            limit = int(asked.query.get("limit", "100"))
            prefix = asked.query.get("prefix", "")
            counts = {k: n for k, n in sorted(store.counts().items()) if k.startswith(prefix)}
            names, following = self._paged(list(counts), limit, asked.query.get("paginationToken"))
            found = [{"name": one, "record_count": str(counts[one])} for one in names]
            answer: dict[str, Any] = {"namespaces": found, "total_count": len(counts)}
            return web.json_response(answer | {"pagination": following} if following else answer)
        head, _, rest = asked.path.removeprefix("/").partition("/")
        name = unquote(rest)
        if head != "namespaces" or not name or "/" in rest or len(name) > NAME_LIMIT:
            raise Refused("no such path", status=404)
        if asked.method == "DELETE":
            store.delete_namespace(name)
            return web.json_response({}, status=202)
        if name not in store.counts():
            raise NoNamespace
        return web.json_response({"name": name, "record_count": str(store.counts()[name])})

    def _paged(
        self, found: list[str], limit: int, token: str | None
    ) -> tuple[list[str], dict[str, str] | None]:
        """Return a page, as the real one does shorter than asked for at will, and what leads on."""
        if token is not None:
            if not token.startswith(_TOKEN_PREFIX):
                raise Refused("Invalid pagination token")
            found = [one for one in found if one > token.removeprefix(_TOKEN_PREFIX)]
        page = found[: min(limit, self._page)]
        more = len(found) > len(page)
        return page, {"next": f"{_TOKEN_PREFIX}{page[-1]}"} if more else None

    def _control(self, asked: Recorded) -> web.Response:
        name = asked.path.removeprefix("/indexes").removeprefix("/")
        if asked.method == "POST" and not name:
            return web.json_response(self._described(self._create(asked.body)), status=201)
        if asked.method == "GET" and not name:
            return web.json_response({"indexes": [*map(self._described, self.indexes.values())]})
        if asked.method != "GET":
            raise Refused("method not allowed", status=405)
        if name not in self.indexes:
            return web.json_response(
                {"error": {"code": "NOT_FOUND", "message": f"Resource {name} not found"}},
                status=404,
            )
        return web.json_response(self._described(self.indexes[name]))

    def _create(self, body: dict[str, Any]) -> Index:
        name, fields = body["name"], body["schema"]["fields"]
        deployment = body.get("deployment") or {}
        if name in self.indexes:
            raise Refused("Resource already exists", status=409, code=6)
        if not _INDEX_NAME.match(name) or deployment.get("deployment_type") != "managed":
            raise Refused("Invalid name or deployment")
        [(key, field)] = fields.items()
        if key != "_values" or field["type"] != "dense_vector":
            raise Refused("The vectors API needs the field _values alone")
        if not 1 <= field["dimension"] <= 20_000 or field["metric"] not in ("cosine", "euclidean"):
            raise Refused("Invalid dimension or metric")
        ready_at = asyncio.get_running_loop().time() + self.ready_after
        place = {"cloud": deployment["cloud"], "region": deployment["region"]}
        index = Index(name, fields, Store(field["dimension"]), ready_at, **place)
        self.indexes[name] = index
        return index

    def _described(self, index: Index) -> dict[str, Any]:
        ready = index.is_ready()
        state = index.state if ready or index.state != "Ready" else "Initializing"
        place = {"deployment_type": "managed", "cloud": index.cloud, "region": index.region}
        return {
            "name": index.name,
            "host": self.url.removeprefix("http://") if ready else None,
            "status": {"ready": ready, "state": state},
            "schema": {"fields": index.fields},
            "deployment": place | {"environment": f"{index.cloud}-{index.region}"},
            "deletion_protection": "disabled",
            "tags": None,
        }

    def _written(self, answer: dict[str, Any], lsn: int) -> web.Response:
        headers = {"x-pinecone-request-lsn": str(lsn)} if self.gives_lsn else None
        return web.json_response(answer, headers=headers)


def _error(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "message": message, "details": []}, status=status)
