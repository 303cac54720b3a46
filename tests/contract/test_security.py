"""Hashers of passwords and signers of tokens keep their contracts."""

import asyncio
import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping

import jwt
import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.security import InMemoryPasswordHasher, InMemoryTokenSigner
from adapters.security.password_hasher import MAX_WAITING, Argon2PasswordHasher
from adapters.security.token_signer import JwtTokenSigner
from application.ports.security import PasswordHasher, TokenSigner
from application.testing.security import CLAIMS, PasswordHasherContract, TokenSignerContract
from domain.errors import DependencyUnavailable, Unauthenticated

SECRET = b"0123456789abcdef0123456789abcdef"  # pragma: allowlist secret
OTHER_SECRET = b"another secret of thirty-two chars"
# None: left out
FOREIGN_HEADERS: Mapping[str, list[object]] = {
    "alg": ["none", "HS512", "RS256", None],
    "typ": ["JWT", None],
    "kid": ["x", ["x"], 1, None],
}
FOREIGN_CLAIMS: Mapping[str, list[object]] = {
    "iss": ["x", None],
    "aud": ["x", None],
    "sub": ["", 1, None],
    "sid": ["", 1, None],
    "iat": ["x", 2**40, None],
    "exp": ["x", 1, float("inf"), None],
}


class TestInMemoryPasswordHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> PasswordHasher:
        return InMemoryPasswordHasher()


class TestArgon2PasswordHasher(PasswordHasherContract):
    @pytest.fixture
    def hasher(self) -> Iterator[Argon2PasswordHasher]:
        hasher = Argon2PasswordHasher(memory_kib=64, passes=1)
        yield hasher
        hasher.close()

    async def test_the_default_is_argon2id_with_19_mib_and_two_passes(self) -> None:
        hasher = Argon2PasswordHasher()
        assert (await hasher.hash("x")).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        hasher.close()

    async def test_an_unknown_account_takes_as_long_as_a_wrong_password(self) -> None:
        hasher = Argon2PasswordHasher(memory_kib=4096, passes=4)
        encoded = await hasher.hash("right")

        async def fastest(stored: str | None) -> float:
            times = []
            for _ in range(7):
                start = time.perf_counter()
                assert not await hasher.verify("wrong", stored)
                times.append(time.perf_counter() - start)
            return min(times)

        known, unknown = await fastest(encoded), await fastest(None)
        hasher.close()
        assert 0.5 < known / unknown < 2

    async def test_the_event_loop_goes_on_while_passwords_are_hashed(self) -> None:
        hasher = Argon2PasswordHasher(memory_kib=19456)
        hashing = asyncio.gather(*(hasher.hash("x") for _ in range(3)))
        turns = 0
        while not hashing.done():
            await asyncio.sleep(0.001)
            turns += 1
        await hashing
        hasher.close()
        assert turns > 3

    async def test_a_line_that_is_too_long_is_refused(self, hasher: Argon2PasswordHasher) -> None:
        waiting = [asyncio.create_task(hasher.hash("x")) for _ in range(MAX_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(DependencyUnavailable):
            await hasher.hash("x")
        await asyncio.gather(*waiting)
        assert await hasher.hash("x")


class _Signers(TokenSignerContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def pass_time(self, clock: FakeClock) -> Callable[[float], None]:
        return clock.advance


class TestInMemoryTokenSigner(_Signers):
    @pytest.fixture
    def signer(self, clock: FakeClock) -> TokenSigner:
        return InMemoryTokenSigner(clock)

    @pytest.fixture
    def stranger(self, clock: FakeClock) -> TokenSigner:
        return InMemoryTokenSigner(clock)


class TestJwtTokenSigner(_Signers):
    @pytest.fixture
    def signer(self, clock: FakeClock) -> TokenSigner:
        return JwtTokenSigner(SECRET, clock)

    @pytest.fixture
    def stranger(self, clock: FakeClock) -> TokenSigner:
        return JwtTokenSigner(OTHER_SECRET, clock)

    def test_the_header_names_algorithm_type_and_key(self, signer: TokenSigner) -> None:
        header = jwt.get_unverified_header(signer.sign(CLAIMS))
        assert (header["alg"], header["typ"], len(header["kid"])) == ("HS256", "at+jwt", 16)

    @pytest.mark.parametrize(
        "headers",
        [{name: value} for name, values in FOREIGN_HEADERS.items() for value in values],
        ids=str,
    )
    def test_a_token_with_another_header_is_refused(
        self, signer: TokenSigner, headers: Mapping[str, object]
    ) -> None:
        with pytest.raises(Unauthenticated):
            signer.read(_forged(signer, headers, {}))

    @pytest.mark.parametrize(
        "claims",
        [{name: value} for name, values in FOREIGN_CLAIMS.items() for value in values],
        ids=str,
    )
    def test_a_token_with_another_claim_is_refused(
        self, signer: TokenSigner, claims: Mapping[str, object]
    ) -> None:
        assert signer.read(_forged(signer, {}, {})) == CLAIMS
        with pytest.raises(Unauthenticated):
            signer.read(_forged(signer, {}, claims))

    def test_a_header_nested_without_end_is_refused(self, signer: TokenSigner) -> None:
        header = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 2900).rstrip(b"=").decode()
        with pytest.raises(Unauthenticated):
            signer.read(f"{header}.e30.AA")

    def test_a_token_of_the_secret_before_is_still_read(self, clock: FakeClock) -> None:
        token = JwtTokenSigner(SECRET, clock).sign(CLAIMS)
        rotated = JwtTokenSigner(OTHER_SECRET, clock, previous=[SECRET])
        assert rotated.read(token) == CLAIMS
        assert rotated.read(rotated.sign(CLAIMS)) == CLAIMS

    def test_a_short_secret_is_refused(self, clock: FakeClock) -> None:
        with pytest.raises(ValueError, match="32 bytes"):
            JwtTokenSigner(SECRET[:-1], clock)


def _forged(
    signer: TokenSigner, headers: Mapping[str, object], claims: Mapping[str, object]
) -> str:
    """Return a token with other headers or claims (None: left out), signed as it should be."""
    token = signer.sign(CLAIMS)
    header = {**jwt.get_unverified_header(token), **headers}
    payload = {**jwt.decode(token, options={"verify_signature": False}), **claims}
    parts = [
        base64.urlsafe_b64encode(json.dumps(_given(part)).encode()).rstrip(b"=")
        for part in (header, payload)
    ]
    signing = b".".join(parts)
    algorithm = jwt.get_algorithm_by_name("HS256")
    signature = algorithm.sign(signing, SECRET)
    return b".".join([signing, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def _given(part: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in part.items() if value is not None}
