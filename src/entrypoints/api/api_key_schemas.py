"""The shapes of API keys and socket tickets."""

import re
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field

from application.use_cases.socket_tickets import TICKET_LIFETIME
from domain.access import SCOPES
from domain.api_keys import GRACE_MAX, NAME_MAX
from entrypoints.api.schemas import Input, Output, Text

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:", re.ASCII)


def _is_written_out(value: Any) -> Any:
    if not isinstance(value, str) or _RFC_3339.match(value) is None:  # seconds since 1970, say
        raise ValueError("Write a time such as 2030-01-31T12:00:00Z.")
    return value


Name = Annotated[Text, Field(min_length=1, max_length=NAME_MAX, examples=["Nightly import"])]
Moment = Annotated[AwareDatetime, BeforeValidator(_is_written_out), Field(strict=False)]
Scope = Annotated[str, Field(json_schema_extra={"enum": list(SCOPES)})]


class ApiKeyInput(Input):
    """A new key."""

    name: Name
    scopes: Annotated[
        list[Scope],
        Field(min_length=1, max_length=50, examples=[["documents:read", "chat"]]),
    ]
    expires_at: Annotated[
        Moment | None,
        Field(
            description="In the future, and in two years at most; absent: the key does not expire.",
            examples=["2030-01-31T12:00:00Z"],
        ),
    ] = None


class ApiKeyPatch(Input):
    """What may be changed of a key."""

    name: Name


class Rotation(Input):
    """How long the secret before stays good."""

    grace_seconds: Annotated[
        int, Field(ge=0, le=int(GRACE_MAX.total_seconds()), description="Absent: not at all.")
    ] = 0


class ApiKey(Output):
    """A key, without its secret."""

    id: str
    name: str
    hint: Annotated[str, Field(description="How the secret begins.", examples=["csk_x9Ab"])]
    scopes: list[Scope]
    created_by: Annotated[str, Field(description="Id of the member as whom the key acts.")]
    created_at: str
    expires_at: str | None
    last_used_at: Annotated[str | None, Field(description="To the minute.")]


class NewApiKey(ApiKey):
    """A key, and for this once its secret."""

    secret: Annotated[
        str | None,
        Field(
            description="Shown here and never again; null where an Idempotency-Key was repeated."
        ),
    ]


class SocketTicket(Output):
    """What opens one socket: `/api/v1/ws?ticket=…`."""

    ticket: str
    expires_in: Annotated[
        int, Field(description="Seconds.", examples=[int(TICKET_LIFETIME.total_seconds())])
    ]
