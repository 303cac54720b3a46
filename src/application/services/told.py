"""What the stream of an answer has told already: all that is left of one whose process died."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from application.ports.event_log import EventLog
from domain.citations import Citation
from domain.events import CITATION_ADDED, MESSAGE_DELTA, RETRIEVAL_COMPLETED, Event

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Told:
    """Whether a stream told the sources, and the answer as far as it came."""

    retrieved: bool = False
    text: str = ""
    citations: tuple[Citation, ...] = ()

    @property
    def has_begun(self) -> bool:
        """Tell whether a reader has seen some of the answer: then it cannot be written anew."""
        return bool(self.text or self.citations)


NOTHING_TOLD = Told()


async def told_so_far(log: EventLog, tenant_id: str, message_id: str) -> Told:
    """Read what a stream has told, once nobody writes to it any more."""
    events: list[Event] = []
    while True:
        page = await log.read(tenant_id, message_id, len(events), _PAGE)
        events += page
        if len(page) < _PAGE:
            break
    return Told(
        any(event.type == RETRIEVAL_COMPLETED for event in events),
        "".join(str(event.data["text"]) for event in events if event.type == MESSAGE_DELTA),
        tuple(_citation(event) for event in events if event.type == CITATION_ADDED),
    )


def _citation(event: Event) -> Citation:
    return Citation(**cast("Mapping[str, Any]", event.data["citation"]))
