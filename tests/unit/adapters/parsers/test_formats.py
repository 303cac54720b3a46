"""What people are offered to choose from is what is read."""

from adapters.parsers import _sniff
from adapters.parsers._formats import FORMATS

NAMED_BY_THEIR_BYTES = {"pdf", "rtf", "xls"}


def test_each_kind_of_file_that_has_a_reader_is_offered() -> None:
    known = {*_sniff._ZIP_NAMES, *_sniff._TEXT_NAMES, *NAMED_BY_THEIR_BYTES}
    assert FORMATS.keys() == {f".{suffix}" for suffix in known}


def test_a_text_is_read_by_the_media_type_as_by_the_suffix() -> None:
    for suffix, reader in _sniff._TEXT_NAMES.items():
        by_type = _sniff._TEXT_TYPES.get(FORMATS[f".{suffix}"], "plain")
        assert by_type == reader or suffix == "geojson", suffix
