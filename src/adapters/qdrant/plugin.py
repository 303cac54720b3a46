"""Qdrant, as settings name it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from application.ports.embedder import Embedder
from application.ports.plugins import Context, NotConfigured, Plugin, option

if TYPE_CHECKING:
    from adapters.qdrant.vector_index import QdrantVectorIndex


@dataclass(frozen=True, slots=True)
class Options:
    """Which server and collection."""

    qdrant_url: str = option("Address of the Qdrant server.", default="http://127.0.0.1:6333")
    qdrant_api_key: str | None = option(
        "Key of the Qdrant server, where it wants one.", default=None, secret=True
    )
    qdrant_collection: str = option(
        "Collection that holds the vectors; made where it is missing.", default="chatsphere"
    )


def _vector_index(options: Options, context: Context) -> "QdrantVectorIndex":
    from adapters.qdrant.vector_index import QdrantVectorIndex

    address = urlsplit(options.qdrant_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise NotConfigured("CHATSPHERE_QDRANT_URL must be an http or https address.")
    return QdrantVectorIndex(
        options.qdrant_url,
        context.resource(Embedder).dimensions,
        collection=options.qdrant_collection,
        api_key=options.qdrant_api_key,
    )


vector_index = Plugin(
    "Qdrant: a vector store on a server, one collection with a graph for each namespace.",
    _vector_index,
    Options,
    modules=("qdrant_client",),
    extra="qdrant",
)
