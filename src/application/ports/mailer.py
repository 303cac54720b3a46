"""Port: mail to one person at a time."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from domain.errors import DependencyUnavailable


class MailNotSent(DependencyUnavailable):
    """The mail server does not answer, or did not take the mail."""

    code = "mail_not_sent"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in plain text. The subject is one line, whatever was put into it."""

    to: str
    subject: str
    text: str

    def __post_init__(self) -> None:
        """Take out what would end the header's line: names in subjects come from people."""
        printable = "".join(c if c.isprintable() else " " for c in self.subject)
        object.__setattr__(self, "subject", " ".join(printable.split()))


class Mailer(ABC):
    """Sends mail. Never call it inside a transaction, nor where somebody waits: use Postman."""

    @abstractmethod
    async def send(self, mail: Mail) -> None:
        """Hand the mail over. Raises MailNotSent; then it may be tried again."""

    async def aclose(self) -> None:
        """Release what is held."""
