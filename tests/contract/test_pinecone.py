"""Pinecone's adapter keeps the contract of a vector index over the wire."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.pinecone.vector_index import PineconeVectorIndex
from application.ports.vector_index import VectorIndex
from application.testing.vector_index import VectorIndexContract
from standins.pinecone_server import Fault, PineconeServer

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

    @pytest.fixture
    async def silent(self) -> AsyncIterator[VectorIndex]:
        async with self.failing(Fault(delay=3_600, times=99)) as index:
            yield index

    @pytest.fixture
    async def declining(self) -> AsyncIterator[VectorIndex]:
        async with self.failing(Fault(status=401, times=99)) as index:
            yield index

    @pytest.fixture
    async def limiting(self) -> AsyncIterator[VectorIndex]:
        async with self.failing(Fault(status=429, retry_after="60", times=99)) as index:
            yield index

    @asynccontextmanager
    async def failing(self, fault: Fault) -> AsyncIterator[VectorIndex]:
        """Give an index that is open, and whose server then fails."""
        async with PineconeServer(api_key=KEY) as server:
            server.add_index("chunks", self.dimensions)
            index = PineconeVectorIndex(
                KEY, "chunks", self.dimensions, host=server.url, timeout_seconds=0.5
            )
            await index.prepare()
            server.faults.append(fault)
            yield index
            await index.aclose()


class TestPineconeVectorIndexThatLags(TestPineconeVectorIndex):
    """Each write is seen late, and the pages of a list are short."""

    lag = 0.15
    page = 2
