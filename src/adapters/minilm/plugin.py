"""The local embedding model, as it is chosen by settings."""

from adapters._resources import LocalModels
from application.ports.embedder import Embedder
from application.ports.plugins import Context, NoOptions, Plugin


def _embedder(_: NoOptions, context: Context) -> Embedder:
    from adapters.minilm.embedder import MiniLmEmbedder

    return MiniLmEmbedder(context.resource(LocalModels).folder)


embedder = Plugin(
    summary="all-MiniLM-L6-v2 on this machine: 384 dimensions, English; no key, no network.",
    build=_embedder,
)
