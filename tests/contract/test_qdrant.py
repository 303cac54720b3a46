"""Qdrant's adapter keeps the contract of a vector index over the wire, on Qdrant's own engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.qdrant.vector_index import QdrantVectorIndex
from application.ports.vector_index import VectorIndex
from application.testing.vector_index import VectorIndexContract
from standins.qdrant_server import QdrantServer

KEY = "qd-test-key"  # pragma: allowlist secret


class TestQdrantVectorIndex(VectorIndexContract):
    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[VectorIndex]:
        async with QdrantServer(tmp_path, api_key=KEY) as server:
            index = QdrantVectorIndex(server.url, self.dimensions, api_key=KEY)
            yield index
            await index.aclose()

    @pytest.fixture
    async def unreachable(self) -> AsyncIterator[VectorIndex]:
        index = QdrantVectorIndex("http://127.0.0.1:1", self.dimensions)
        yield index
        await index.aclose()
