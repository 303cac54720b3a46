"""The shapes of plans and usage."""

from typing import Annotated, Literal

from pydantic import Field

from domain.plans import LIMIT_MAX, NAME_MAX
from entrypoints.api.schemas import Input, Output, Text

_Limit = Annotated[int | None, Field(ge=0, le=LIMIT_MAX, description="null: no limit.")]
LimitName = Literal["bots", "documents", "bytes", "messages_month", "tokens_month", "members"]


class PlanLimitsInput(Input):
    """Every limit of a plan."""

    bots: _Limit
    documents: _Limit
    bytes: _Limit
    messages_month: _Limit
    tokens_month: _Limit
    members: _Limit


class PlanInput(Input):
    """A plan: what it is called and what it allows."""

    name: Annotated[Text, Field(max_length=NAME_MAX, examples=["Pro"])]
    limits: PlanLimitsInput


class PlanLimits(Output):
    """Every limit of a plan; null: no limit. Months are calendar months in UTC."""

    bots: int | None
    documents: int | None
    bytes: int | None
    messages_month: int | None
    tokens_month: int | None
    members: int | None


class Plan(Output):
    """What a workspace may have and use."""

    id: Annotated[str, Field(examples=["pro"])]
    name: str
    limits: PlanLimits


class Plans(Output):
    """Every plan of this installation."""

    data: list[Plan]


class SubscriptionInput(Input):
    """The plan that a workspace is to have."""

    plan: Annotated[Text, Field(max_length=40, examples=["pro"])]


class Subscription(Output):
    """The plan that a workspace has."""

    workspace_id: str
    plan: Plan


class LimitStanding(Output):
    """How much of a limit is used."""

    name: LimitName
    used: int
    limit: Annotated[int | None, Field(description="null: no limit.")]
    renews_at: Annotated[
        str | None, Field(description="When it starts from 0 again; null: what is deleted is free.")
    ]


class UsageSum(Output):
    """What a group used; `day`, `bot_id` or `model` names it."""

    day: Annotated[str | None, Field(examples=["2026-11-23"])]
    bot_id: str | None
    model: Annotated[
        str | None, Field(description="The chat model, or for documents the embedder's space.")
    ]
    messages: Annotated[int, Field(description="Answers that ended, well or not.")]
    prompt_tokens: int
    completion_tokens: int
    documents: Annotated[int, Field(description="Documents and revisions that were taken in.")]
    bytes: int
    chunks: int


class UsageReport(Output):
    """What was used from the first to the end of the last day (UTC), and how the limits stand now."""

    from_: Annotated[str, Field(alias="from", examples=["2026-11-01"])]
    to: Annotated[str, Field(examples=["2026-11-30"])]
    group_by: Literal["day", "bot", "model"]
    data: list[UsageSum]
    limits: list[LimitStanding]
