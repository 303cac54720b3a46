"""The programs that ChatSphere is measured beside, each in a process of its own.

    python -m bench._programs floor ROWS.json   a bare FastAPI application with one list route
    python -m bench._programs relay URL         a bare aiohttp relay of an OpenAI-compatible server
    python -m bench._programs standin [API]     a model's server (openai, anthropic, gemini):
                                                --first-delay, --delay
    python -m bench._programs adapter API URL   a relay that reads with ChatSphere's adapter

Each prints its address and serves until it is ended.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from application.ports.chat_model import ChatModel

ROOT = Path(__file__).resolve().parents[1]
TOKENS = 200
DIMENSIONS = 384
KEY = "of-the-stand-in"
CHAT_MODELS = {
    "openai": "stand-in",
    "anthropic": "claude-sonnet-4-6",
    "gemini": "gemini-3.5-flash-lite",
}


async def floor(stored: list[dict[str, Any]]) -> None:
    """Serve the same list as ChatSphere, from memory, as the FastAPI tutorial would."""
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel

    class Bot(BaseModel):
        id: str
        name: str
        description: str
        configuration: dict[str, object]
        published_version: int | None
        public_id: str
        created_at: str
        updated_at: str

    class Bots(BaseModel):
        data: list[Bot]
        next_cursor: str | None
        has_more: bool

    app = FastAPI()

    @app.get("/bots", response_model=Bots)
    async def bots() -> Bots:
        return Bots(data=[Bot(**row) for row in stored], next_cursor=None, has_more=False)

    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, server_header=False)

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[Any] | None = None) -> None:
            await super().startup(sockets)
            _announce(self.servers[0].sockets[0].getsockname()[1])

    await Server(config).serve()


async def relay(upstream: str) -> None:
    """Pass each request on, and the answer back, byte for byte."""
    from aiohttp import ClientSession, web

    async with ClientSession() as session:

        async def passed(request: web.Request) -> web.StreamResponse:
            body = await request.json()
            async with session.post(f"{upstream}/chat/completions", json=body) as answer:
                response = web.StreamResponse(headers={"Content-Type": answer.content_type})
                await response.prepare(request)
                async for piece in answer.content.iter_any():
                    await response.write(piece)
                await response.write_eof()
                return response

        app = web.Application()
        app.router.add_post("/chat", passed)
        await _serve(app)


async def adapter(api: str, upstream: str) -> None:
    """Pass each request on by an adapter, and the pieces of the answer back."""
    from aiohttp import web

    from application.ports.chat_model import ChatRequest, Delta, Role, Turn

    model = _adapter(api, upstream)

    async def passed(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        turns = [Turn(Role(each["role"]), each["content"]) for each in body["messages"]]
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        async for item in model.stream(ChatRequest(CHAT_MODELS[api], turns, "", temperature=None)):
            if isinstance(item, Delta):
                await response.write(item.text.encode())
        await response.write_eof()
        return response

    app = web.Application()
    app.router.add_post("/chat", passed)
    await _serve(app)


def _adapter(api: str, upstream: str) -> ChatModel:
    if api == "anthropic":
        from adapters.anthropic.chat_model import AnthropicChatModel

        return AnthropicChatModel(KEY, upstream)
    if api == "gemini":
        from adapters.gemini.chat_model import GeminiChatModel

        return GeminiChatModel(KEY, upstream)
    from adapters.openai.chat_model import OpenAIChatModel

    return OpenAIChatModel(upstream, KEY)


async def standin(api: str, first_delay: float, delay: float, tokens: int) -> None:
    """Answer with so many tokens, after `first_delay` and at intervals of `delay` seconds."""
    sys.path.insert(0, str(ROOT / "tests"))
    module = import_module(f"standins.{api or 'openai'}_server")
    script = module.Script(
        tokens=tuple(f"word{number} " for number in range(tokens)),
        first_delay=first_delay,
        delay=delay,
    )
    if api == "anthropic":
        server = module.AnthropicServer(script, api_keys=[KEY])
    elif api == "gemini":
        server = module.GeminiServer(script, api_keys=[KEY])
    else:
        server = module.OpenAIServer(script, models=("stand-in",), dimensions=DIMENSIONS)
    async with server:
        print(server.base_url, flush=True)
        while True:
            await asyncio.sleep(1)
            server.requests.clear()


async def _serve(app: object) -> None:
    from aiohttp import web

    assert isinstance(app, web.Application)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    _announce(runner.addresses[0][1])
    await asyncio.Event().wait()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return the loop that ChatSphere runs on too."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _announce(port: int) -> None:
    print(f"http://127.0.0.1:{port}", flush=True)


def main() -> None:
    """Serve one of the programs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("program", choices=["floor", "relay", "standin", "adapter"])
    parser.add_argument("subject", nargs="?", default="")
    parser.add_argument("upstream", nargs="?", default="")
    parser.add_argument("--first-delay", type=float, default=0.0)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--tokens", type=int, default=TOKENS)
    given = parser.parse_args()
    programs: dict[str, Callable[[], Coroutine[None, None, None]]] = {
        "floor": lambda: floor(orjson.loads(Path(given.subject).read_bytes())["data"]),
        "relay": lambda: relay(given.subject),
        "standin": lambda: standin(given.subject, given.first_delay, given.delay, given.tokens),
        "adapter": lambda: adapter(given.subject, given.upstream),
    }
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(programs[given.program]())


if __name__ == "__main__":
    main()
