"""Streams and sockets are held open by credentials that are asked about again and again."""

import asyncio
from contextlib import ExitStack
from dataclasses import replace

import pytest

from application.queries.identity import IdentityQueries
from domain.access import Least, Rule
from domain.accounts import Actor, MemberRole
from domain.errors import DependencyUnavailable, Forbidden, RateLimited, Unauthenticated
from entrypoints.api.socket_doors import SOCKETS_OF_ADDRESS, SOCKETS_OF_CREDENTIAL, Doors
from entrypoints.api.watch import Watchers

ADA = Actor("usr_1", "ws_1", MemberRole.EDITOR, "ses_1", address="192.0.2.1", request_id="r1")
RULE = Rule(Least.EDITOR, "chat")


class Registry(IdentityQueries):
    """Says of every actor what the test says; counts the questions."""

    def __init__(self) -> None:
        self.says: dict[str, Actor | Exception | None] = {}
        self.asked = 0

    async def still(self, actor: Actor) -> Actor | None:
        self.asked += 1
        said = self.says.get(actor.user_id, actor)
        if isinstance(said, Exception):
            raise said
        return said

    async def actor(self, user_id: str, session_id: str, workspace_id: str | None) -> Actor | None:
        raise NotImplementedError

    async def key_actor(self, secret_hash: str) -> Actor | None:
        raise NotImplementedError

    async def local_actor(self, email: str | None, workspace_id: str | None) -> Actor | None:
        raise NotImplementedError


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setattr("entrypoints.api.watch.RECHECK_SECONDS", 0.001)
    return Registry()


async def rounds(registry: Registry, count: int) -> None:
    """Wait until so many more questions have been answered."""
    seen = registry.asked
    async with asyncio.timeout(5):
        while registry.asked < seen + count + 1:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.001)


async def test_a_wait_ends_when_the_credential_does(registry: Registry) -> None:
    with Watchers(lambda: registry).over(ADA, RULE) as standing:
        registry.says["usr_1"] = None
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5), standing.end.ends_wait():
                await asyncio.Event().wait()
        assert isinstance(standing.error, Unauthenticated)


@pytest.mark.parametrize(
    "now",
    [
        replace(ADA, tenant_id="", role=MemberRole.VIEWER),
        replace(ADA, role=MemberRole.VIEWER),
        replace(ADA, key_id="key_1", scopes=frozenset({"bots:read"})),
    ],
    ids=["no member", "demoted", "without the scope"],
)
async def test_who_may_no_more_is_forbidden(registry: Registry, now: Actor) -> None:
    with Watchers(lambda: registry).over(ADA, RULE) as standing:
        registry.says["usr_1"] = now
        await rounds(registry, 1)
        assert isinstance(standing.error, Forbidden)
        assert standing.error.code == "forbidden"


async def test_a_changed_role_is_known_and_where_they_ask_from_is_kept(registry: Registry) -> None:
    with Watchers(lambda: registry).over(ADA, RULE) as standing:
        registry.says["usr_1"] = Actor("usr_1", "ws_1", MemberRole.OWNER, "ses_1")
        await rounds(registry, 1)
        assert standing.error is None
        assert standing.actor == replace(ADA, role=MemberRole.OWNER)


async def test_no_failure_ends_anything_nor_the_watch(registry: Registry) -> None:
    with Watchers(lambda: registry).over(ADA, RULE) as standing:
        for failure in (DependencyUnavailable(), ValueError("unforeseen")):
            registry.says["usr_1"] = failure
            await rounds(registry, 2)
            assert standing.error is None
        registry.says["usr_1"] = None
        await rounds(registry, 1)
        assert standing.error is not None


async def test_one_question_serves_all_streams_of_a_credential(registry: Registry) -> None:
    watchers = Watchers(lambda: registry)
    with ExitStack() as stack:
        standings = [
            stack.enter_context(watchers.over(replace(ADA, user_id=f"usr_{n % 10}"), RULE))
            for n in range(1000)
        ]
        registry.says = {f"usr_{n}": None for n in range(10)}
        assert [task.get_name() for task in asyncio.all_tasks()].count("watch") == 10
        await rounds(registry, 20)
        assert all(standing.error is not None for standing in standings)


async def test_where_nothing_is_open_nothing_is_asked(registry: Registry) -> None:
    watchers = Watchers(lambda: registry)
    with watchers.over(ADA, RULE):
        with watchers.over(ADA, RULE):
            await rounds(registry, 1)
        await rounds(registry, 1)
    await asyncio.sleep(0.002)
    asked = registry.asked
    await asyncio.sleep(0.01)
    assert registry.asked == asked
    with watchers.over(ADA, RULE):
        await rounds(registry, 1)


def test_so_many_sockets_are_let_in_for_a_credential_and_an_address() -> None:
    doors = Doors()
    for let_in, most in (
        (doors.of_credential, SOCKETS_OF_CREDENTIAL),
        (doors.of_address, SOCKETS_OF_ADDRESS),
    ):
        with ExitStack() as stack:
            for _ in range(most):
                stack.enter_context(let_in("x"))
            with pytest.raises(RateLimited), let_in("x"):
                pass
            with let_in("y"):
                pass
        with let_in("x"):
            pass
