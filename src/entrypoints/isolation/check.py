"""The matrix: every operation, every position of an id, every kind of actor."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from domain.ids import make_id
from entrypoints.isolation.client import CheckFailed, Client, Reply
from entrypoints.isolation.contract import Contract, Operation, Position
from entrypoints.isolation.tenants import (
    Tenant,
    add_viewer,
    at_rest,
    furnish,
    leave,
    path_of,
    register,
    settled,
    snapshot,
)

_REFUSED = 401
_FORBIDDEN = 403
_MEMBERS = ("public", "person", "viewer")
Disable = Callable[[str], Awaitable[None]]


@dataclass
class Report:
    """What was tried and what went wrong."""

    operations: int = 0
    positions: int = 0
    actors: int = 0
    frames: int = 0
    cases: int = 0
    requests: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who tries: with these credentials, and ids of one's own for the other positions."""

    name: str
    headers: Mapping[str, str]
    own: Mapping[str, str]
    refused: bool = False  # whatever the id: the credential is worth nothing


class Matrix:
    """Tries to reach the victim's things from outside."""

    def __init__(self, client: Client, contract: Contract, victim: Tenant) -> None:
        self._client = client
        self._contract = contract
        self._victim = victim
        self.report = Report()

    async def run(self, strangers: list[Actor], viewer: Actor) -> None:
        """Try everything as each actor, and note what went wrong."""
        report, contract = self.report, self._contract
        report.actors = len(strangers) + 1
        guarded = [o for o in contract.operations if o.least != "public"]
        report.operations = len(guarded)
        report.positions = sum(len(operation.positions) for operation in guarded)
        for actor in strangers:
            for operation in guarded:
                await self._try(actor, operation)
        for operation in guarded:
            if operation.least not in _MEMBERS:
                await self._as_viewer(viewer, operation)

    async def _try(self, actor: Actor, operation: Operation) -> None:
        if actor.refused:
            for ids in (self._victim.ids, _random_ids(self._victim.ids)):
                reply = await self._send(actor, operation, dict(ids), None)
                self._expect(reply.status == _REFUSED, actor, operation, None, reply)
            return
        if operation.least == "instance":
            reply = await self._send(actor, operation, actor.own, None)
            self._expect(reply.status == _FORBIDDEN, actor, operation, None, reply)
        for position in operation.positions:
            pair = []
            for identifier in (self._victim.ids[position.kind], _random_id(position.kind)):
                reply = await self._send(actor, operation, actor.own, (position, identifier))
                body = settled(reply.text.replace(identifier, "<id>"))
                pair.append((reply.status, body))
                tells = self._victim.word in reply.text
                self._expect(not tells, actor, operation, position, reply)
                self._expect(reply.status < 500, actor, operation, position, reply)  # noqa: PLR2004
            alike = pair[0] == pair[1]
            self._expect(alike, actor, operation, position, Reply(pair[0][0], str(pair)))

    async def _as_viewer(self, viewer: Actor, operation: Operation) -> None:
        """A weaker role is refused before any id is looked at."""
        for ids in (self._victim.ids, _random_ids(self._victim.ids)):
            own = {**ids, "ws": self._victim.ids["ws"]}
            reply = await self._send(viewer, operation, own, None)
            self._expect(reply.status == _FORBIDDEN, viewer, operation, None, reply)

    async def _send(
        self,
        actor: Actor,
        operation: Operation,
        ids: Mapping[str, str],
        probe: tuple[Position, str] | None,
    ) -> Reply:
        headers, query = dict(actor.headers), {}
        path_ids = dict(ids)
        body = None if operation.body is None else self._contract.example(operation.body)
        if probe is not None:
            position, identifier = probe
            match position.where:
                case "path":
                    path_ids[position.kind] = identifier
                case "header":
                    headers[position.steps[0]] = identifier
                case "query":
                    query[position.steps[0]] = identifier
                case "body":
                    body = _with(body, position.steps, identifier)
        path = path_of(operation, path_ids)
        if path is None:
            raise CheckFailed(f"{operation}: there is no id for each of its positions")
        return await self._client.send(operation.method, path, headers, body, query)

    async def frames(self, actor: Actor) -> None:
        """Try the socket's frames."""
        token = actor.headers["Authorization"].partition(" ")[2]
        for name in self._contract.frames:
            for position in self._contract.frame_positions(name):
                self.report.frames += 1
                pair = []
                for identifier in (self._victim.ids[position.kind], _random_id(position.kind)):
                    frame = {**self._frame(name), position.steps[0]: identifier}
                    if name == "auth":
                        sent = [{**frame, "token": token}]
                    else:
                        sent = [{"type": "auth", "token": token}, frame]
                    received = str(settled(str(await self._client.exchange(sent))))
                    pair.append(_without_request_ids(received.replace(identifier, "<id>")))
                self._note(pair[0] == pair[1], f"{actor.name}: WS {name} {position}: {pair}")
                self._note(self._victim.word not in pair[0], f"{actor.name}: WS {name} tells")

    def _frame(self, name: str) -> dict[str, Any]:
        frame: dict[str, Any] = self._contract.example(self._contract.frames[name])
        return frame

    def _expect(
        self,
        holds: bool,
        actor: Actor,
        operation: Operation,
        position: Position | None,
        reply: Reply,
    ) -> None:
        place = position or "whatever the id"
        self._note(holds, f"{actor.name}: {operation} ({place}): {reply.status} {reply.text[:400]}")

    def _note(self, holds: bool, sentence: str) -> None:
        self.report.cases += 1
        if not holds:
            self.report.failures.append(sentence)


def _with(body: Any, steps: tuple[str, ...], value: str) -> Any:
    """Return the body with a value at a place, making the way to it."""
    made = deepcopy(body) if isinstance(body, dict) else {}
    place = made
    for step in steps[:-1]:
        if steps[-1] == "*" and step == steps[-2]:
            place[step] = [value]
            return made
        inner = place.get(step)
        place[step] = inner if isinstance(inner, dict) else {}
        place = place[step]
    place[steps[-1]] = value
    return made


def _random_id(kind: str) -> str:
    # Of today, as the victim's are: only the randomness tells them apart.
    return make_id(kind, 1_795_000_000_000 + secrets.randbelow(10**9), secrets.token_bytes(10))


def _random_ids(like: Mapping[str, str]) -> dict[str, str]:
    return {kind: _random_id(kind) for kind in like}


def _without_request_ids(text: str) -> str:
    head, *rest = text.split("'request_id': '")
    return head + "".join(part.partition("'")[2] for part in rest)


async def check_isolation(
    url: str, *, disable: Disable | None = None, model: str | None = None
) -> Report:
    """Try the whole matrix against an installation, with accounts made for it.

    `disable` disables the user with this id (where the caller can); `model` is what the bots answer
    with (absent: the installation's default). Raises CheckFailed where the check cannot be carried out.
    """
    async with Client(url) as client:
        contract = Contract(
            await client.need("GET", "/openapi.json"), await client.need("GET", "/asyncapi.json")
        )
        scopes = sorted({o.scope for o in contract.operations if o.scope})
        word = "zebra" + secrets.token_hex(8)
        victim = await register(client, word, "victim")
        await furnish(client, victim, scopes, model)
        stranger = await register(client, "heron" + secrets.token_hex(8), "stranger")
        await furnish(client, stranger, scopes, model)
        viewer = await add_viewer(client, victim, "ibis" + secrets.token_hex(8))
        gone = await _gone(client, disable)
        matrix = Matrix(client, contract, victim)
        before = await at_rest(client, contract, victim)
        by_key = Actor("a stranger's API key", stranger.key("good"), stranger.ids)
        other = Actor("a stranger", stranger.headers, stranger.ids)
        actors = [
            Actor("nobody", {}, {}, refused=True),
            Actor("garbage", {"Authorization": "Bearer garbage"}, {}, refused=True),
            Actor("a revoked key of the tenant", victim.key("revoked"), {}, refused=True),
            Actor("a user who is gone", gone.headers, {}, refused=True),
            other,
            by_key,
        ]
        await matrix.run(actors, Actor("a viewer of the workspace", viewer.headers, viewer.ids))
        for actor in (other, by_key):
            await matrix.frames(actor)
        _compare(matrix.report, before, await snapshot(client, contract, victim))
        for account in (viewer, victim, stranger):
            await leave(client, account)
        matrix.report.requests = client.requests
        return matrix.report


async def _gone(client: Client, disable: Disable | None) -> Tenant:
    gone = await register(client, "dodo" + secrets.token_hex(8), "gone")
    if disable is not None:
        await disable(gone.ids["usr"])
    else:
        await leave(client, gone)
    return gone


def _compare(report: Report, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    for path, answer in before.items():
        report.cases += 1
        if after[path] != answer:
            report.failures.append(f"the tenant's {path} has changed: {answer} -> {after[path]}")
