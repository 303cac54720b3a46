"""A stand-in for an OpenAI-compatible server, strict where the real one is; faults by script.

In a test: `async with OpenAIServer(api_key="k") as server: ... server.base_url, server.requests`.
As a program: `python tests/standins/openai_server.py --port 9090 --tokens 200 --delay 0.01`.
"""

import argparse
import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web

_ROLES = {"system", "developer", "user", "assistant", "tool"}
_FIELDS = {
    "model", "messages", "temperature", "stream", "stream_options", "max_tokens",
    "max_completion_tokens", "top_p", "n", "stop", "seed", "user", "tools", "tool_choice",
    "response_format", "presence_penalty", "frequency_penalty",
}  # fmt: skip


@dataclass(frozen=True)
class Script:
    """What the next answer does. Times are in seconds.

    `status` other than 200 answers that error. `cut_after`, `stall_after`, `malformed_after` and
    `error_after` act once that many tokens are sent. `raw` replaces the whole body, byte for byte.
    """

    tokens: Sequence[str] = ("Hello", " from", " the", " stand", "-in", ".")
    first_delay: float = 0.0
    delay: float = 0.0
    status: int = 200
    message: str = "The stand-in was told to fail."
    retry_after: str | None = None
    finish_reason: str | None = "stop"
    reasoning: Sequence[str] = ()
    usage: bool = True
    done: bool = True
    cut_after: int | None = None
    stall_after: int | None = None
    malformed_after: int | None = None
    error_after: int | None = None
    error: Mapping[str, str] | None = None
    raw: Sequence[bytes] | None = None
    refuse_fields: frozenset[str] = frozenset()
    ignores_stream: bool = False


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: Any


class RefusalError(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, message: str, retry_after: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"Retry-After": retry_after} if retry_after else None


class CutError(Exception):
    """The connection is to break."""


class OpenAIServer:
    """Serves on loopback; answers follow `scripts` one by one, then `default`."""

    def __init__(
        self,
        default: Script | None = None,
        *,
        api_key: str | None = None,
        models: Sequence[str] = ("stand-in",),
        dimensions: int = 8,
        port: int = 0,
    ) -> None:
        self.default = default or Script()
        self.scripts: deque[Script] = deque()
        self.requests: list[Recorded] = []
        self.open_streams = 0
        self.embedding_delay = 0.0  # seconds that each request for vectors takes
        self._changed = asyncio.Event()
        self._api_key, self._models, self._dimensions = api_key, models, dimensions
        self._port = port

    @property
    def base_url(self) -> str:
        """The address to give to a client, `/v1` included."""
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/v1/models", self._answering(self._list_models))
        app.router.add_post("/v1/chat/completions", self._answering(self._complete))
        app.router.add_post("/v1/embeddings", self._answering(self._embed))
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

    def _answering(self, handler: Any) -> Any:
        async def answer(request: web.Request) -> Any:
            try:
                return await handler(request, await self._record(request))
            except RefusalError as refusal:
                error = {"error": {"message": str(refusal), "type": "error", "code": None}}
                return web.json_response(error, status=refusal.status, headers=refusal.headers)

        return answer

    async def _record(self, request: web.Request) -> Any:
        text = await request.text()
        try:
            body = json.loads(text) if text else None
        except ValueError:
            raise RefusalError(400, "We could not parse the JSON body of your request.") from None
        self.requests.append(Recorded(request.path, dict(request.headers), body))
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if self._api_key and given != self._api_key:
            raise RefusalError(401, f"Incorrect API key provided: {given}.")
        return body

    def _next_script(self) -> Script:
        script = self.scripts.popleft() if self.scripts else self.default
        if script.status != 200:
            raise RefusalError(script.status, script.message, script.retry_after)
        return script

    async def _list_models(self, request: web.Request, body: Any) -> web.Response:
        data = [{"id": name, "object": "model", "owned_by": "tests"} for name in self._models]
        return web.json_response({"object": "list", "data": data})

    async def _complete(self, request: web.Request, body: Any) -> web.StreamResponse:
        script = self._next_script()
        self._check(body, script)
        if script.ignores_stream or not body.get("stream"):
            return web.json_response(_whole(body["model"], script))
        return await self._stream(request, body, script)

    def _check(self, body: Any, script: Script) -> None:
        for name in body:
            if name not in _FIELDS - script.refuse_fields:
                raise RefusalError(400, f"Unrecognized request argument supplied: {name}")
        if body.get("model") not in self._models:
            raise RefusalError(404, f"The model `{body.get('model')}` does not exist.")
        messages = body.get("messages")
        if not isinstance(messages, list) or not messages:
            raise RefusalError(400, "[] is too short - 'messages'")
        for number, message in enumerate(messages):
            if message.get("role") not in _ROLES:
                raise RefusalError(400, f"Invalid value: 'messages[{number}].role'")
            if not isinstance(message.get("content"), str):
                raise RefusalError(400, f"Invalid type for 'messages[{number}].content'")
        if not 0 <= body.get("temperature", 1) <= 2:
            raise RefusalError(400, "Invalid 'temperature': expected a value from 0 to 2.")
        if "stream_options" in body and not body.get("stream"):
            raise RefusalError(400, "'stream_options' is only allowed when streaming.")

    async def _stream(
        self, request: web.Request, body: dict[str, Any], script: Script
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
        self._count(1)
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
            self._count(-1)
        return response

    async def _embed(self, request: web.Request, body: Any) -> web.Response:
        self._next_script()
        await asyncio.sleep(self.embedding_delay)
        texts = body.get("input")
        texts = [texts] if isinstance(texts, str) else texts
        if not texts or not all(isinstance(text, str) and text for text in texts):
            raise RefusalError(400, "'$.input' is invalid.")
        if body.get("model") not in self._models:
            raise RefusalError(404, f"The model `{body.get('model')}` does not exist.")
        data = [
            {"object": "embedding", "index": number, "embedding": self._vector(text)}
            for number, text in enumerate(texts)
        ]
        return web.json_response({"object": "list", "data": data, "model": body["model"]})

    def _vector(self, text: str) -> list[float]:
        """Words count into the place that their letters add up to, so that like texts are near."""
        vector = [0.01] * self._dimensions
        for word in text.casefold().split():
            vector[sum(word.encode()) % self._dimensions] += 2.0
        return vector


async def _raw(script: Script) -> AsyncIterator[bytes]:
    for piece in script.raw or ():
        yield piece
        await asyncio.sleep(script.delay)


async def _events(body: dict[str, Any], script: Script) -> AsyncIterator[bytes]:
    name = body["model"]
    yield _chunk(name, {"role": "assistant", "content": ""})
    for thought in script.reasoning:
        yield _chunk(name, {"reasoning_content": thought})
    for number, token in enumerate([*script.tokens, None]):
        if number == script.cut_after:
            await asyncio.sleep(0.01)  # so that what is written has left
            raise CutError
        if number == script.stall_after:
            await asyncio.sleep(3600)
        if number == script.malformed_after:
            yield b'data: {"choices": [{"delta": {"content": \n\n'
        if number == script.error_after:
            yield _event({"error": script.error or {"message": "It crashed."}})
            return
        if token is not None:
            yield _chunk(name, {"content": token})
            if script.delay:
                await asyncio.sleep(script.delay)
    if script.finish_reason:
        yield _chunk(name, {}, script.finish_reason)
    if script.usage and (body.get("stream_options") or {}).get("include_usage"):
        head = {"id": "c", "object": "chat.completion.chunk", "model": name, "choices": []}
        yield _event(head | {"usage": _usage(script)})
    if script.done:
        yield b"data: [DONE]\n\n"


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def _chunk(model: str, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}
    return _event(head | {"system_fingerprint": "fp_1", "choices": [choice]})


def _usage(script: Script) -> dict[str, int]:
    count = len(script.tokens)
    return {"prompt_tokens": 7, "completion_tokens": count, "total_tokens": 7 + count}


def _whole(model: str, script: Script) -> dict[str, Any]:
    message = {"role": "assistant", "content": "".join(script.tokens)}
    choice = {"index": 0, "message": message, "finish_reason": script.finish_reason}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model}
    return head | {"choices": [choice], "usage": _usage(script)}


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    options = {"port": 9090, "tokens": 200, "first-delay": 0.0, "delay": 0.0}
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    given = parser.parse_args()
    tokens = tuple(f"word{number} " for number in range(given.tokens))
    script = Script(tokens=tokens, first_delay=given.first_delay, delay=given.delay)

    async def serve() -> None:
        async with OpenAIServer(script, port=given.port) as server:
            print(server.base_url, flush=True)  # noqa: T201
            await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main()
