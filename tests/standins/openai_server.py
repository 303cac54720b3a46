"""A stand-in for an OpenAI-compatible server, strict where the real one is (openai_rules); faults by
script. Models called gpt-5… refuse what OpenAI's reasoning models refuse.

In a test: `async with OpenAIServer(api_key="k") as server: ... server.base_url, server.requests`.
As a program: `python tests/standins/openai_server.py --port 9090 --tokens 200 --delay 0.01`.
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
from standins.openai_rules import RefusalError, check_completion

HELLO = ("Hello", " from", " the", " stand", "-in", ".")


@dataclass(frozen=True)
class Script:
    """What the next answer does. Times are in seconds.

    Without `tokens`, a tool that is offered is called, a schema fitted, a result told; `calls` are
    names of tools and their arguments as text. `status` other than 200 answers that error.
    `cut_after`, `stall_after`, `malformed_after` and `error_after` act once that many tokens are
    sent. `raw` replaces the whole body, byte for byte. `refuse_fields` are fields of a request, or
    forms of an answer, that this server does not know.
    """

    tokens: Sequence[str] | None = None
    calls: Sequence[tuple[str, str]] = ()
    refusal: str = ""
    code: str | None = None
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
        self.shortens = False  # whether vectors come in any length that is asked for
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
                return web.json_response(
                    refusal.body, status=refusal.status, headers=refusal.headers
                )

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
            raise RefusalError(script.status, script.message, script.retry_after, code=script.code)
        return script

    async def _list_models(self, request: web.Request, body: Any) -> web.Response:
        data = [{"id": name, "object": "model", "owned_by": "tests"} for name in self._models]
        return web.json_response({"object": "list", "data": data})

    async def _complete(self, request: web.Request, body: Any) -> web.StreamResponse:
        script = self._next_script()
        if body.get("model") not in self._models:
            raise RefusalError(404, f"The model `{body.get('model')}` does not exist.")
        check_completion(body, script.refuse_fields)
        if script.ignores_stream or not body.get("stream"):
            return web.json_response(_whole(body, script))
        return await self._stream(request, body, script)

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
        if "dimensions" in body and not self.shortens:
            raise RefusalError(400, "This model does not support specifying dimensions.")
        size = body.get("dimensions", self._dimensions)
        data = [
            {"object": "embedding", "index": number, "embedding": _vector(text, size)}
            for number, text in enumerate(texts)
        ]
        return web.json_response({"object": "list", "data": data, "model": body["model"]})


def _vector(text: str, size: int) -> list[float]:
    """Words count into the place that their letters add up to, so that like texts are near."""
    vector = [0.01] * size
    for word in text.casefold().split():
        vector[sum(word.encode()) % size] += 2.0
    return vector


async def _raw(script: Script) -> AsyncIterator[bytes]:
    for piece in script.raw or ():
        yield piece
        await asyncio.sleep(script.delay)


async def _events(body: dict[str, Any], script: Script) -> AsyncIterator[bytes]:
    name = body["model"]
    calls = _calls_for(body, script)
    tokens, reason = _tokens_for(body, script) if not calls else ((), "tool_calls")
    yield _chunk(name, {"role": "assistant", "content": ""})
    for thought in script.reasoning:
        yield _chunk(name, {"reasoning_content": thought})
    for number, token in enumerate([*tokens, None]):
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
    for delta in [*_call_deltas(calls), *([{"refusal": script.refusal}] if script.refusal else [])]:
        yield _chunk(name, delta)
    if script.finish_reason:
        yield _chunk(name, {}, reason)
    if script.usage and (body.get("stream_options") or {}).get("include_usage"):
        head = {"id": "c", "object": "chat.completion.chunk", "model": name, "choices": []}
        yield _event(head | {"usage": _usage(len(tokens) + 5 * len(calls))})
    if script.done:
        yield b"data: [DONE]\n\n"


def _calls_for(body: dict[str, Any], script: Script) -> Sequence[tuple[str, str]]:
    """Call the first tool for a question, unless the script says what to answer."""
    asked = body["messages"][-1]["role"] == "user" and body.get("tools")
    if script.calls or script.tokens is not None or not asked:
        return script.calls
    function = body["tools"][0]["function"]
    return [(function["name"], json.dumps(example(function["parameters"])))]


def _call_deltas(calls: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the pieces of the calls: id and name first, then the arguments."""
    deltas: list[dict[str, Any]] = []
    for index, (name, arguments) in enumerate(calls):
        first = {"id": f"call_{index}", "type": "function"}
        function = {"name": name, "arguments": ""}
        deltas.append({"tool_calls": [{"index": index, **first, "function": function}]})
        deltas += [
            {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}
            for piece in pieces_of(arguments)
        ]
    return deltas


def _tokens_for(body: dict[str, Any], script: Script) -> tuple[Sequence[str], str | None]:
    """Return the tokens of the answer and why it ends, as the request limits them."""
    last, form = body["messages"][-1], body.get("response_format", {})
    tokens: Sequence[str] = HELLO
    if script.tokens is not None:
        tokens = script.tokens
    elif last["role"] == "tool":
        tokens = ("It says:", *(f" {word}" for word in last["content"].split()))
    elif form.get("type") == "json_schema":
        tokens = json_tokens(form["json_schema"]["schema"])
    elif form.get("type") == "json_object":  # the schema is told in words
        tokens = json_tokens(json.loads(body["messages"][0]["content"].partition("\n")[2]))
    elif "Count from one" in (last["content"] or ""):
        tokens = COUNTED
    most = body.get("max_completion_tokens", body.get("max_tokens"))
    kept, why = limited(tokens, body.get("stop", ()), most)
    return kept, "length" if why == "length" else script.finish_reason


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def _chunk(model: str, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}
    return _event(head | {"system_fingerprint": "fp_1", "choices": [choice]})


def _usage(count: int) -> dict[str, int]:
    return {"prompt_tokens": 7, "completion_tokens": count, "total_tokens": 7 + count}


def _whole(body: dict[str, Any], script: Script) -> dict[str, Any]:
    calls = [
        {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": text}}
        for index, (name, text) in enumerate(_calls_for(body, script))
    ]
    tokens, reason = _tokens_for(body, script) if not calls else ((), "tool_calls")
    message = {"role": "assistant", "content": "".join(tokens) or None, "tool_calls": calls}
    choice = {"index": 0, "message": message, "finish_reason": reason}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"]}
    return head | {"choices": [choice], "usage": _usage(len(tokens))}


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
