"""Bytes of unknown encoding."""

import pytest

from adapters.parsers._charset import decode


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Grüße, 5 €", "utf-8-sig"),
        ("Grüße", "utf-16"),
        ("A plain sentence", "utf-16-le"),
        ("A plain sentence", "utf-16-be"),
        ("Grüße", "utf-32"),
        ("Les élèves ont été très fatigués à Noël", "cp1252"),
        ("“Smart” – 5 €", "cp1252"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy", "cp1250"),
        ("Привет, как дела? Это тест кодировки", "cp1251"),
        ("こんにちは世界。これはテストです。", "euc-jp"),
        ("今天天气很好，我们去公园", "gbk"),
    ],
)
def test_the_encoding_is_found(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_declared_encoding_is_used_as_browsers_do_and_ignored_where_it_does_not_fit() -> None:
    assert decode(b"\x935 \x80\x94", "iso-8859-1") == "“5 €”"
    assert decode("naïve".encode(), "ascii") in ("naïve", "naÃ¯ve")
    assert decode("schön".encode(), "no-such-code") == "schön"
