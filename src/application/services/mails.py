"""The texts of mails, and the addresses that their links lead to."""

from application.ports.mailer import Mail


class Mails:
    """Writes mails; `base_url` is the configured address of this installation.

    Never the Host header: whoever could choose that would get the token. Secrets stand in the
    fragment, which browsers send to no server and name to no other site.
    """

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    def link(self, purpose: str, token: str) -> str:
        """Return the link that brings the token back, such as `https://…/#reset_password=…`."""
        return f"{self._base_url}/#{purpose}={token}"

    def password_reset(self, to: str, token: str, minutes: int) -> Mail:
        """The link for who forgot the password."""
        return Mail(
            to,
            "Set a new password for ChatSphere",
            "Somebody asked for a new password for your ChatSphere account. To set one, open\n\n"
            f"{self.link('reset_password', token)}\n\n"
            f"within {minutes} minutes. If it was not you, do nothing: your password stays.\n",
        )

    def email_verification(self, to: str, token: str, hours: int) -> Mail:
        """The link that shows that an address is one's own."""
        return Mail(
            to,
            "Confirm your e-mail address for ChatSphere",
            "To confirm that this address is yours, open\n\n"
            f"{self.link('verify_email', token)}\n\n"
            f"within {hours} hours. If you do not use ChatSphere, do nothing.\n",
        )

    def address_taken(self, to: str) -> Mail:
        """For who has an account, and with whose address somebody registered again."""
        return Mail(
            to,
            "You have a ChatSphere account already",
            "Somebody tried to register at ChatSphere with this address, which has an account.\n"
            "If it was you, log in; if you forgot the password, ask for a new one:\n\n"
            f"{self._base_url}/\n\n"
            "If it was not you, do nothing.\n",
        )

    def invitation(self, to: str, workspace_name: str, token: str, days: int) -> Mail:
        """The link for who is invited into a workspace."""
        return Mail(
            to,
            "You are invited to a ChatSphere workspace",
            f'You are invited to the workspace "{workspace_name}" on ChatSphere. To join, open\n\n'
            f"{self.link('invitation', token)}\n\n"
            f"within {days} days, with an account of this address. If you do not know who invites "
            "you, do nothing.\n",
        )

    def notice(self, to: str, what: str) -> Mail:
        """Tell the owner of an account that something changed that an intruder would change."""
        return Mail(
            to,
            f"Your ChatSphere account: {what}",
            f"This happened just now: {what}.\n\n"
            "If it was not you, set a new password at once and look through your sessions:\n\n"
            f"{self._base_url}/\n",
        )
