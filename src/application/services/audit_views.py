"""The audit log's entries as the API shows them."""

from datetime import datetime

from application.services.views import View, timestamp
from domain.audit import AuditLink
from domain.erasures import Erasure
from domain.sweeps import Sweep


def audit_view(link: AuditLink) -> View:
    """Return an entry with its place in the chain; `body` is what the hash was made over."""
    entry = link.entry
    return {
        "id": entry.id,
        "seq": link.seq,
        "at": timestamp(entry.at),
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id},
        "action": entry.action,
        "subject": {"type": entry.subject_type, "id": entry.subject_id},
        "address": entry.address,
        "request_id": entry.request_id,
        "data": dict(entry.data),
        "body": link.body,
        "previous_hash": link.previous_hash,
        "hash": link.hash,
    }


def erasure_view(erasure: Erasure) -> View:
    """Return a receipt; of a workspace or person without which one it is about."""
    named = erasure.subject_type in ("document", "bot")
    return {
        "id": erasure.id,
        "subject_type": erasure.subject_type,
        "subject_id": erasure.subject_id if named else None,
        "requested_at": timestamp(erasure.requested_at),
        "finished_at": _time(erasure.finished_at),
        "verified_at": _time(erasure.verified_at),
        "counts": dict(erasure.counts),
        "stores": [
            {
                "store": each.store,
                "kind": each.kind,
                "erased": each.erased,
                "left": each.left,
                "at": timestamp(each.at),
            }
            for each in erasure.stores
        ],
    }


def sweep_view(sweep: Sweep) -> View:
    """Return a sweep with what it found."""
    return {
        "id": sweep.id,
        "started_at": timestamp(sweep.started_at),
        "finished_at": timestamp(sweep.finished_at),
        "clean": sweep.is_clean,
        "counts": dict(sweep.counts),
    }


def _time(at: datetime | None) -> str | None:
    return None if at is None else timestamp(at)
