"""What a bot has, and how an answer came about."""

from typing import Annotated, Literal

from pydantic import Field

from entrypoints.api.chat_schemas import Fallback, FeedbackCounts, Scores, Usage
from entrypoints.api.schemas import Output


class DocumentCounts(Output):
    """How many documents there are of each status."""

    pending: int
    processing: int
    ready: int
    failed: int


class BotSummary(Output):
    """What a bot has, and how it is used."""

    bot_id: str
    documents: DocumentCounts
    chunks: int
    bytes: Annotated[int, Field(description="Of the documents' newest originals.")]
    conversations: int
    messages_today: Annotated[
        int, Field(description="Answers that ended today (UTC), well or not.")
    ]
    failed_today: Annotated[int, Field(description="Those of them that failed.")]
    feedback: FeedbackCounts


class TraceStep(Output):
    """A part of the work; parts may lie within others, and beside each other."""

    name: Literal["retrieve", "embed", "vector", "keyword", "read", "rerank", "prompt", "model"]
    started_ms: Annotated[float, Field(description="After the work on the answer began.")]
    duration_ms: float


class TraceSource(Output):
    """A passage that the answer could draw on, as it stands now; offsets count code points."""

    chunk_id: str
    document_id: str
    revision: int
    start: int
    end: int
    page: int | None
    score: float
    scores: Scores
    deleted: Annotated[bool, Field(description="The document is gone, and its text with it.")]
    title: Annotated[str | None, Field(description="null: deleted.")]
    text: Annotated[str | None, Field(description="null: deleted.")]


class TraceConfiguration(Output):
    """The settings of the bot by which the answer was made."""

    agent_type: str
    llm_model: Annotated[str | None, Field(description="null: the installation's default.")]
    fallback_models: list[str]
    temperature: float
    retriever_k: int
    retrieval_mode: str
    rerank: bool | None
    chat_history_length: int
    unverified_citations: str


class Cost(Output):
    """What an answer cost in money."""

    amount: float
    currency: Annotated[str, Field(examples=["EUR"])]


class Trace(Output):
    """How an answer came about."""

    message_id: str
    bot_version: Annotated[
        int | Literal["draft"],
        Field(description="The published version; `draft`: the bot's own configuration."),
    ]
    configuration: TraceConfiguration
    query: Annotated[
        str | None, Field(description="What was searched for; null: nothing was searched.")
    ]
    steps: Annotated[list[TraceStep], Field(description="In the order in which they began.")]
    sources: Annotated[list[TraceSource], Field(description="Best first.")]
    degraded: Annotated[bool, Field(description="A part of retrieval was out.")]
    model: Annotated[str | None, Field(description="The one that answered, or failed last.")]
    fallbacks: list[Fallback]
    usage: Usage
    cost: Annotated[Cost | None, Field(description="null: the model's price is not known.")]
