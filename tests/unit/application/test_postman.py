"""Mail that nobody waits for."""

import asyncio
import logging

import pytest

from adapters.memory.mailer import InMemoryMailer
from application.ports.mailer import Mail, Mailer, MailNotSent
from application.services.mails import Mails
from application.services.postman import MAX_UNDER_WAY, Postman

MAIL = Mail("ada@example.org", "Hello", "https://x/#t=s3cret")


class FlakyMailer(InMemoryMailer):
    """Fails so many times first."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures

    async def send(self, mail: Mail) -> None:
        self.failures -= 1
        if self.failures >= 0:
            raise MailNotSent("down")
        await super().send(mail)


class StuckMailer(Mailer):
    async def send(self, mail: Mail) -> None:
        await asyncio.Event().wait()


async def test_a_mail_is_sent_after_the_caller_went_on() -> None:
    mailer = InMemoryMailer()
    postman = Postman(mailer)
    postman.post(MAIL)
    assert mailer.sent == []
    await postman.delivered()
    assert mailer.sent == [MAIL]


@pytest.mark.parametrize(("failures", "arrives"), [(1, True), (2, True), (3, False)])
async def test_a_mail_is_tried_thrice_then_given_up(
    failures: int, arrives: bool, caplog: pytest.LogCaptureFixture
) -> None:
    mailer = FlakyMailer(failures)
    postman = Postman(mailer, (0, 0))
    postman.post(MAIL)
    await postman.delivered()
    assert mailer.sent == ([MAIL] if arrives else [])
    assert ("given up" in caplog.text) is not arrives
    assert "s3cret" not in caplog.text


async def test_work_that_fails_is_logged_and_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken() -> Mail | None:
        raise RuntimeError("the database is down")

    async def nothing() -> Mail | None:
        return None

    mailer = InMemoryMailer()
    postman = Postman(mailer)
    postman.compose(broken)
    postman.compose(nothing)
    postman.post(MAIL)
    await postman.delivered()
    assert mailer.sent == [MAIL]
    assert "could not be made" in caplog.text


async def test_a_stuck_server_fills_no_memory(caplog: pytest.LogCaptureFixture) -> None:
    postman = Postman(StuckMailer())
    for _ in range(MAX_UNDER_WAY + 1):
        postman.post(MAIL)
    assert "dropped" in caplog.text
    caplog.set_level(logging.CRITICAL)
    await postman.delivered(0)
    for task in list(postman._tasks):
        task.cancel()
    await asyncio.gather(*postman._tasks, return_exceptions=True)


def test_links_lead_to_the_configured_address_with_the_secret_in_the_fragment() -> None:
    mails = Mails("https://chat.example.org/")
    assert mails.link("reset_password", "t-1") == "https://chat.example.org/#reset_password=t-1"
    for mail in (
        mails.password_reset("a@b.org", "t-1", 30),
        mails.email_verification("a@b", "t-1", 24),
    ):
        assert "t-1" in mail.text
        assert "t-1" not in mail.subject
