"""What the index asks of Chroma, be it a server or files."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.ports.embedder import Vector

Where = Mapping[str, object]
Metadata = Mapping[str, str | int]

# Neighbours in the graph, and how far it is searched when it is built and asked: with Chroma's own
# numbers (16, 100, 100) half of the ten nearest of 10,000 random vectors are missed, with these 1 %.
COSINE = {
    "hnsw": {"space": "cosine", "max_neighbors": 24, "ef_construction": 100, "ef_search": 400}
}


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one request, as columns."""

    ids: list[str]
    vectors: list[Vector]
    metadatas: list[Metadata]


class Engine(ABC):
    """Chroma. All calls raise the port's errors, OtherLength and CollectionMissing.

    `collection` is what `open` and `create` return: it stands for one collection until that is dropped.
    `at_once` is how many records one call of `upsert` takes at most.
    """

    at_once = 250

    @abstractmethod
    async def prepare(self) -> None:
        """See to it that collections can be made."""

    @abstractmethod
    async def open(self, name: str) -> str:
        """Return the collection of that name."""

    @abstractmethod
    async def create(self, name: str) -> str:
        """Return the collection of that name; made where it is missing."""

    @abstractmethod
    async def drop(self, name: str) -> None:
        """Remove a collection and all it holds."""

    @abstractmethod
    async def names(self, limit: int, offset: int) -> list[str]:
        """Return names of collections."""

    @abstractmethod
    async def upsert(self, collection: str, batch: Batch) -> None:
        """Write records; the ids are unequal."""

    @abstractmethod
    async def query(
        self, collection: str, vector: Vector, limit: int, where: Where | None
    ) -> list[tuple[str, float]]:
        """Return ids and their distances, 0 to 2, nearest first."""

    @abstractmethod
    async def get(self, collection: str, where: Where) -> list[tuple[str, Metadata]]:
        """Return ids and what stands beside them, in no order."""

    @abstractmethod
    async def delete(
        self, collection: str, ids: Sequence[str] | None = None, where: Where | None = None
    ) -> None:
        """Remove these, or those that `where` holds for."""

    @abstractmethod
    async def count(self, collection: str) -> int:
        """Return how many vectors there are."""

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of connections or files."""
