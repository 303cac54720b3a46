"""Port: a language model that answers as a stream."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.chunks import Passage
from domain.errors import DependencyUnavailable


class Role(StrEnum):
    """Who speaks in a turn."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Tool:
    """What a model may call: `parameters` is a JSON Schema (2020-12) of an object."""

    name: str
    description: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """What a model wants called. `id` is the provider's, or made up where it gives none."""

    id: str
    name: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call; `content` is text or JSON as text."""

    call_id: str
    name: str
    content: str
    is_error: bool = False


@dataclass(frozen=True, slots=True)
class ProviderTurn:
    """A model's turn as its provider wants it back (thought signatures, ids): JSON that nobody else
    reads. A model ignores the turns of other providers."""

    provider: str
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the dialogue as the model sees it.

    An assistant's turn may hold `calls`, and its `own` form; a tool's turn holds the `results` of all
    calls of the turn before.
    """

    role: Role
    text: str = ""
    calls: Sequence[ToolCall] = ()
    results: Sequence[ToolResult] = ()
    own: ProviderTurn | None = None


class Thinking(StrEnum):
    """How long a model should think before it answers; one without levels takes the nearest it has."""

    MINIMAL = "minimal"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ChatCapability(StrEnum):
    """What a provider's models can do beyond answering in text; the contract kit tests what is declared."""

    TOOLS = "tools"
    SCHEMA = "schema"
    THINKING = "thinking"
    STOP = "stop"
    PROVIDER_TURN = "provider_turn"


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a model is asked. `model` is its name as the provider knows it.

    `turns` is the whole prompt, passages included, in the order they are to be read. `question` and
    `passages` (numbered from 1 in the prompt) stand beside it for models that work on passages directly.
    With `schema` (JSON Schema) the answer is one JSON value that fits it. None: the provider's default.
    """

    model: str
    turns: Sequence[Turn]
    question: str
    passages: Sequence[Passage] = ()
    temperature: float | None = 0.7
    max_output_tokens: int | None = None
    tools: Sequence[Tool] = ()
    schema: Mapping[str, object] | None = None
    thinking: Thinking | None = None
    stop: Sequence[str] = ()

    @property
    def needs(self) -> frozenset[ChatCapability]:
        """What a model must be able to do to answer it."""
        asked = {
            ChatCapability.TOOLS: bool(self.tools),
            ChatCapability.SCHEMA: self.schema is not None,
            ChatCapability.THINKING: self.thinking is not None,
            ChatCapability.STOP: bool(self.stop),
        }
        return frozenset(capability for capability, needed in asked.items() if needed)


class FinishReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"
    SAFETY = "safety"
    TOOL_CALLS = "tool_calls"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the provider counts them; estimated where it does not say. Thoughts count as
    completion."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The last item of each stream. `calls` is not empty exactly where the reason is TOOL_CALLS; `own`
    goes back in the assistant's turn of the next request."""

    reason: FinishReason
    usage: Usage = field(default_factory=Usage)
    calls: Sequence[ToolCall] = ()
    own: ProviderTurn | None = None


class ModelUnavailable(DependencyUnavailable):
    """The language model does not answer at the moment."""

    code = "model_unavailable"


class ModelRefused(DependencyUnavailable):
    """The language model refused the request.

    `code`: `model_rejected` (bad request, key or unknown model), `model_blocked` (safety),
    `model_rate_limited`, `model_quota_exceeded` (waiting some seconds does not help),
    `model_empty` (ended without an answer), `model_malformed` (a call or answer nobody can read).
    """

    code = "model_rejected"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long to wait, in seconds: for the first token, the next one, the end; for the connection."""

    first_token: float = 90.0
    idle: float = 30.0
    total: float = 600.0
    connect: float = 10.0


class ChatModel(ABC):
    """A provider of language models."""

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        """What it can do; a request that asks for more is refused with `model_rejected`."""
        return frozenset()

    def refuse_beyond(self, request: ChatRequest) -> None:
        """Raise ModelRefused (`model_rejected`) where the request asks for more than it can do."""
        if beyond := sorted(request.needs - self.capabilities):
            raise ModelRefused(f"This model does not offer: {', '.join(beyond)}.")

    @abstractmethod
    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield deltas whose sum is the answer, then exactly one Finish.

        Closing the iterator ends the request to the provider. Raises ModelUnavailable or ModelRefused,
        before the first delta or between two.
        """

    async def aclose(self) -> None:
        """Release what the model holds (connections)."""
