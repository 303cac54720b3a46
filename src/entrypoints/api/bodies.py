"""A request's body: of bounded size, and sent without dawdling."""

import asyncio
from dataclasses import dataclass

from starlette.types import Message, Receive, Scope

JSON_MAX_BYTES = 1024 * 1024
IDLE_SECONDS = 30.0  # without a byte
GRACE_SECONDS = 60.0  # for whatever is slow in the beginning
BYTES_A_SECOND = 4 * 1024  # on average, after that


@dataclass(frozen=True, slots=True)
class BodyProblem:
    """Why a body is not read further."""

    status: int
    code: str
    detail: str


TOO_LARGE = BodyProblem(413, "payload_too_large", "The body is larger than this server accepts.")
TOO_SLOW = BodyProblem(408, "request_timeout", "The body came too slowly.")


class BodyRefused(Exception):
    """The body is not read further."""

    def __init__(self, problem: BodyProblem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class Body:
    """Receives in the application's place; a refusal stands in the scope too (`body_problem`).

    The framework turns an error in a body into one of its own, so it is told both ways.
    """

    def __init__(self, receive: Receive, scope: Scope, max_bytes: int) -> None:
        self._receive = receive
        self._scope = scope
        self._max_bytes = max_bytes
        self._read = 0
        self._whole = False
        self._began: float | None = None

    async def __call__(self) -> Message:
        """Return the next message. Raises BodyRefused."""
        if self._whole:  # what comes now is the end of the connection, whenever that is
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline()):
                message = await self._receive()
        except TimeoutError:
            raise self._refused(TOO_SLOW) from None
        self._whole = not message.get("more_body", False)
        self._read += len(message.get("body", b""))
        if self._read > self._max_bytes:
            raise self._refused(TOO_LARGE)
        return message

    def _deadline(self) -> float:
        now = asyncio.get_running_loop().time()
        if self._began is None:
            self._began = now
        owed = self._began + GRACE_SECONDS + self._read / BYTES_A_SECOND
        return min(now + IDLE_SECONDS, owed)

    def _refused(self, problem: BodyProblem) -> BodyRefused:
        self._scope["body_problem"] = problem
        return BodyRefused(problem)


def content_length(scope: Scope) -> int | None:
    """Return the length that was announced."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


def body_limit(scope: Scope, max_upload_bytes: int) -> int:
    """Return how many bytes the body of this request may have."""
    # Elsewhere the framework reads a body into memory, before anyone has looked at who sends it.
    if not scope["path"].endswith(("/documents", "/content")):
        return JSON_MAX_BYTES
    content_type = next((v for k, v in scope["headers"] if k == b"content-type"), b"")
    if content_type.lower().startswith(b"multipart/"):
        return max_upload_bytes + 64 * 1024  # a little more than its files
    return 16 * JSON_MAX_BYTES  # pasted texts come as JSON and may be long
