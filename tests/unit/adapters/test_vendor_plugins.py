"""Gemini, Pinecone and Qdrant are chosen by settings, and nothing heavy is imported for it."""

import subprocess
import sys
from pathlib import Path

import pytest

from adapters.gemini import plugin as gemini
from adapters.memory.embedder import InMemoryEmbedder
from adapters.pinecone import plugin as pinecone
from adapters.qdrant import plugin as qdrant
from application.ports.chat_model import ChatCapability
from application.ports.embedder import Embedder
from application.ports.plugins import Context, NotConfigured, Plugin
from domain.urls import UrlRules

KEY = "a-key-0123456789"
EMBEDDER = InMemoryEmbedder()
CONTEXT = Context(Path("/nowhere"), resources={Embedder: lambda: EMBEDDER})


def test_an_index_has_the_length_of_the_embedders_vectors() -> None:
    size = EMBEDDER.dimensions
    made = pinecone.vector_index.build(pinecone.Options(KEY), CONTEXT)
    assert repr(made) == f"PineconeVectorIndex(chatsphere, {size})"
    other = qdrant.vector_index.build(qdrant.Options(qdrant_collection="mine"), CONTEXT)
    assert repr(other) == f"QdrantVectorIndex(mine, {size})"


async def test_a_model_and_an_embedder_of_gemini_share_connections() -> None:
    context = Context(Path("/nowhere"))
    options = gemini.ChatOptions(KEY, "http://gemini.test")
    model = gemini.chat_model.build(options, context)
    embedder = gemini.embedder.build(gemini.EmbedderOptions(KEY), context)
    assert model.capabilities == frozenset(ChatCapability)
    assert embedder.space == "gemini/gemini-embedding-2/768"
    assert gemini.chat_model.default_model(options) == "gemini-3.5-flash-lite"
    assert gemini.clients_of(context) is gemini.clients_of(context)
    await context.aclose()


def test_a_workspaces_own_server_is_asked_by_connections_that_look_where_they_lead() -> None:
    own = Context(Path("/nowhere"), url_rules=UrlRules())
    assert gemini.clients_of(own) is not gemini.clients_of(CONTEXT)
    assert gemini.clients_of(own).rules == UrlRules()
    assert gemini.clients_of(CONTEXT).rules is None


@pytest.mark.parametrize(
    ("plugin", "options", "said"),
    [
        (gemini.chat_model, gemini.ChatOptions("ключ"), "API key"),
        (gemini.chat_model, gemini.ChatOptions(KEY, "ftp://gemini"), "base URL"),
        (gemini.embedder, gemini.EmbedderOptions(KEY, gemini_embedding_model="../x"), "name"),
        (pinecone.vector_index, pinecone.Options(""), "PINECONE_API_KEY"),
        (qdrant.vector_index, qdrant.Options("localhost:6333"), "QDRANT_URL"),
    ],
)
def test_settings_that_cannot_be_are_named_and_not_shown(
    plugin: Plugin[object, object], options: object, said: str
) -> None:
    with pytest.raises(NotConfigured, match=said) as refused:
        plugin.build(options, CONTEXT)
    assert "ключ" not in str(refused.value)


def test_no_key_is_shown() -> None:
    for options in (gemini.ChatOptions(KEY), gemini.EmbedderOptions(KEY), pinecone.Options(KEY)):
        assert KEY not in repr(options)
    assert KEY not in repr(qdrant.Options(qdrant_api_key=KEY))


def test_what_is_only_built_imports_no_vendor() -> None:
    code = """
import sys
from pathlib import Path
from adapters.gemini import plugin as gemini
from adapters.memory.embedder import InMemoryEmbedder
from adapters.pinecone import plugin as pinecone
from adapters.qdrant import plugin as qdrant
from application.ports.embedder import Embedder
from application.ports.plugins import Context
context = Context(Path("."), resources={Embedder: InMemoryEmbedder})
gemini.chat_model.build(gemini.ChatOptions("key"), context)
gemini.embedder.build(gemini.EmbedderOptions("key"), context)
pinecone.vector_index.build(pinecone.Options("key"), context)
qdrant.vector_index.build(qdrant.Options(), context)
heavy = {"google.genai", "httpx2", "httpx", "pinecone", "qdrant_client", "grpc", "numpy", "aiohttp"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
