"""Mail that nobody waits for: it is made and sent after the answer, and outside of transactions."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from application.ports.mailer import Mail, Mailer, MailNotSent

_log = logging.getLogger(__name__)
RETRY_SECONDS = (2.0, 15.0)
MAX_UNDER_WAY = 200
DRAIN_SECONDS = 10.0
Compose = Callable[[], Awaitable[Mail | None]]


class Postman:
    """Sends mails in tasks of its own; a mail server that fails changes nobody's answer.

    A mail is tried once more after each of `retry_seconds`, then given up and logged: links in
    mails are secrets, so they are kept in memory only and never stored as jobs. Whoever misses one
    asks for another.
    """

    def __init__(self, mailer: Mailer, retry_seconds: Sequence[float] = RETRY_SECONDS) -> None:
        self._mailer = mailer
        self._retry_seconds = retry_seconds
        self._tasks: set[asyncio.Task[None]] = set()

    def post(self, mail: Mail) -> None:
        """Send a mail soon."""

        async def made() -> Mail:
            return mail

        self.compose(made)

    def compose(self, make: Compose) -> None:
        """Do the work that makes a mail soon, and send it; None: there is none to send.

        So an answer takes as long where there is no account as where there is one.
        """
        if len(self._tasks) >= MAX_UNDER_WAY:
            _log.error("a mail was dropped: %d are under way", MAX_UNDER_WAY)
            return
        task = asyncio.create_task(self._deliver(make), name="mail")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def delivered(self, seconds: float = DRAIN_SECONDS) -> None:
        """Wait for what is under way, at most so long."""
        if self._tasks:
            await asyncio.wait(list(self._tasks), timeout=seconds)

    async def aclose(self) -> None:
        """Wait a little for what is under way, and give up the rest."""
        await self.delivered()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._mailer.aclose()

    async def _deliver(self, make: Compose) -> None:
        try:
            mail = await make()
            if mail is not None:
                await self._send(mail)
        except Exception:
            _log.exception("a mail could not be made")

    async def _send(self, mail: Mail) -> None:
        for pause in (*self._retry_seconds, None):
            try:
                return await self._mailer.send(mail)
            except MailNotSent as error:
                _log.warning("a mail was not sent: %s", error.detail)
            if pause is not None:
                await asyncio.sleep(pause)
        _log.error("a mail was given up")
        return None
