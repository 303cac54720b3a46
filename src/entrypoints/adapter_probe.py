"""One short question through a port: does what stands behind an adapter answer at all."""

from contextlib import aclosing
from dataclasses import fields
from secrets import token_bytes, token_hex
from typing import Any

from application.ports.chat_model import ChatRequest, Role, Turn
from application.ports.embedder import EmbedTask
from application.ports.plugins import Group, Plugin
from application.ports.rate_limiter import Limit
from application.ports.vector_index import Namespace
from domain.ids import make_id
from entrypoints.plugins import variable

_HELLO = "Say hello."
_LIMIT = Limit("probe", 1, 60)
_LONG_AGO_MS = 1_700_000_000_000


async def probe(group: Group, part: Any, model: str = "") -> None:
    """Ask the part one thing that changes nothing; `model` is the name a chat model is asked by.

    Raises what the part raises. A transport of events has nothing that could be asked.
    """
    match group:
        case Group.CHAT_MODELS:
            asked = ChatRequest(model, [Turn(Role.USER, _HELLO)], _HELLO, temperature=None)
            async with aclosing(part.stream(asked)) as answer:
                await anext(answer, None)
        case Group.EMBEDDERS:
            await part.embed([_HELLO], EmbedTask.QUERY)
        case Group.VECTOR_INDEXES:
            await part.count(Namespace(_id("ws"), _id("bot"), _id("gen")))
        case Group.RERANKERS:
            await part.rerank(_HELLO, [_HELLO])
        case Group.BLOB_STORES:
            name = token_hex(16)
            await part.exists(f"{_id('ws')}/{name[:2]}/{name[2:]}")
        case Group.CACHES:
            await part.get_many([_id("probe")])
        case Group.RATE_LIMITERS:
            await part.peek(_LIMIT, _id("probe"))
        case Group.EVENT_TRANSPORTS:
            pass


def variables(plugin: Plugin[Any, Any]) -> str:
    """Return the settings of an adapter as a list to read; empty where it has none."""
    *most, last = [variable(each.name) for each in fields(plugin.options)] or [""]
    return f"{', '.join(most)} and {last}" if most else last


async def close_part(part: Any) -> None:
    """Release what an adapter holds, where its port has a word for it."""
    close = getattr(part, "aclose", None)
    if close is not None:
        await close()


def _id(prefix: str) -> str:
    """Return an id that nothing has."""
    return make_id(prefix, _LONG_AGO_MS, token_bytes(10))
