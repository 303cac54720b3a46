"""A stand-in for Anthropic's Messages API, strict where the real one is (anthropic_rules); faults by
script.

In a test: `async with AnthropicServer(api_keys=["k"]) as server: ... server.base_url, server.requests`.
As a program: `python tests/standins/anthropic_server.py --port 9092 --tokens 200 --delay 0.01`.
"""

import argparse
import asyncio
import json
import sys
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import web

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from standins.answers import COUNTED, example, json_tokens, limited, pieces_of
from standins.anthropic_rules import (
    VERSIONS,
    RefusalError,
    bad,
    check_message,
    last_result,
    last_text,
    signature,
    version,
)

MODELS = ("claude-haiku-5-5", "claude-sonnet-4-6", "claude-haiku-4-5", "claude-haiku-4-5-20251001")
HELLO = ("Hello", " from", " the", " stand", "-in", ".")


@dataclass(frozen=True)
class Script:
    """What the next answer does. Times are in seconds.

    Without `tokens`, a tool that is offered is called, a schema fitted, a result told; `calls` are
    names of tools and their arguments as text. `status` other than 200 answers that error.
    `cut_after`, `stall_after`, `malformed_after` and `error_after` act once that many tokens are
    sent. `raw` replaces the whole body, byte for byte; `thoughts` what it thinks by itself.
    """

    tokens: Sequence[str] | None = None
    calls: Sequence[tuple[str, str]] = ()
    first_delay: float = 0.0
    delay: float = 0.0
    status: int = 200
    message: str = "The stand-in was told to fail."
    retry_after: str | None = None
    stop_reason: str | None = None
    stop_details: Mapping[str, Any] | None = None
    thoughts: Sequence[str] | None = None
    redacted: bool = False
    usage: Mapping[str, int] | None = None
    ends: bool = True
    cut_after: int | None = None
    stall_after: int | None = None
    malformed_after: int | None = None
    error_after: int | None = None
    error: str = "overloaded_error"
    raw: Sequence[bytes] | None = None


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: Any


class CutError(Exception):
    """The connection is to break."""


class AnthropicServer:
    """Serves on loopback; answers follow `scripts` one by one, then `default`."""

    def __init__(
        self, default: Script | None = None, *, api_keys: Sequence[str] = (), port: int = 0
    ) -> None:
        self.default = default or Script()
        self.scripts: deque[Script] = deque()
        self.requests: list[Recorded] = []
        self.open_streams = 0
        self._api_keys, self._port = api_keys, port

    @property
    def base_url(self) -> str:
        """The address to give to a client."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app.router.add_post("/v1/messages", self._answer)
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            body, api_version = await self._record(request)
            script = self.scripts.popleft() if self.scripts else self.default
            if script.status != 200:
                raise RefusalError(script.status, script.message, script.retry_after)
            if body.get("model") not in MODELS:
                raise RefusalError(404, f"model: {body.get('model')}")
            check_message(body, api_version)
            if not body.get("stream"):
                raise bad("This stand-in serves streams only.")
            return await self._stream(request, body, script)
        except RefusalError as refusal:
            return web.json_response(refusal.body, status=refusal.status, headers=refusal.headers)

    async def _record(self, request: web.Request) -> tuple[Any, str]:
        text = await request.text()
        try:
            body = json.loads(text)
        except ValueError:
            raise bad("The request body is not valid JSON.") from None
        self.requests.append(Recorded(request.path, dict(request.headers), body))
        api_version = request.headers.get("anthropic-version", "")
        if api_version not in VERSIONS:
            raise bad("anthropic-version: header is required")
        if request.headers.get("x-api-key", "") not in (self._api_keys or [""]):
            raise RefusalError(401, f"invalid x-api-key: {request.headers.get('x-api-key')}")
        return body, api_version

    async def _stream(self, request: web.Request, body: Any, script: Script) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        self.open_streams += 1
        try:
            await response.prepare(request)
            await asyncio.sleep(script.first_delay)
            async for piece in _raw(script) if script.raw is not None else _events(body, script):
                await response.write(piece)
            await response.write_eof()
        except CutError:
            if request.transport:
                request.transport.abort()
        finally:
            self.open_streams -= 1
        return response


async def _raw(script: Script) -> AsyncIterator[bytes]:
    for piece in script.raw or ():
        yield piece
        await asyncio.sleep(script.delay)


async def _events(body: Any, script: Script) -> AsyncIterator[bytes]:
    calls = _calls_for(body, script)
    tokens, reason = _tokens_for(body, script) if not calls else ((), "tool_use")
    used = {"input_tokens": 5, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 2}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}
    yield _event("message_start", message={**message, "content": [], "usage": used})
    yield _event("ping")
    blocks = _thoughts(body, script)
    for index, events in enumerate(blocks):
        for event in _block(index, *events):
            yield event
    if tokens:
        async for event in _texts(len(blocks), tokens, script):
            yield event
    at = len(blocks) + bool(tokens)
    for index, (name, arguments) in enumerate(calls):
        start = {"type": "tool_use", "id": f"toolu_{index}", "name": name, "input": {}}
        deltas = [{"type": "input_json_delta", "partial_json": p} for p in pieces_of(arguments)]
        for event in _block(at + index, start, [{**deltas[0], "partial_json": ""}, *deltas]):
            yield event
    yield _event("something_new", of={"which": "nobody knows"})
    if script.ends:
        output = len(tokens) + 5 * len(calls)
        ended = {"stop_reason": script.stop_reason or reason, "stop_sequence": None}
        ended |= {"stop_details": script.stop_details} if script.stop_details else {}
        yield _event("message_delta", delta=ended, usage=script.usage or {"output_tokens": output})
        yield _event("message_stop")


async def _texts(index: int, tokens: Sequence[str], script: Script) -> AsyncIterator[bytes]:
    yield _event("content_block_start", index=index, content_block={"type": "text", "text": ""})
    for number, token in enumerate([*tokens, None]):
        if number == script.cut_after:
            await asyncio.sleep(0.01)  # so that what is written has left
            raise CutError
        if number == script.stall_after:
            await asyncio.sleep(3600)
        if number == script.malformed_after:
            yield b'event: content_block_delta\ndata: {"type": "content_block_delta", \n\n'
        if number == script.error_after:
            yield _event("error", error={"type": script.error, "message": "Overloaded"})
        if token is not None:
            delta = {"type": "text_delta", "text": token}
            yield _event("content_block_delta", index=index, delta=delta)
            if script.delay:
                await asyncio.sleep(script.delay)
    yield _event("content_block_stop", index=index)


def _thoughts(body: Any, script: Script) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return the blocks of thought: newer models think unless they are told not to."""
    by_itself = version(body["model"]) >= (5, 0)
    asked = body.get("thinking", {}).get("type") in ("enabled", "adaptive") or by_itself
    thoughts = script.thoughts if script.thoughts is not None else ["Let me", " see."] * asked
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    if thoughts:
        signed = signature(body["model"], "".join(thoughts))
        deltas = [{"type": "thinking_delta", "thinking": thought} for thought in thoughts]
        deltas.append({"type": "signature_delta", "signature": signed})
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, deltas))
    if script.redacted:
        blocks.append(({"type": "redacted_thinking", "data": "opaque"}, []))
    return blocks


def _block(index: int, start: Any, deltas: Sequence[Any]) -> list[bytes]:
    return [
        _event("content_block_start", index=index, content_block=start),
        *(_event("content_block_delta", index=index, delta=delta) for delta in deltas),
        _event("content_block_stop", index=index),
    ]


def _calls_for(body: Any, script: Script) -> Sequence[tuple[str, str]]:
    """Call the first tool for a question, unless the script says what to answer."""
    if script.calls or script.tokens is not None or not body.get("tools"):
        return script.calls
    if last_result(body) is not None:
        return ()
    tool = body["tools"][0]
    return [(tool["name"], json.dumps(example(tool["input_schema"])))]


def _tokens_for(body: Any, script: Script) -> tuple[Sequence[str], str]:
    """Return the tokens of the answer and why it ends, as the request limits them."""
    tokens: Sequence[str] = HELLO
    result, form = last_result(body), body.get("output_config", {}).get("format")
    if script.tokens is not None:
        tokens = script.tokens
    elif result is not None:
        tokens = ("It says:", *(f" {word}" for word in result.split()))
    elif form:
        tokens = json_tokens(form["schema"])
    elif "Count from one" in last_text(body):
        tokens = COUNTED
    kept, why = limited(tokens, body.get("stop_sequences", ()), body["max_tokens"])
    return kept, {"end": "end_turn", "stop": "stop_sequence", "length": "max_tokens"}[why]


def _event(kind: str, **fields: Any) -> bytes:
    data = json.dumps({"type": kind, **fields}, ensure_ascii=False)
    return f"event: {kind}\ndata: {data}\n\n".encode()


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    options = {"port": 9092, "tokens": 200, "first-delay": 0.0, "delay": 0.0}
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    given = parser.parse_args()
    tokens = tuple(f"word{number} " for number in range(given.tokens))
    script = Script(tokens=tokens, first_delay=given.first_delay, delay=given.delay)

    async def serve() -> None:
        async with AnthropicServer(script, port=given.port) as server:
            print(server.base_url, flush=True)  # noqa: T201
            await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
