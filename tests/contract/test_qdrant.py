"""Qdrant's adapter keeps the contract of a vector index over the wire, on Qdrant's own engine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from adapters.qdrant.vector_index import QdrantVectorIndex
from application.ports.vector_index import VectorIndex
from application.testing.vector_index import VectorIndexContract
from standins.qdrant_server import Fault, QdrantServer

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

    @pytest.fixture
    async def silent(self, tmp_path: Path) -> AsyncIterator[VectorIndex]:
        async with self.failing(tmp_path, Fault(delay=3_600, times=99)) as index:
            yield index

    @pytest.fixture
    async def declining(self, tmp_path: Path) -> AsyncIterator[VectorIndex]:
        async with self.failing(tmp_path, Fault(status=401, times=99)) as index:
            yield index

    @pytest.fixture
    async def limiting(self, tmp_path: Path) -> AsyncIterator[VectorIndex]:
        async with self.failing(tmp_path, Fault(status=429, retry_after="60", times=99)) as index:
            yield index

    @asynccontextmanager
    async def failing(self, folder: Path, fault: Fault) -> AsyncIterator[VectorIndex]:
        """Give an index that is open, and whose server then fails."""
        async with QdrantServer(folder) as server:
            index = QdrantVectorIndex(server.url, self.dimensions, timeout_seconds=0.5)
            await index.prepare()
            server.faults.append(fault)
            yield index
            await index.aclose()
