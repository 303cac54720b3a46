"""What plans allow, when their limits renew, and how a refusal reads."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.errors import InvalidInput, QuotaExceeded
from domain.plans import (
    DEFAULT_PLANS,
    LIMIT_MAX,
    Quota,
    Standing,
    checked_plan,
    period_of,
    renewal_of,
    require_room,
)

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
LIMITS = {quota.value: None for quota in Quota}


def test_every_default_plan_is_a_plan_that_an_admin_could_have_made() -> None:
    for plan in DEFAULT_PLANS:
        made = checked_plan(plan.id, plan.name, {q.value: n for q, n in plan.limits.items()})
        assert made == plan


@pytest.mark.parametrize(
    ("plan_id", "name", "limits", "pointer"),
    [
        ("Pro", "Pro", LIMITS, "/plan"),
        ("p" * 41, "Pro", LIMITS, "/plan"),
        ("pro", "  ", LIMITS, "/name"),
        ("pro", "x" * 101, LIMITS, "/name"),
        ("pro", "a\x00b", LIMITS, "/name"),
        ("pro", "Pro", {}, "/limits"),
        ("pro", "Pro", {**LIMITS, "seats": 1}, "/limits"),
        ("pro", "Pro", {**LIMITS, "bots": -1}, "/limits/bots"),
        ("pro", "Pro", {**LIMITS, "bytes": LIMIT_MAX + 1}, "/limits/bytes"),
    ],
)
def test_what_is_no_plan_is_refused_at_the_place_that_is_wrong(
    plan_id: str, name: str, limits: dict[str, int | None], pointer: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        checked_plan(plan_id, name, limits)
    assert caught.value.pointer == pointer


def test_a_limit_of_nothing_and_the_largest_limit_are_limits() -> None:
    plan = checked_plan("tiny", "Tiny", {**LIMITS, "bots": 0, "bytes": LIMIT_MAX})
    assert (plan.limits[Quota.BOTS], plan.limits[Quota.BYTES]) == (0, LIMIT_MAX)


def test_periods_are_calendar_months_in_utc() -> None:
    west = datetime(2026, 11, 30, 20, tzinfo=timezone(timedelta(hours=-8)))
    assert period_of(Quota.MESSAGES_MONTH, NOW) == "2026-11"
    assert period_of(Quota.TOKENS_MONTH, west) == "2026-12"
    assert {period_of(quota, NOW) for quota in Quota if not quota.is_monthly} == {""}


@pytest.mark.parametrize(
    ("now", "renews_at"),
    [
        (NOW, datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (
            datetime(2026, 11, 30, 20, tzinfo=timezone(timedelta(hours=-8))),
            datetime(2027, 1, 1, tzinfo=UTC),
        ),
    ],
)
def test_what_is_of_a_month_renews_with_the_next_one(now: datetime, renews_at: datetime) -> None:
    assert renewal_of(Quota.MESSAGES_MONTH, now) == renews_at
    assert renewal_of(Quota.BOTS, now) is None


def test_what_fills_a_limit_fits_and_one_more_does_not() -> None:
    standing = Standing(Quota.BOTS, 2, 3)
    require_room(standing, 1, NOW)
    with pytest.raises(QuotaExceeded):
        require_room(standing, 2, NOW)
    require_room(Standing(Quota.BOTS, 10**15, None), 10**15, NOW)


def test_a_refusal_names_the_limit_its_value_and_when_it_renews() -> None:
    with pytest.raises(QuotaExceeded) as monthly:
        require_room(Standing(Quota.MESSAGES_MONTH, 11, 10), 0, NOW)
    assert monthly.value.limit == "messages_month"
    assert monthly.value.detail == (
        "Your plan's limit messages_month is 10. It renews on 2026-12-01 at 00:00 UTC."
    )
    with pytest.raises(QuotaExceeded) as lasting:
        require_room(Standing(Quota.BOTS, 3, 3), 1, NOW)
    assert lasting.value.detail == (
        "Your plan's limit bots is 3. It does not renew: delete something, or ask for another plan."
    )
