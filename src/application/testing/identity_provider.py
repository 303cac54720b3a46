"""What every identity provider promises."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest

from application.ports.identity_provider import (
    Errand,
    IdentityProvider,
    ProviderRefused,
    ProviderUnavailable,
)
from application.testing.contract import Contract
from domain.accounts import ExternalIdentity

ERRAND = Errand("https://chat.example/callback", "n" * 43, "v" * 43)
Authorize = Callable[[str, ExternalIdentity], Awaitable[tuple[str, str]]]
Outage = Callable[[], None]


class IdentityProviderContract(Contract):
    """A subclass gives `provider`, `ada`, `outage`, and `authorize` (what the person does there:
    from the address and who it is to the code and the state that come back)."""

    async def _code(
        self, provider: IdentityProvider, authorize: Authorize, ada: ExternalIdentity
    ) -> str:
        url = await provider.authorization_url(ERRAND, "a-state")
        code, state = await authorize(url, ada)
        assert state == "a-state"
        return code

    async def test_who_logs_in_there_is_told(
        self, provider: IdentityProvider, authorize: Authorize, ada: ExternalIdentity
    ) -> None:
        code = await self._code(provider, authorize, ada)
        assert await provider.exchange(ERRAND, code) == ada

    async def test_an_address_that_is_not_confirmed_there_is_told_as_such(
        self, provider: IdentityProvider, authorize: Authorize, ada: ExternalIdentity
    ) -> None:
        unsure = replace(ada, email_verified=False, full_name="")
        code = await self._code(provider, authorize, unsure)
        assert await provider.exchange(ERRAND, code) == unsure

    async def test_a_code_is_good_once(
        self, provider: IdentityProvider, authorize: Authorize, ada: ExternalIdentity
    ) -> None:
        code = await self._code(provider, authorize, ada)
        await provider.exchange(ERRAND, code)
        for used in (code, "never given out"):
            with pytest.raises(ProviderRefused):
                await provider.exchange(ERRAND, used)

    @pytest.mark.parametrize("field", ["verifier", "nonce", "redirect_uri"])
    async def test_a_code_of_another_log_in_is_refused(
        self, provider: IdentityProvider, authorize: Authorize, ada: ExternalIdentity, field: str
    ) -> None:
        code = await self._code(provider, authorize, ada)
        other = replace(ERRAND, **{field: getattr(ERRAND, field) + "x"})
        with pytest.raises(ProviderRefused):
            await provider.exchange(other, code)

    async def test_the_verifier_stays_with_us(self, provider: IdentityProvider) -> None:
        url = await provider.authorization_url(ERRAND, "a-state")
        assert ERRAND.verifier not in url
        assert len(parse_qs(urlsplit(url).query)["code_challenge"][0]) == 43

    async def test_an_outage_is_told(
        self,
        provider: IdentityProvider,
        authorize: Authorize,
        ada: ExternalIdentity,
        outage: Outage,
    ) -> None:
        code = await self._code(provider, authorize, ada)
        outage()
        with pytest.raises(ProviderUnavailable):
            await provider.exchange(ERRAND, code)
