"""A mailer that keeps what it is given."""

from application.ports.mailer import Mail, Mailer, MailNotSent


class InMemoryMailer(Mailer):
    """`sent` holds the mails; while `out` is set, nothing is taken."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.out = False

    async def send(self, mail: Mail) -> None:
        """Keep the mail."""
        if self.out:
            raise MailNotSent
        self.sent.append(mail)
