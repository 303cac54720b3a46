"""Pinecone and Qdrant as they are: the same contracts with real keys, in an index made for it."""

import os
from collections.abc import AsyncIterator, Callable
from secrets import token_hex

import pytest

from adapters.pinecone.connection import Creation
from adapters.pinecone.vector_index import PineconeVectorIndex
from adapters.qdrant.vector_index import QdrantVectorIndex
from application.ports.vector_index import VectorIndex
from application.testing.vector_index import VectorIndexContract

NAME = f"chatsphere-contract-{token_hex(4)}"
DIMENSIONS = VectorIndexContract.dimensions


def pinecone(key: str = "") -> PineconeVectorIndex:
    place = os.environ.get("PINECONE_CLOUD", "aws"), os.environ.get("PINECONE_REGION", "us-east-1")
    return PineconeVectorIndex(
        key or os.environ["PINECONE_API_KEY"],
        NAME,
        DIMENSIONS,
        host=os.environ.get("PINECONE_HOST", "https://api.pinecone.io"),
        create=Creation(*place),
    )


def qdrant(key: str | None = None) -> QdrantVectorIndex:
    key = key or os.environ.get("QDRANT_API_KEY")
    return QdrantVectorIndex(os.environ["QDRANT_URL"], DIMENSIONS, collection=NAME, api_key=key)


@pytest.fixture(scope="module")
async def pinecone_index() -> AsyncIterator[str]:
    """An index that is deleted when the tests are over."""
    from pinecone import AsyncPinecone

    index = pinecone()
    await index.prepare()
    await index.aclose()
    yield NAME
    client = AsyncPinecone(os.environ["PINECONE_API_KEY"], host=os.environ.get("PINECONE_HOST"))
    await client.indexes.delete(NAME)
    await client.close()


@pytest.fixture(scope="module")
async def qdrant_collection() -> AsyncIterator[str]:
    """A collection that is deleted when the tests are over."""
    from qdrant_client import AsyncQdrantClient

    yield NAME
    client = AsyncQdrantClient(
        url=os.environ["QDRANT_URL"],
        api_key=os.environ.get("QDRANT_API_KEY"),
        check_compatibility=False,
    )
    await client.delete_collection(NAME)
    await client.close()


async def closing(make: Callable[[], VectorIndex]) -> AsyncIterator[VectorIndex]:
    index = make()
    yield index
    await index.aclose()


@pytest.mark.live
@pytest.mark.timeout(600)
@pytest.mark.skipif(not os.environ.get("PINECONE_API_KEY"), reason="PINECONE_API_KEY is not set")
class TestLivePinecone(VectorIndexContract):
    visible_within_s = 60.0
    patience_s = 120.0

    @pytest.fixture
    async def index(self, pinecone_index: str) -> AsyncIterator[VectorIndex]:
        async for index in closing(pinecone):
            yield index

    @pytest.fixture
    async def declining(self) -> AsyncIterator[VectorIndex]:
        async for index in closing(lambda: pinecone("pcsk_of_nobody")):
            yield index


@pytest.mark.live
@pytest.mark.timeout(600)
@pytest.mark.skipif(not os.environ.get("QDRANT_URL"), reason="QDRANT_URL is not set")
class TestLiveQdrant(VectorIndexContract):
    @pytest.fixture
    async def index(self, qdrant_collection: str) -> AsyncIterator[VectorIndex]:
        async for index in closing(qdrant):
            yield index

    @pytest.fixture
    async def declining(self) -> AsyncIterator[VectorIndex]:
        if not os.environ.get("QDRANT_API_KEY"):
            pytest.skip("QDRANT_API_KEY is not set: this server takes anybody")
        async for index in closing(lambda: qdrant("of-nobody")):
            yield index
