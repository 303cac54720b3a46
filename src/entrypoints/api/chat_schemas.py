"""The shapes of search and chat, as OpenAPI describes them."""

from typing import Annotated, Literal

from pydantic import Field

from domain.feedback import COMMENT_MAX, REASON_MAX
from entrypoints.api.schemas import Failure, Input, Output, Text, Who


class FilterInput(Input):
    """Search within these documents, and those that carry this metadata."""

    document_ids: Annotated[list[Text] | None, Field(max_length=1000)] = None
    metadata: dict[Text, Text] = Field(default_factory=dict)


class Search(Input):
    """A search in the documents of a bot."""

    query: Annotated[Text, Field(max_length=10_000, examples=["When do you open?"])]
    k: Annotated[int | None, Field(ge=1, le=100)] = None
    mode: Literal["hybrid", "vector", "keyword"] | None = None
    filter: FilterInput | None = None


class Scores(Output):
    """The parts of a score: cosine, BM25, reranker."""

    vector: float | None
    keyword: float | None
    rerank: float | None


class Hit(Output):
    """A passage found."""

    chunk_id: str
    document_id: str
    title: str
    revision: int
    text: str
    start: int
    end: int
    page: int | None
    heading_path: list[str]
    score: float
    scores: Scores


class SearchResult(Output):
    """Passages, best first; `timings` in milliseconds."""

    data: list[Hit]
    degraded: bool
    timings: dict[str, float]


class ConversationCreate(Input):
    """A new conversation."""

    title: Annotated[Text, Field(max_length=1000)] = ""


class ConversationPatch(Input):
    """Another title."""

    title: Annotated[Text, Field(max_length=1000)]


class FeedbackCounts(Output):
    """How many say yes, and how many no, to answers of the conversation."""

    up: int
    down: int


class Match(Output):
    """The message that holds most of the words that were looked for, and a piece of its text."""

    message_id: str
    text: str


class Conversation(Output):
    """A conversation, without its messages."""

    id: str
    bot_id: str
    title: str
    created_at: str
    updated_at: str
    started_by: Annotated[Who | None, Field(description="Null: begun before this was kept.")]
    message_count: int
    last_message_at: str | None
    feedback: FeedbackCounts
    match: Annotated[
        Match | None, Field(description="Lists with `q` only; null: the words stand in the title.")
    ]


class Citation(Output):
    """Where a sentence of the answer stands: `quote` is `start` to `end` of that revision's text."""

    index: Annotated[int, Field(description="The number in square brackets in the answer.")]
    document_id: str
    title: str
    revision: int
    chunk_id: str
    start: int
    end: int
    page: int | None
    quote: str
    verified: Annotated[bool, Field(description="Whether the quote supports the sentence.")]


class Usage(Output):
    """Tokens the answer cost."""

    prompt_tokens: int
    completion_tokens: int


class Fallback(Output):
    """A model that was asked before the one that answered, and why it did not."""

    model: str
    code: str


class FeedbackPut(Input):
    """What one thinks of an answer; whatever one said of it before is replaced."""

    rating: Literal["up", "down"]
    reason: Annotated[
        Text | None,
        Field(max_length=REASON_MAX, description="A word to sort by.", examples=["wrong_source"]),
    ] = None
    comment: Annotated[
        Text | None, Field(max_length=COMMENT_MAX, examples=["We open at eight on Sundays."])
    ] = None


class Feedback(Output):
    """What one thinks of an answer."""

    rating: Literal["up", "down"]
    reason: str | None
    comment: str | None
    created_at: str
    updated_at: str


class Message(Output):
    """A message of a conversation."""

    id: str
    conversation_id: str
    parent_id: str | None
    role: Literal["user", "assistant"]
    content: str
    status: Literal["pending", "streaming", "completed", "stopped", "failed"]
    citations: list[Citation]
    usage: Usage
    timings: dict[str, float]
    model: Annotated[str | None, Field(description="The one that answered, or failed last.")]
    fallbacks: list[Fallback]
    degraded: bool
    error: Failure | None
    feedback: Annotated[
        Feedback | None,
        Field(description="One's own, of whoever asks; null in streams, which all see alike."),
    ]
    created_at: str


class Chat(Input):
    """A question to a bot, in a new conversation or an old one."""

    message: Annotated[Text, Field(max_length=100_000, examples=["When do you open?"])]
    conversation_id: Text | None = None
    version: Annotated[
        Literal["draft"] | None, Field(description="`draft`: by the unpublished configuration.")
    ] = None


class ChatResult(Output):
    """The finished answer."""

    conversation_id: str
    message: Message


class MessageCreate(Input):
    """A message in a conversation; `parent_id` is the answer it follows (absent: the last one)."""

    content: Annotated[Text, Field(max_length=100_000, examples=["And on Saturdays?"])]
    parent_id: Text | None = None
    version: Literal["draft"] | None = None
