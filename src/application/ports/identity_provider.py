"""Port: somebody else who knows who a person is (OpenID Connect)."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from domain.accounts import ExternalIdentity
from domain.errors import DependencyUnavailable, Unauthenticated


class ProviderUnavailable(DependencyUnavailable):
    """The provider that you want to log in with does not answer at the moment."""

    code = "identity_provider_unavailable"


class ProviderRefused(Unauthenticated):
    """The provider did not vouch for you: log in again."""

    code = "login_refused"


@dataclass(frozen=True, slots=True)
class Errand:
    """One log-in under way: where the browser comes back to, and what only this log-in knows.

    `nonce` binds the provider's answer to it, `verifier` the code (PKCE, RFC 7636).
    """

    redirect_uri: str
    nonce: str
    verifier: str


class IdentityProvider(ABC):
    """One provider, named by its issuer."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What people call it."""

    @abstractmethod
    async def authorization_url(self, errand: Errand, state: str) -> str:
        """Return where to send the browser. Raises ProviderUnavailable."""

    @abstractmethod
    async def exchange(self, errand: Errand, code: str) -> ExternalIdentity:
        """Return who came back with a code. Raises ProviderRefused, ProviderUnavailable."""
