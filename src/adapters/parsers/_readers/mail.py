"""E-mail (EML) by the standard library: fields, body, and attachments as sections of their own."""

from email import message_from_bytes, policy
from email.message import EmailMessage, Message

from adapters.parsers import _readers
from adapters.parsers._charset import decode
from adapters.parsers._draft import Draft, plausible_title, squeeze
from adapters.parsers._markup import add_html
from adapters.parsers._refusal import Refusal

_FIELDS = ("Subject", "From", "To", "Cc", "Date")
_MAX_ATTACHMENTS = 50


def read(data: bytes, draft: Draft) -> None:
    """Add the fields people look for, the body as text, and the attachments."""
    message = message_from_bytes(data, policy=policy.default)
    fields = {name: squeeze(_field(message, name)) for name in _FIELDS}
    draft.title = plausible_title(fields["Subject"])
    draft.block("\n".join(f"{name}: {value}" for name, value in fields.items() if value))
    body = message.get_body(("plain", "html"))
    if body is not None:
        _add_body(body, draft)
    for part in list(message.iter_attachments())[:_MAX_ATTACHMENTS]:
        _add_attachment(part, draft)


def _field(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except (ValueError, IndexError, AttributeError, TypeError):  # malformed addresses and dates
        return ""


def _add_body(part: Message, draft: Draft) -> None:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else str(part.get_payload()).encode()
    text = decode(data, part.get_content_charset() or "")
    if part.get_content_subtype() == "html":
        add_html(text, draft)
    else:
        draft.block(text)


def _add_attachment(part: Message, draft: Draft) -> None:
    """Add an attachment's text under its name; of one that cannot be read, the name alone."""
    name = squeeze(part.get_filename() or "")
    data, inner = _payload(part), Draft(draft.max_chars - draft.length)
    try:
        _readers.read(data, inner, name, part.get_content_type())
    except Refusal as refusal:
        if refusal.code == "text_too_large":
            raise
    heading = f"Attachment: {name or inner.title or part.get_content_type()}"
    if inner.length:
        draft.include(inner, heading)
    else:
        draft.block(heading)


def _payload(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822" and part.is_multipart():
        nested = part.get_payload(0)
        return nested.as_bytes() if isinstance(nested, Message) else b""
    payload = part.get_payload(decode=True)
    # A broken transfer encoding leaves the payload as it is: no text that anyone wrote.
    return payload if isinstance(payload, bytes) and not part.defects else b""
