"""What holds of every answer."""

import re

from domain.conversations import Message
from domain.events import MESSAGE_ENDS
from unit.installation import Installation

RULES = "The library opens at nine in the morning. Nobody may shout in the reading room."
ANSWER = ("The library opens ", "at nine in the morning [1", "]. Nobody may shout ", "[1].")

_MARKER = re.compile(r" ?\[\d+\]")


async def assert_one_end(installation: Installation, answer: Message) -> None:
    """Assert what holds of every ended answer: one last event, and deltas that make its content."""
    events = await installation.events(answer.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[0].type == "message.started"
    assert [event.type in MESSAGE_ENDS for event in events].count(True) == 1
    assert events[-1].type in MESSAGE_ENDS
    stored = await installation.message(answer.id)
    assert stored.status.is_final
    said = await installation.said(answer.id)
    # The markers of citations that were deleted meanwhile are left out in the end.
    assert _MARKER.sub("", said) == _MARKER.sub("", stored.content)
    assert set(_MARKER.findall(stored.content)) <= {
        f"{s}[{c.index}]" for c in stored.citations for s in ("", " ")
    }
