"""Mail for installations without a mail server: whoever runs one reads it in the terminal."""

import logging
import sys
import unicodedata
from typing import TextIO

from application.ports.mailer import Mail, Mailer

_log = logging.getLogger(__name__)
_KEPT = frozenset("\n\t")


class ConsoleMailer(Mailer):
    """Prints mails to standard output, where `shown`; the log only tells that there was one.

    The links in mails are secrets. Where standard output is collected as logs are, as in
    production, nothing is to be `shown`.
    """

    def __init__(self, *, shown: bool, stream: TextIO | None = None) -> None:
        self._shown = shown
        self._stream = stream

    async def send(self, mail: Mail) -> None:
        """Print the mail, or only log that nobody gets it."""
        if not self._shown:
            _log.warning("a mail was not sent: no mail server is configured")
            return
        _log.info("a mail was printed to the terminal")
        stream = self._stream or sys.stdout
        print(
            f"\n--- mail to {_plain(mail.to)}\n{_plain(mail.subject)}\n\n{_plain(mail.text)}\n---",
            file=stream,
            flush=True,
        )


def _plain(text: str) -> str:
    """Return text that cannot steer the terminal."""
    return "".join(c for c in text if c in _KEPT or unicodedata.category(c)[0] != "C")
