"""The terminal as a mail server."""

import io
import logging

import pytest

from adapters.console.mailer import ConsoleMailer
from application.ports.mailer import Mail

MAIL = Mail("ada@example.org", "Hello", "https://chat.example/#reset_password=s3cret\n")


async def test_the_link_goes_to_the_terminal_and_never_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    terminal = io.StringIO()
    with caplog.at_level(logging.DEBUG):
        await ConsoleMailer(shown=True, stream=terminal).send(MAIL)
    assert "ada@example.org" in terminal.getvalue()
    assert "#reset_password=s3cret" in terminal.getvalue()
    assert "printed" in caplog.text
    assert "s3cret" not in caplog.text
    assert "ada@" not in caplog.text


async def test_where_standard_output_is_collected_nothing_is_shown(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    await ConsoleMailer(shown=False).send(MAIL)
    assert capsys.readouterr().out == ""
    assert "s3cret" not in caplog.text
    assert "no mail server" in caplog.text


async def test_a_mail_cannot_steer_the_terminal() -> None:
    terminal = io.StringIO()
    await ConsoleMailer(shown=True, stream=terminal).send(Mail("a@b.org", "x", "\x1b[2J\u202eno\n"))
    assert "\x1b" not in terminal.getvalue()
    assert "\u202e" not in terminal.getvalue()
