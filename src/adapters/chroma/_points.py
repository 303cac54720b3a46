"""Names, records and filters as Chroma takes them."""

import sys
from array import array
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from math import hypot, isfinite

from adapters.chroma._engine import Batch, Metadata, Where
from application.ports.embedder import Vector
from application.ports.vector_index import Namespace, VectorRecord
from domain.ids import split_chunk_id

BUCKETS = 4096
_WRITTEN_BYTES = 16_000_000
_BYTES_A_RECORD = 300  # beside the vector


def name_of(namespace: Namespace) -> str:
    """Return the name of a namespace's collection."""
    return f"{namespace.tenant_id}.{namespace.bot_id}.{namespace.generation_id}"


def namespace_of(name: str, tenant_id: str) -> Namespace | None:
    """Return the tenant's namespace of that name, or None where it is another's, or no namespace."""
    tenant, *rest = name.split(".")
    if tenant != tenant_id or len(rest) != 2:  # noqa: PLR2004
        return None
    return Namespace(tenant, *rest)


def bucket(chunk_id: str) -> int:
    """Return a number below BUCKETS, by which ids are listed: Chroma cannot list "ids after this one"."""
    return int.from_bytes(blake2b(chunk_id.encode(), digest_size=2).digest()) % BUCKETS


def of_document(document_id: str, before: int | None = None) -> Where:
    """Return what holds for the vectors of a document; of revisions before one, where that is given."""
    its: Where = {"document_id": document_id}
    return its if before is None else {"$and": [its, {"revision": {"$lt": before}}]}


def check(records: Sequence[VectorRecord]) -> None:
    """Raise ValueError where a record cannot be stored, or the vectors are not of one length."""
    for record in records:
        if len(record.vector) != len(records[0].vector):
            raise ValueError("the vectors of a namespace have one length")
        if not has_direction(record.vector):
            raise ValueError(f"the vector of {record.chunk_id} has no direction")


def has_direction(vector: Vector) -> bool:
    """Tell whether there is a cosine with this vector."""
    length = hypot(*vector)
    return bool(length) and isfinite(length)


def batches(records: Sequence[VectorRecord], at_once: int) -> Iterator[Batch]:
    """Yield the records in batches of one request; of equal ids the last."""
    latest = list({record.chunk_id: record for record in records}.values())
    weight = 6 * len(latest[0].vector) + _BYTES_A_RECORD if latest else 1
    size = max(1, min(at_once, _WRITTEN_BYTES // weight))
    for start in range(0, len(latest), size):
        part = latest[start : start + size]
        yield Batch(
            [record.chunk_id for record in part],
            [record.vector for record in part],
            [_metadata(record) for record in part],
        )


def float32(vector: Vector) -> "array[float]":
    """Return a vector as 32-bit floats, the lowest byte first."""
    floats = array("f", vector)
    if sys.byteorder == "big":
        floats.byteswap()
    return floats


def numbers(vector: Vector) -> list[float]:
    """Return a vector as a list."""
    return vector.tolist() if isinstance(vector, array) else list(vector)


def _metadata(record: VectorRecord) -> Metadata:
    parts = split_chunk_id(record.chunk_id)
    return {
        "document_id": record.document_id,
        "revision": parts[1] if parts else 0,
        "bucket": bucket(record.chunk_id),
    }
