"""Logs: one line an event, fields beside it, never content or secrets."""

import logging
import sys


def configure_logging(level: str) -> None:
    """Send our logs to standard error; libraries only from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("domain", "application", "adapters", "entrypoints"):
        logging.getLogger(name).setLevel(level)


class _OneLine(logging.Formatter):
    """Escapes line breaks in messages, so that nobody can forge a line."""

    def format(self, record: logging.LogRecord) -> str:
        message = super().format(record)
        head, *trace = message.split("\nTraceback", 1)
        line = head.replace("\r", "\\r").replace("\n", "\\n")
        return "\nTraceback".join([line, *trace])
