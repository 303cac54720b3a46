"""Logs: one line an event, whatever stands in it."""

import logging
import sys
from collections.abc import Iterator

import pytest

from entrypoints.logging import OneLine, configure_logging

HOSTILE = [
    "one\ntwo",
    "one\r\ntwo",
    "one\nTraceback (most recent call last):\n2026-01-01 INFO forged",
    "one\x1b[2Jtwo",
    "one\x85two\u2028three\u2029four\x0bfive\x0csix",
    "one\x00two\x7f",
]


def _formatted(message: str, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("adapters.x", logging.INFO, __file__, 1, "%s", (message,), info)
    return OneLine("%(levelname)s %(name)s %(message)s").format(record)


@pytest.mark.parametrize("message", HOSTILE)
def test_no_message_makes_a_second_line(message: str) -> None:
    line = _formatted(message)
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert line.startswith("INFO adapters.x one")


def test_other_letters_stay_readable() -> None:
    assert _formatted("größe 字 😀") == "INFO adapters.x größe 字 😀"


@pytest.mark.parametrize("message", HOSTILE)
def test_the_lines_of_a_trace_cannot_be_taken_for_events(message: str) -> None:
    try:
        raise ValueError(message)
    except ValueError as error:
        first, *trace = _formatted("it failed", error).splitlines()
    assert first == "INFO adapters.x it failed"
    assert trace[0] == "  Traceback (most recent call last):"
    assert all(line.startswith("  ") for line in trace)
    assert any("ValueError: one" in line for line in trace)


@pytest.fixture
def _loggers() -> Iterator[None]:
    """Put the loggers back as they were."""
    names = [None, "domain", "application", "adapters", "entrypoints"]
    loggers = [logging.getLogger(name) for name in names]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers


@pytest.mark.usefixtures("_loggers")
def test_our_events_are_logged_and_libraries_only_warn(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for _ in range(2):  # configuring twice does not log twice
        configure_logging("INFO")
    logging.getLogger("entrypoints.x").info("ours")
    logging.getLogger("entrypoints.x").debug("detail")
    logging.getLogger("library").info("chatter")
    logging.getLogger("library").warning("trouble\nforged")
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" ", 2)[2] for line in lines] == [
        "INFO entrypoints.x ours",
        "WARNING library trouble\\nforged",
    ]
    assert sys.stderr is not None
