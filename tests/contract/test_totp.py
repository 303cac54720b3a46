"""Makers of codes keep their contract; the real one agrees with RFC 6238."""

from base64 import b32encode

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from adapters.memory.totp import InMemoryTotp
from adapters.security.totp import CryptographyTotp
from application.testing.totp import CodeOf, TotpContract


class TestInMemoryTotp(TotpContract):
    @pytest.fixture
    def totp(self) -> InMemoryTotp:
        return InMemoryTotp()

    @pytest.fixture
    def code_of(self) -> CodeOf:
        return InMemoryTotp.code


class TestCryptographyTotp(TotpContract):
    @pytest.fixture
    def totp(self) -> CryptographyTotp:
        return CryptographyTotp()

    @pytest.fixture
    def code_of(self) -> CodeOf:
        from base64 import b32decode

        def shown(secret: str, step: int) -> str:
            return TOTP(b32decode(secret), 6, SHA1(), 30).generate(step * 30).decode()

        return shown

    # Appendix B of RFC 6238, the last six of its eight digits.
    @pytest.mark.parametrize(
        ("seconds", "code"),
        [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
    )
    def test_the_codes_are_those_of_the_standard(
        self, totp: CryptographyTotp, seconds: int, code: str
    ) -> None:
        secret = b32encode(b"12345678901234567890").decode()  # pragma: allowlist secret
        assert totp.step_of(secret, code, [seconds // 30]) == seconds // 30
