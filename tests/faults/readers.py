"""A reader of one answer's stream with a bad line: cut at random events, it goes on elsewhere."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from domain.events import MESSAGE_ENDS
from faults.harness import Owner, Process
from faults.harness.client import API, Event, events

_AGAIN_SECONDS = 0.1
BROKEN = (aiohttp.ClientError, ConnectionError, TimeoutError)


@dataclass
class Reader:
    """Asks, reads up to some event, is cut, and reads on from another process, a few times over.

    `cuts` are the numbers of events after which it is cut; 0: before it has seen any. `seen` is what
    it was told in all, over all its lines.
    """

    owner: Owner
    bot: str
    key: str
    kind: str  # "sse" or "ws"
    processes: Sequence[Process]
    chance: random.Random
    cuts: list[int]
    seen: list[Event] = field(default_factory=list)
    message_id: str = ""
    hits: int = 0  # cuts while the answer was being written

    @property
    def after(self) -> int:
        """The last event that it saw."""
        return self.seen[-1].id if self.seen else 0

    @property
    def ended(self) -> bool:
        """Whether it saw the end."""
        return bool(self.seen) and self.seen[-1].type in MESSAGE_ENDS

    async def read(self, within_seconds: float) -> None:
        """Read to the end of the answer. Raises TimeoutError."""
        turn = self.chance.randrange(len(self.processes))
        async with asyncio.timeout(within_seconds):
            while not self.ended:
                cut = self.cuts.pop(0) if self.cuts else None
                try:
                    if await self._read_some(self.processes[turn % len(self.processes)], cut):
                        self.hits += 1
                except BROKEN:
                    await asyncio.sleep(_AGAIN_SECONDS)
                turn += 1  # each line leads to another process

    async def _read_some(self, process: Process, cut: int | None) -> bool:
        """Read up to the event where the line is cut; tell whether it was cut before the end."""
        open_line = self._socket if self.kind == "ws" else self._stream
        async with open_line(process) as line:
            if cut is not None and cut <= self.after:
                return True  # it asked, and saw nothing
            async for event in line:
                self.message_id = self.message_id or event.data["message_id"]
                self.seen.append(event)
                if self.ended:
                    return False
                if cut is not None and event.id >= cut:
                    return True
        return False

    @asynccontextmanager
    async def _stream(self, process: Process) -> AsyncIterator[AsyncIterator[Event]]:
        if self.message_id:
            path = f"/messages/{self.message_id}/stream"
            place = {"Last-Event-ID": str(self.after)} if self.after else {}
            opened = self.owner.streaming("GET", path, process, **place)
        else:
            path, body = f"/bots/{self.bot}/chat", {"message": self.key}
            headers = {"Idempotency-Key": self.key}
            opened = self.owner.streaming("POST", path, process, body, **headers)
        async with opened as response:
            if response.status != 200:
                raise aiohttp.ClientError(f"{path} -> {response.status}")
            yield events(response)
            response.close()

    @asynccontextmanager
    async def _socket(self, process: Process) -> AsyncIterator[AsyncIterator[Event]]:
        url = f"{process.url}{API}/ws"
        async with self.owner.http.ws_connect(url, protocols=["chatsphere.v1"]) as socket:
            token = self.owner.headers["Authorization"].removeprefix("Bearer ")
            await socket.send_json({"type": "auth", "token": token})
            await _frame(socket, "ready")
            if not self.message_id:
                ask = {"bot_id": self.bot, "content": self.key, "idempotency_key": self.key}
                await socket.send_json({"type": "message.create", **ask})
                self.message_id = (await _frame(socket, "message.accepted"))["message_id"]
            else:
                resume = {"message_id": self.message_id, "last_seq": self.after}
                await socket.send_json({"type": "resume", **resume})
            yield self._frames(socket)
            socket._response.close()  # cut, not closed in order

    async def _frames(self, socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Event]:
        while True:
            frame = await _frame(socket)
            frame.pop("message_id", None)
            if "seq" not in frame:
                raise aiohttp.ClientError(f"not an event: {frame}")
            kind = frame.pop("type")
            data = {**frame, "message_id": self.message_id} if frame["seq"] == 1 else frame
            yield Event(frame["seq"], kind, data)


async def _frame(socket: aiohttp.ClientWebSocketResponse, kind: str | None = None) -> Any:
    message = await socket.receive()
    if message.type is not aiohttp.WSMsgType.TEXT:
        raise aiohttp.ClientError(f"the socket was closed: {socket.close_code}")
    frame = json.loads(message.data)
    if kind is not None and frame["type"] != kind:
        raise aiohttp.ClientError(f"not {kind}: {frame}")
    return frame
