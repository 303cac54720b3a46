"""The events of a stream. SSE and WebSocket are two views of them."""

from collections.abc import Mapping
from dataclasses import dataclass

MESSAGE_STARTED = "message.started"
RETRIEVAL_COMPLETED = "retrieval.completed"
MESSAGE_DELTA = "message.delta"
CITATION_ADDED = "citation.added"
MESSAGE_COMPLETED = "message.completed"
MESSAGE_STOPPED = "message.stopped"
ERROR = "error"
DOCUMENT_PROGRESS = "document.progress"
DOCUMENT_READY = "document.ready"
DOCUMENT_FAILED = "document.failed"
DOCUMENT_DELETED = "document.deleted"

MESSAGE_ENDS = frozenset({MESSAGE_COMPLETED, MESSAGE_STOPPED, ERROR})
DOCUMENT_ENDS = frozenset({DOCUMENT_READY, DOCUMENT_FAILED, DOCUMENT_DELETED})


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `seq` counts from 1 without a gap within its stream; `data` holds JSON values."""

    seq: int
    type: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class NewEvent:
    """An event before the log has given it a place."""

    type: str
    data: Mapping[str, object]
