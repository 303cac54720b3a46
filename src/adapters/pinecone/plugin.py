"""Pinecone, as settings name it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from application.ports.embedder import Embedder
from application.ports.plugins import Context, NotConfigured, Plugin, option

if TYPE_CHECKING:
    from adapters.pinecone.vector_index import PineconeVectorIndex


@dataclass(frozen=True, slots=True)
class Options:
    """Where the index is, and where it is created."""

    pinecone_api_key: str = option("Key of Pinecone.", secret=True)
    pinecone_index: str = option("Name of the index.", default="chatsphere")
    pinecone_host: str = option("Pinecone's control plane.", default="https://api.pinecone.io")
    pinecone_cloud: str = option(
        "Cloud in which a missing index is created; empty: none is.", default="aws"
    )
    pinecone_region: str = option("Region of that cloud.", default="us-east-1")


def _vector_index(options: Options, context: Context) -> "PineconeVectorIndex":
    from adapters.pinecone.connection import Creation
    from adapters.pinecone.vector_index import PineconeVectorIndex

    if not options.pinecone_api_key or not options.pinecone_index:
        raise NotConfigured("Not set: CHATSPHERE_PINECONE_API_KEY or CHATSPHERE_PINECONE_INDEX.")
    place = options.pinecone_cloud, options.pinecone_region
    return PineconeVectorIndex(
        options.pinecone_api_key,
        options.pinecone_index,
        context.resource(Embedder).dimensions,
        host=options.pinecone_host,
        create=Creation(*place) if all(place) else None,
    )


vector_index = Plugin(
    "Pinecone: a hosted vector store, a namespace for each generation of each bot.",
    _vector_index,
    Options,
    modules=("pinecone",),
    extra="pinecone",
    retries=True,
)
