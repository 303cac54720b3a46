"""The fingerprint of a message from the WebSocket: tells messages apart and gives nothing away."""

from application.use_cases.accept_message import NewMessage
from entrypoints.api.socket import _fingerprint


def test_a_fingerprint_is_short_and_says_nothing_of_the_content() -> None:
    assert len(_fingerprint(NewMessage("secret " * 4000, bot_id="bot_1"))) == 64
    assert "secret" not in _fingerprint(NewMessage("secret", bot_id="bot_1"))


def test_other_messages_have_other_fingerprints() -> None:
    messages = [
        NewMessage("Q", bot_id="a"),
        NewMessage("R", bot_id="a"),
        NewMessage("Q", bot_id="b"),
        NewMessage("Q", conversation_id="a"),
        NewMessage("Q", conversation_id="a", parent_id="b"),
    ]
    assert len({_fingerprint(message) for message in messages}) == len(messages)
    assert _fingerprint(NewMessage("Q", bot_id="a")) == _fingerprint(messages[0])
