"""A stand-in for the Gemini API, strict where the real one is (gemini_rules); faults by script.

In a test: `async with GeminiServer(api_key="k") as server: ... server.base_url, server.requests`.
As a program: `python tests/standins/gemini_server.py --port 9091 --tokens 200 --delay 0.01`.
"""

import argparse
import asyncio
import json
import math
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import web

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from standins.answers import COUNTED, example
from standins.gemini_rules import (
    RefusalError,
    camel,
    check_embed,
    check_generate,
    invalid,
    signature,
    version,
)

CHAT_MODELS = (
    "gemini-3.5-flash-lite", "gemini-3.8-flash", "gemini-3-flash-preview", "gemini-3.1-pro-preview",
    "gemini-2.5-flash", "gemini-2.5-pro",
)  # fmt: skip
EMBEDDING_MODELS = ("gemini-embedding-001", "gemini-embedding-2")
_STATUSES = {
    400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
_RPC = "type.googleapis.com/google.rpc."


@dataclass(frozen=True)
class Script:
    """What the next answer does. Times are in seconds.

    `status` other than 200 answers that error; `retry_delay` adds RetryInfo, `quota` a QuotaFailure
    (`PerMinute`, `PerDay`), `page` is the body instead. `cut_after`, `stall_after`, `malformed_after`
    and `error_after` act once that many tokens are sent; None as `finish_reason` ends without one.
    `raw` replaces the whole body, byte for byte, `encoding` says how it is packed. `calls`: names and
    arguments of the tools to call.
    """

    tokens: Sequence[str] | None = None
    first_delay: float = 0.0
    delay: float = 0.0
    status: int = 200
    message: str = "The stand-in was told to fail."
    retry_delay: str | None = None
    quota: str | None = None
    page: bytes | None = None
    location: str | None = None
    finish_reason: str | None = "STOP"
    thoughts: Sequence[str] = ()
    calls: Sequence[tuple[str, Mapping[str, Any]]] = ()
    block_reason: str | None = None
    usage: bool = True
    signed: bool = False
    cut_after: int | None = None
    stall_after: int | None = None
    malformed_after: int | None = None
    error_after: int | None = None
    raw: Sequence[bytes] | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: Any


class CutError(Exception):
    """The connection is to break."""


class GeminiServer:
    """Serves on loopback; answers follow `scripts` one by one, then `default`."""

    def __init__(
        self, default: Script | None = None, *, api_keys: Sequence[str] = (), port: int = 0
    ) -> None:
        self.default = default or Script()
        self.scripts: deque[Script] = deque()
        self.requests: list[Recorded] = []
        self.connections: set[Any] = set()
        self.open_streams = 0
        self.lost_vectors = 0  # how many vectors fewer than texts the next answers hold
        self._changed = asyncio.Event()
        self._api_keys = api_keys
        self._port = port

    @property
    def base_url(self) -> str:
        """The address to give to a client."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1beta/models/{model}:{verb}", self._answer)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def until_open(self, count: int) -> None:
        """Wait until `count` streams are open."""
        while self.open_streams != count:
            self._changed.clear()
            await self._changed.wait()

    def _count(self, change: int) -> None:
        self.open_streams += change
        self._changed.set()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await self._record(request)
            model, verb = request.match_info["model"], request.match_info["verb"]
            known = EMBEDDING_MODELS if "mbed" in verb else CHAT_MODELS
            if model not in known:
                raise RefusalError(404, "NOT_FOUND", _unknown(model, verb))
            script = self._next_script()
            if verb == "batchEmbedContents":
                return await self._embed(model, body, script)
            check_generate(model, body)
            if verb == "streamGenerateContent" and request.query.get("alt") == "sse":
                return await self._stream(request, model, body, script)
            raise RefusalError(404, "NOT_FOUND", "This stand-in serves streams only.")
        except RefusalError as refusal:
            if refusal.page is not None:
                headers = {"Content-Type": "text/html"}
                if refusal.location:
                    headers["Location"] = refusal.location
                return web.Response(status=refusal.code, body=refusal.page, headers=headers)
            return web.json_response(refusal.body(), status=refusal.code)

    async def _record(self, request: web.Request) -> Any:
        text = await request.text()
        key = request.headers.get("x-goog-api-key", "")
        try:
            body = camel(json.loads(text))
        except ValueError:
            raise invalid("Invalid JSON payload received.") from None
        self.requests.append(Recorded(request.path, dict(request.headers), body))
        self.connections.add(request.transport)
        if not key:
            raise RefusalError(
                403, "PERMISSION_DENIED", "Method doesn't allow unregistered callers."
            )
        if self._api_keys and key not in self._api_keys:
            reason = {"@type": f"{_RPC}ErrorInfo", "reason": "API_KEY_INVALID"}
            said = f"API key not valid: {key}. Please pass a valid API key."
            raise RefusalError(
                400, "INVALID_ARGUMENT", said, [reason | {"domain": "googleapis.com"}]
            )
        return body

    def _next_script(self) -> Script:
        script = self.scripts.popleft() if self.scripts else self.default
        if script.status == 200:
            return script
        details: list[dict[str, Any]] = []
        if script.quota:
            limit = f"GenerateRequests{script.quota}PerProjectPerModel-FreeTier"
            violation = {"quotaId": limit, "quotaValue": "20", "quotaDimensions": {"model": "m"}}
            details.append({"@type": f"{_RPC}QuotaFailure", "violations": [violation]})
            details.append({"@type": f"{_RPC}Help", "links": [{"url": "https://ai.google.dev"}]})
        if script.retry_delay:
            details.append({"@type": f"{_RPC}RetryInfo", "retryDelay": script.retry_delay})
        status = _STATUSES.get(script.status, "UNKNOWN")
        raise RefusalError(
            script.status, status, script.message, details, script.page, script.location
        )

    async def _stream(
        self, request: web.Request, model: str, body: Any, script: Script
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        response.set_cookie("session", "of the first who asked")
        if script.encoding:
            response.headers["Content-Encoding"] = script.encoding
        self._count(1)
        try:
            await response.prepare(request)
            await asyncio.sleep(script.first_delay)
            pieces = _raw(script) if script.raw is not None else _events(model, body, script)
            async for piece in pieces:
                await response.write(piece)
            await response.write_eof()
        except CutError:
            if request.transport:
                request.transport.abort()
        finally:
            self._count(-1)
        return response

    async def _embed(self, model: str, body: Any, script: Script) -> web.Response:
        check_embed(model, body)
        await asyncio.sleep(script.first_delay)
        if script.raw is not None:
            return web.Response(body=b"".join(script.raw), content_type="application/json")
        found = [{"values": vector(model, each)} for each in body["requests"]]
        return web.json_response({"embeddings": found[: len(found) - self.lost_vectors]})


def vector(model: str, request: Any) -> list[float]:
    """Words count into the place that their letters add up to, so that like texts are near.

    gemini-embedding-001 normalises at 3072 dimensions only; the texts of one content give one vector.
    """
    size = request.get("outputDimensionality", 3072)
    values = [0.01] * size
    text = " ".join(part["text"] for part in request["content"]["parts"])
    for word in text.partition("| ")[2].casefold().split() or text.casefold().split():
        values[sum(word.encode()) % size] += 2.0
    length = math.hypot(*values)
    unit = model != "gemini-embedding-001" or size == 3072
    return [value / length for value in values] if unit else values


async def _raw(script: Script) -> AsyncIterator[bytes]:
    for piece in script.raw or ():
        yield piece
        await asyncio.sleep(script.delay)


async def _events(model: str, body: Any, script: Script) -> AsyncIterator[bytes]:
    if script.block_reason:
        yield _event(model, {"promptFeedback": {"blockReason": script.block_reason}})
        return
    for thought in script.thoughts:
        yield _chunk(model, [{"text": thought, "thought": True}])
    calls = script.calls or _calls_for(body, script)
    tokens, reason = _tokens_for(body, script) if not calls else ((), script.finish_reason)
    for number, token in enumerate([*tokens, None]):
        if number == script.cut_after:
            await asyncio.sleep(0.01)  # so that what is written has left
            raise CutError
        if number == script.stall_after:
            await asyncio.sleep(3600)
        if number == script.malformed_after:
            yield b'data: {"candidates": [{"content": \r\n\r\n'
        if number == script.error_after:
            yield _sse(RefusalError(503, "UNAVAILABLE", "The model is overloaded.").body())
            return
        if token is not None:
            yield _chunk(model, [{"text": token}])
            if script.delay:
                await asyncio.sleep(script.delay)
    for part in _call_parts(model, calls):
        yield _chunk(model, [part])
    last = [{"text": "", "thoughtSignature": signature(model)}] if script.signed else None
    usage = _usage(script, len(tokens) + 5 * len(calls)) if script.usage else None
    if reason or last:
        yield _chunk(model, last, reason, usage)


def _call_parts(model: str, calls: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
    parts = []
    for number, (name, arguments) in enumerate(calls):
        part: dict[str, Any] = {"functionCall": {"name": name, "args": arguments}}
        if version(model) >= (3, 0):
            part["functionCall"]["id"] = f"fc-{number}"
            if number == 0:  # of parallel calls, the first is signed
                part["thoughtSignature"] = signature(model)
        parts.append(part)
    return parts


def _calls_for(body: Any, script: Script) -> list[tuple[str, dict[str, Any]]]:
    """Call the first tool for a question, unless the script says what to answer."""
    last = body["contents"][-1]["parts"][-1]
    declared = [d for tool in body.get("tools", ()) for d in tool.get("functionDeclarations", ())]
    if script.tokens is not None or not declared or "functionResponse" in last:
        return []
    return [(declared[0]["name"], example(declared[0].get("parametersJsonSchema", {})))]


def _tokens_for(body: Any, script: Script) -> tuple[Sequence[str], str | None]:
    """Return the tokens of the answer and why it ends, as the request limits them."""
    config = body.get("generationConfig", {})
    last = body["contents"][-1]["parts"][-1]
    tokens: Sequence[str] = script.tokens if script.tokens is not None else COUNTED
    if script.tokens is None and "functionResponse" in last:
        tokens = ("It says: ", *str(last["functionResponse"]["response"].get("output")).split(" "))
    elif script.tokens is None and "responseJsonSchema" in config:
        text = json.dumps(example(config["responseJsonSchema"]))
        tokens = [text[start : start + 7] for start in range(0, len(text), 7)]
    for stop in config.get("stopSequences", ()):
        before, found, _ = "".join(tokens).partition(stop)
        tokens = [before] if found else tokens
    most = config.get("maxOutputTokens", len(tokens))
    return (tokens[:most], "MAX_TOKENS") if most < len(tokens) else (tokens, script.finish_reason)


def _sse(value: Any) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\r\n\r\n"


def _event(model: str, value: dict[str, Any], usage: dict[str, int] | None = None) -> bytes:
    used = usage or {"promptTokenCount": 7, "totalTokenCount": 7}
    return _sse({**value, "usageMetadata": used, "modelVersion": model, "responseId": "r"})


def _chunk(
    model: str,
    parts: list[dict[str, Any]] | None,
    reason: str | None = None,
    usage: dict[str, int] | None = None,
) -> bytes:
    content = {"content": {"role": "model"} | ({"parts": parts} if parts else {})}
    ended = {"finishReason": reason} if reason else {}
    return _event(model, {"candidates": [content | ended | {"index": 0}]}, usage)


def _usage(script: Script, tokens: int) -> dict[str, int]:
    thoughts = {"thoughtsTokenCount": 11 * len(script.thoughts)} if script.thoughts else {}
    total = 7 + tokens + sum(thoughts.values())
    return {
        "promptTokenCount": 7,
        "candidatesTokenCount": tokens,
        "totalTokenCount": total,
        **thoughts,
    }


def _unknown(model: str, verb: str) -> str:
    return f"models/{model} is not found for API version v1beta, or is not supported for {verb}."


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    options = {"port": 9091, "tokens": 200, "first-delay": 0.0, "delay": 0.0}
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    given = parser.parse_args()
    tokens = tuple(f"word{number} " for number in range(given.tokens))
    script = Script(tokens=tokens, first_delay=given.first_delay, delay=given.delay)

    async def serve() -> None:
        async with GeminiServer(script, port=given.port) as server:
            print(server.base_url, flush=True)  # noqa: T201
            await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
