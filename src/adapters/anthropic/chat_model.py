"""ChatModel on Anthropic's Messages API, or a server that speaks it."""

from collections.abc import Set

from adapters._providers.answer import AnswerReader
from adapters._providers.chat_model import MAX_STREAM_BYTES, HttpChatModel
from adapters._providers.connections import Connections
from adapters._providers.errors import ProviderError
from adapters._providers.http import HttpClient
from adapters.anthropic._answer import MessageReader
from adapters.anthropic._payload import OWN, payload_of, refused_field
from application.ports.chat_model import ChatCapability, ChatRequest, Deadlines

ANTHROPIC_URL = "https://api.anthropic.com"
# The next version takes no temperature from any model; this one leaves it to those that do.
_VERSION = "2023-06-01"


class AnthropicChatModel(HttpChatModel):
    """Streams answers of `POST {base_url}/v1/messages`. Source: Anthropic's API reference, messages."""

    def __init__(
        self,
        api_key: str | None,
        base_url: str = ANTHROPIC_URL,
        *,
        max_tokens: int = 8_192,
        deadlines: Deadlines | None = None,
        connections: Connections | None = None,
        max_stream_bytes: int = MAX_STREAM_BYTES,
    ) -> None:
        """Talk to `base_url`. `anthropic/` is cut off model names; an answer has up to `max_tokens`
        tokens where the request does not say: the API wants a number.

        `connections` are shared with others and not closed with this; absent, it has its own. Raises
        ValueError where the URL is none, holds credentials, or the key is no header value.
        """
        deadlines = deadlines or Deadlines()
        owned = connections is None
        connections = connections or Connections(connect_timeout=deadlines.connect)
        client = HttpClient(
            base_url.rstrip("/").removesuffix("/v1"),
            api_key,
            connections,
            key_header=("x-api-key", ""),
            headers={"anthropic-version": _VERSION},
        )
        super().__init__(
            client,
            "/v1/messages",
            deadlines=deadlines,
            owns_connections=owned,
            for_once=frozenset({OWN}),
        )
        self._max_tokens = max_tokens
        self._max_stream_bytes = max_stream_bytes

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        """All there are; what a single model cannot do, the service refuses."""
        return frozenset(ChatCapability)

    def _payload(self, request: ChatRequest, left_out: Set[str]) -> dict[str, object]:
        return payload_of(request, request.model, self._max_tokens, left_out)

    def _reader(self, request: ChatRequest, left_out: Set[str]) -> AnswerReader:  # noqa: ARG002
        return MessageReader(self._client.redact, self._max_stream_bytes, request.model)

    def _refused_field(self, failure: ProviderError, payload: dict[str, object]) -> str | None:
        return refused_field(failure, payload)
