"""What routes ask for: the container, page, ETag and Idempotency-Key of the request."""

import base64
import binascii
import hashlib
import re
from typing import Annotated, Any, TypeVar, cast

import orjson
from fastapi import Depends, Header, Path, Query, Request, Response

from application.queries.page import Page, PageRequest
from application.services.idempotency import IdempotencyKey
from domain.erasures import Erasure
from domain.errors import InvalidInput, PreconditionFailed
from entrypoints.container import Container


def _id(prefix: str, what: str) -> Any:
    """Return what an id in a path looks like; one of another shape names nothing (404)."""
    return Path(pattern=f"^{prefix}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", description=f"Id of {what}.")


ErasureId = Annotated[str, _id("era", "the receipt of an erasure")]
WorkspaceId = Annotated[str, _id("ws", "a workspace")]
UserId = Annotated[str, _id("usr", "a person")]
InvitationId = Annotated[str, _id("inv", "an invitation")]
BotId = Annotated[str, _id("bot", "a bot")]
DocumentId = Annotated[str, _id("doc", "a document")]
CrawlId = Annotated[str, _id("crawl", "a crawl")]
ConversationId = Annotated[str, _id("conv", "a conversation")]
MessageId = Annotated[str, _id("msg", "a message")]
T = TypeVar("T")
_CURSOR = re.compile(r"[a-z0-9_]{1,64}\Z")
_KEY = re.compile(r"[\x21-\x7e]{1,255}\Z")
_ETAG = re.compile(r'(?:W/)?"v(\d{1,9})"\Z')


async def container_of(request: Request) -> Container:
    """Return the composition root."""
    return cast(Container, request.app.state.container)


ContainerDep = Annotated[Container, Depends(container_of)]


async def _page(
    limit: Annotated[int, Query(ge=1, le=100, description="Items a page.")] = 20,
    cursor: Annotated[
        str | None, Query(max_length=200, description="`next_cursor` of the page before.")
    ] = None,
) -> PageRequest:
    if cursor is None:
        return PageRequest(limit)
    try:
        after = base64.urlsafe_b64decode(cursor.encode() + b"==").decode()
    except (binascii.Error, ValueError):
        after = ""
    if not _CURSOR.match(after):
        raise InvalidInput("This is no cursor of ours.", pointer="/query/cursor")
    return PageRequest(limit, after)


PageDep = Annotated[PageRequest, Depends(_page)]


def numbered(page: PageRequest) -> PageRequest:
    """Refuse a cursor that is not a number, for lists that are positioned by number."""
    if page.after is not None and not (page.after.isdigit() and len(page.after) <= 9):  # noqa: PLR2004
        raise InvalidInput("This is no cursor of this list.", pointer="/query/cursor")
    return page


def page_response(views: list[dict[str, object]], page: Page[T]) -> Response:
    """Return a list in the common shape."""
    cursor = None
    if page.next_after is not None:
        cursor = base64.urlsafe_b64encode(page.next_after.encode()).decode().rstrip("=")
    return json_response({"data": views, "next_cursor": cursor, "has_more": cursor is not None})


def json_response(
    value: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return JSON, written in one go."""
    return Response(orjson.dumps(value), status, headers, "application/json")


def etag(version: int) -> dict[str, str]:
    """Return the header that names a version."""
    return {"ETag": f'"v{version}"'}


async def _if_match(
    if_match: Annotated[
        str | None, Header(description="ETag of the version that you want to change.")
    ] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.match(if_match.strip())
    if found is None:
        raise PreconditionFailed("If-Match does not name a version of this.")
    return int(found[1])


IfMatchDep = Annotated[int | None, Depends(_if_match)]


async def _idempotency(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(description="Send the same key when you repeat a request: it is done once."),
    ] = None,
) -> IdempotencyKey | None:
    if idempotency_key is None:
        return None
    if not _KEY.match(idempotency_key):
        raise InvalidInput(
            "An Idempotency-Key has 1 to 255 printable ASCII characters.",
            pointer="/header/Idempotency-Key",
        )
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    if not request.headers.get("content-type", "").startswith("multipart/"):
        digest.update(await request.body())
    return IdempotencyKey(idempotency_key, digest.hexdigest())


IdempotencyDep = Annotated[IdempotencyKey | None, Depends(_idempotency)]


def receipt_header(erasure: Erasure) -> dict[str, str]:
    """Return the header that names the receipt of an erasure."""
    return {"Erasure-Receipt": erasure.id}


def replay_headers(replayed: bool) -> dict[str, str]:
    """Return the header that marks a repeated request."""
    return {"Idempotent-Replayed": "true"} if replayed else {}
