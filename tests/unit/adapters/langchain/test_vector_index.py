"""LangChain's vector stores get ids and vectors, and are held to what they say."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import InMemoryVectorStore, VectorStore

from adapters.langchain._given import GivenVectors
from adapters.langchain.vector_index import LangChainVectorIndex
from application.ports.vector_index import (
    Namespace,
    VectorIndexDeclined,
    VectorIndexRefused,
    VectorIndexUnavailable,
    VectorRecord,
)
from support.langchain_parts import DistanceStore, DistanceStores, MemoryStores

HERE = Namespace("ws_1", "bot_1", "gen_1")
RECORDS = [VectorRecord("chk_1", "doc_1", [3.0, 4.0]), VectorRecord("chk_2", "doc_1", [0.0, 1.0])]


def index_of(make: Callable[[Embeddings], VectorStore]) -> LangChainVectorIndex:
    """Return an index whose stores are made so."""

    class Stores(DistanceStores):
        def open(self, name: str, embeddings: Embeddings) -> VectorStore:
            if name not in self.stores:
                self.stores[name] = make(embeddings)  # type: ignore[assignment]
            return self.stores[name]

    return LangChainVectorIndex(Stores, 2, timeout_seconds=0.2)


async def test_a_store_holds_ids_and_vectors_and_nothing_else() -> None:
    stores = MemoryStores()
    index = LangChainVectorIndex(lambda: stores, 2)
    await index.upsert(HERE, RECORDS)
    assert list(stores.stores) == ["ws_1.bot_1.gen_1"]
    held = stores.stores["ws_1.bot_1.gen_1"].store
    assert list(held) == ["chk_1", "chk_2"]
    assert held["chk_1"]["metadata"] == {"chunk_id": "chk_1", "document_id": "doc_1"}
    assert held["chk_1"]["text"].startswith("chatsphere-vector-")
    assert held["chk_1"]["vector"] == pytest.approx([0.6, 0.8])


async def test_stores_of_others_are_no_namespaces() -> None:
    stores = MemoryStores()
    for name in ("ws_1.bot_1.gen_1", "ws_1.b", "notes", "ws_1.a.b.c", "ws_2.bot_1.gen_1"):
        stores.stores[name] = InMemoryVectorStore(GivenVectors(2))
    index = LangChainVectorIndex(lambda: stores, 2)
    assert await index.namespaces("ws_1") == [HERE]


def test_vectors_are_known_for_as_long_as_a_call_lasts() -> None:
    given = GivenVectors(2)
    with given.named([[1.0, 0.0], [0.0, 1.0]]) as names:
        assert given.embed_documents(names[::-1]) == [[0.0, 1.0], [1.0, 0.0]]
    with pytest.raises(LookupError):
        given.embed_query(names[0])


def test_a_store_may_ask_how_long_the_vectors_are() -> None:
    assert GivenVectors(3).embed_query("foo") == [1.0, 0.0, 0.0]


async def test_a_store_that_alters_what_it_embeds_is_refused() -> None:
    class Prefixing(InMemoryVectorStore):
        async def aadd_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
            await self.embedding.aembed_documents([f"passage: {d.page_content}" for d in documents])
            return await super().aadd_documents(documents, **kwargs)

    index = index_of(Prefixing)
    with pytest.raises(VectorIndexRefused):
        await index.upsert(HERE, RECORDS)


async def test_a_store_that_gives_its_own_ids_is_refused() -> None:
    class Numbering(DistanceStore):
        def add_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
            super().add_documents(documents, **kwargs)
            return [str(number) for number, _ in enumerate(documents)]

    with pytest.raises(VectorIndexDeclined, match="ids of its own"):
        await index_of(Numbering).upsert(HERE, RECORDS)


async def test_a_deletion_that_did_not_happen_is_not_passed_over() -> None:
    class Keeping(DistanceStore):
        def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
            return False

    index = index_of(Keeping)
    await index.upsert(HERE, RECORDS)
    await index.delete_chunks(HERE, ["chk_9"])
    with pytest.raises(VectorIndexUnavailable, match="not deleted"):
        await index.delete_chunks(HERE, ["chk_1"])


async def test_deleting_nothing_does_not_delete_all() -> None:
    class Emptying(DistanceStore):
        def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
            if not ids:
                self.held.clear()
            return super().delete(ids)

    index = index_of(Emptying)
    await index.upsert(HERE, RECORDS)
    await index.delete_chunks(HERE, [])
    await index.delete_document(HERE, "doc_9")
    assert await index.count(HERE) == 2


async def test_a_store_that_hangs_is_given_up() -> None:
    class Hanging(DistanceStore):
        def similarity_search_with_score(self, *args: Any, **kwargs: Any) -> Any:
            time.sleep(0.3)
            return []

    index = index_of(Hanging)
    await index.upsert(HERE, RECORDS)
    with pytest.raises(VectorIndexUnavailable):
        await index.search(HERE, [1.0, 0.0], 1)


async def test_a_store_that_has_failed_is_opened_anew() -> None:
    opened = []

    class Losing(DistanceStores):
        def open(self, name: str, embeddings: Embeddings) -> VectorStore:
            opened.append(name)
            if len(opened) == 1:
                raise ConnectionResetError("gone")
            return super().open(name, embeddings)

    index = LangChainVectorIndex(Losing, 2)
    with pytest.raises(VectorIndexUnavailable):
        await index.upsert(HERE, RECORDS)
    await index.upsert(HERE, RECORDS)
    await index.count(HERE)
    assert len(opened) == 2


@pytest.mark.parametrize("vector", [[0.0, 0.0], [1.0], [float("nan"), 1.0], [float("inf"), 1.0]])
async def test_a_vector_without_direction_is_refused_before_a_store_sees_it(
    vector: list[float],
) -> None:
    stores = MemoryStores()
    index = LangChainVectorIndex(lambda: stores, 2)
    with pytest.raises(ValueError, match=r"numbers|direction"):
        await index.upsert(HERE, [*RECORDS, VectorRecord("chk_3", "doc_1", vector)])
    assert stores.stores == {}
