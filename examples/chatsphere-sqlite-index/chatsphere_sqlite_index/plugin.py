"""What ChatSphere reads when it looks for adapters: NumPy is imported only where this one is chosen."""

from dataclasses import dataclass
from pathlib import Path

from application.ports.embedder import Embedder
from application.ports.plugins import Context, Plugin, option
from application.ports.vector_index import VectorIndex


@dataclass(frozen=True, slots=True)
class Options:
    """Each field is a setting, here CHATSPHERE_SQLITE_FILE."""

    sqlite_file: str | None = option(
        "Where the vectors are kept; absent: vectors.sqlite in the data directory.", default=None
    )


def _build(options: Options, context: Context) -> VectorIndex:
    from chatsphere_sqlite_index.vector_index import SqliteVectorIndex

    file = Path(options.sqlite_file or context.data_dir / "vectors.sqlite")
    return SqliteVectorIndex(file, context.resource(Embedder).dimensions)


vector_index = Plugin(
    summary="Vectors in a file of SQLite, compared by NumPy: nothing to run.",
    build=_build,
    options=Options,
    modules=("numpy",),
)
