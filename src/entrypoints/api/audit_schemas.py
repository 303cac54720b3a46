"""What the audit log and the exports look like."""

from typing import Annotated, Literal

from pydantic import Field

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
    action: Annotated[str, Field(examples=["bot.created"])]
    subject: AuditSubject
    address: str
    request_id: str
    data: dict[str, str | int | bool | None]
    body: Annotated[str, Field(description="What the hash was made over, after the one before.")]
    previous_hash: str
    hash: str


class Erasure(Output):
    """What was erased, and when; it names no person and no text."""

    id: str
    subject_type: Literal["workspace", "user"]
    requested_at: str
    finished_at: Annotated[str | None, Field(description="Null until all of it is gone.")]
    counts: Annotated[dict[str, int], Field(description="How much there was of each kind.")]


class AuditVerification(Output):
    """Whether the chain holds from its beginning to its end."""

    intact: bool
    entries: int
    first_break: Annotated[int | None, Field(description="Place of the first broken link.")]
    head: Annotated[str, Field(description="Hash of the last link: keep it elsewhere.")]
