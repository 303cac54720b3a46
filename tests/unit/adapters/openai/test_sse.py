"""Events are cut out of any sequence of reads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters._providers.sse import EventParser

STREAM = (
    "data: één\r\n\r\n: ping\n\nevent: x\nid: 1\ndata:two\ndata:  lines\n\ndata: [DONE]\n\n"
).encode()
EVENTS = ["één".encode(), b"two\nlines", b"[DONE]"]


@given(st.lists(st.integers(0, len(STREAM))))
def test_events_do_not_depend_on_where_reads_end(cuts: list[int]) -> None:
    parser, events, last = EventParser(), [], 0
    for cut in [*sorted(cuts), len(STREAM)]:
        events += parser.feed(STREAM[last:cut])
        last = cut
    assert events == EVENTS
    assert parser.end() == []


@pytest.mark.parametrize("tail", [b"data: last", b"data: last\n", b"data: last\r\n"])
def test_the_end_completes_an_event_without_its_blank_line(tail: bytes) -> None:
    parser = EventParser()
    assert parser.feed(tail) == []
    assert parser.end() == [b"last"]
    assert parser.end() == []


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert EventParser().feed(b"\xef\xbb\xbfdata: x\n\n") == [b"x"]


def test_comments_alone_make_no_event() -> None:
    assert EventParser().feed(b": keep-alive\n\n: keep-alive\n\n") == []
