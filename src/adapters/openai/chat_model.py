"""ChatModel on any server that speaks OpenAI's chat completions."""

from collections.abc import Set

from adapters._providers.answer import AnswerReader
from adapters._providers.chat_model import MAX_STREAM_BYTES, HttpChatModel
from adapters._providers.connections import Connections
from adapters._providers.errors import ProviderError
from adapters._providers.http import HttpClient
from adapters.openai._answer import CompletionReader
from adapters.openai._payload import STOP, STRICT, payload_of, refused_field
from application.ports.chat_model import ChatCapability, ChatRequest, Deadlines


class OpenAIChatModel(HttpChatModel):
    """Streams answers of `POST {base_url}/chat/completions`.

    Source: the OpenAI API reference, chat completions, as Ollama, vLLM, llama.cpp and LiteLLM
    follow it.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        deadlines: Deadlines | None = None,
        connections: Connections | None = None,
        max_stream_bytes: int = MAX_STREAM_BYTES,
    ) -> None:
        """Talk to `base_url` (which ends in /v1 as a rule); models are named as it knows them.

        `connections` are shared with others and not closed with this; absent, it has its own. Raises
        ValueError where the URL is none, holds credentials, or the key is no header value.
        """
        deadlines = deadlines or Deadlines()
        owned = connections is None
        connections = connections or Connections(connect_timeout=deadlines.connect)
        super().__init__(
            HttpClient(base_url, api_key, connections),
            "/chat/completions",
            deadlines=deadlines,
            owns_connections=owned,
            for_once=frozenset({STRICT}),  # it may be this schema alone
        )
        self._max_stream_bytes = max_stream_bytes

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        """All but turns of its own: a server that cannot do one of them refuses."""
        return frozenset(ChatCapability) - {ChatCapability.PROVIDER_TURN}

    def _payload(self, request: ChatRequest, left_out: Set[str]) -> dict[str, object]:
        return payload_of(request, request.model, left_out)

    def _reader(self, request: ChatRequest, left_out: Set[str]) -> AnswerReader:
        stop = request.stop if STOP in left_out else ()
        return CompletionReader(self._client.redact, self._max_stream_bytes, stop)

    def _refused_field(self, failure: ProviderError, payload: dict[str, object]) -> str | None:
        return refused_field(failure, payload)
