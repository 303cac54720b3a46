"""What adapters of this package ask a plugin's Context for, beside the ports' classes."""

from dataclasses import dataclass
from pathlib import Path

from adapters._psycopg import Pool


@dataclass(frozen=True, slots=True)
class Postgres:
    """The installation's database. `pool` works in one tenant at a time, `system_pool` for the
    installation as a whole; `vector_pool` is for vectors alone."""

    conninfo: str
    pool: Pool
    system_pool: Pool
    vector_pool: Pool


@dataclass(frozen=True, slots=True)
class LocalModels:
    """Where converted local models are kept."""

    folder: Path
