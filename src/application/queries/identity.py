"""Reads of who asks."""

from abc import ABC, abstractmethod

from domain.accounts import Actor


class IdentityQueries(ABC):
    """One look-up a request: credential, person, membership and workspace at once."""

    @abstractmethod
    async def actor(self, user_id: str, session_id: str, workspace_id: str | None) -> Actor | None:
        """Return the person in the named workspace (None: the first one of the user).

        None where the session is revoked or expired or the user disabled. Where only the membership
        is missing, or the workspace deleted, the actor has no `tenant_id`.
        """

    @abstractmethod
    async def key_actor(self, secret_hash: str) -> Actor | None:
        """Return whom an API key with this hash acts as.

        None where the key is unknown, revoked or expired, its maker disabled or no longer a member, or
        the workspace deleted.
        """

    @abstractmethod
    async def still(self, actor: Actor) -> Actor | None:
        """Return what the actor's credential is worth now; None: nothing.

        An actor without `tenant_id` is no member any more.
        """

    @abstractmethod
    async def local_actor(self, email: str | None, workspace_id: str | None) -> Actor | None:
        """Return whom a command on the machine itself acts as, without a session.

        The user with this address, or (None) an owner; in the named workspace, or (None) the one
        that was made first.
        """
