"""Port: people, workspaces and keys. They stand above tenants, so they have their own unit of work."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from application.ports.audit import AuditTrail
from application.ports.erasures import ErasureReceipts
from application.ports.job_queue import JobOutbox
from application.ports.people import ExternalIdentities, UserRepository
from application.ports.plans import PlanRepository
from application.ports.sessions import OneTimeTokens, SessionRepository
from application.ports.workspaces import InvitationRepository, WorkspaceRepository


class Identities(ABC):
    """One transaction over accounts; commits on a clean exit, rolls back otherwise.

    It sees across tenants, but nothing of what tenants store: no bot, no document, no message.
    """

    audit: AuditTrail
    users: UserRepository
    externals: ExternalIdentities
    sessions: SessionRepository
    tokens: OneTimeTokens
    workspaces: WorkspaceRepository
    invitations: InvitationRepository
    erasures: ErasureReceipts
    plans: PlanRepository

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    @abstractmethod
    def jobs(self, tenant_id: str) -> JobOutbox:
        """Return the outbox of a tenant, within this unit: what it takes leaves with the commit."""


class IdentityUnits(ABC):
    """Opens units of work over accounts."""

    @abstractmethod
    def open(self) -> Identities:
        """Return a fresh unit of work, to be used with `async with`."""
