"""A mail server that keeps what it takes, and fails as a test tells it to.

In a test: `async with SmtpServer() as server: SmtpMailer(server.url(), …)`, then `server.mails`.
"""

import asyncio
import base64
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext
from typing import Self


@dataclass(frozen=True)
class Taken:
    """A mail as it was handed in: the envelope, the message, and how."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage
    tls: bool
    login: tuple[str, str] | None


class SmtpServer:
    """`start_tls` is offered where given, `implicit_tls` spoken from the start.

    `refuse` maps a verb to the line it is answered with; a verb in `silent` is never answered.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        *,
        start_tls: SSLContext | None = None,
        implicit_tls: SSLContext | None = None,
    ) -> None:
        self._host = host
        self.mails: list[Taken] = []
        self.verbs: list[str] = []
        self.refuse: dict[str, str] = {}
        self.silent: set[str] = set()
        self._start_tls = start_tls
        self._implicit_tls = implicit_tls
        self._clients: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, self._host, 0, ssl=self._implicit_tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Listen no more, and cut off who is connected."""
        self._server.close()
        for task in list(self._clients):
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, login: str = "", host: str = "127.0.0.1") -> str:
        scheme = "smtps" if self._implicit_tls else "smtp"
        return f"{scheme}://{login}{host}:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        try:
            await _Conversation(self, reader, writer, self._implicit_tls is not None).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._clients.discard(task)
            writer.transport.abort()

    @property
    def tls(self) -> SSLContext | None:
        return self._start_tls


class _Conversation:
    def __init__(
        self,
        server: SmtpServer,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        tls: bool,
    ) -> None:
        self._server, self._reader, self._writer, self._tls = server, reader, writer, tls
        self._login: tuple[str, str] | None = None
        self._sender, self._recipients = "", list[str]()

    async def run(self) -> None:
        await self._say("220 stand-in ESMTP")
        while line := (await self._reader.readline()).decode().rstrip("\r\n"):
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            self._server.verbs.append(verb)
            if verb in self._server.silent:
                await asyncio.sleep(3600)
            if verb in self._server.refuse:
                await self._say(self._server.refuse[verb])
            elif verb == "QUIT":
                return await self._say("221 bye")
            else:
                await self._answer(verb, rest)
        return None

    async def _answer(self, verb: str, rest: str) -> None:
        match verb:
            case "EHLO":
                offers = ["stand-in", "8BITMIME", "AUTH PLAIN"]
                offers += ["STARTTLS"] if self._server.tls and not self._tls else []
                for offer in offers:
                    await self._say(f"250-{offer}")
                await self._say("250 SIZE 1000000")
            case "STARTTLS":
                assert self._server.tls is not None
                await self._say("220 go")
                await self._writer.start_tls(self._server.tls)
                self._tls = True
            case "AUTH":
                _, name, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                self._login = (name, password)
                await self._say("235 welcome")
            case "MAIL":
                self._sender, self._recipients = rest.split("<")[1].split(">", maxsplit=1)[0], []
                await self._say("250 ok")
            case "RCPT":
                self._recipients.append(rest.split("<")[1].split(">", maxsplit=1)[0])
                await self._say("250 ok")
            case "DATA":
                await self._take()
            case _:
                await self._say("250 ok")

    async def _take(self) -> None:
        await self._say("354 go on")
        raw = (await self._reader.readuntil(b"\r\n.\r\n")).removesuffix(b".\r\n")
        lines = [line.removeprefix(b".") for line in raw.split(b"\r\n")]
        message = message_from_bytes(b"\r\n".join(lines), policy=default)
        assert isinstance(message, EmailMessage)
        self._server.mails.append(
            Taken(self._sender, tuple(self._recipients), message, self._tls, self._login)
        )
        await self._say("250 taken")

    async def _say(self, line: str) -> None:
        self._writer.write(f"{line}\r\n".encode())
        await self._writer.drain()
