"""The WebSocket: the same events as the SSE streams, many answers over one connection."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager, suppress
from hashlib import sha256
from typing import Any, cast

import orjson
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from application.ports.event_log import EventLog
from application.services.idempotency import IdempotencyKey
from application.services.views import error_problem, problem_view
from application.use_cases.accept_message import NewMessage
from domain.access import check_access, rule_of
from domain.accounts import Actor
from domain.addresses import counted_as
from domain.conversations import MessageRole
from domain.errors import (
    ChatSphereError,
    Conflict,
    DependencyUnavailable,
    InvalidInput,
    Unauthenticated,
)
from domain.events import MESSAGE_ENDS
from entrypoints.api.answers import Answers
from entrypoints.api.cutting import cut_off_later
from entrypoints.api.frames import parse_frame
from entrypoints.api.limits import FrameMeter, charge_frame, client_ip
from entrypoints.api.origins import is_welcome
from entrypoints.api.routes.messages import accept, log_of
from entrypoints.api.socket_auth import (
    BAD_FRAME,
    ENTRY,
    FORBIDDEN,
    TOO_MANY,
    TOO_SLOW,
    TRY_AGAIN,
    Closed,
    actor_of_frame,
    actor_of_ticket,
    closed_for,
    ticket_of,
)
from entrypoints.api.socket_doors import Doors
from entrypoints.api.watch import Standing, Watchers
from entrypoints.container import Container

_log = logging.getLogger(__name__)
router = APIRouter()
SUBPROTOCOL = "chatsphere.v1"
AUTH_SECONDS = 10.0
SEND_SECONDS = 10.0  # a reader that takes nothing for so long is cut off
CLOSE_SECONDS = 5.0  # and so it is where it does not take the end
STREAMS_MAX = 32


class Connection:
    """One client: reads frames, answers each, and follows the answers it asked for."""

    def __init__(self, socket: WebSocket) -> None:
        state = socket.app.state
        self._socket = socket
        self._container: Container = state.container
        self._answers: Answers = state.answers
        self._watchers: Watchers = state.watchers
        self._doors: Doors = state.doors
        self._meter = FrameMeter(self._container.clock().monotonic)
        self._standing: Standing | None = None
        self._following: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()

    async def run(self) -> None:
        """Serve the connection to its end."""
        with ExitStack() as stack:
            try:
                actor = await self._authenticated(stack)
                self._standing = stack.enter_context(self._watchers.over(actor, ENTRY))
                await self._send({"type": "ready", "user_id": actor.user_id})
                while True:
                    await self._handle(await self._receive(), self._standing)
            except Closed as closed:
                await self._close(closed)
            except (WebSocketDisconnect, RuntimeError):
                pass
            finally:
                tasks = list(self._following.values())
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _authenticated(self, stack: ExitStack) -> Actor:
        """Accept the socket, and return who it is; `stack` counts it as open. Raises Closed."""
        accepted = False
        try:
            ticket = ticket_of(self._socket)
            actor = None
            if ticket is not None:  # spent before the address of the socket can stand in a log
                actor = await actor_of_ticket(self._socket, self._container, ticket)
            await self._accept()
            accepted = True
            stack.enter_context(self._doors.of_address(counted_as(client_ip(self._socket))))
            if actor is None:
                async with asyncio.timeout(AUTH_SECONDS):
                    frame = await self._receive()
                actor = await actor_of_frame(self._socket, self._container, frame)
            stack.enter_context(self._doors.of_credential(actor.id))
        except TimeoutError:
            raise closed_for(Unauthenticated("No auth frame came in time.")) from None
        except ChatSphereError as error:
            if not accepted:  # a browser sees the code of a socket only that was opened
                await self._accept()
            await self._send({"type": "error", "problem": error_problem(error)})
            raise closed_for(error) from error
        return actor

    async def _accept(self) -> None:
        # A client that offered no sub-protocol must not be answered with one (RFC 6455, 4.2.2).
        offered = self._socket.scope.get("subprotocols")
        await self._socket.accept(subprotocol=SUBPROTOCOL if offered else None)

    async def _receive(self) -> Mapping[str, object]:
        async with self._while_welcome():
            message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        if not self._meter.admits():
            raise Closed(TOO_MANY, "frames come too fast")
        text = message.get("text")
        if text is None:
            raise Closed(BAD_FRAME, "frames are text")
        try:
            return parse_frame(text)
        except InvalidInput as error:
            await self._send({"type": "error", "problem": error_problem(error)})
            raise closed_for(error) from error

    @asynccontextmanager
    async def _while_welcome(self) -> AsyncIterator[None]:
        """Wait within the block for as long as this client may be here. Raises Closed."""
        standing = self._standing
        if standing is None:
            yield
            return
        try:
            async with standing.end.ends_wait():
                yield
        except TimeoutError:
            if standing.error is None:
                raise
        if standing.error is not None:
            raise closed_for(standing.error)

    async def _handle(self, frame: Mapping[str, object], standing: Standing) -> None:
        handlers = {
            "ping": self._ping,
            "message.create": self._create,
            "message.stop": self._stop,
            "resume": self._resume,
        }
        kind = cast(str, frame["type"])
        handler = handlers.get(kind)
        actor = standing.actor  # with the rights of now, not of the time it came
        try:
            if handler is None:
                raise InvalidInput("This connection is authenticated already.")
            check_access(rule_of(f"WS {kind}"), actor)
            if kind != "ping":  # a sign of life is only metered
                await charge_frame(self._container, self._socket, actor)
            await handler(actor, frame)
        except ChatSphereError as error:
            await self._send({"type": "error", "problem": error_problem(error), **_echo(frame)})
        except Closed:
            raise
        except Exception:
            _log.exception("a frame failed")
            oops = problem_view("internal_error", "Something went wrong on our side.")
            await self._send({"type": "error", "problem": oops, **_echo(frame)})

    async def _ping(self, _: Actor, __: Mapping[str, object]) -> None:
        await self._send({"type": "pong"})

    async def _create(self, actor: Actor, frame: Mapping[str, object]) -> None:
        self._require_room()
        given = cast(str, frame["idempotency_key"])
        new = NewMessage(
            content=cast(str, frame["content"]),
            bot_id=cast("str | None", frame.get("bot_id")),
            conversation_id=cast("str | None", frame.get("conversation_id")),
            parent_id=cast("str | None", frame.get("parent_id")),
        )
        key = IdempotencyKey(given, _fingerprint(new))
        accepted = await accept(self._container, self._answers, actor, new, key)
        await self._send(
            {
                "type": "message.accepted",
                "message_id": accepted.answer.id,
                "conversation_id": accepted.answer.conversation_id,
                "idempotency_key": given,
                "replayed": accepted.replayed,
            }
        )
        self._follow(actor, accepted.answer.id, 0, log_of(self._container, accepted))

    async def _stop(self, actor: Actor, frame: Mapping[str, object]) -> None:
        await self._container.stop_answer()(actor, cast(str, frame["message_id"]))

    async def _resume(self, actor: Actor, frame: Mapping[str, object]) -> None:
        self._require_room()
        message_id = cast(str, frame["message_id"])
        queries = self._container.conversation_queries()
        message = await queries.message(actor.tenant_id, message_id)
        if message.role is not MessageRole.ASSISTANT:
            raise Conflict("Only an answer has a stream.")
        last_seq = cast(int, frame["last_seq"])
        self._follow(actor, message_id, last_seq, self._container.answer_log())

    def _require_room(self) -> None:
        if len(self._following) >= STREAMS_MAX:
            raise Conflict(f"A connection follows at most {STREAMS_MAX} answers at a time.")

    def _follow(self, actor: Actor, message_id: str, after: int, log: EventLog) -> None:
        earlier = self._following.pop(message_id, None)
        if earlier is not None:
            earlier.cancel()
        task = asyncio.create_task(self._relay(actor, message_id, after, log))
        self._following[message_id] = task

        def forget(done: asyncio.Task[None]) -> None:
            if self._following.get(message_id) is done:
                del self._following[message_id]

        task.add_done_callback(forget)

    async def _relay(self, actor: Actor, message_id: str, after: int, log: EventLog) -> None:
        with suppress(WebSocketDisconnect, RuntimeError):
            try:
                await self._tell(actor, message_id, after, log)
            except Closed as closed:
                await self._close(closed)
            except DependencyUnavailable as error:
                # An event would say that the answer failed, and it did not: the client resumes.
                await self._close(closed_for(error))
            except ChatSphereError as error:
                frame = {"problem": error_problem(error), "message_id": message_id}
                await self._send({"type": "error", **frame})
            except Exception:
                _log.exception("the stream of %s broke off", message_id)
                await self._close(Closed(TRY_AGAIN, "something went wrong on our side"))

    async def _tell(self, actor: Actor, message_id: str, after: int, log: EventLog) -> None:
        """Send the events of an answer up to its end. Raises NotFound where it is erased meanwhile."""
        newest = ""
        async for batch in log.follow(actor.tenant_id, message_id, after, MESSAGE_ENDS):
            for event in batch:
                frame = {**event.data, "message_id": message_id, "seq": event.seq}
                await self._send({"type": (newest := event.type), **frame})
        if newest not in MESSAGE_ENDS:  # it has ended before, or it is no more
            await self._container.conversation_queries().message(actor.tenant_id, message_id)

    async def _send(self, frame: Mapping[str, object]) -> None:
        try:
            # Who waits for another's frame is not slow yet.
            async with self._while_welcome(), self._sending, asyncio.timeout(SEND_SECONDS):
                await self._socket.send_text(orjson.dumps(frame).decode())
        except TimeoutError as error:
            raise Closed(TOO_SLOW, "this client reads too slowly") from error

    async def _close(self, closed: Closed) -> None:
        cut_off_later(self._socket.scope, CLOSE_SECONDS)
        with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._socket.close(closed.code, closed.reason)


def _echo(frame: Mapping[str, object]) -> dict[str, Any]:
    """Say which frame an error is about."""
    return {name: frame[name] for name in ("message_id", "idempotency_key") if name in frame}


def _fingerprint(new: NewMessage) -> str:
    parts = [new.bot_id, new.conversation_id, new.parent_id, new.content]
    return sha256(orjson.dumps(parts)).hexdigest()


@router.websocket("/ws")
async def websocket(socket: WebSocket) -> None:
    """Speak chatsphere.v1 (see /asyncapi.json)."""
    offered = socket.scope.get("subprotocols", [])
    if not is_welcome(socket, socket.app.state.container.settings()):
        await socket.close(FORBIDDEN, "this page is of another origin")
        return
    if offered and SUBPROTOCOL not in offered:
        await socket.close(BAD_FRAME, "the sub-protocol is chatsphere.v1")
        return
    await Connection(socket).run()
