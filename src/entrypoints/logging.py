"""Logs: one line an event, fields beside it, never content or secrets."""

import logging
import sys
from types import TracebackType
from typing import TypeAlias

# What ends a line for some reader, or moves its cursor: C0 and C1 controls, line separators.
_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029))
_ESCAPED = {code: ascii(chr(code))[1:-1] for code in _CONTROLS}
_ESCAPED_IN_TRACES = {code: text for code, text in _ESCAPED.items() if code != ord("\n")}

_ExcInfo: TypeAlias = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


def configure_logging(level: str) -> None:
    """Send our logs to standard error; libraries only from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in ("domain", "application", "adapters", "entrypoints"):
        logging.getLogger(name).setLevel(level)


class OneLine(logging.Formatter):
    """Escapes controls in messages and indents traces, so that nobody can forge a line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  # the library's name
        return super().formatMessage(record).translate(_ESCAPED)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802  # the library's name
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802  # the library's name
        return _indented(super().formatStack(stack_info))


def _indented(trace: str) -> str:
    lines = trace.translate(_ESCAPED_IN_TRACES).split("\n")
    return "\n".join(f"  {line}" for line in lines)
