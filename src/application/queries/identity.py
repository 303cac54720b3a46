"""Reads of who asks."""

from abc import ABC, abstractmethod

from domain.accounts import Actor


class IdentityQueries(ABC):
    """One look-up a request: session, user and membership at once."""

    @abstractmethod
    async def actor(self, user_id: str, session_id: str, workspace_id: str | None) -> Actor | None:
        """Return the actor in the named workspace (None: the first one of the user).

        None where the session is revoked or expired, the user disabled, or the membership missing.
        """

    @abstractmethod
    async def local_actor(self, email: str | None, workspace_id: str | None) -> Actor | None:
        """Return whom a command on the machine itself acts as, without a session.

        The user with this address, or (None) an owner; in the named workspace, or (None) the oldest.
        """
