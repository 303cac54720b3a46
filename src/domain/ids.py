"""Identifiers: a type prefix over a UUIDv7, written as TypeID does (26 base32 characters)."""

import re

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32, lower case
_SUFFIX_LENGTH = 26
_RANDOM_BYTES = 10
_ID = re.compile(r"(?P<prefix>[a-z]{2,5})_[0-7][0-9a-hjkmnp-tv-z]{25}\Z")
_CHUNK_ID = re.compile(
    r"chk_(?P<document>[0-7][0-9a-hjkmnp-tv-z]{25})_(?P<revision>[0-9]{1,9})_(?P<ordinal>[0-9]{1,9})\Z"
)


def make_id(prefix: str, unix_ms: int, randomness: bytes) -> str:
    """Return `prefix_` plus a UUIDv7 in base32; ids of one prefix sort by time of creation.

    `unix_ms` is the time in milliseconds, `randomness` at least 10 random bytes.
    Source: RFC 9562 section 5.7 and the TypeID specification 0.3.
    """
    if len(randomness) < _RANDOM_BYTES:
        raise ValueError("an id needs 10 random bytes")
    noise = int.from_bytes(randomness[:_RANDOM_BYTES], "big")
    value = (unix_ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (noise >> 62 & 0xFFF) << 64
    value |= 0b10 << 62 | noise & (1 << 62) - 1
    digits = [_ALPHABET[value >> 5 * i & 31] for i in reversed(range(_SUFFIX_LENGTH))]
    return f"{prefix}_{''.join(digits)}"


def is_id(value: str, prefix: str) -> bool:
    """Tell whether `value` has the shape of an id of this prefix."""
    match = _ID.match(value)
    return match is not None and match["prefix"] == prefix


def chunk_id(document_id: str, revision: int, ordinal: int) -> str:
    """Return the id of a chunk; it is made of what names it, so a retried ingestion writes the same."""
    return f"chk_{document_id.partition('_')[2]}_{revision}_{ordinal}"


def split_chunk_id(value: str) -> tuple[str, int, int] | None:
    """Return (document id, revision, ordinal) of a chunk id, or None where the shape is another."""
    match = _CHUNK_ID.match(value)
    if match is None:
        return None
    return f"doc_{match['document']}", int(match["revision"]), int(match["ordinal"])
