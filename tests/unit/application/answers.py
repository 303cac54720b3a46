"""What holds of every answer."""

from domain.conversations import Message
from domain.events import MESSAGE_ENDS
from unit.installation import Installation

RULES = "The library opens at nine in the morning. Nobody may shout in the reading room."
ANSWER = ("The library opens ", "at nine in the morning [1", "]. Nobody may shout ", "[1].")


async def assert_one_end(installation: Installation, answer: Message) -> None:
    """Assert what holds of every ended answer: one last event, and deltas that make its content."""
    events = await installation.events(answer.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert events[0].type == "message.started"
    assert [event.type in MESSAGE_ENDS for event in events].count(True) == 1
    assert events[-1].type in MESSAGE_ENDS
    stored = await installation.message(answer.id)
    assert stored.status.is_final
    assert await installation.said(answer.id) == stored.content
