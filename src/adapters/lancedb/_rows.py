"""Records as rows of a table, and conditions on them."""

from array import array
from collections.abc import Iterable, Sequence
from math import hypot, isfinite
from typing import TYPE_CHECKING

from application.ports.embedder import Vector
from application.ports.vector_index import Namespace, VectorRecord
from domain.ids import split_chunk_id

if TYPE_CHECKING:
    import pyarrow

VECTOR = "vector"


def name_of(namespace: Namespace) -> str:
    """Return the name of a namespace's table."""
    return f"{namespace.tenant_id}.{namespace.bot_id}.{namespace.generation_id}"


def namespace_of(name: str, tenant_id: str) -> Namespace | None:
    """Return the tenant's namespace of that name, or None where it is another's, or no namespace."""
    tenant, *rest = name.split(".")
    if tenant != tenant_id or len(rest) != 2:  # noqa: PLR2004
        return None
    return Namespace(tenant, *rest)


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


def schema(dimensions: int) -> "pyarrow.Schema":
    """Return the columns of a table.

    `chunk_id` is its key: of two processes that insert the same id, Lance lets one try again. Without
    that both rows would stay.
    """
    import pyarrow as pa

    key = {"lance-schema:unenforced-primary-key": "true"}
    return pa.schema(
        [
            pa.field("chunk_id", pa.string(), nullable=False, metadata=key),
            pa.field("document_id", pa.string(), nullable=False),
            pa.field("revision", pa.int32(), nullable=False),
            pa.field(VECTOR, pa.list_(pa.float32(), dimensions), nullable=False),
        ]
    )


def rows(records: Sequence[VectorRecord]) -> "pyarrow.Table":
    """Return the records as rows; the ids are unequal."""
    import pyarrow as pa

    floats = array("f")
    for record in records:
        floats.extend(record.vector)
    dimensions = len(records[0].vector)
    numbers = pa.Array.from_buffers(pa.float32(), len(floats), [None, pa.py_buffer(floats)])
    columns = [
        pa.array([record.chunk_id for record in records]),
        pa.array([record.document_id for record in records]),
        pa.array([_revision(record.chunk_id) for record in records], pa.int32()),
        pa.FixedSizeListArray.from_arrays(numbers, dimensions),
    ]
    return pa.Table.from_arrays(columns, schema=schema(dimensions))


def one_of(column: str, values: Iterable[str]) -> str:
    """Return what holds for rows with one of these values."""
    listed = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{column} IN ({listed})"


def after(chunk_id: str) -> str:
    """Return what holds for rows whose id follows this one."""
    return "chunk_id > '" + chunk_id.replace("'", "''") + "'"


def _revision(chunk_id: str) -> int:
    parts = split_chunk_id(chunk_id)
    return parts[1] if parts else 0
