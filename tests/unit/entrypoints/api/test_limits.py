"""Who is charged for a request or a frame."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from adapters.memory.clock import FakeClock
from adapters.memory.rate_limiter import InMemoryRateLimiter
from domain.accounts import Actor, MemberRole
from domain.errors import RateLimited
from entrypoints.api.limits import (
    FRAME_WINDOW_SECONDS,
    FRAMES_A_WINDOW,
    FrameMeter,
    charge,
    charge_address,
    charge_frame,
    rate_headers,
)
from entrypoints.settings import Settings


@pytest.fixture
def container(tmp_path: Path) -> Any:
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        rate_limit_ip="50/minute",
        rate_limit_account="3/minute",
        rate_limit_key="2/minute",
        rate_limit_workspace="5/minute",
    )
    limiter = InMemoryRateLimiter(FakeClock())
    return SimpleNamespace(rate_limiter=lambda: limiter, rate_limits=lambda: settings.rate_limits)


def connection() -> HTTPConnection:
    return HTTPConnection({"type": "http", "client_ip": "203.0.113.9", "headers": []})


def person(name: str, workspace: str = "ws_1") -> Actor:
    return Actor(name, workspace, MemberRole.OWNER)


def key(name: str, workspace: str = "ws_1") -> Actor:
    return Actor("usr_owner", workspace, MemberRole.OWNER, key_id=name)


async def passed(container: Any, actor: Actor, number: int, charging: Any = charge) -> int:
    """Ask so many times; return how many were let through."""
    count = 0
    for _ in range(number):
        try:
            await charging(container, connection(), actor)
        except RateLimited:
            continue
        count += 1
    return count


@pytest.mark.parametrize("charging", [charge, charge_frame])
async def test_a_person_has_a_quota(container: Any, charging: Any) -> None:
    assert await passed(container, person("usr_1"), 9, charging) == 3
    assert await passed(container, person("usr_2", "ws_2"), 1, charging) == 1


async def test_each_key_has_one_and_its_maker_another(container: Any) -> None:
    assert await passed(container, key("key_1"), 9) == 2
    assert await passed(container, person("usr_owner"), 9) == 3


async def test_a_workspace_has_one_for_all_its_people_and_keys(container: Any) -> None:
    counts = [await passed(container, person(f"usr_{n}"), 3) for n in range(3)]
    assert counts == [3, 2, 0]
    assert await passed(container, key("key_1"), 1) == 0
    assert await passed(container, person("usr_9", "ws_2"), 3) == 3


async def test_what_one_tenant_is_refused_costs_the_others_nothing(container: Any) -> None:
    assert await passed(container, person("usr_1"), 500) == 3
    assert await passed(container, person("usr_2"), 2) == 2


async def test_a_person_without_a_workspace_is_charged_alone(container: Any) -> None:
    assert await passed(container, person("usr_1", ""), 9) == 3


async def test_frames_and_requests_draw_on_one_quota(container: Any) -> None:
    assert await passed(container, person("usr_1"), 2) == 2
    assert await passed(container, person("usr_1"), 9, charge_frame) == 1


async def test_a_response_tells_the_limit_nearest_to_its_end_and_all_policies(
    container: Any,
) -> None:
    asked = connection()
    limits = container.rate_limits()
    await charge_address(container.rate_limiter(), limits.ip, asked.scope)
    await charge(container, asked, person("usr_1"))
    assert rate_headers(asked.scope) == [
        (b"ratelimit", b'"account";r=2;t=60'),
        (
            b"ratelimit-policy",
            b'"ip";q=50;w=60, "account";q=3;w=60, "workspace";q=5;w=60',
        ),
    ]


async def test_a_refusal_tells_when_to_come_again(container: Any) -> None:
    await passed(container, person("usr_1"), 3)
    asked = connection()
    with pytest.raises(RateLimited) as refused:
        await charge(container, asked, person("usr_1"))
    assert refused.value.retry_after == 60
    assert rate_headers(asked.scope)[0] == (b"ratelimit", b'"account";r=0;t=60')


def test_what_is_not_counted_says_nothing() -> None:
    assert rate_headers({}) == []


def test_a_socket_that_floods_is_noticed_and_one_that_talks_is_not() -> None:
    clock = FakeClock()
    meter = FrameMeter(clock.monotonic)
    for _ in range(3):
        assert all(meter.admits() for _ in range(FRAMES_A_WINDOW))
        assert not meter.admits()
        clock.advance(FRAME_WINDOW_SECONDS)
