"""Access tokens against RFC 8725: what others forge is refused, and keys can be changed."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from adapters.memory.clock import FakeClock
from adapters.security.token_signer import JwtTokenSigner
from application.testing.security import CLAIMS
from domain.errors import Unauthenticated

SECRET = b"0123456789abcdef0123456789abcdef"  # pragma: allowlist secret
NEXT_SECRET = b"the secret that comes after this"  # pragma: allowlist secret
PUBLIC_KEY = (
    b"-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def signer(clock: FakeClock) -> JwtTokenSigner:
    return JwtTokenSigner(SECRET, clock)


def _encoded(part: object) -> bytes:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=")


def parts(signer: JwtTokenSigner) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a good token."""
    token = signer.sign(CLAIMS)
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.get_unverified_header(token), claims


def token_of(header: object, claims: object, secret: bytes | None, digest: str = "sha256") -> str:
    """Return a token; without a secret, one without a signature."""
    signing = b".".join([_encoded(header), _encoded(claims)])
    signature = b"" if secret is None else hmac.digest(secret, signing, digest)
    return b".".join([signing, _encoded(signature)]).decode()


def refused(signer: JwtTokenSigner, token: str) -> None:
    with pytest.raises(Unauthenticated):
        signer.read(token)


def test_the_forging_of_these_tests_makes_good_tokens(signer: JwtTokenSigner) -> None:
    assert signer.read(token_of(*parts(signer), SECRET)) == CLAIMS


@pytest.mark.parametrize("algorithm", ["none", "None", "nOnE", "NONE", ""])
@pytest.mark.parametrize("secret", [None, b"", SECRET])
def test_a_token_without_an_algorithm_is_refused(
    signer: JwtTokenSigner, algorithm: str, secret: bytes | None
) -> None:
    header, claims = parts(signer)
    refused(signer, token_of({**header, "alg": algorithm}, claims, secret))


def test_a_token_without_a_signature_is_refused(signer: JwtTokenSigner) -> None:
    header, claims = parts(signer)
    refused(signer, token_of(header, claims, None))
    refused(signer, signer.sign(CLAIMS).rpartition(".")[0])
    refused(signer, signer.sign(CLAIMS).rpartition(".")[0] + ".")


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [("HS384", "sha384"), ("HS512", "sha512"), ("hs256", "sha256"), ("RS256", "sha256"),
     ("ES256", "sha256"), ("PS256", "sha256"), ("EdDSA", "sha256")],
)  # fmt: skip
def test_another_algorithm_is_refused_even_with_our_secret(
    signer: JwtTokenSigner, algorithm: str, digest: str
) -> None:
    header, claims = parts(signer)
    refused(signer, token_of({**header, "alg": algorithm}, claims, SECRET, digest))


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_a_public_key_is_no_secret(signer: JwtTokenSigner, algorithm: str) -> None:
    header, claims = parts(signer)
    refused(signer, token_of({**header, "alg": algorithm}, claims, PUBLIC_KEY))
    jwk = {"kty": "oct", "k": _encoded(PUBLIC_KEY).decode()}
    for extra in ({"jwk": jwk}, {"jku": "https://evil.example/keys"}, {"x5u": "https://e.example"}):
        refused(signer, token_of({**header, **extra}, claims, PUBLIC_KEY))


@pytest.mark.parametrize(
    "key_id",
    ["", "../../dev/null", "' OR 1=1 --", "x' UNION SELECT 'secret", "| id", "0" * 16, "\x00", "é",
     ["a"], {"a": 1}, 1, True, None],
)  # fmt: skip
@pytest.mark.parametrize("secret", [b"", b"\x00", SECRET], ids=["empty", "nul", "ours"])
def test_a_key_is_found_by_its_own_id_only(
    signer: JwtTokenSigner, key_id: object, secret: bytes
) -> None:
    header, claims = parts(signer)
    refused(signer, token_of({**header, "kid": key_id}, claims, secret))


def test_the_name_of_a_key_does_not_tell_the_key(signer: JwtTokenSigner) -> None:
    key_id = parts(signer)[0]["kid"]
    assert key_id not in hashlib.sha256(SECRET).hexdigest()
    assert key_id.encode() not in SECRET


@pytest.mark.parametrize("kind", ["JWT", "AT+JWT", "refresh+jwt", "", None, 1])
def test_a_token_of_another_type_is_refused(signer: JwtTokenSigner, kind: object) -> None:
    header, claims = parts(signer)
    refused(signer, token_of({**header, "typ": kind}, claims, SECRET))
    header.pop("typ")
    refused(signer, token_of(header, claims, SECRET))


def test_a_header_that_must_be_understood_and_is_not_is_refused(signer: JwtTokenSigner) -> None:
    header, claims = parts(signer)
    refused(signer, token_of({**header, "crit": ["b64"], "b64": False}, claims, SECRET))


@pytest.mark.parametrize("claim", ["iss", "aud", "sub", "sid", "iat", "exp"])
def test_every_claim_has_to_be_there(signer: JwtTokenSigner, claim: str) -> None:
    header, claims = parts(signer)
    claims.pop(claim)
    refused(signer, token_of(header, claims, SECRET))


OTHER_CLAIMS: list[Mapping[str, object]] = [
    {"iss": "chatsphere.evil"}, {"iss": ["chatsphere"]}, {"iss": ""}, {"iss": None},
    {"aud": "chatsphere"}, {"aud": ["another-api"]}, {"aud": []}, {"aud": ""}, {"aud": None},
    {"sub": ""}, {"sub": None}, {"sub": ["usr_1"]}, {"sid": ""}, {"sid": 7}, {"sid": None},
    {"exp": None}, {"exp": "2030"}, {"exp": [9e9]}, {"iat": None}, {"iat": "0"}, {"nbf": 2**40},
]  # fmt: skip


@pytest.mark.parametrize("other", OTHER_CLAIMS, ids=str)
def test_a_claim_of_another_value_or_type_is_refused(
    signer: JwtTokenSigner, other: Mapping[str, object]
) -> None:
    header, claims = parts(signer)
    refused(signer, token_of(header, {**claims, **other}, SECRET))


def test_the_times_of_a_token_are_judged_by_the_clock(
    signer: JwtTokenSigner, clock: FakeClock
) -> None:
    header, claims = parts(signer)
    now = int(clock.now().timestamp())
    refused(signer, token_of(header, {**claims, "exp": now}, SECRET))
    refused(signer, token_of(header, {**claims, "iat": now + 61}, SECRET))
    assert signer.read(token_of(header, {**claims, "iat": now + 59}, SECRET)) == CLAIMS
    token = signer.sign(CLAIMS)
    assert signer.read(token) == CLAIMS
    clock.advance(901)
    refused(signer, token)  # though its signature is remembered


@pytest.mark.parametrize("claims", [b"null", b"[]", b'"x"', b"{", b"\xff", b"", b"[" * 1000])
def test_claims_that_are_no_object_are_refused(signer: JwtTokenSigner, claims: bytes) -> None:
    refused(signer, token_of(parts(signer)[0], claims, SECRET))


def test_a_new_key_signs_while_tokens_of_the_one_before_are_read(clock: FakeClock) -> None:
    old = JwtTokenSigner(SECRET, clock)
    token = old.sign(CLAIMS)
    rotated = JwtTokenSigner(NEXT_SECRET, clock, previous=[SECRET])
    assert rotated.read(token) == CLAIMS
    renewed = rotated.sign(CLAIMS)
    assert parts(rotated)[0]["kid"] not in {parts(old)[0]["kid"], ""}
    refused(old, renewed)
    finished = JwtTokenSigner(NEXT_SECRET, clock)
    assert finished.read(renewed) == CLAIMS
    refused(finished, token)


def test_a_key_does_not_vouch_for_what_another_signed(clock: FakeClock) -> None:
    """The id of one key with the signature of the other."""
    old, rotated = (
        JwtTokenSigner(SECRET, clock),
        JwtTokenSigner(NEXT_SECRET, clock, previous=[SECRET]),
    )
    header, claims = parts(old)
    refused(rotated, token_of(header, claims, NEXT_SECRET))
    refused(rotated, token_of(parts(rotated)[0], claims, SECRET))
