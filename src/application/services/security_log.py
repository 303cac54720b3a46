"""The one place that security events go through: to the log with ids only, and to the audit log."""

import logging
from enum import StrEnum

from application.ports.clock import Clock
from application.ports.identity import Identities
from domain.accounts import Actor, Device, MemberRole
from domain.audit import entry_of

_log = logging.getLogger(__name__)


class SecurityEvent(StrEnum):
    """What happened to an account."""

    REGISTERED = "account.registered"
    LOGIN_SUCCEEDED = "login.succeeded"
    LOGIN_FAILED = "login.failed"
    SECOND_FACTOR_FAILED = "second_factor.failed"
    REFRESH_REUSED = "refresh_token.reused"
    SESSION_REVOKED = "session.revoked"
    SESSIONS_REVOKED = "session.revoked_others"
    PASSWORD_CHANGED = "password.changed"  # noqa: S105  # a name
    PASSWORD_RESET = "password.reset"  # noqa: S105  # a name
    PASSWORD_RESET_ASKED = "password.reset_asked"  # noqa: S105  # a name
    EMAIL_VERIFIED = "email.verified"
    EMAIL_CHANGED = "email.changed"
    SECOND_FACTOR_ON = "second_factor.on"
    SECOND_FACTOR_OFF = "second_factor.off"
    RECOVERY_CODE_USED = "second_factor.recovery_code_used"
    IDENTITY_LINKED = "identity.linked"
    INSTANCE_ADMIN_GRANTED = "instance_admin.granted"
    ACCOUNT_DELETED = "account.deleted"


class SecurityLog:
    """Tells who did what from where; never an address of mail, a password or a token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def note(self, event: SecurityEvent, *, user_id: str = "", device: Device) -> None:
        """Log what changes nothing, such as a log-in that failed; `user_id` where there is one.

        It writes nothing else, so it takes as long for an unknown account.
        """
        _log.warning(
            "%s user=%s ip=%s request=%s",
            event.value,
            user_id or "-",
            device.address or "-",
            device.request_id or "-",
        )

    async def record(self, identities: Identities, event: SecurityEvent, actor: Actor) -> None:
        """Log it, and write it to the audit log of the person's account; last in a transaction."""
        subject = ("user", actor.user_id)
        now = self._clock.now()
        entry = entry_of(actor, self._clock.new_id("aud"), now, event.value, subject)
        await identities.audit.record(entry, scope=actor.user_id)
        _log.info(
            "%s user=%s session=%s ip=%s request=%s",
            event.value,
            actor.user_id,
            actor.session_id or "-",
            actor.address or "-",
            actor.request_id or "-",
        )


def person(user_id: str, device: Device, session_id: str = "") -> Actor:
    """Return who acts where nobody is logged in yet."""
    return Actor(
        user_id,
        "",
        MemberRole.VIEWER,
        session_id,
        address=device.address,
        request_id=device.request_id,
    )
