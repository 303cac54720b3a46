"""Records as Pinecone takes them, in batches that keep its limits.

Source: docs.pinecone.io, "Quotas and limits": 1,000 records or 2 MB an upsert, 40 KB of metadata a
record, 1,000 ids a delete, ids of 1 to 512 ASCII characters, no dense vector of zeros.
"""

from array import array
from collections.abc import Iterator, Sequence
from math import hypot, isfinite
from typing import TypeAlias

from adapters.pinecone._names import document_of
from application.ports.embedder import Vector
from application.ports.vector_index import Namespace, VectorRecord

Batch: TypeAlias = list[dict[str, object]]

DELETED_AT_ONCE = 1_000
_WRITTEN_AT_ONCE = 1_000
_WRITTEN_BYTES = 2_000_000
_BYTES_A_NUMBER = 25  # the longest float in JSON, and its comma
_BYTES_A_RECORD = 128  # the names of the fields, and punctuation
_BYTES_A_REQUEST = 640  # the namespace


def checked(records: Sequence[VectorRecord], dimensions: int) -> list[VectorRecord]:
    """Return the records, of equal ids the last.

    Raises ValueError for one that Pinecone would refuse.
    """
    unique = {record.chunk_id: record for record in records}
    for record in unique.values():
        _check(record, dimensions)
    return list(unique.values())


def batches(namespace: Namespace, records: Sequence[VectorRecord]) -> Iterator[Batch]:
    """Yield the records in batches that Pinecone takes.

    What a record weighs at most is reckoned, not measured: that would be encoding it twice.
    """
    owner = len(namespace.tenant_id.encode()) + len(namespace.bot_id.encode())
    batch: Batch = []
    weight = _BYTES_A_REQUEST
    for record in records:
        # The metadata (four ids of at most 512 bytes) is far below its limit of 40 KB.
        ids = owner + 2 * len(record.chunk_id) + len(record.document_id)
        heavy = _BYTES_A_NUMBER * len(record.vector) + ids + _BYTES_A_RECORD
        if batch and (weight + heavy > _WRITTEN_BYTES or len(batch) == _WRITTEN_AT_ONCE):
            yield batch
            batch, weight = [], _BYTES_A_REQUEST
        batch.append(_as_sent(namespace, record))
        weight += heavy
    if batch:
        yield batch


def numbers(vector: Vector) -> list[float]:
    """Return a vector as the list that the SDK wants."""
    return vector.tolist() if isinstance(vector, array) else list(vector)


def check_length(vector: Vector, dimensions: int) -> None:
    """Raise ValueError where a vector is not as long as those of the index."""
    if len(vector) != dimensions:
        raise ValueError(f"the index holds vectors of {dimensions} numbers, not {len(vector)}")


def _check(record: VectorRecord, dimensions: int) -> None:
    check_length(record.vector, dimensions)
    length = hypot(*record.vector)
    if not length or not isfinite(length):
        raise ValueError(f"the vector of {record.chunk_id} has no direction")
    # A chunk's id is short and ASCII, as Pinecone wants a record's.
    if document_of(record.chunk_id) != record.document_id:
        raise ValueError("a record's id is that of a chunk of its document")


def _as_sent(namespace: Namespace, record: VectorRecord) -> dict[str, object]:
    return {
        "id": record.chunk_id,
        "values": numbers(record.vector),
        "metadata": {
            "tenant_id": namespace.tenant_id,
            "bot_id": namespace.bot_id,
            "document_id": record.document_id,
            "chunk_id": record.chunk_id,
        },
    }
