"""Chroma's adapter keeps the contract of a vector index, on Chroma's own server and on its files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.chroma._files import Files
from adapters.chroma._server import Server
from adapters.chroma.vector_index import ChromaVectorIndex
from application.ports.vector_index import VectorIndex
from application.testing.vector_index import VectorIndexContract


class TestChromaOnAServer(VectorIndexContract):
    dimensions = 16  # building the graph takes most of the time

    @pytest.fixture
    async def index(self, chroma_url: str) -> AsyncIterator[VectorIndex]:
        index = ChromaVectorIndex(Server(chroma_url))
        yield index
        await index.aclose()

    @pytest.fixture
    async def unreachable(self) -> AsyncIterator[VectorIndex]:
        index = ChromaVectorIndex(Server("http://127.0.0.1:1"))
        yield index
        await index.aclose()


class TestChromaInFiles(VectorIndexContract):
    dimensions = 16

    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[VectorIndex]:
        index = ChromaVectorIndex(Files(tmp_path))
        yield index
        await index.aclose()
