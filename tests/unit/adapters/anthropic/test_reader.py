"""What the events of a message say."""

import time
from typing import Any

import orjson
import pytest

from adapters._providers.errors import Redactor
from adapters.anthropic._answer import MessageReader

MEBI = 1024 * 1024


def read(reader: MessageReader, *events: dict[str, Any]) -> str:
    return reader.feed(b"".join(b"data: " + orjson.dumps(each) + b"\n\n" for each in events))


def start(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": 0, "content_block": {"type": kind, **more}}


def delta(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": kind, **more}}


@pytest.mark.parametrize(
    "event", [start("text", text=7), delta("text_delta", text=7)], ids=["start", "delta"]
)
def test_a_text_that_is_none_is_a_failure(event: dict[str, Any]) -> None:
    reader = MessageReader(Redactor(None), MEBI, "m")
    assert read(reader, start("text", text=""), event) == ""
    assert reader.failure is not None


def test_a_reason_that_is_no_text_is_a_failure() -> None:
    reader = MessageReader(Redactor(None), MEBI, "m")
    read(reader, {"type": "message_delta", "delta": {"stop_reason": ["end_turn"]}})
    assert reader.failure is not None


@pytest.mark.parametrize("name", ["text", "thinking"])
def test_a_long_block_in_small_pieces_does_not_hold_the_process_up(name: str) -> None:
    reader = MessageReader(Redactor(None), 16 * MEBI, "m")
    read(reader, start(name, **{name: ""}), delta(f"{name}_delta", **{name: "x" * 8 * MEBI}))
    pieces = [delta(f"{name}_delta", **{name: "x"})] * 1_000
    begun = time.process_time()
    read(reader, *pieces)
    assert time.process_time() - begun < 0.3
