"""Chroma, as settings name it."""

from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from application.ports.plugins import Context, NotConfigured, Plugin, option

if TYPE_CHECKING:
    from adapters.chroma.vector_index import ChromaVectorIndex

_FOLDER = "chroma"


@dataclass(frozen=True, slots=True)
class Options:
    """Which server and database; without a server, files in the data directory."""

    chroma_url: str | None = option(
        "Address of the Chroma server; without it vectors are files in the data directory, and one "
        "process at a time can open them.",
        default=None,
    )
    chroma_api_key: str | None = option(
        "Token of the Chroma server, where it wants one.", default=None, secret=True
    )
    chroma_tenant: str = option("Chroma's tenant.", default="default_tenant")
    chroma_database: str = option("Chroma's database.", default="default_database")


def _vector_index(options: Options, context: Context) -> "ChromaVectorIndex":
    from adapters.chroma.vector_index import ChromaVectorIndex

    if not options.chroma_url:
        if find_spec("chromadb") is None:
            raise NotConfigured(
                "Set CHATSPHERE_CHROMA_URL; or, to keep vectors in files, pip install "
                "'chatsphere[chroma]'."
            )
        from adapters.chroma._files import Files

        return ChromaVectorIndex(Files(context.data_dir / _FOLDER))
    from adapters.chroma._server import Server

    address = urlsplit(options.chroma_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise NotConfigured("CHATSPHERE_CHROMA_URL must be an http or https address.")
    server = Server(
        options.chroma_url,
        options.chroma_api_key,
        tenant=options.chroma_tenant,
        database=options.chroma_database,
    )
    return ChromaVectorIndex(server)


vector_index = Plugin(
    "Chroma: a vector store on a server or in files, a collection for each namespace.",
    _vector_index,
    Options,
    extra="chroma",  # a server is asked without it
)
