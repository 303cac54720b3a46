"""Frames of a client: taken when well formed, else refused as bad input and nothing else."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from entrypoints.api.frames import FRAME_MAX_CHARS, FRAMES, Field, parse_frame


def _value(field: Field) -> object:
    return "x" * field.longest if field.kind is str else 7


@pytest.mark.parametrize("kind", FRAMES)
@pytest.mark.parametrize("all_members", [True, False])
def test_every_frame_is_taken_with_and_without_its_optional_members(
    kind: str, all_members: bool
) -> None:
    members = {
        name: _value(field) for name, field in FRAMES[kind].items() if all_members or field.required
    }
    frame = {"type": kind, **members}
    assert parse_frame(json.dumps(frame)) == frame


def _pointer(frame: object) -> str:
    with pytest.raises(InvalidInput) as caught:
        parse_frame(frame if isinstance(frame, str) else json.dumps(frame))
    assert caught.value.code == "bad_frame"
    assert caught.value.detail
    return caught.value.pointer


@pytest.mark.parametrize("kind", FRAMES)
def test_what_is_missing_or_too_much_is_named(kind: str) -> None:
    whole = {"type": kind, **{name: _value(field) for name, field in FRAMES[kind].items()}}
    assert _pointer({**whole, "surprise": 1}) == "/surprise"
    for name, field in FRAMES[kind].items():
        if field.required:
            assert _pointer({k: v for k, v in whole.items() if k != name}) == f"/{name}"
            assert _pointer({**whole, name: None}) == f"/{name}"
        wrong: list[object] = [True, 1.5, [], {}]
        wrong += (
            [1, "", "a\x00", "x" * (field.longest + 1)] if field.kind is str else ["1", -1, 2**31]
        )
        for value in wrong:
            assert _pointer({**whole, name: value}) == f"/{name}"


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("", ""),
        ("{", ""),
        ("[]", ""),
        ("null", ""),
        ('"auth"', ""),
        ("NaN", ""),
        ("{}", "/type"),
        ('{"type": "shout"}', "/type"),
        ('{"type": ["auth"]}', "/type"),
        ('{"type": {}}', "/type"),
        ("[" * 100_000, ""),
        ("x" * (FRAME_MAX_CHARS + 1), ""),
        ('{"type": "ping", "\ud800": 1}', ""),
    ],
)
def test_what_is_no_frame_is_refused(text: str, pointer: str) -> None:
    assert _pointer(text) == pointer


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
_NAMES = st.sampled_from(sorted({name for fields in FRAMES.values() for name in fields} | {"x"}))


@given(
    st.text()
    | _JSON.map(json.dumps)
    | st.tuples(st.sampled_from(list(FRAMES)), st.dictionaries(_NAMES, _JSON)).map(
        lambda pair: json.dumps({**pair[1], "type": pair[0]})
    )
)
def test_any_text_is_a_frame_or_bad_input(text: str) -> None:
    with suppress(InvalidInput):
        frame = parse_frame(text)
        assert set(frame) - {"type"} <= set(FRAMES[str(frame["type"])])
