"""How psycopg sends pgvector's halfvec: in its binary form, 2 bytes a dimension."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg import AsyncConnection
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

from application.ports.embedder import Vector


@dataclass(frozen=True, slots=True)
class BinaryParameter:
    """A value in PostgreSQL's binary form; its type is that of the CAST around the parameter."""

    wire: bytes = field(repr=False)  # errors show parameters; vectors belong in no log


class _BinaryDumper(Dumper):
    format = Format.BINARY  # and the oid stays 0: the server takes the type from the statement

    def dump(self, obj: BinaryParameter) -> Buffer:
        return obj.wire


def register(driver: AsyncConnection) -> None:
    """Let this connection send BinaryParameter; cheap to repeat."""
    driver.adapters.register_dumper(BinaryParameter, _BinaryDumper)


def halfvec(vector: Vector) -> BinaryParameter:
    """Return `vector` as a halfvec. Raises ValueError: a number beyond 16-bit floats."""
    return BinaryParameter(_wire(vector))


def halfvec_array(vectors: Sequence[Vector], element_oid: int) -> BinaryParameter:
    """Return the vectors as a halfvec[]; `element_oid` is that of halfvec in this database.

    Source: array_recv in PostgreSQL's arrayfuncs.c, halfvec_recv in pgvector's halfvec.c.
    """
    parts = [struct.pack(">iiIii", 1, 0, element_oid, len(vectors), 1)]
    for vector in vectors:
        wire = _wire(vector)
        parts += (struct.pack(">i", len(wire)), wire)
    return BinaryParameter(b"".join(parts))


def _wire(vector: Vector) -> bytes:
    try:
        return struct.pack(f">hh{len(vector)}e", len(vector), 0, *vector)
    except (OverflowError, struct.error) as error:
        raise ValueError(f"not a vector of 16-bit floats: {error}") from error
