"""Mail by SMTP (RFC 5321), one connection a mail."""

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, make_msgid
from ssl import SSLContext, create_default_context
from urllib.parse import unquote, urlsplit

from application.ports.mailer import Mail, Mailer, MailNotSent

TIMEOUT_SECONDS = 20.0  # for a mail as a whole
_PORTS = {"smtp": 587, "smtps": 465}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in. Without TLS only to this machine itself."""

    host: str
    port: int
    username: str | None
    password: str | None
    implicit_tls: bool

    @classmethod
    def parse(cls, url: str) -> "SmtpServer":
        """Read `smtp://host:587` (STARTTLS) or `smtps://host:465`, with a login before the host.

        Raises ValueError.
        """
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
            raise ValueError("write smtp://host:587 or smtps://host:465, a login as user:password@")
        if parts.query or parts.fragment:
            raise ValueError("write #, ? and @ in names and passwords as %23, %3F and %40")
        return cls(
            parts.hostname,
            parts.port or _PORTS[parts.scheme],
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
            parts.scheme == "smtps",
        )

    @property
    def start_tls(self) -> bool | None:
        """Whether TLS must be started; None: where the server offers it, for nobody is between."""
        if self.implicit_tls:
            return False
        return None if self.host in _LOOPBACK else True


class SmtpMailer(Mailer):
    """Hands mails to a server that is told by its URL. Certificates are checked.

    `sender` is the From address, `tls` another context than the system's (for tests, and servers
    of one's own authority), `timeout` in seconds for each mail as a whole.
    """

    def __init__(
        self,
        url: str,
        sender: str,
        *,
        tls: SSLContext | None = None,
        timeout: float = TIMEOUT_SECONDS,  # a setting, not an argument of a wait
    ) -> None:
        self._server = SmtpServer.parse(url)
        self._sender = sender
        self._tls = tls
        self._timeout = timeout

    async def send(self, mail: Mail) -> None:
        """Hand the mail over."""
        from aiosmtplib import SMTPException, send

        server = self._server
        try:
            async with asyncio.timeout(self._timeout):
                await send(
                    _message(mail, self._sender),
                    hostname=server.host,
                    port=server.port,
                    username=server.username,
                    password=server.password,
                    use_tls=server.implicit_tls,
                    start_tls=server.start_tls,
                    tls_context=self._tls or create_default_context(),
                    timeout=self._timeout,
                )
        except (SMTPException, OSError, ValueError) as error:  # OSError: TimeoutError too
            # The server's words may hold the address or the login: not repeated.
            raise MailNotSent(
                f"The mail server did not take a mail: {type(error).__name__}."
            ) from error


def _message(mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2].rstrip("> ") or None)
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies
    message.set_content(mail.text)
    return message
