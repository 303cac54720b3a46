"""The audit log's entries as the API shows them."""

from application.services.views import View, timestamp
from domain.audit import AuditLink
from domain.erasures import Erasure


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
    """Return a receipt without whom it is about."""
    finished_at = erasure.finished_at
    return {
        "id": erasure.id,
        "subject_type": erasure.subject_type,
        "requested_at": timestamp(erasure.requested_at),
        "finished_at": None if finished_at is None else timestamp(finished_at),
        "counts": dict(erasure.counts),
    }
