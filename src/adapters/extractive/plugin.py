"""Answers of quoted sentences, as they are chosen by settings."""

from application.ports.chat_model import ChatModel
from application.ports.embedder import Embedder
from application.ports.plugins import ChatModelPlugin, Context, NoOptions
from application.ports.text_analyzer import TextAnalyzer


def _chat_model(_: NoOptions, context: Context) -> ChatModel:
    from adapters.extractive.chat_model import ExtractiveChatModel

    embedder = context.resource(Embedder)
    known = embedder.languages
    return ExtractiveChatModel(
        embedder, context.resource(TextAnalyzer), embedder_languages=known and known | {""}
    )


chat_model = ChatModelPlugin(
    summary="Quotes the sentences that answer best, on this machine; no key, no network.",
    build=_chat_model,
    is_local=True,
)
