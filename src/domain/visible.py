"""Visible text: without the characters that a machine reads and a person does not see."""

import re

# Zero-width and bidirectional signs, tags, variation selectors, controls but tab and line feed.
_HIDDEN = (
    "\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_EMOJI = "\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_KEPT = (
    "(?<=[\u0600-\u0dff])[\u200c\u200d](?=[\u0600-\u0dff])"
    f"|(?<=[{_EMOJI}])\ufe0f|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])"
)
_FOUND = re.compile(f"({_KEPT})|[{_HIDDEN}]")
_JOINERS = "\u200c\u200d"


def visible(text: str) -> str:
    """Return `text` without the characters that only machines see.

    Joiners stay between letters of scripts that need them (Arabic and Persian to Sinhala) and within
    emoji. Everything else that shows nothing goes: zero-width and bidirectional signs, tag
    characters (U+E0000), variation selectors, soft hyphens, controls but tab and line feed. Text of
    right-to-left scripts needs no sign to be shown rightly.
    """
    if text.isascii() and text.isprintable():
        return text
    return _FOUND.sub(_kept, text)


def visible_places(text: str) -> list[int]:
    """Return where in `text` each character of `visible(text)` stands."""
    hidden = {match.start() for match in _FOUND.finditer(text) if not match[1]}
    return [place for place in range(len(text)) if place not in hidden]


def _kept(match: re.Match[str]) -> str:
    return match[1] or ""


class VisibleStream:
    """`visible` for a text that comes in pieces: the same result however it is cut.

    One character at most is held back.
    """

    def __init__(self) -> None:
        self._before = ""  # the last character, as it came
        self._held = ""

    def feed(self, delta: str) -> str:
        """Take the next piece and return what is certain."""
        if not self._held and delta and delta.isascii() and delta.isprintable():
            self._before = delta[-1]
            return delta
        text = self._before + self._held + delta
        end = len(text) - 1 if text and text[-1] in _JOINERS else len(text)
        return self._until(end, text)

    def finish(self) -> str:
        """Return what was held back; nothing follows."""
        text = self._before + self._held
        return self._until(len(text), text)

    def _until(self, end: int, text: str) -> str:
        made, at = [], len(self._before)
        for match in _FOUND.finditer(text, at):
            if match.start() >= end:
                break
            made += [text[at : match.start()], _kept(match)]
            at = match.end()
        made.append(text[at:end])
        self._held, self._before = text[end:], text[:end][-1:]
        return "".join(made)
