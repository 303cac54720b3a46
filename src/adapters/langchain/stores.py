"""What LangChain's VectorStore does not offer, and a VectorIndex must: filled in once a technology."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from application.ports.vector_index import VectorId

if TYPE_CHECKING:
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import VectorStore


class VectorStores(ABC):
    """The stores of one technology: one store a namespace, so that none can see another's vectors.

    VectorStore can add, search and delete by id. It cannot list, count, nor be dropped; its filters and
    its scores are each technology's own. These methods say how. All are called in threads, several at a
    time. What they raise becomes VectorIndexUnavailable.

    A store keeps each document's `id` and `metadata`; adding an id again replaces it, and deleting ids
    it does not know is no error.
    """

    @abstractmethod
    def open(self, name: str, embeddings: "Embeddings") -> "VectorStore":
        """Return the store of that name, made where it is missing.

        `embeddings` hands over the vectors that ChatSphere has computed. `name` is at most 100 characters
        out of a-z, 0-9, `_` and `.`; the same name may be opened again.
        """

    @abstractmethod
    def drop(self, name: str) -> None:
        """Remove that store with all it holds; an unknown one is no error."""

    @abstractmethod
    def names(self) -> Iterable[str]:
        """Return the names of all stores that may hold a vector; others' names do no harm."""

    @abstractmethod
    def listed(self, store: "VectorStore", document_id: str | None) -> Iterable[VectorId]:
        """Return every vector in a store (or of one document in it), in any order: see `vector_id`."""

    @abstractmethod
    def within(self, document_ids: Sequence[str]) -> Mapping[str, Any]:
        """Return the arguments of a search that keep it to these documents, by the metadata
        `document_id`."""

    def cosine(self, score: float) -> float:
        """Return the cosine for a score of `similarity_search_with_score`. All vectors have unit length:
        of a cosine distance it is `1 - score`, of a squared Euclidean one `1 - score / 2`."""
        return score


def vector_id(metadata: Mapping[str, Any]) -> VectorId:
    """Return which vector a document's metadata tells of."""
    return VectorId(str(metadata["chunk_id"]), str(metadata["document_id"]))


def is_of(document: "Document", document_ids: Sequence[str]) -> bool:
    """Tell whether a document of a store is of one of these: for filters that are functions."""
    return document.metadata.get("document_id") in document_ids
