"""Conversations and their messages: a tree, for regenerating and editing make siblings."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.citations import Citation
from domain.errors import Conflict

CONTENT_MAX = 32_000
TITLE_MAX = 200
ATTEMPTS_MAX = 3  # processes that die over one answer before it is given up


class MessageRole(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


class MessageStatus(StrEnum):
    """The life of an answer; the last three are final."""

    PENDING = "pending"
    STREAMING = "streaming"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Tell whether nothing can change any more."""
        return self in (MessageStatus.COMPLETED, MessageStatus.STOPPED, MessageStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an answer failed: a stable code and a sentence."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class TokenUsage:
    """Tokens an answer cost."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Fallback:
    """A model that gave no answer, and the code of its error: the next one was asked."""

    model: str
    code: str


@dataclass(slots=True)
class Conversation:
    """A dialogue with a bot. `started_by` is the person or API key that began it, where it is known."""

    id: str
    tenant_id: str
    bot_id: str
    title: str
    created_at: datetime
    updated_at: datetime
    version: int = 1
    started_by: str | None = None


@dataclass(slots=True)
class Message:
    """One message; `timings` are milliseconds by step, `degraded` marks an answer made with a part out.

    `model` answered, or was the last one asked; `fallbacks` are those that were asked before it.
    `attempt` tells how many processes have taken on an answer: the last one holds it, and nobody else
    may write to it. With `draft` it goes by the bot's unpublished configuration.
    """

    id: str
    tenant_id: str
    conversation_id: str
    parent_id: str | None
    role: MessageRole
    content: str
    status: MessageStatus
    created_at: datetime
    citations: tuple[Citation, ...] = ()
    usage: TokenUsage = field(default_factory=TokenUsage)
    timings: dict[str, float] = field(default_factory=dict)
    model: str | None = None
    fallbacks: tuple[Fallback, ...] = ()
    degraded: bool = False
    error: Problem | None = None
    attempt: int = 0
    draft: bool = False

    def finish(self, status: MessageStatus, content: str, error: Problem | None = None) -> None:
        """Bring an answer to its one final state. Raises Conflict where it has one already."""
        if self.status.is_final:
            raise Conflict("This answer has ended already.")
        if not status.is_final:
            raise ValueError(f"{status} is not final")
        self.status, self.content, self.error = status, content, error


def title_of(question: str) -> str:
    """Return a conversation's first title: the question's first line, cut at a word."""
    line = " ".join(question.strip().split("\n", 1)[0].split())
    if len(line) <= 80:  # noqa: PLR2004  # about one line on a screen
        return line or "Conversation"
    return line[:80].rsplit(" ", 1)[0] + "…"
