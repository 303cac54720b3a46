"""Plans and usage as the contract shows them."""

from collections.abc import Mapping
from datetime import datetime

from application.services.views import timestamp
from domain.plans import Grouping, Plan, Standing, Usage, renewal_of


def plan_view(plan: Plan) -> dict[str, object]:
    """Return a plan; a limit that is null does not bind."""
    limits = {quota.value: limit for quota, limit in plan.limits.items()}
    return {"id": plan.id, "name": plan.name, "limits": limits}


def standing_view(standing: Standing, now: datetime) -> Mapping[str, object]:
    """Return how much of a limit is used, and when that starts from 0 again."""
    renews_at = renewal_of(standing.quota, now)
    return {
        "name": standing.quota.value,
        "used": standing.used,
        "limit": standing.limit,
        "renews_at": timestamp(renews_at) if renews_at else None,
    }


def usage_view(usage: Usage, by: Grouping) -> dict[str, object]:
    """Return the sum of a group; of day, bot and model only that which was asked for is named."""
    return {
        "day": usage.group if by is Grouping.DAY else None,
        "bot_id": usage.group if by is Grouping.BOT else None,
        "model": usage.group if by is Grouping.MODEL else None,
        "messages": usage.messages,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "documents": usage.documents,
        "bytes": usage.size,
        "chunks": usage.chunks,
    }
