"""The shapes of the public contract, as OpenAPI describes them."""

import re
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from domain.bots import NOTE_MAX

T = TypeVar("T")


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _storable(text: str) -> str:
    if _UNSTORABLE.search(text):
        raise ValueError("This must not contain a NUL character or half a surrogate pair.")
    return text


def _encodable(secret: SecretStr) -> SecretStr:
    _storable(secret.get_secret_value().replace("\x00", ""))
    return secret


# Text as it can be stored and sent.
Text = Annotated[
    str, AfterValidator(_storable), Field(json_schema_extra={"pattern": r"^[^\x00]*$"})
]
Secret = Annotated[SecretStr, AfterValidator(_encodable)]


class Input(BaseModel):
    """What a client sends: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Output(BaseModel):
    """What a client gets: every field is always there."""

    model_config = ConfigDict(extra="forbid")


class ProblemItem(Output):
    """One thing that is wrong with the input."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """RFC 9457; `code` is stable, the sentences may change."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str
    errors: list[ProblemItem] | None = None
    limit: Annotated[
        str | None, Field(description="The plan's limit that was exceeded.", examples=["bots"])
    ] = None
    challenge: Annotated[
        str | None, Field(description="With `second_factor_required`: to be sent with a code.")
    ] = None


class User(Output):
    """A person."""

    id: str
    email: str
    full_name: str
    created_at: str


class Workspace(Output):
    """A tenant, with one's own role in it."""

    id: str
    name: str
    plan: str
    role: Literal["owner", "admin", "editor", "viewer"]
    created_at: str


class BotCreate(Input):
    """A new bot; every setting of `configuration` is optional."""

    name: Annotated[Text, Field(max_length=1000, examples=["Handbook bot"])]
    description: Annotated[Text, Field(max_length=10_000)] = ""
    configuration: Annotated[
        dict[Text, Any], Field(examples=[{"retriever_k": 5, "temperature": 0.2}])
    ] = {}


class BotPatch(Input):
    """JSON Merge Patch; null takes a setting of `configuration` back to its default."""

    name: Annotated[Text | None, Field(max_length=1000)] = None
    description: Annotated[Text | None, Field(max_length=10_000)] = None
    configuration: dict[Text, Any] | None = None


class Bot(Output):
    """A bot with its whole configuration."""

    id: Annotated[str, Field(examples=["bot_01kaqz4m8fe7ssw1t2gq7k9xza"])]
    name: str
    description: str
    configuration: dict[str, Any]
    published_version: int | None
    public_id: str
    created_at: str
    updated_at: str


class Who(Output):
    """Who did something; `name` is null for who is no member any more."""

    kind: Literal["user", "key", "visitor"]
    id: str
    name: str | None


class BotVersionCreate(Input):
    """What the version is for."""

    note: Annotated[
        Text, Field(max_length=NOTE_MAX, examples=["Answers in the customer's language"])
    ] = ""


class BotVersion(Output):
    """An immutable copy of a configuration."""

    bot_id: str
    number: int
    configuration: dict[str, Any]
    note: str
    created_at: str
    created_by: Annotated[Who | None, Field(description="Null: made before this was kept.")]
    published_at: Annotated[
        str | None,
        Field(description="When it was last published; null: never, or before this was kept."),
    ]


class TextDocument(Input):
    """A text as a document."""

    title: Annotated[Text, Field(max_length=1000, examples=["Opening hours"])] = ""
    text: Annotated[Text, Field(min_length=1, examples=["We are open from 9 to 17 on weekdays."])]
    metadata: dict[Text, Text] = {}


class DocumentPatch(Input):
    """JSON Merge Patch; null removes a key of `metadata`."""

    title: Annotated[Text | None, Field(max_length=1000)] = None
    metadata: dict[Text, Text | None] | None = None


class Progress(Output):
    """Where ingestion is: `done` of `total` chunks while embedding."""

    stage: Literal["queued", "fetching", "parsing", "chunking", "embedding", "indexing", "done"]
    done: int
    total: int


class Failure(Output):
    """Why a document or an answer failed."""

    code: Annotated[str, Field(examples=["no_text_layer"])]
    detail: str


class Document(Output):
    """A document of a bot."""

    id: str
    bot_id: str
    title: str
    filename: str
    media_type: str
    bytes: int
    sha256: str
    status: Literal["pending", "processing", "ready", "failed"]
    progress: Progress
    error: Failure | None
    chunk_count: int
    revision: int
    source_url: str | None
    metadata: dict[str, str]
    created_at: str
    updated_at: str


class Chunk(Output):
    """A passage; offsets count Unicode code points of the document's text."""

    id: str
    document_id: str
    index: int
    text: str
    start: int
    end: int
    page: int | None
    heading_path: list[str]
    enabled: bool


class Alive(Output):
    """The process serves."""

    status: Literal["ok"]


class Readiness(Output):
    """Whether requests can be served, and what stands in the way."""

    status: Literal["ready", "not_ready"]
    checks: dict[str, Literal["ok", "failed", "draining", "degraded"]]


class ListOf(Output, Generic[T]):
    """A page of a list."""

    data: list[T]
    next_cursor: Annotated[str | None, Field(description="Send it as `cursor` for the next page.")]
    has_more: bool
