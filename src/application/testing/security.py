"""What every password hasher and every signer of tokens promises."""

from collections.abc import Callable

import pytest

from application.ports.security import AccessClaims, PasswordHasher, TokenSigner
from application.testing.contract import Contract
from domain.errors import Unauthenticated

PASSWORD = "a long pass phrase é 字"  # noqa: S105 - of nobody
CLAIMS = AccessClaims("usr_01jtnq3x5k7z9v2b4d6f8h0jkm", "ses_01jtnq3x5k7z9v2b4d6f8h0jkn")


class PasswordHasherContract(Contract):
    """A subclass gives the fixture `hasher`."""

    async def test_the_right_password_fits_and_no_other(self, hasher: PasswordHasher) -> None:
        encoded = await hasher.hash(PASSWORD)
        assert await hasher.verify(PASSWORD, encoded)
        assert not await hasher.verify(PASSWORD + " ", encoded)
        assert not await hasher.verify("", encoded)

    async def test_a_hash_is_salted_and_does_not_tell_the_password(
        self, hasher: PasswordHasher
    ) -> None:
        first, second = await hasher.hash(PASSWORD), await hasher.hash(PASSWORD)
        assert first != second
        assert PASSWORD not in first

    async def test_no_account_and_no_hash_fit_nothing(self, hasher: PasswordHasher) -> None:
        assert not await hasher.verify(PASSWORD, None)
        assert not await hasher.verify(PASSWORD, "")
        assert not await hasher.verify(PASSWORD, "not a hash")

    async def test_letters_may_be_typed_composed_or_decomposed(
        self, hasher: PasswordHasher
    ) -> None:
        encoded = await hasher.hash("caf\u00e9 caf\u00e9 caf\u00e9")
        assert await hasher.verify("cafe\u0301 cafe\u0301 cafe\u0301", encoded)

    async def test_any_string_can_be_a_password(self, hasher: PasswordHasher) -> None:
        odd = "\x00\ud800😀" * 40
        assert await hasher.verify(odd, await hasher.hash(odd))


class TokenSignerContract(Contract):
    """A subclass gives the fixtures `signer`, `stranger` (the signer of another installation) and
    `pass_time` (puts the signer's clock forward by so many seconds)."""

    def test_a_token_is_read_as_it_was_signed(
        self, signer: TokenSigner, pass_time: Callable[[float], None]
    ) -> None:
        token = signer.sign(CLAIMS)
        assert signer.read(token) == CLAIMS
        pass_time(signer.lifetime_seconds - 1)
        assert signer.read(token) == CLAIMS

    def test_a_token_expires(self, signer: TokenSigner, pass_time: Callable[[float], None]) -> None:
        token = signer.sign(CLAIMS)
        pass_time(signer.lifetime_seconds)
        with pytest.raises(Unauthenticated):
            signer.read(token)

    def test_a_token_lives_for_a_quarter_of_an_hour_at_most(self, signer: TokenSigner) -> None:
        assert 0 < signer.lifetime_seconds <= 900

    def test_a_token_of_another_installation_is_refused(
        self, signer: TokenSigner, stranger: TokenSigner
    ) -> None:
        with pytest.raises(Unauthenticated):
            signer.read(stranger.sign(CLAIMS))

    @pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", "é.字.😀", "\x00", "a" * 10_000])
    def test_what_is_no_token_is_refused(self, signer: TokenSigner, token: str) -> None:
        with pytest.raises(Unauthenticated):
            signer.read(token)

    def test_a_token_with_a_changed_character_is_refused(self, signer: TokenSigner) -> None:
        token = signer.sign(CLAIMS)
        for place in (2, len(token) // 2, len(token) - 2):
            other = "A" if token[place] != "A" else "B"
            with pytest.raises(Unauthenticated):
                signer.read(token[:place] + other + token[place + 1 :])
