"""Sweeps: what was found when the stores were compared with the database, and mended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

PRIORITY = 1_000  # of the job: after all that somebody waits for


class Finding(StrEnum):
    """What a sweep counts."""

    NAMESPACES_LOOKED_AT = "namespaces_looked_at"
    VECTORS_LOOKED_AT = "vectors_looked_at"
    BLOBS_LOOKED_AT = "blobs_looked_at"
    NAMESPACES_DELETED = "namespaces_deleted"
    VECTORS_DELETED = "vectors_deleted"
    VECTORS_RESTORED = "vectors_restored"
    DOCUMENTS_REQUEUED = "documents_requeued"
    DOCUMENTS_INCOMPLETE = "documents_incomplete"
    BLOBS_DELETED = "blobs_deleted"
    BLOBS_MISSING = "blobs_missing"
    POSTINGS_REMOVED = "postings_removed"
    TOTALS_MENDED = "keyword_totals_mended"
    STUCK_REQUEUED = "stuck_requeued"
    PURGES_REQUEUED = "purges_requeued"
    EMBEDDINGS_FORGOTTEN = "embeddings_forgotten"
    EVENTS_TRIMMED = "events_trimmed"
    KEYS_FORGOTTEN = "idempotency_keys_forgotten"


_ORDINARY = frozenset(
    {
        Finding.NAMESPACES_LOOKED_AT,
        Finding.VECTORS_LOOKED_AT,
        Finding.BLOBS_LOOKED_AT,
        Finding.EVENTS_TRIMMED,
        Finding.KEYS_FORGOTTEN,
    }
)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep of a workspace that came to its end."""

    id: str
    tenant_id: str
    started_at: datetime
    finished_at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_clean(self) -> bool:
        """Tell whether everything was as the database says."""
        return not any(count for what, count in self.counts.items() if what not in _ORDINARY)


@dataclass(frozen=True, slots=True)
class Standing:
    """A document that is not deleted: which of its revisions answers (0: none), and which is the newest."""

    document_id: str
    bot_id: str
    revision: int
    target: int
    chunk_count: int = 0

    def keeps(self, revision: int) -> bool:
        """Tell whether vectors of a revision may be of use: those of others never will be again."""
        return revision in (self.revision, self.target) and revision > 0
