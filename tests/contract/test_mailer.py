"""Mailers keep their contract; the SMTP one against a server that speaks SMTP."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from adapters.memory.mailer import InMemoryMailer
from adapters.smtp.mailer import SmtpMailer
from application.ports.mailer import Mail
from application.testing.mailer import Inbox, MailerContract
from standins.smtp_server import SmtpServer


class TestInMemoryMailer(MailerContract):
    @pytest.fixture
    def mailer(self) -> InMemoryMailer:
        return InMemoryMailer()

    @pytest.fixture
    def inbox(self, mailer: InMemoryMailer) -> Inbox:
        return lambda: mailer.sent

    @pytest.fixture
    def outage(self, mailer: InMemoryMailer) -> Callable[[], Awaitable[None]]:
        async def end() -> None:
            mailer.out = True

        return end


class TestSmtpMailer(MailerContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[SmtpServer]:
        async with SmtpServer() as server:
            yield server

    @pytest.fixture
    def mailer(self, server: SmtpServer) -> SmtpMailer:
        return SmtpMailer(server.url(), "ChatSphere <bot@example.com>")

    @pytest.fixture
    def inbox(self, server: SmtpServer) -> Inbox:
        def read() -> list[Mail]:
            messages = [taken.message for taken in server.mails]
            return [
                Mail(str(m["To"]), str(m["Subject"]), m.get_content().replace("\r\n", "\n"))
                for m in messages
            ]

        return read

    @pytest.fixture
    def outage(self, server: SmtpServer) -> Callable[[], Awaitable[None]]:
        return server.stop
