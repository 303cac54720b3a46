"""The WebSocket: the same events as the SSE streams, many answers over one connection."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from application.services.idempotency import IdempotencyKey
from application.services.views import error_problem, problem_view
from application.use_cases.accept_message import NewMessage
from domain.accounts import Actor
from domain.conversations import MessageRole
from domain.errors import ChatSphereError, Conflict, InvalidInput, Unauthenticated
from domain.events import MESSAGE_ENDS
from entrypoints.api.answers import Answers
from entrypoints.api.deps import actor_of_token
from entrypoints.api.frames import parse_frame
from entrypoints.api.routes.messages import accept
from entrypoints.container import Container

_log = logging.getLogger(__name__)
router = APIRouter()
SUBPROTOCOL = "chatsphere.v1"
AUTH_SECONDS = 10.0
SEND_SECONDS = 10.0  # a reader that takes nothing for so long is cut off
STREAMS_MAX = 32
RECHECK_SECONDS = 3.0  # what was revoked ends within 5 s

BAD_FRAME, UNAUTHENTICATED, FORBIDDEN, TOO_SLOW, TRY_AGAIN = 4400, 4401, 4403, 4408, 1013
_DEFAULT_PORTS = {"http": 80, "https": 443}


class _Closed(Exception):
    """The connection is to be closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Connection:
    """One client: reads frames, answers each, and follows the answers it asked for."""

    def __init__(self, socket: WebSocket, container: Container, answers: Answers) -> None:
        self._socket = socket
        self._container = container
        self._answers = answers
        self._token = ""
        self._actor: Actor
        self._following: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Serve the connection to its end."""
        await self._socket.accept(subprotocol=SUBPROTOCOL)
        watcher: asyncio.Task[None] | None = None
        try:
            await self._authenticate()
            watcher = asyncio.create_task(self._recheck())
            while True:
                await self._handle(await self._receive())
        except _Closed as closed:
            await self._close(closed.code, closed.reason)
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            tasks = [*self._following.values(), *([watcher] if watcher else [])]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _authenticate(self) -> None:
        try:
            async with asyncio.timeout(AUTH_SECONDS):
                frame = await self._receive()
        except TimeoutError as error:
            raise _Closed(UNAUTHENTICATED, "no auth frame came in time") from error
        if frame["type"] != "auth":
            raise _Closed(UNAUTHENTICATED, "the first frame must be auth")
        self._token = cast(str, frame["token"])
        try:
            self._actor = await actor_of_token(
                self._container, self._token, cast("str | None", frame.get("workspace_id"))
            )
        except Unauthenticated as error:
            await self._send({"type": "error", "problem": error_problem(error)})
            raise _Closed(UNAUTHENTICATED, "the token is not valid") from error
        except ChatSphereError as error:
            await self._send({"type": "error", "problem": error_problem(error)})
            raise _Closed(TRY_AGAIN, "the token cannot be checked at the moment") from error
        await self._send({"type": "ready", "user_id": self._actor.user_id})

    async def _recheck(self) -> None:
        """End the connection soon after its session ends: the token was good when it came."""
        queries = self._container.identity_queries()
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                actor = await queries.actor(
                    self._actor.user_id, self._actor.session_id, self._actor.tenant_id
                )
            except ChatSphereError:
                continue  # the database is out: judge later
            except Exception:
                _log.exception("a session could not be checked")
                continue
            if actor is None:
                await self._close(UNAUTHENTICATED, "the session has ended")
                return

    async def _receive(self) -> Mapping[str, object]:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        text = message.get("text")
        if text is None:
            raise _Closed(BAD_FRAME, "frames are text")
        try:
            return parse_frame(text)
        except InvalidInput as error:
            await self._send({"type": "error", "problem": error_problem(error)})
            raise _Closed(BAD_FRAME, error.detail[:100]) from error

    async def _handle(self, frame: Mapping[str, object]) -> None:
        handlers = {
            "ping": self._ping,
            "message.create": self._create,
            "message.stop": self._stop,
            "resume": self._resume,
        }
        handler = handlers.get(cast(str, frame["type"]))
        try:
            if handler is None:
                raise InvalidInput("This connection is authenticated already.")
            await handler(frame)
        except ChatSphereError as error:
            await self._send({"type": "error", "problem": error_problem(error), **_echo(frame)})
        except Exception:
            _log.exception("a frame failed")
            oops = problem_view("internal_error", "Something went wrong on our side.")
            await self._send({"type": "error", "problem": oops, **_echo(frame)})

    async def _ping(self, _: Mapping[str, object]) -> None:
        await self._send({"type": "pong"})

    async def _create(self, frame: Mapping[str, object]) -> None:
        self._require_room()
        given = cast(str, frame["idempotency_key"])
        new = NewMessage(
            content=cast(str, frame["content"]),
            bot_id=cast("str | None", frame.get("bot_id")),
            conversation_id=cast("str | None", frame.get("conversation_id")),
            parent_id=cast("str | None", frame.get("parent_id")),
        )
        key = IdempotencyKey(given, _fingerprint(new))
        accepted = await accept(self._container, self._answers, self._actor, new, key)
        await self._send(
            {
                "type": "message.accepted",
                "message_id": accepted.answer.id,
                "conversation_id": accepted.answer.conversation_id,
                "idempotency_key": given,
                "replayed": accepted.replayed,
            }
        )
        self._follow(accepted.answer.id, 0)

    async def _stop(self, frame: Mapping[str, object]) -> None:
        await self._container.stop_answer()(self._actor, cast(str, frame["message_id"]))

    async def _resume(self, frame: Mapping[str, object]) -> None:
        self._require_room()
        message_id = cast(str, frame["message_id"])
        queries = self._container.conversation_queries()
        message = await queries.message(self._actor.tenant_id, message_id)
        if message.role is not MessageRole.ASSISTANT:
            raise Conflict("Only an answer has a stream.")
        self._follow(message_id, cast(int, frame["last_seq"]))

    def _require_room(self) -> None:
        if len(self._following) >= STREAMS_MAX:
            raise Conflict(f"A connection follows at most {STREAMS_MAX} answers at a time.")

    def _follow(self, message_id: str, after: int) -> None:
        earlier = self._following.pop(message_id, None)
        if earlier is not None:
            earlier.cancel()
        task = asyncio.create_task(self._relay(message_id, after))
        self._following[message_id] = task

        def forget(done: asyncio.Task[None]) -> None:
            if self._following.get(message_id) is done:
                del self._following[message_id]

        task.add_done_callback(forget)

    async def _relay(self, message_id: str, after: int) -> None:
        log = self._container.event_log()
        with suppress(WebSocketDisconnect, RuntimeError):
            try:
                async for batch in log.follow(
                    self._actor.tenant_id, message_id, after, MESSAGE_ENDS
                ):
                    for event in batch:
                        frame = {**event.data, "message_id": message_id, "seq": event.seq}
                        await self._send({"type": event.type, **frame})
            except _Closed as closed:
                await self._close(closed.code, closed.reason)
            except ChatSphereError as error:
                problem = error_problem(error)
                await self._send({"type": "error", "problem": problem, "message_id": message_id})

    async def _send(self, frame: Mapping[str, object]) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS), self._sending:
                await self._socket.send_text(orjson.dumps(frame).decode())
        except TimeoutError as error:
            raise _Closed(TOO_SLOW, "this client reads too slowly") from error

    async def _close(self, code: int, reason: str) -> None:
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(SEND_SECONDS):
                await self._socket.close(code, reason)


def _echo(frame: Mapping[str, object]) -> dict[str, Any]:
    """Say which frame an error is about."""
    return {name: frame[name] for name in ("message_id", "idempotency_key") if name in frame}


def _fingerprint(new: NewMessage) -> str:
    parts = [new.bot_id, new.conversation_id, new.parent_id, new.content]
    return sha256(orjson.dumps(parts)).hexdigest()


def _is_welcome(socket: WebSocket, public_url: str | None) -> bool:
    """Tell whether the page that opens the socket is ours; programs send no Origin."""
    origin = socket.headers.get("origin")
    if origin is None:
        return True
    try:
        scheme = urlsplit(origin).scheme
        given = _place(origin, scheme)
        ours = [_place(f"//{socket.headers.get('host', '')}", scheme)]
        if public_url is not None:
            ours.append(_place(public_url, urlsplit(public_url).scheme))
    except ValueError:
        return False
    return given[0] is not None and given in ours


def _place(url: str, scheme: str) -> tuple[str | None, int | None]:
    """Return host and port. Raises ValueError."""
    parts = urlsplit(url)
    return parts.hostname, parts.port or _DEFAULT_PORTS.get(scheme)


@router.websocket("/ws")
async def websocket(socket: WebSocket) -> None:
    """Speak chatsphere.v1 (see /asyncapi.json)."""
    offered = socket.scope.get("subprotocols", [])
    state = socket.app.state
    if not _is_welcome(socket, state.container.settings().public_url):
        await socket.close(FORBIDDEN, "this page is of another origin")
        return
    if offered and SUBPROTOCOL not in offered:
        await socket.close(BAD_FRAME, "the sub-protocol is chatsphere.v1")
        return
    connection = Connection(socket, state.container, state.answers)
    await connection.run()
