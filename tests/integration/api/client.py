"""A client that holds every response to the OpenAPI document."""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import IO, Any, Self

import aiohttp
import jsonschema_rs
from multidict import CIMultiDictProxy
from yarl import URL

from entrypoints.serve import openapi_document
from integration.api.service import Service

API = "/api/v1"
PASSWORD = "a long enough passphrase"
WAIT_SECONDS = 30.0
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Reply:
    """A response, read to its end."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def problem(self) -> tuple[int, str]:
        """Status and code of a problem; fails where the response is none."""
        assert self.headers["Content-Type"] == "application/problem+json", self
        problem = self.json
        assert problem["status"] == self.status
        assert problem["request_id"] == self.headers["X-Request-Id"]
        return self.status, problem["code"]


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    id: int
    type: str
    data: Any


class Contract:
    """What the document says about responses."""

    def __init__(self) -> None:
        self.document = openapi_document()
        self._validators: dict[str, Any] = {}
        self._operations = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + r"\Z"), method.upper(), operation)
            for path, methods in sorted(self.document["paths"].items(), key=lambda p: "{" in p[0])
            for method, operation in methods.items()
        ]

    def check(self, method: str, path: str, reply: Reply) -> None:
        """Fail where a documented operation answers what it does not document."""
        operation = self._operation(method, path)
        if operation is None:
            return
        told = operation["responses"].get(str(reply.status))
        assert told is not None, f"{method} {path} -> {reply.status} is not documented"
        if not reply.body:
            return
        kind = reply.headers["Content-Type"].partition(";")[0]
        content = told.get("content", {})
        assert kind in content or "*/*" in content, f"{method} {path}: {kind} not in {content}"
        schema = content.get(kind, {}).get("schema")
        if schema and kind.endswith("json"):
            self._validator(schema).validate(json.loads(reply.body))

    def _validator(self, schema: Any) -> Any:
        key = json.dumps(schema)
        if key not in self._validators:
            whole = {**schema, "components": self.document["components"]}
            self._validators[key] = jsonschema_rs.validator_for(whole)
        return self._validators[key]

    def _operation(self, method: str, path: str) -> Any:
        for pattern, verb, operation in self._operations:
            if verb == method and pattern.match(path):
                return operation
        return None


class Client:
    """One person with a browser of her own."""

    def __init__(self, service: Service, contract: Contract) -> None:
        self.service = service
        self._contract = contract
        self.http = aiohttp.ClientSession(
            service.url,
            timeout=aiohttp.ClientTimeout(total=WAIT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self.headers: dict[str, str] = {}
        self.account: Any = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()

    async def request(self, method: str, path: str, **options: Any) -> Reply:
        """Send a request with the token; `path` follows /api/v1 unless it is a whole one."""
        whole = path if path.startswith(("/api/", "http")) else API + path
        headers = {**self.headers, **options.pop("headers", {})}
        url = URL(whole, encoded=True)
        async with self.http.request(method, url, headers=headers, **options) as response:
            reply = Reply(response.status, response.headers, await response.read())
        assert reply.status != 500, reply
        self._contract.check(method, url.path, reply)
        return reply

    async def get(self, path: str, **options: Any) -> Reply:
        return await self.request("GET", path, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> Reply:
        return await self.request("POST", path, **_json(body), **options)

    async def patch(self, path: str, body: Any, **options: Any) -> Reply:
        return await self.request("PATCH", path, json=body, **options)

    async def put(self, path: str, body: Any = None, **options: Any) -> Reply:
        return await self.request("PUT", path, **_json(body), **options)

    async def delete(self, path: str, **options: Any) -> Reply:
        return await self.request("DELETE", path, **options)

    async def register(self) -> Self:
        """Make an account, and use its token from now on."""
        email = f"person{next(_numbers)}@example.com"
        made = await self.post(
            "/auth/register", {"email": email, "password": PASSWORD, "full_name": "Ada Lovelace"}
        )
        assert made.status == 201, made
        self.account = made.json
        self.headers["Authorization"] = f"Bearer {self.account['access_token']}"
        return self

    async def bot(self, **configuration: Any) -> str:
        """Make a bot and return its id."""
        made = await self.post("/bots", {"name": "A bot", "configuration": configuration})
        assert made.status == 201, made
        return str(made.json["id"])

    async def upload(
        self, bot: str, *files: tuple[str, bytes | IO[bytes]], **options: Any
    ) -> Reply:
        """Upload files as a form."""
        return await self.request("POST", f"/bots/{bot}/documents", data=form(*files), **options)

    async def text(self, bot: str, text: str, title: str = "") -> str:
        """Give a bot a text, wait until it answers, and return the document's id."""
        made = await self.post(f"/bots/{bot}/documents", {"title": title, "text": text})
        assert made.status == 202, made
        document = await self.settled(made.json["id"])
        assert document["status"] == "ready", document
        return str(document["id"])

    async def settled(self, document: str) -> Any:
        """Wait for the end of a document's ingestion and return it."""
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                found = (await self.get(f"/documents/{document}")).json
                if found["status"] in ("ready", "failed"):
                    return found
                await asyncio.sleep(0.05)

    async def ask(self, bot: str, question: str, **more: Any) -> Any:
        """Return the finished answer to a question."""
        reply = await self.post(f"/bots/{bot}/chat", {"message": question, **more})
        assert reply.status == 200, reply
        return reply.json["message"]

    @asynccontextmanager
    async def streaming(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Open an event stream."""
        accept = {"Accept": "text/event-stream", **self.headers, **headers}
        async with self.http.request(method, API + path, headers=accept, **_json(body)) as response:
            assert response.status == 200, await response.text()
            assert response.headers["Content-Type"].startswith("text/event-stream")
            assert response.headers["X-Accel-Buffering"] == "no"
            yield response

    async def stream(self, method: str, path: str, body: Any = None, **headers: str) -> list[Event]:
        """Return the events of a stream that ends."""
        async with self.streaming(method, path, body, **headers) as response:
            return [event async for event in events(response)]


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    """Yield the events of a stream as they come."""
    block: dict[str, str] = {}
    async for raw in response.content:
        line = raw.decode().rstrip("\n")
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            block[name] = value
        elif block:
            data = json.loads(block["data"])
            assert data["seq"] == int(block["id"])
            yield Event(int(block["id"]), block["event"], data)
            block = {}


def form(*files: tuple[str, bytes | IO[bytes]]) -> aiohttp.FormData:
    """Return a form of files."""
    data = aiohttp.FormData(quote_fields=False)
    for name, content in files:
        data.add_field("file", content, filename=name)
    return data


def _json(body: Any) -> Mapping[str, Any]:
    return {} if body is None else {"json": body}
