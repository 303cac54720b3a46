"""Receipts of erasures: what was there, who wanted it gone, and when it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure that was asked for; it outlives what it tells of, so it names ids and numbers only.

    `counts` is how much of each kind was there when it began; `finished_at` is None until all is gone.
    """

    id: str
    subject_type: str
    subject_id: str
    requested_by: str
    requested_at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    finished_at: datetime | None = None
