"""Files that no reader reads: says what they seem to be."""

from adapters.parsers._draft import Draft
from adapters.parsers._refusal import SENTENCES, Refusal


def read(data: bytes, draft: Draft) -> None:  # noqa: ARG001 - the readers' common signature
    """Refuse the file, naming its type where it is known."""
    if data.startswith(b"PK"):
        advice = "This is a zip archive. Unpack it and upload the files in it."
        raise Refusal("unsupported_media_type", advice)
    raise Refusal("unsupported_media_type", _describe(data) + SENTENCES["unsupported_media_type"])


def _describe(data: bytes) -> str:
    import puremagic  # only refusals need its tables

    try:
        kind = puremagic.magic_string(data[:4096])[0].name
    except (puremagic.PureError, ValueError, IndexError):
        return ""
    return f"The file looks like this: {kind}. " if kind else ""
