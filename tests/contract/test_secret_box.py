"""Secret boxes keep their contract; the real one encrypts."""

import re

import pytest

from adapters.memory.secret_box import InMemorySecretBox
from adapters.security.secret_box import AesGcmSecretBox
from application.ports.secret_box import SecretBox, SecretUnreadable
from application.testing.secret_box import CONTEXT, PLAIN, SecretBoxContract

OLD = b"0123456789abcdef0123456789abcdef"  # pragma: allowlist secret
NEW = b"another secret of thirty-two chars"


class TestInMemorySecretBox(SecretBoxContract):
    @pytest.fixture
    def box(self) -> SecretBox:
        return InMemorySecretBox(["old"])

    @pytest.fixture
    def rotated(self) -> SecretBox:
        return InMemorySecretBox(["new", "old"])

    @pytest.fixture
    def stranger(self) -> SecretBox:
        return InMemorySecretBox(["new"])


class TestAesGcmSecretBox(SecretBoxContract):
    @pytest.fixture
    def box(self) -> SecretBox:
        return AesGcmSecretBox([OLD])

    @pytest.fixture
    def rotated(self) -> SecretBox:
        return AesGcmSecretBox([NEW, OLD])

    @pytest.fixture
    def stranger(self) -> SecretBox:
        return AesGcmSecretBox([NEW])

    def test_the_format_names_version_key_nonce_and_ciphertext(self, box: SecretBox) -> None:
        version, key_id, nonce, body = box.seal(PLAIN, CONTEXT).split(".")
        assert (version, key_id) == ("v1", box.current_key_id)
        assert re.fullmatch("[0-9a-f]{16}", key_id)
        assert len(nonce) == 16  # 96 bits in base64url
        assert len(body) == -(-(len(PLAIN.encode()) + 16) * 4 // 3)  # with a tag of 128 bits

    def test_no_nonce_comes_twice(self, box: SecretBox) -> None:
        nonces = {box.seal("", CONTEXT).split(".")[2] for _ in range(2_000)}
        assert len(nonces) == 2_000

    def test_a_key_keeps_its_id_and_the_id_tells_nothing_of_it(self) -> None:
        first, second = AesGcmSecretBox([OLD]), AesGcmSecretBox([NEW, OLD])
        assert second.open(first.seal(PLAIN, CONTEXT), CONTEXT) == PLAIN
        assert first.current_key_id not in OLD.hex()

    def test_a_text_sealed_long_ago_still_opens(self, box: SecretBox) -> None:
        """Stored texts outlive the code: what version 1 wrote, version 1 reads."""
        kept = "v1.6cb54f908c52b66f.mhJDqx5Om0gtURNe.xoC13k_qzujuBAntTJP2oD7bdCg"  # pragma: allowlist secret
        assert box.open(kept, CONTEXT) == "kept"

    def test_another_spelling_of_the_same_bytes_is_refused(self, box: SecretBox) -> None:
        sealed = box.seal("ab", CONTEXT)  # 18 bytes in 24 characters: no spare bits
        spare = box.seal("abc", CONTEXT)  # 19 bytes: the last character has spare bits
        assert box.open(sealed, CONTEXT) == "ab"
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        other = spare[:-1] + alphabet[alphabet.index(spare[-1]) ^ 1]
        with pytest.raises(SecretUnreadable):
            box.open(other, CONTEXT)

    @pytest.mark.parametrize("secrets", [[], [b"short"], [OLD, b"short"]])
    def test_a_short_or_missing_secret_is_refused(self, secrets: list[bytes]) -> None:
        with pytest.raises(ValueError, match="32"):
            AesGcmSecretBox(secrets)
