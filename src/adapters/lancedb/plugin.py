"""LanceDB, as settings name it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from application.ports.plugins import Context, NotConfigured, Plugin, option

if TYPE_CHECKING:
    from adapters.lancedb.vector_index import LanceVectorIndex

_FOLDER = "lancedb"
_SCHEMES = ("s3://", "gs://", "az://")


@dataclass(frozen=True, slots=True)
class Options:
    """Where the tables are."""

    lancedb_uri: str | None = option(
        "Folder of the tables in an object store (s3://, gs:// or az://), with the credentials that "
        "its own variables give; without it the tables are in the data directory.",
        default=None,
    )


def _vector_index(options: Options, context: Context) -> "LanceVectorIndex":
    from adapters.lancedb.vector_index import LanceVectorIndex

    if not options.lancedb_uri:
        return LanceVectorIndex(context.data_dir / _FOLDER)
    if not options.lancedb_uri.startswith(_SCHEMES):
        raise NotConfigured("CHATSPHERE_LANCEDB_URI must begin with s3://, gs:// or az://.")
    return LanceVectorIndex(options.lancedb_uri)


vector_index = Plugin(
    "LanceDB: tables in files or an object store, one for each namespace; nothing to run.",
    _vector_index,
    Options,
    modules=("lancedb",),
    extra="lancedb",
)
