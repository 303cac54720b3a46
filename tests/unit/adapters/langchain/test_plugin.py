"""Settings lead to LangChain's parts, and say in a sentence where they do not."""

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel

from adapters.langchain import plugin
from adapters.langchain._parts import Lazy
from application.ports.chat_model import (
    ChatCapability,
    ChatModel,
    ChatRequest,
    Delta,
    ModelRefused,
    Role,
    Turn,
)
from application.ports.embedder import Embedder, EmbedderDeclined, EmbedTask
from application.ports.plugins import Context, NotConfigured
from application.ports.vector_index import (
    Namespace,
    VectorIndex,
    VectorIndexDeclined,
    VectorRecord,
)
from support.langchain_parts import ANSWER, KEY, WordEmbedding

PARTS = "support.langchain_parts"
ASKED = ChatRequest("default", [Turn(Role.USER, "Hello?")], "Hello?")


def context(tmp_path: Path = Path()) -> Context:
    return Context(tmp_path, resources={Embedder: embedder})


def embedder(path: str = f"{PARTS}:words") -> Embedder:
    options = plugin.EmbedderOptions(path, "words-1", 64)
    return plugin.embedder.build(options, Context(Path()))


def chat_model(path: str, **more: Any) -> ChatModel:
    return plugin.chat_model.build(plugin.ChatModelOptions(path, **more), context())


def vector_index(path: str) -> VectorIndex:
    return plugin.vector_index.build(plugin.VectorIndexOptions(path), context())


async def text_of(model: ChatModel) -> str:
    items = [item async for item in model.stream(ASKED)]
    return "".join(item.text for item in items if isinstance(item, Delta))


@pytest.mark.parametrize("attribute", ["listed_model", "ScriptedModel"])
async def test_a_factory_or_a_class_makes_the_chat_model(attribute: str) -> None:
    assert await text_of(chat_model(f"{PARTS}:{attribute}")) == ANSWER


async def test_the_embedder_is_found_and_its_space_named() -> None:
    found = embedder()
    assert found.space == "langchain/words-1/64"
    assert len((await found.embed(["a"], EmbedTask.QUERY))[0]) == 64


async def test_the_stores_are_found_and_take_vectors_of_the_embedders_length() -> None:
    index = vector_index(f"{PARTS}:stores")
    await index.prepare()
    namespace = Namespace("ws_1", "bot_1", "gen_1")
    await index.upsert(namespace, [VectorRecord("chk_1", "doc_1", [1.0] + [0.0] * 63)])
    assert await index.count(namespace) == 1
    with pytest.raises(ValueError, match="64"):
        await index.search(namespace, [1.0], 1)


def test_what_the_model_can_is_declared() -> None:
    can = chat_model(f"{PARTS}:listed_model", langchain_chat_model_can=" tools, stop").capabilities
    tools = {ChatCapability.TOOLS, ChatCapability.PROVIDER_TURN}
    assert can == tools | {ChatCapability.STOP}
    with pytest.raises(NotConfigured, match="'thinking' is not one of schema, stop, tools"):
        chat_model(f"{PARTS}:listed_model", langchain_chat_model_can="thinking")


def test_the_default_model_has_the_name_that_was_set() -> None:
    options = plugin.ChatModelOptions(f"{PARTS}:listed_model", langchain_chat_model_name="mine")
    assert plugin.chat_model.default_model(options) == "mine"


@pytest.mark.parametrize("path", ["", "model", "a.b", "a:", ":b", "a b:c", "a:b:c", "os;x:y"])
@pytest.mark.parametrize("build", [chat_model, embedder, vector_index])
def test_a_path_of_another_form_is_refused_at_once(
    build: Callable[[str], object], path: str
) -> None:
    with pytest.raises(NotConfigured, match=r"CHATSPHERE_LANGCHAIN_\w+ must be of the form"):
        build(path)


WRONG = [
    ("no_such_package.models:model", "the module no_such_package.models cannot be imported"),
    (f"{PARTS}:nothing", f"{PARTS} has no nothing"),
    (f"{PARTS}:ANSWER", "is a str, not a"),
    (f"{PARTS}:failing", r"failed: RuntimeError: api_key=\*\*\* is not known"),
]


@pytest.mark.parametrize(("path", "sentence"), WRONG)
async def test_what_is_not_there_is_told_at_the_first_use(path: str, sentence: str) -> None:
    with pytest.raises(ModelRefused, match=sentence) as refused:
        await text_of(chat_model(path))
    assert refused.value.code == "model_rejected"
    with pytest.raises(EmbedderDeclined, match=sentence):
        await embedder(path).embed(["a"], EmbedTask.QUERY)
    with pytest.raises(VectorIndexDeclined, match=sentence):
        await vector_index(path).prepare()
    assert KEY not in str(refused.value)


async def test_a_part_of_another_kind_is_told() -> None:
    with pytest.raises(ModelRefused, match="is a MemoryStores, not a BaseChatModel"):
        await text_of(chat_model(f"{PARTS}:stores"))


async def test_a_module_that_fails_on_import_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_parts.py").write_text("raise SystemError('half installed')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModelRefused, match="cannot be imported: SystemError: half installed"):
        await text_of(chat_model("broken_parts:model"))


async def test_it_is_made_once_and_not_on_the_event_loops_thread() -> None:
    threads = []

    def make() -> object:
        threads.append(threading.current_thread())
        return WordEmbedding()

    lazy = Lazy(make)
    [first, *others] = await asyncio.gather(*(lazy.get() for _ in range(5)))
    assert all(one is first for one in others)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()


async def test_who_stops_waiting_stops_nobody_else() -> None:
    may_go_on = threading.Event()

    def make() -> str:
        may_go_on.wait(5)
        return "made"

    lazy = Lazy(make)
    first, second = (asyncio.create_task(lazy.get()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    may_go_on.set()
    assert await second == "made"


async def test_what_failed_once_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    model = chat_model("parts_to_come:model")
    with pytest.raises(ModelRefused):
        await text_of(model)
    arrived = ModuleType("parts_to_come")
    arrived.model = __import__(PARTS, fromlist=["x"]).listed_model()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "parts_to_come", arrived)
    assert isinstance(arrived.model, BaseChatModel)
    assert await text_of(model) == ANSWER
