"""Vectors in the installation's own PostgreSQL, as they are chosen by settings."""

from adapters._resources import Postgres
from application.ports.plugins import Context, NoOptions, Plugin
from application.ports.vector_index import VectorIndex


def _vector_index(_: NoOptions, context: Context) -> VectorIndex:
    from adapters.pgvector.vector_index import PgVectorIndex

    return PgVectorIndex(context.resource(Postgres).vector_pool)


vector_index = Plugin(
    summary="Vectors in the installation's own PostgreSQL (pgvector).", build=_vector_index
)
