"""Somebody with an account, who asks any process and asks again where one is down."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import aiohttp

from faults.harness.process import Process

API = "/api/v1"
PASSWORD = "a long enough passphrase"  # pragma: allowlist secret
_AGAIN_SECONDS = 0.1
_numbers = itertools.count(1)


class Unreachable(Exception):
    """No process answered: the connection was refused, cut or silent."""


@dataclass(frozen=True)
class Reply:
    """A response, read to its end."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem, or nothing."""
        return str(self.json.get("code", "")) if self.status >= 400 and self.body else ""


@dataclass(frozen=True)
class Event:
    """A server-sent event."""

    id: int
    type: str
    data: Any


class Owner:
    """The owner of a workspace. `processes` gives those to ask, in order of preference.

    `surprises` collects answers that no fault excuses: status 500. Requests that are safe to repeat
    are repeated until `patience_seconds` have passed.
    """

    def __init__(
        self, processes: Callable[[], Sequence[Process]], patience_seconds: float = 60.0
    ) -> None:
        self._processes = processes
        self._patience = patience_seconds
        self._turns = itertools.count()
        self._keys = itertools.count(1)
        self.surprises: list[str] = []
        self.headers: dict[str, str] = {}
        self.http = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=30, connect=5),
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.close()

    def via(self) -> Process:
        """Return the next process in turn."""
        processes = self._processes()
        return processes[next(self._turns) % len(processes)]

    async def once(
        self, method: str, path: str, via: Process | None = None, **options: Any
    ) -> Reply:
        """Send a request once. Raises Unreachable."""
        url = (via or self.via()).url + API + path
        headers = {**self.headers, **options.pop("headers", {})}
        try:
            async with self.http.request(method, url, headers=headers, **options) as answer:
                reply = Reply(answer.status, answer.headers, await answer.read())
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            raise Unreachable(f"{method} {path}: {error!r}") from error
        if reply.status == 500:
            self.surprises.append(f"{method} {path} -> 500 {reply.body[:300]!r}")
        return reply

    async def request(
        self, method: str, path: str, via: Process | None = None, **options: Any
    ) -> Reply:
        """Send a request until it is answered otherwise than by 5xx, 429 or silence.

        Raises Unreachable after `patience_seconds`.
        """
        deadline = time.monotonic() + self._patience
        while True:
            try:
                reply = await self.once(method, path, via, **options)
                if reply.status < 500 and reply.status != 429:
                    return reply
                problem = f"{method} {path} -> {reply.status} {reply.body[:200]!r}"
            except Unreachable as error:
                problem = str(error)
            if time.monotonic() > deadline:
                raise Unreachable(problem)
            await asyncio.sleep(_AGAIN_SECONDS)

    async def get(self, path: str, **options: Any) -> Reply:
        """Read something."""
        return await self.request("GET", path, **options)

    async def post(self, path: str, body: Any, key: str | None = None, **options: Any) -> Reply:
        """Post JSON under an Idempotency-Key (one is made up), so that repeating it is safe."""
        headers = {"Idempotency-Key": key or self.new_key()}
        return await self.request("POST", path, json=body, headers=headers, **options)

    def new_key(self) -> str:
        """Return an Idempotency-Key that was not used before."""
        return f"key-{id(self)}-{next(self._keys)}"

    async def register(self) -> Self:
        """Make an account with a workspace, and use its token from now on."""
        email = f"person{next(_numbers)}-{time.monotonic_ns()}@example.com"
        person = {"email": email, "password": PASSWORD, "full_name": "Ada Lovelace"}
        made = await self.request("POST", "/auth/register", json=person)
        assert made.status == 201, made
        self.headers["Authorization"] = f"Bearer {made.json['access_token']}"
        return self

    async def bot(self, **configuration: Any) -> str:
        """Make a bot and return its id."""
        made = await self.post("/bots", {"name": "A bot", "configuration": configuration})
        assert made.status == 201, made
        return str(made.json["id"])

    async def upload(self, bot: str, text: str, title: str = "t", **options: Any) -> str:
        """Give a bot a text; return the accepted document's id."""
        made = await self.post(f"/bots/{bot}/documents", {"title": title, "text": text}, **options)
        assert made.status in (200, 202), made
        return str(made.json["id"])

    async def upload_file(self, bot: str, name: str, content: bytes) -> str:
        """Upload a file; the same bytes again are the same document, so repeating it is safe."""
        deadline = time.monotonic() + self._patience
        while True:
            form = aiohttp.FormData(quote_fields=False)
            form.add_field("file", content, filename=name)
            try:
                made = await self.once("POST", f"/bots/{bot}/documents", data=form)
                if made.status in (200, 202):
                    return str(made.json["id"])
                assert made.status >= 500 or made.status == 429, made
            except Unreachable:
                pass
            assert time.monotonic() < deadline, f"{name} was not accepted"
            await asyncio.sleep(_AGAIN_SECONDS)

    async def replace(self, document: str, text: str) -> Reply:
        """Give a document new content; repeated where the outcome is unknown."""
        return await self.request(
            "PUT", f"/documents/{document}/content", json={"title": "t", "text": text}
        )

    async def delete(self, document: str) -> None:
        """Delete a document; returns once that is acknowledged (a repeated one may find nothing)."""
        reply = await self.request("DELETE", f"/documents/{document}")
        assert reply.status in (204, 404), reply

    async def document(self, document: str) -> Any:
        """Return a document as it is now, or None where there is none."""
        reply = await self.get(f"/documents/{document}")
        return reply.json if reply.status == 200 else None

    async def settled(self, document: str, within_seconds: float = 60.0) -> Any:
        """Wait for the end of a document's ingestion. Raises TimeoutError."""
        async with asyncio.timeout(within_seconds):
            while True:
                found = await self.document(document)
                if found is None or found["status"] in ("ready", "failed"):
                    return found
                await asyncio.sleep(0.1)

    async def search(self, bot: str, query: str, **more: Any) -> list[Any]:
        """Return the hits of a search."""
        reply = await self.request("POST", f"/bots/{bot}/search", json={"query": query, **more})
        assert reply.status == 200, reply
        return list(reply.json["data"])

    async def ask(self, bot: str, question: str, key: str | None = None, **options: Any) -> Reply:
        """Ask once, under a key; the reply may be anything. Raises Unreachable."""
        headers = {"Idempotency-Key": key or self.new_key()}
        body = {"message": question}
        return await self.once("POST", f"/bots/{bot}/chat", json=body, headers=headers, **options)

    async def message(self, message: str) -> Any:
        """Return a message as it is now, or None where there is none."""
        reply = await self.get(f"/messages/{message}")
        return reply.json if reply.status == 200 else None

    @asynccontextmanager
    async def streaming(
        self, method: str, path: str, via: Process | None = None, body: Any = None, **headers: str
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Open an event stream; cuts show as aiohttp's errors."""
        accept = {"Accept": "text/event-stream", **self.headers, **headers}
        url = (via or self.via()).url + API + path
        options: dict[str, Any] = {} if body is None else {"json": body}
        async with self.http.request(method, url, headers=accept, **options) as response:
            if response.status == 500:
                self.surprises.append(f"{method} {path} -> 500 {(await response.read())[:300]!r}")
            yield response


async def events(response: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    """Yield the events of a stream as they come, to its end or until it breaks."""
    block: dict[str, str] = {}
    async for raw in response.content:
        line = raw.decode().rstrip("\n")
        if line.startswith(":"):
            continue
        if line:
            name, _, value = line.partition(": ")
            block[name] = value
        elif "data" in block:
            yield Event(int(block["id"]), block["event"], json.loads(block["data"]))
            block = {}
