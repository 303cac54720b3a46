"""Pinecone's adapter keeps the contract of a vector index over the wire."""

from collections.abc import AsyncIterator

import pytest

from adapters.pinecone.vector_index import PineconeVectorIndex
from application.ports.vector_index import VectorIndex
from application.testing.vector_index import VectorIndexContract
from standins.pinecone_server import PineconeServer

KEY = "pc-test-key"  # pragma: allowlist secret


class TestPineconeVectorIndex(VectorIndexContract):
    lag = 0.0
    page = 100

    @pytest.fixture
    async def index(self) -> AsyncIterator[VectorIndex]:
        async with PineconeServer(api_key=KEY, page=self.page) as server:
            server.add_index("chunks", self.dimensions)
            server.lag = self.lag
            index = PineconeVectorIndex(KEY, "chunks", self.dimensions, host=server.url)
            yield index
            await index.aclose()

    @pytest.fixture
    async def unreachable(self) -> AsyncIterator[VectorIndex]:
        index = PineconeVectorIndex(KEY, "chunks", self.dimensions, host="http://127.0.0.1:1")
        yield index
        await index.aclose()


class TestPineconeVectorIndexThatLags(TestPineconeVectorIndex):
    """Each write is seen late, and the pages of a list are short."""

    lag = 0.15
    page = 2
