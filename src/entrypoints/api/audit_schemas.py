"""What the audit log and the exports look like."""

from typing import Annotated, Literal

from pydantic import Field

from domain.audit import Action
from entrypoints.api.schemas import Output


class AuditActor(Output):
    """Who did it."""

    kind: Literal["user", "api_key", "local", "system"]
    id: str


class AuditSubject(Output):
    """What it was done to."""

    type: str
    id: str


class AuditEvent(Output):
    """Something that was done, in its place in the workspace's chain."""

    id: str
    seq: int
    at: str
    actor: AuditActor
    action: Action
    subject: AuditSubject
    address: str
    request_id: str
    data: dict[str, str | int | bool | None]
    body: Annotated[str, Field(description="What the hash was made over, after the one before.")]
    previous_hash: str
    hash: str


class StoreErasure(Output):
    """What became of the things in one store."""

    store: Annotated[str, Field(examples=["vector_index", "blob_store"])]
    kind: Annotated[str, Field(description="Its technology.", examples=["pgvector"])]
    erased: Annotated[int, Field(description="How much there was.")]
    left: Annotated[int, Field(description="How much was there when the store was asked again.")]
    at: str


class Erasure(Output):
    """What was erased, and when; it names no person and no text."""

    id: str
    subject_type: Literal["workspace", "user", "bot", "document"]
    subject_id: Annotated[
        str | None, Field(description="Of a bot or document; null for the others.")
    ]
    requested_at: str
    finished_at: Annotated[str | None, Field(description="Null until all of it is gone.")]
    verified_at: Annotated[
        str | None, Field(description="When every store was asked again, and held nothing.")
    ]
    counts: Annotated[dict[str, int], Field(description="How much there was of each kind.")]
    stores: list[StoreErasure]


class Sweep(Output):
    """A comparison of vectors, files and caches with the database, and what was mended."""

    id: str
    started_at: str
    finished_at: str
    clean: Annotated[bool, Field(description="Whether everything was as it should be.")]
    counts: Annotated[
        dict[str, int], Field(description="How much was looked at, deleted, restored and so on.")
    ]


class AuditVerification(Output):
    """Whether the chain holds from its beginning to its end."""

    intact: bool
    entries: int
    first_break: Annotated[int | None, Field(description="Place of the first broken link.")]
    head: Annotated[str, Field(description="Hash of the last link: keep it elsewhere.")]
