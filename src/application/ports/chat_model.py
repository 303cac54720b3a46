"""Port: a language model that answers as a stream."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from domain.chunks import Passage
from domain.errors import DependencyUnavailable


class Role(StrEnum):
    """Who speaks in a turn."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of the dialogue as the model sees it."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a model is asked.

    `turns` is the whole prompt, passages included, in the order they are to be read. `question` and
    `passages` (numbered from 1 in the prompt) stand beside it for models that work on passages directly.
    """

    model: str
    turns: Sequence[Turn]
    question: str
    passages: Sequence[Passage] = ()
    temperature: float = 0.7
    max_output_tokens: int | None = None


class FinishReason(StrEnum):
    """Why the model stopped."""

    STOP = "stop"
    LENGTH = "length"
    SAFETY = "safety"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the provider counts them; estimated where it does not say."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The last item of each stream."""

    reason: FinishReason
    usage: Usage = field(default_factory=Usage)


class ModelUnavailable(DependencyUnavailable):
    """The language model does not answer at the moment."""

    code = "model_unavailable"


class ModelRefused(DependencyUnavailable):
    """The language model refused the request.

    `code`: `model_rejected` (bad request, key or unknown model), `model_blocked` (safety),
    `model_rate_limited`, `model_empty` (ended without an answer).
    """

    code = "model_rejected"


class ChatModel(ABC):
    """A provider of language models."""

    @abstractmethod
    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield deltas whose sum is the answer, then exactly one Finish.

        Closing the iterator ends the request to the provider. Raises ModelUnavailable or ModelRefused,
        before the first delta or between two.
        """

    async def aclose(self) -> None:
        """Release what the model holds (connections)."""
