"""Usage counters and records in dictionaries."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from adapters.memory.plans import members_of, plan_of
from adapters.memory.state import MemoryState, TenantTables
from application.ports.usage import UsageMeter
from application.queries.usage import UsageQueries
from domain.plans import Grouping, Quota, Standing, Usage, UsageKind, UsageRecord, period_of


class InMemoryUsageMeter(UsageMeter):
    """Works on the tables of a unit of work."""

    def __init__(self, tables: TenantTables, state: MemoryState, tenant_id: str) -> None:
        self._tables = tables
        self._state = state
        self._tenant_id = tenant_id

    async def count(self, amounts: Mapping[Quota, int], now: datetime) -> Sequence[Standing]:
        """Add to the counters and return how they stand."""
        limits = plan_of(self._state.accounts, self._tenant_id).limits
        return [
            Standing(quota, self._add(quota, amount, now), limits[quota])
            for quota, amount in amounts.items()
        ]

    async def record(self, record: UsageRecord) -> None:
        """Write down a cost that is not known yet, and count its tokens."""
        if record.id not in self._tables.usage_records:
            self._tables.usage_records[record.id] = record
            self._add(Quota.TOKENS_MONTH, record.tokens, record.at)

    def _add(self, quota: Quota, amount: int, now: datetime) -> int:
        key = (quota.value, period_of(quota, now))
        used = max(self._tables.usage.get(key, 0) + amount, 0)
        self._tables.usage[key] = used
        return used


class InMemoryUsageQueries(UsageQueries):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def standings(self, tenant_id: str, now: datetime) -> Sequence[Standing]:
        """Return how much is used of each limit."""
        accounts, usage = self._state.accounts, self._state.tenant(tenant_id).usage
        limits = plan_of(accounts, tenant_id).limits
        counted = {quota: usage.get((quota.value, period_of(quota, now)), 0) for quota in Quota}
        counted[Quota.MEMBERS] = members_of(accounts, tenant_id)
        return [Standing(quota, used, limits[quota]) for quota, used in counted.items()]

    async def used(self, tenant_id: str, first: date, last: date, by: Grouping) -> Sequence[Usage]:
        """Return what was used, by group in order."""
        groups: dict[str | None, list[UsageRecord]] = {}
        for record in self._state.tenant(tenant_id).usage_records.values():
            if first <= record.at.astimezone(UTC).date() <= last:
                groups.setdefault(_group_of(record, by), []).append(record)
        ordered = sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or ""))
        return [_sum(group, records) for group, records in ordered]


def _group_of(record: UsageRecord, by: Grouping) -> str | None:
    match by:
        case Grouping.DAY:
            return record.at.astimezone(UTC).date().isoformat()
        case Grouping.BOT:
            return record.bot_id
        case Grouping.MODEL:
            return record.model


def _sum(group: str | None, records: Sequence[UsageRecord]) -> Usage:
    return Usage(
        group=group,
        messages=sum(record.kind is UsageKind.ANSWER for record in records),
        prompt_tokens=sum(record.prompt_tokens for record in records),
        completion_tokens=sum(record.completion_tokens for record in records),
        documents=sum(record.kind is UsageKind.DOCUMENT for record in records),
        size=sum(record.size for record in records),
        chunks=sum(record.chunks for record in records),
    )
