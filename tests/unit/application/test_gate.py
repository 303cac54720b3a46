"""The gate: how many are inside, who is next, and who is sent away."""

import asyncio
import random
from collections.abc import Callable

import pytest

from application.services.guards import gate
from application.services.guards.gate import Gate
from domain.errors import Overloaded


class Crowd:
    """Visitors who stay inside until they are told to go."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.inside: list[str] = []
        self.came: list[str] = []
        self._go: dict[str, list[asyncio.Event]] = {}
        self.tasks: list[asyncio.Task[None]] = []

    async def send(self, *tenants: str, patience: float = 5) -> None:
        for tenant in tenants:
            self.tasks.append(asyncio.create_task(self._visit(tenant, patience)))
            await asyncio.sleep(0)

    async def leave(self, tenant: str) -> None:
        self._go[tenant].pop(0).set()
        for _ in range(4):
            await asyncio.sleep(0)

    async def _visit(self, tenant: str, patience: float) -> None:
        async with self._gate.enter(tenant, patience=patience):
            go = asyncio.Event()
            self._go.setdefault(tenant, []).append(go)
            self.inside.append(tenant)
            self.came.append(tenant)
            try:
                await go.wait()
            finally:
                self.inside.remove(tenant)

    async def go_home(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def crowd_of() -> Callable[[int], Crowd]:
    return lambda room: Crowd(Gate(room))


CrowdOf = Callable[[int], Crowd]


async def test_no_more_are_inside_than_there_is_room_for(crowd_of: CrowdOf) -> None:
    crowd = crowd_of(4)
    await crowd.send(*"abcdef")
    assert crowd.inside == ["a", "b", "c", "d"]
    await crowd.leave("b")
    assert crowd.inside == ["a", "c", "d", "e"]
    await crowd.go_home()


async def test_a_tenant_alone_leaves_half_to_those_who_come(crowd_of: CrowdOf) -> None:
    crowd = crowd_of(4)
    await crowd.send(*"aaaaaa", "b", "c")
    assert crowd.inside == ["a", "a", "b", "c"]
    await crowd.go_home()


async def test_among_others_a_tenant_has_an_eighth_and_alone_again_a_half(
    crowd_of: CrowdOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = crowd_of(16)
    await crowd.send(*["a"] * 20)
    assert crowd.inside.count("a") == 8
    await crowd.send("b")
    for _ in range(6):
        await crowd.leave("a")
    assert crowd.inside.count("a") == 2
    await crowd.leave("a")
    assert crowd.inside.count("a") == 2
    await crowd.leave("b")
    monkeypatch.setattr(gate, "_ABOUT_SECONDS", -1.0)  # the other has not been seen for long
    await crowd.leave("a")
    assert crowd.inside.count("a") == 8
    await crowd.go_home()


async def test_free_places_go_to_the_tenants_in_turn_however_long_one_line_is(
    crowd_of: CrowdOf,
) -> None:
    crowd = crowd_of(2)
    await crowd.send("x", "y", *"aaaaaaaa", "b", "b", "c")
    for tenant in ("x", "y", "a", "b", "c"):
        await crowd.leave(tenant)
    assert crowd.came[2:] == ["a", "b", "c", "a", "b"]
    await crowd.go_home()


async def test_a_room_of_one_serves_everybody(crowd_of: CrowdOf) -> None:
    crowd = crowd_of(1)
    await crowd.send("a", "a", "b")
    for _ in range(3):
        assert len(crowd.inside) == 1
        await crowd.leave(crowd.inside[0])
    assert sorted(crowd.came) == ["a", "a", "b"]
    assert crowd.inside == []


async def test_lines_are_bounded_and_one_tenant_fills_but_half_of_them(crowd_of: CrowdOf) -> None:
    crowd = crowd_of(2)
    await crowd.send("x", "y", *["a"] * 17)
    with pytest.raises(Overloaded) as refused:
        await crowd.tasks[-1]
    assert refused.value.retry_after >= 1
    await crowd.send(*["b"] * 16)
    assert not any(task.done() for task in crowd.tasks[-16:])
    await crowd.send("c")
    with pytest.raises(Overloaded):
        await crowd.tasks[-1]
    await crowd.go_home()


async def test_who_waits_too_long_is_sent_away_and_takes_no_place(crowd_of: CrowdOf) -> None:
    crowd = crowd_of(2)
    await crowd.send("x", "y")
    await crowd.send("a", patience=0.01)
    with pytest.raises(Overloaded):
        await crowd.tasks[-1]
    await crowd.leave("x")
    await crowd.send("b", "c")
    assert crowd.inside == ["y", "b"]
    await crowd.go_home()


async def test_who_goes_while_waiting_or_in_the_moment_of_being_called_leaves_no_hole(
    crowd_of: CrowdOf,
) -> None:
    crowd = crowd_of(1)
    await crowd.send("x", "a", "b", "c")
    crowd.tasks[1].cancel()  # waits, and has not been told of its end when the place comes free
    crowd._go["x"].pop().set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    crowd.tasks[2].cancel()  # has just been called, or is inside
    for _ in range(6):
        await asyncio.sleep(0)
    assert crowd.inside == ["c"]
    await crowd.leave("c")
    await crowd.send("d")
    assert crowd.inside == ["d"]
    await crowd.go_home()


async def test_whatever_happens_to_those_who_come_every_place_is_free_in_the_end() -> None:
    shared, dice = Gate(3), random.Random(7)
    inside = most = 0

    async def visit(tenant: str) -> None:
        nonlocal inside, most
        async with shared.enter(tenant, patience=dice.random() / 50):
            inside += 1
            most = max(most, inside)
            try:
                await asyncio.sleep(dice.random() / 200)
            finally:
                inside -= 1

    visitors = []
    for _ in range(400):
        visitors.append(asyncio.create_task(visit(dice.choice("aaaabc"))))
        if dice.random() < 0.3:
            dice.choice(visitors).cancel()
        if dice.random() < 0.2:
            await asyncio.sleep(0)
    ends = await asyncio.gather(*visitors, return_exceptions=True)
    assert {type(end) for end in ends} == {type(None), asyncio.CancelledError, Overloaded}
    assert most == 3
    crowd = Crowd(shared)
    await crowd.send("x", "y", "z", "w")
    assert crowd.inside == ["x", "y", "z"]
    await crowd.go_home()
