"""Records as Qdrant takes them: one collection holds all tenants, each point names its namespace."""

import json
from array import array
from collections.abc import Iterator, Sequence
from math import hypot, isfinite
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from application.ports.embedder import Vector
from application.ports.vector_index import Namespace, VectorRecord
from domain.ids import split_chunk_id

if TYPE_CHECKING:
    from qdrant_client.models import Batch, FieldCondition, Filter

_SPACE = UUID("6f0f4d5c-6f5e-4a0e-9c2b-3f1f2b6f7a10")  # ours: ids are made the same everywhere
_WRITTEN_AT_ONCE = 250  # encoding more holds the event loop up
_WRITTEN_BYTES = 16_000_000  # Qdrant takes 32 MB a request where nobody has changed it
_BYTES_A_NUMBER = 25  # the longest float in JSON, and its comma
_BYTES_A_POINT = 1_000


def name_of(namespace: Namespace) -> str:
    """Return what points of the namespace carry."""
    return json.dumps([namespace.tenant_id, namespace.bot_id, namespace.generation_id])


def namespace_of(name: str) -> Namespace:
    """Return the namespace of that name."""
    return Namespace(*json.loads(name))


def point_id(name: str, chunk_id: str) -> str:
    """Return the id of a point: the same chunk in another namespace has another."""
    return str(uuid5(_SPACE, f"{name}{chunk_id}"))


def within(
    name: str, document_ids: Sequence[str] | None = None, before: int | None = None
) -> "Filter":
    """Return what holds for points of a namespace, its documents, revisions before one."""
    from qdrant_client import models

    must: list[models.Condition] = [_equals("namespace", name)]
    if document_ids is not None:
        any_of = models.MatchAny(any=list(document_ids))
        must.append(models.FieldCondition(key="document_id", match=any_of))
    if before is not None:
        must.append(models.FieldCondition(key="revision", range=models.Range(lt=before)))
    return models.Filter(must=must)


def of_tenant(tenant_id: str) -> "Filter":
    """Return what holds for points of a tenant."""
    from qdrant_client import models

    return models.Filter(must=[_equals("tenant_id", tenant_id)])


def check(records: Sequence[VectorRecord], dimensions: int) -> None:
    """Raise ValueError where a record cannot be stored. (Of equal ids Qdrant keeps the last.)"""
    for record in records:
        check_length(record.vector, dimensions)
        length = hypot(*record.vector)
        if not length or not isfinite(length):
            raise ValueError(f"the vector of {record.chunk_id} has no direction")


def check_length(vector: Vector, dimensions: int) -> None:
    """Raise ValueError where a vector is not as long as those of the collection."""
    if len(vector) != dimensions:
        raise ValueError(f"the collection holds vectors of {dimensions} numbers, not {len(vector)}")


def batches(namespace: Namespace, records: Sequence[VectorRecord]) -> Iterator["Batch"]:
    """Yield the records in batches that Qdrant takes in one request.

    The client's models are built without their checks: those cost more than all the rest.
    """
    from qdrant_client import models

    name = name_of(namespace)
    weight = _BYTES_A_NUMBER * len(records[0].vector) + _BYTES_A_POINT if records else 1
    size = max(1, min(_WRITTEN_AT_ONCE, _WRITTEN_BYTES // weight))
    for start in range(0, len(records), size):
        part = records[start : start + size]
        yield models.Batch.model_construct(
            ids=[point_id(name, record.chunk_id) for record in part],
            vectors=[numbers(record.vector) for record in part],
            payloads=[_payload(namespace, name, record) for record in part],
        )


def numbers(vector: Vector) -> list[float]:
    """Return a vector as the list that the client wants."""
    return vector.tolist() if isinstance(vector, array) else list(vector)


def _payload(namespace: Namespace, name: str, record: VectorRecord) -> dict[str, object]:
    parts = split_chunk_id(record.chunk_id)
    return {
        "namespace": name,
        "tenant_id": namespace.tenant_id,
        "bot_id": namespace.bot_id,
        "document_id": record.document_id,
        "chunk_id": record.chunk_id,
        "revision": parts[1] if parts else 0,
    }


def _equals(key: str, value: str) -> "FieldCondition":
    from qdrant_client import models

    return models.FieldCondition(key=key, match=models.MatchValue(value=value))
