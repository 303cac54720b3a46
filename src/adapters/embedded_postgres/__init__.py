"""PostgreSQL with pgvector in the data directory, run by the application itself."""

from adapters.embedded_postgres.errors import EmbeddedPostgresError
from adapters.embedded_postgres.supervisor import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError"]
