"""The SMTP mailer: TLS, logging in, and servers that fail."""

import ssl
from pathlib import Path

import pytest

from adapters.smtp.mailer import SmtpMailer
from adapters.smtp.mailer import SmtpServer as Parsed
from application.ports.mailer import Mail, MailNotSent
from standins.smtp_server import SmtpServer
from support.certificates import make_certificate

MAIL = Mail("ada@example.org", "Hello", "A secret link\n")
FROM = "ChatSphere <bot@example.com>"


@pytest.fixture
def contexts(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's and the client's side of a certificate for `localhost`."""
    pem = make_certificate(tmp_path, "localhost")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


Contexts = tuple[ssl.SSLContext, ssl.SSLContext]


async def test_tls_is_started_where_it_is_offered_and_then_comes_the_login(
    contexts: Contexts,
) -> None:
    async with SmtpServer(start_tls=contexts[0]) as server:
        url = server.url("ada%40example.org:p%3Ass@", "localhost")
        await SmtpMailer(url, FROM, tls=contexts[1]).send(MAIL)
    [taken] = server.mails
    assert taken.tls
    assert taken.login == ("ada@example.org", "p:ss")
    assert (taken.sender, taken.recipients) == ("bot@example.com", ("ada@example.org",))
    assert taken.message["From"] == FROM
    assert taken.message["Auto-Submitted"] == "auto-generated"


async def test_smtps_speaks_tls_from_the_start(contexts: Contexts) -> None:
    async with SmtpServer(implicit_tls=contexts[0]) as server:
        await SmtpMailer(server.url(host="localhost"), FROM, tls=contexts[1]).send(MAIL)
    assert server.mails[0].tls


@pytest.mark.parametrize("implicit", [False, True])
async def test_a_certificate_that_nobody_vouches_for_is_refused_before_anything_is_told(
    contexts: Contexts, implicit: bool
) -> None:
    offered = {"implicit_tls" if implicit else "start_tls": contexts[0]}
    async with SmtpServer(**offered) as server:
        with pytest.raises(MailNotSent):
            await SmtpMailer(server.url("u:p@", "localhost"), FROM).send(MAIL)
        assert server.mails == []
        assert "AUTH" not in server.verbs


async def test_another_machine_must_offer_tls() -> None:
    """A server that offers none, or somebody between who hides it, gets neither login nor mail."""
    assert Parsed.parse("smtp://mail.example.com").start_tls is True
    # 127.0.0.2 is this machine too, but not one of the names that stand for it.
    async with SmtpServer("127.0.0.2") as server:
        with pytest.raises(MailNotSent):
            await SmtpMailer(server.url("u:p@", "127.0.0.2"), FROM).send(MAIL)
    assert server.mails == []
    assert "EHLO" in server.verbs
    assert "AUTH" not in server.verbs


@pytest.mark.parametrize(
    ("verb", "line"),
    [
        ("RCPT", "550 no such user"),
        ("DATA", "451 later"),
        ("MAIL", "552 too much"),
    ],
)
async def test_a_server_that_refuses_is_told_without_its_words(verb: str, line: str) -> None:
    async with SmtpServer() as server:
        server.refuse[verb] = line
        with pytest.raises(MailNotSent) as caught:
            await SmtpMailer(server.url(), FROM).send(MAIL)
    assert line not in caught.value.detail
    assert MAIL.to not in caught.value.detail


async def test_a_server_that_falls_silent_is_not_waited_for() -> None:
    async with SmtpServer() as server:
        server.silent.add("MAIL")
        with pytest.raises(MailNotSent):
            await SmtpMailer(server.url(), FROM, timeout=0.3).send(MAIL)


async def test_an_address_that_would_be_another_command_is_refused() -> None:
    async with SmtpServer() as server:
        with pytest.raises(MailNotSent):
            await SmtpMailer(server.url(), FROM).send(
                Mail("a@b.org>\r\nRCPT TO:<eve@example.org", "Hello", "-\n")
            )
        assert server.mails == []


@pytest.mark.parametrize(
    "url", ["http://x", "smtp://", "smtp:host", "smtp://h/path", "smtp://u:p#x@h", "smtp://h?x=1"]
)
def test_a_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="write"):
        Parsed.parse(url)


def test_ports_are_those_of_submission() -> None:
    assert Parsed.parse("smtp://mail.example.com").port == 587
    assert Parsed.parse("smtps://mail.example.com").port == 465
    assert Parsed.parse("smtps://mail.example.com:2465").port == 2465
