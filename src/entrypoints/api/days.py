"""Days in the query of a list: both count, in UTC."""

from datetime import UTC, date, datetime, time, timedelta


def span_of(first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """Return the moment from which on and the moment before which; None where nothing bounds it."""
    since = None if first is None else _midnight(first)
    until = None if last is None or last == date.max else _midnight(last) + timedelta(days=1)
    return since, until


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
