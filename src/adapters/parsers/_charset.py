"""Turns bytes of unknown encoding into text."""

import codecs

from adapters.parsers._sniff import HEAD, wide_encoding

_HIGH = bytes(range(128, 256))
_FEW = 6  # bytes beyond ASCII
_SAMPLE = 32_768  # bytes that are enough to guess an encoding
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What browsers read these labels as (WHATWG Encoding Standard, section 4.2).
_WIDER = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "shift_jis": "cp932",
    "gb2312": "gb18030", "gbk": "gb18030", "euc_kr": "cp949",
}  # fmt: skip

_CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874",
    "koi8_r", "cp932", "euc_jp", "gb18030", "big5", "cp949",
]  # fmt: skip


def decode(data: bytes, declared: str = "") -> str:
    """Return the text of `data`.

    A byte order mark decides, then `declared` (what the document says of itself) if it fits, then
    the pattern of UTF-16, then UTF-8 if it fits, then a guess from the frequency of characters.
    """
    for mark, codec in _BOMS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    for codec in (declared, wide_encoding(data[:HEAD]), "utf-8"):
        text = _try(data, codec)
        if text is not None:
            return text
    return data.decode(_guess(data[:_SAMPLE]), "replace")


def _try(data: bytes, codec: str) -> str | None:
    try:
        name = codecs.lookup(codec).name
        return data.decode(_WIDER.get(name, name))
    except (LookupError, ValueError):
        return None


def _guess(sample: bytes) -> str:
    if len(sample) - len(sample.translate(None, _HIGH)) < _FEW:
        return "cp1252"  # too little to tell, and ASCII with a stray accent is mostly Western
    # Imported here: it costs 40 ms that UTF-8 files need not pay.
    from charset_normalizer import from_bytes

    matches = from_bytes(sample, cp_isolation=_CANDIDATES)
    best = matches.best()
    if best is None:
        return "cp1252"
    # Short Western text fits Central European as well; cp1252 is by far the more common of the two.
    fitting = {name for match in matches for name in match.could_be_from_charset}
    return "cp1252" if best.encoding == "cp1250" and "cp1252" in fitting else best.encoding
