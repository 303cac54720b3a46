"""Plans: how much a workspace may have and use, and what it used."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from domain.errors import InvalidInput, QuotaExceeded

NAME_MAX = 100
LIMIT_MAX = 2**53 - 1  # the largest whole number that every JSON client reads
_PLAN_ID = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_GIB = 1024**3


class Quota(StrEnum):
    """What a plan limits. Those of a month start from 0 with each calendar month in UTC."""

    BOTS = "bots"
    DOCUMENTS = "documents"
    BYTES = "bytes"
    MESSAGES_MONTH = "messages_month"
    TOKENS_MONTH = "tokens_month"
    MEMBERS = "members"

    @property
    def is_monthly(self) -> bool:
        """Tell whether it renews."""
        return self in {Quota.MESSAGES_MONTH, Quota.TOKENS_MONTH}


@dataclass(frozen=True, slots=True)
class Plan:
    """Limits under a name; None: no limit."""

    id: str
    name: str
    limits: Mapping[Quota, int | None]
    version: int = 1


DEFAULT_PLANS = (
    Plan(
        "free",
        "Free",
        {
            Quota.BOTS: 100,
            Quota.DOCUMENTS: 50_000,
            Quota.BYTES: 20 * _GIB,
            Quota.MESSAGES_MONTH: 100_000,
            Quota.TOKENS_MONTH: 500_000_000,
            Quota.MEMBERS: 25,
        },
    ),
    Plan(
        "pro",
        "Pro",
        {
            Quota.BOTS: 1_000,
            Quota.DOCUMENTS: 500_000,
            Quota.BYTES: 200 * _GIB,
            Quota.MESSAGES_MONTH: 1_000_000,
            Quota.TOKENS_MONTH: 5_000_000_000,
            Quota.MEMBERS: 250,
        },
    ),
    Plan("enterprise", "Enterprise", dict.fromkeys(Quota)),
)


def checked_plan(plan_id: str, name: str, limits: Mapping[str, int | None]) -> Plan:
    """Return a plan that names every limit. Raises InvalidInput."""
    name = " ".join(name.split())
    if not _PLAN_ID.match(plan_id):
        raise InvalidInput("A plan's id is a word in lower case.", pointer="/plan")
    if not 1 <= len(name) <= NAME_MAX or "\x00" in name:
        raise InvalidInput(f"A name has 1 to {NAME_MAX} characters.", pointer="/name")
    if set(limits) != set(Quota):
        raise InvalidInput(f"The limits are {', '.join(Quota)}.", pointer="/limits")
    for limit, value in limits.items():
        if value is not None and not 0 <= value <= LIMIT_MAX:
            raise InvalidInput(
                f"A limit is a number from 0 to {LIMIT_MAX}, or null.", pointer=f"/limits/{limit}"
            )
    return Plan(plan_id, name, {Quota(limit): value for limit, value in limits.items()})


def period_of(quota: Quota, now: datetime) -> str:
    """Return the period that counts now: the month in UTC (`2026-11`), or "" for what never renews."""
    return f"{now.astimezone(UTC):%Y-%m}" if quota.is_monthly else ""


def renewal_of(quota: Quota, now: datetime) -> datetime | None:
    """Return when the next period begins, or None for what never renews."""
    if not quota.is_monthly:
        return None
    month = now.astimezone(UTC)
    year, following = divmod(month.year * 12 + month.month, 12)
    return datetime(year, following + 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Standing:
    """How much of a limit is used in its present period; `limit` None: there is none."""

    quota: Quota
    used: int
    limit: int | None

    def has_room_for(self, more: int) -> bool:
        """Tell whether `more` than what is used is within the limit."""
        return self.limit is None or self.used + more <= self.limit


def require_room(standing: Standing, more: int, now: datetime) -> None:
    """Raise QuotaExceeded, naming limit, value and renewal, where `more` does not fit."""
    if standing.has_room_for(more):
        return
    renews_at = renewal_of(standing.quota, now)
    relief = "It does not renew: delete something, or ask for another plan."
    if renews_at is not None:
        relief = f"It renews on {renews_at:%Y-%m-%d} at 00:00 UTC."
    raise QuotaExceeded(
        f"Your plan's limit {standing.quota} is {standing.limit}. {relief}",
        limit=standing.quota.value,
    )


class UsageKind(StrEnum):
    """What costs."""

    ANSWER = "answer"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class UsageRecord:
    """What one thing cost: written once, by an id that follows from the thing.

    An answer has tokens, as its model's provider counted them or else estimated; a document that was
    taken in has bytes and chunks, and as `model` the embedder's vector space.
    """

    id: str
    kind: UsageKind
    bot_id: str
    model: str | None
    at: datetime
    prompt_tokens: int = 0
    completion_tokens: int = 0
    size: int = 0
    chunks: int = 0

    @property
    def tokens(self) -> int:
        """What counts against the tokens of the month."""
        return self.prompt_tokens + self.completion_tokens


class Grouping(StrEnum):
    """By what usage is summed up."""

    DAY = "day"
    BOT = "bot"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Usage:
    """The sum of a group of records; `group` is a day (`2026-11-23`), a bot's id or a model's name."""

    group: str | None
    messages: int
    prompt_tokens: int
    completion_tokens: int
    documents: int
    size: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Footprint:
    """What was deleted: so many documents, with so many stored bytes."""

    documents: int = 0
    size: int = 0
