"""Receipts of erasures: what was there, who wanted it gone, and when it was."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoreErasure:
    """What became of a subject's things in one store; `kind` is its technology, such as `pgvector`.

    `erased` is how many there were, `left` how many were found when the store was asked again, at `at`.
    """

    store: str
    kind: str
    erased: int
    left: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure that was asked for; it outlives what it tells of, so it names ids and numbers only.

    `counts` is how much of each kind was there when it began; `finished_at` is None until all is gone.
    `tenant_id` is None where it is about a workspace or person, and once the workspace is erased.
    """

    id: str
    subject_type: str
    subject_id: str
    requested_by: str
    requested_at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)
    finished_at: datetime | None = None
    stores: tuple[StoreErasure, ...] = ()
    tenant_id: str | None = None

    @property
    def verified_at(self) -> datetime | None:
        """When every store was found to hold nothing any more, or None."""
        if self.finished_at is None or not self.stores or any(s.left for s in self.stores):
            return None
        return max(store.at for store in self.stores)

    def noted(self, store: str, kind: str, there: int, at: datetime) -> "Erasure":
        """Return the receipt with what a store holds now: the most that it ever held was erased."""
        before = next((s.erased for s in self.stores if s.store == store), there)
        note = StoreErasure(store, kind, max(before, there), there, at)
        others = tuple(s for s in self.stores if s.store != store)
        return replace(self, stores=(*others, note))
