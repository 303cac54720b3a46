"""Qdrant's REST interface over Qdrant's own engine (the wheel qdrant-edge-py): faults by script.

In a test: `async with QdrantServer(folder, api_key="k") as server: ... server.url, server.requests`.
Only what the adapter asks for is here; the rest of a request's fields is refused.
"""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import qdrant_edge as edge
from aiohttp import web

_REQUEST_BYTES = 32 * 1024 * 1024
_CONFIG = {
    "hnsw_config": {"m": 0, "ef_construct": 100, "full_scan_threshold": 10_000, "payload_m": 16},
    "optimizer_config": {
        "deleted_threshold": 0.2,
        "vacuum_min_vector_number": 1000,
        "default_segment_number": 0,
        "flush_interval_sec": 5,
    },
    "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0},
}


@dataclass
class Fault:
    """What happens to the next `times` requests whose path ends in `path`. Times in seconds."""

    path: str = ""
    times: int = 1
    status: int | None = None
    message: str = "The stand-in was told to fail."
    retry_after: str | None = None
    delay: float = 0.0
    cut: bool = False
    raw: bytes | None = None


class RefusalError(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass
class Collection:
    """A collection: its engine, and what it was made with."""

    shard: edge.EdgeShard
    params: dict[str, Any]
    asked: dict[str, Any] = field(default_factory=dict)
    indexed: dict[str, Any] = field(default_factory=dict)


class QdrantServer:
    """Serves on loopback."""

    def __init__(self, folder: Path, *, api_key: str | None = None) -> None:
        self.collections: dict[str, Collection] = {}
        self.faults: deque[Fault] = deque()
        self.requests: list[tuple[str, str, Any]] = []
        self.connections: set[Any] = set()
        self._folder, self._api_key, self._made = folder, api_key, 0

    @property
    def url(self) -> str:
        """The address to give to a client."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=_REQUEST_BYTES)
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
        for collection in self.collections.values():
            collection.shard.close()

    def add_collection(self, name: str, params: dict[str, Any]) -> Collection:
        """Have a collection."""
        self._made += 1
        vectors = edge.EdgeVectorParams(params["size"], getattr(edge.Distance, params["distance"]))
        shard = edge.EdgeShard.create(
            str(self._folder / f"{name}-{self._made}"), edge.EdgeConfig(vectors=vectors)
        )
        self.collections[name] = Collection(shard, params)
        return self.collections[name]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        try:
            raw = await request.read()
            body = json.loads(raw) if raw else {}
            self.requests.append((request.method, request.path, body))
            fault = self._next_fault(request.path)
            await asyncio.sleep(fault.delay)
            if fault.cut and request.transport:
                request.transport.abort()
            if fault.raw is not None:
                return web.Response(body=fault.raw, content_type="application/json")
            if fault.status is not None:
                return _refusal(fault.status, fault.message, fault.retry_after)
            if self._api_key and request.headers.get("api-key") != self._api_key:
                return _refusal(401, "Must provide an API key or an Authorization bearer token")
            result = self._result(request.method, request.path, request.query, body)
        except web.HTTPRequestEntityTooLarge:
            return _refusal(413, "Payload reached size limit.")
        except RefusalError as refused:
            return _refusal(refused.status, str(refused))
        return web.json_response({"result": result, "status": "ok", "time": 0.001})

    def _next_fault(self, path: str) -> Fault:
        for fault in self.faults:
            if path.endswith(fault.path):
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        return Fault()

    def _result(self, method: str, path: str, query: Any, body: Any) -> Any:
        _, head, name, *rest = path.split("/")
        if head != "collections":
            raise RefusalError(404, "no such path")
        asked = f"{method} {'/'.join(rest)}"
        if asked == "GET exists":
            return {"exists": name in self.collections}
        if asked == "PUT ":
            return self._create(name, body)
        if name not in self.collections:
            raise RefusalError(404, f"Not found: Collection `{name}` doesn't exist!")
        collection = self.collections[name]
        if asked == "GET ":
            config = {"params": {"vectors": collection.params}, **_CONFIG}
            head = {"status": "green", "optimizer_status": "ok", "segments_count": 1}
            schema = {name: {"data_type": "keyword", "points": 0} for name in collection.indexed}
            return head | {"config": config, "payload_schema": schema}
        if asked == "PUT index":
            kind = collection.indexed[body["field_name"]] = body["field_schema"]
            kind = kind["type"] if isinstance(kind, dict) else kind
            schema = getattr(edge.PayloadSchemaType, kind.capitalize())
            operation = edge.UpdateOperation.create_field_index(body["field_name"], schema)
            collection.shard.update(operation)
            return {"operation_id": 0, "status": "completed"}
        if asked in ("PUT points", "POST points/delete"):
            if query.get("wait") != "true":
                raise RefusalError(400, "The stand-in has no writes that nobody waits for")
            return self._change(collection, body)
        return self._read(collection, asked, body)

    def _create(self, name: str, body: dict[str, Any]) -> bool:
        if name in self.collections:
            raise RefusalError(409, f"Wrong input: Collection `{name}` already exists!")
        self.add_collection(name, body["vectors"]).asked = body
        return True

    def _change(self, collection: Collection, body: dict[str, Any]) -> dict[str, Any]:
        if "batch" in body:
            batch = body["batch"]
            points = []
            for key, vector, payload in zip(
                batch["ids"], batch["vectors"], batch["payloads"], strict=True
            ):
                points.append(edge.Point(key, self._checked(collection, vector), payload))
            operation = edge.UpdateOperation.upsert_points(points)
        elif "points" in body:
            operation = edge.UpdateOperation.delete_points(body["points"])
        else:
            operation = edge.UpdateOperation.delete_points_by_filter(_filter(body["filter"]))
        collection.shard.update(operation)
        return {"operation_id": 0, "status": "completed"}

    def _read(self, collection: Collection, asked: str, body: dict[str, Any]) -> Any:
        where = _filter(body.get("filter"))
        if asked == "POST points/query":
            nearest = edge.Query.Nearest(self._checked(collection, body["query"]["nearest"]))
            query = edge.QueryRequest(body["limit"], query=nearest, filter=where, with_payload=True)
            found = collection.shard.query(query)
            return {"points": [_point(one) | {"score": one.score, "version": 0} for one in found]}
        if asked == "POST points/scroll":
            scroll = edge.ScrollRequest(body.get("offset"), body["limit"], where, with_payload=True)
            records, following = collection.shard.scroll(scroll)
            following = None if following is None else str(following)
            return {"points": [*map(_point, records)], "next_page_offset": following}
        if asked == "POST points/count":
            return {"count": collection.shard.count(edge.CountRequest(body["exact"], where))}
        if asked == "POST facet":
            facet = edge.FacetRequest(body["key"], body["limit"], body["exact"], where)
            hits = collection.shard.facet(facet).hits
            return {"hits": [{"value": one.value, "count": one.count} for one in hits]}
        raise RefusalError(404, "no such path")

    def _checked(self, collection: Collection, vector: list[float]) -> list[float]:
        size = collection.params["size"]
        if len(vector) != size:
            message = f"Wrong input: Vector dimension error: expected dim: {size}"
            raise RefusalError(400, f"{message}, got {len(vector)}")
        return vector


def _filter(given: dict[str, Any] | None) -> edge.Filter | None:
    if given is None:
        return None
    conditions = []
    for one in given["must"]:
        match one:
            case {"key": key, "match": {"value": value}}:
                conditions.append(edge.FieldCondition(key, match=edge.MatchValue(value)))
            case {"key": key, "match": {"any": values}}:
                conditions.append(edge.FieldCondition(key, match=edge.MatchAny(values)))
            case {"key": key, "range": {"lt": limit}}:
                conditions.append(edge.FieldCondition(key, range=edge.RangeFloat(lt=limit)))
            case _:
                raise RefusalError(400, f"the stand-in knows no condition {one}")
    return edge.Filter(must=conditions)


def _point(one: Any) -> dict[str, Any]:
    return {"id": str(one.id), "payload": one.payload}


def _refusal(status: int, message: str, retry_after: str | None = None) -> web.Response:
    headers = {"Retry-After": retry_after} if retry_after else None
    body = {"status": {"error": message}, "time": 0.001}
    return web.json_response(body, status=status, headers=headers)
