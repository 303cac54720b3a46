"""Port: nearest neighbours among the vectors of a namespace. It knows ids, never texts."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.embedder import Vector
from domain.errors import DependencyUnavailable

RATE_LIMITED = "vector_index_rate_limited"


@dataclass(frozen=True, slots=True)
class Namespace:
    """What a search can reach: one index generation of one bot of one tenant."""

    tenant_id: str
    bot_id: str
    generation_id: str


@dataclass(frozen=True, slots=True)
class VectorRecord:
    """A vector under the id of its chunk; `document_id` allows filtering and deleting by document."""

    chunk_id: str
    document_id: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class VectorId:
    """Which vector it is; the vector itself stays where it is."""

    chunk_id: str
    document_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk found. A larger `score` is better; for vectors it is the cosine, -1 to 1."""

    chunk_id: str
    score: float


class VectorIndexUnavailable(DependencyUnavailable):
    """The vector store does not answer at the moment."""

    code = "vector_index_unavailable"


class VectorIndexDeclined(VectorIndexUnavailable):
    """The vector store takes nothing at the moment: too many requests, or a key that is wrong.

    `code`: `vector_index_rejected` (somebody has to change a setting) or `vector_index_rate_limited`.
    """

    code = "vector_index_rejected"
    is_refusal = True


class VectorIndexMismatch(VectorIndexDeclined):
    """What the store holds does not fit this installation; the message says what to change."""

    code = "vector_index_mismatch"


class VectorIndexRefused(VectorIndexDeclined):
    """The vector store does not take this request, and will not take it later."""

    is_outage = False


class VectorIndex(ABC):
    """A store of vectors. Every call names its namespace: nothing can be reached without one.

    `kind` names the technology in receipts.
    """

    kind: str

    async def prepare(self) -> None:
        """See to it that vectors can be stored: once, when a server starts. What is missing and can be
        made is made. Raises VectorIndexUnavailable; VectorIndexMismatch where somebody has to decide."""

    @abstractmethod
    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error: then some may be written.

        Raises VectorIndexUnavailable, and ValueError for a vector that can never be stored here.
        """

    @abstractmethod
    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first; within `document_ids` where given (none: no hit)."""

    @abstractmethod
    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""

    @abstractmethod
    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""

    @abstractmethod
    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove what a few seconds allow of the namespace, and the namespace with the last of it; tell
        whether more may be left. An unknown one is no error."""

    async def empty(self, namespace: Namespace) -> None:
        """Remove everything in the namespace, however much it is; each step has a deadline of its own."""
        while await self.delete_namespace(namespace):
            pass

    @abstractmethod
    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""

    @abstractmethod
    async def ids(
        self,
        namespace: Namespace,
        after: str | None,
        limit: int,
        document_id: str | None = None,
    ) -> Sequence[VectorId]:
        """Return up to `limit` vectors of the namespace (or of one document in it) in a stable order,
        those that follow the chunk id `after`; none: there are no more.

        What was written before the first page and is not deleted meanwhile is on one of the pages.
        """

    @abstractmethod
    async def namespaces(self, tenant_id: str) -> Sequence[Namespace]:
        """Return every namespace of a tenant that may hold a vector."""

    async def aclose(self) -> None:
        """Release what the index holds."""
