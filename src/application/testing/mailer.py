"""What every mailer promises."""

from collections.abc import Awaitable, Callable

import pytest

from application.ports.mailer import Mail, Mailer, MailNotSent
from application.testing.contract import Contract

Inbox = Callable[[], list[Mail]]
MAIL = Mail(
    "ada@example.org",
    "Grüße, 日本 ✓",
    "Dear Ada,\n.\n..dots\n\nünïcode: 字 🙂\nhttps://x/#t=a_b-c\n",
)


class MailerContract(Contract):
    """A subclass gives the fixtures `mailer`, `inbox` (what arrived) and `outage` (ends the server)."""

    async def test_a_mail_arrives_as_it_was_written(self, mailer: Mailer, inbox: Inbox) -> None:
        await mailer.send(MAIL)
        assert inbox() == [MAIL]

    async def test_mails_arrive_one_by_one(self, mailer: Mailer, inbox: Inbox) -> None:
        mails = [Mail(f"person{n}@example.org", f"Number {n}", f"{n}\n") for n in range(3)]
        for mail in mails:
            await mailer.send(mail)
        assert inbox() == mails

    async def test_a_long_line_arrives_whole(self, mailer: Mailer, inbox: Inbox) -> None:
        mail = Mail("ada@example.org", "x" * 300, "y" * 5_000 + "\n")
        await mailer.send(mail)
        assert inbox() == [mail]

    async def test_a_subject_cannot_become_another_header(
        self, mailer: Mailer, inbox: Inbox
    ) -> None:
        await mailer.send(
            Mail("ada@example.org", "Hello\r\nBcc: eve@example.org\u2028\x1b\u202e.", "-\n")
        )
        [mail] = inbox()
        assert mail.subject == "Hello Bcc: eve@example.org ."
        assert mail.to == "ada@example.org"

    async def test_an_outage_is_told(
        self, mailer: Mailer, inbox: Inbox, outage: Callable[[], Awaitable[None]]
    ) -> None:
        await outage()
        with pytest.raises(MailNotSent):
            await mailer.send(MAIL)
        assert inbox() == []
