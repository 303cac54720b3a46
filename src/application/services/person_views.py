"""The public shape of one's own account and sessions."""

from application.services.views import View, timestamp, user_view
from domain.accounts import Session, User


def profile_view(user: User) -> View:
    """One's own account: nobody else sees how it is guarded."""
    factor = user.second_factor
    return {
        **user_view(user),
        "email_verified": user.email_verified_at is not None,
        "second_factor": factor is not None and factor.is_active,
        "instance_admin": user.instance_admin,
    }


def session_view(session: Session, current: str) -> View:
    """A log-in; `current` is the id of the one that asks."""
    return {
        "id": session.id,
        "current": session.id == current,
        "address": session.device.address,
        "user_agent": session.device.user_agent,
        "created_at": timestamp(session.created_at),
        "last_used_at": timestamp(session.last_used_at or session.created_at),
        "expires_at": timestamp(session.expires_at),
    }
