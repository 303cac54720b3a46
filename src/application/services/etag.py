"""Optimistic locking by version."""

from domain.errors import PreconditionFailed


def require_version(current: int, expected: int | None) -> None:
    """Refuse a change that was made against another version. Raises PreconditionFailed."""
    if expected is not None and expected != current:
        raise PreconditionFailed
