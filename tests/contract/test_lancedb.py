"""LanceDB's adapter keeps the contract of a vector index, on its own files."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.lancedb import _upkeep
from adapters.lancedb.vector_index import LanceVectorIndex
from application.ports.vector_index import VectorIndex
from application.testing.vector_index import VectorIndexContract


class TestLanceVectorIndex(VectorIndexContract):
    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[VectorIndex]:
        index = LanceVectorIndex(tmp_path)
        yield index
        await index.aclose()


class TestLanceVectorIndexWithAnIndex(TestLanceVectorIndex):
    """Every table that is seen to gets its index."""

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_upkeep, "EXACT", 10)
        monkeypatch.setattr(_upkeep, "_WRITES", 1)


class TestLanceVectorIndexAsInAnObjectStore(VectorIndexContract):
    """Without locks and marks in a folder: Lance alone keeps writers apart."""

    @pytest.fixture
    async def index(self, tmp_path: Path) -> AsyncIterator[VectorIndex]:
        index = LanceVectorIndex(str(tmp_path))
        yield index
        await index.aclose()

    @pytest.fixture
    async def unreachable(self, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[VectorIndex]:
        for name, value in {
            "AWS_ENDPOINT": "http://127.0.0.1:1",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",  # pragma: allowlist secret
        }.items():
            monkeypatch.setenv(name, value)
        index = LanceVectorIndex("s3://chunks/vectors", timeout_seconds=2)
        yield index
        await index.aclose()
