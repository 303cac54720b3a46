"""Ids: a prefix over a UUIDv7 that sorts by time; chunk ids that name what they stand for."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import chunk_id, is_id, make_id, split_chunk_id

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIMES = st.integers(0, 2**48 - 1)
_NOISE = st.binary(min_size=10, max_size=12)


def _uuid(value: str) -> UUID:
    number = 0
    for sign in value.rpartition("_")[2]:
        number = number * 32 + ALPHABET.index(sign)
    return UUID(int=number)


@given(_TIMES, _NOISE)
def test_an_id_is_a_version_7_uuid_of_its_time(unix_ms: int, noise: bytes) -> None:
    value = make_id("bot", unix_ms, noise)
    uuid = _uuid(value)
    assert (uuid.version, uuid.variant) == (7, "specified in RFC 4122")
    assert uuid.int >> 80 == unix_ms
    assert is_id(value, "bot")
    assert len(value) == 30
    assert not is_id(value, "doc")


@given(_TIMES, _TIMES, _NOISE, _NOISE)
def test_ids_sort_by_time(first: int, second: int, one: bytes, other: bytes) -> None:
    if first < second:
        assert make_id("msg", first, one) < make_id("msg", second, other)


@given(_TIMES, st.sets(st.binary(min_size=10, max_size=10), min_size=2, max_size=2))
def test_other_noise_gives_another_id_but_for_the_bits_of_the_version(
    unix_ms: int, noises: set[bytes]
) -> None:
    one, other = (int.from_bytes(noise, "big") & (1 << 74) - 1 for noise in noises)
    first, second = (make_id("msg", unix_ms, noise) for noise in noises)
    assert (first == second) == (one == other)


def test_the_example_of_the_specification() -> None:
    # TypeID 0.3: prefix_01h455vb4pex5vsknk084sn02q is 01890a5d-ac96-774b-bcce-b302099a8057
    assert _uuid("prefix_01h455vb4pex5vsknk084sn02q") == UUID(
        "01890a5d-ac96-774b-bcce-b302099a8057"
    )
    noise = ((0x74B & 0xFFF) << 62 | 0x3CCEB302099A8057).to_bytes(10, "big")
    assert make_id("user", 0x01890A5DAC96, noise) == "user_01h455vb4pex5vsknk084sn02q"


def test_too_little_noise_is_refused() -> None:
    with pytest.raises(ValueError, match="10 random bytes"):
        make_id("bot", 0, b"short")


@pytest.mark.parametrize(
    "value",
    ["", "bot_", "bot_8zzzzzzzzzzzzzzzzzzzzzzzzz", "bot_01h455vb4pex5vsknk084sn02", "BOT_x",
     "bot_01h455vb4pex5vsknk084sn02Q", "bot_01h455vb4pex5vsknk084sn02l",
     "bot_01h455vb4pex5vsknk084sn02q\n", "bot-01h455vb4pex5vsknk084sn02q"],
)  # fmt: skip
def test_another_shape_is_no_id(value: str) -> None:
    assert not is_id(value, "bot")


@given(_TIMES, _NOISE, st.integers(0, 10**9 - 1), st.integers(0, 10**9 - 1))
def test_a_chunk_id_tells_document_revision_and_place(
    unix_ms: int, noise: bytes, revision: int, ordinal: int
) -> None:
    document = make_id("doc", unix_ms, noise)
    value = chunk_id(document, revision, ordinal)
    assert split_chunk_id(value) == (document, revision, ordinal)
    assert value.isascii()
    assert len(value) <= 64


@given(st.text() | st.from_regex(r"chk_[0-9a-z]{26}_[0-9]{1,10}_[0-9]{1,10}"))
def test_another_shape_is_no_chunk_id(value: str) -> None:
    split = split_chunk_id(value)
    if split is not None:
        assert is_id(split[0], "doc")
