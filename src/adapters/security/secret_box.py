"""SecretBox with AES-256-GCM (NIST SP 800-38D); keys are derived by HKDF-SHA256 (RFC 5869)."""

import base64
import binascii
import os
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from application.ports.secret_box import EncryptionKeyMissing, SecretBox, SecretUnreadable

SECRET_MIN = 32  # bytes
_VERSION = "v1"
_SEALED = re.compile(r"v1\.([0-9a-f]{16})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{22,})\Z")
_NONCE_BYTES = 12
_KEY_BYTES = 32
_KEY_ID_BYTES = 8


class AesGcmSecretBox(SecretBox):
    """Sealed texts read `v1.<key id>.<nonce>.<ciphertext and tag>`, the last two in base64url.

    Key ids are derived beside the keys, so a secret keeps its id wherever it stands in the list.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        """Seal with the first of `secrets`, and open with all; each has 32 bytes or more.

        Raises ValueError.
        """
        if not secrets or any(len(secret) < SECRET_MIN for secret in secrets):
            raise ValueError(f"each encryption key must have at least {SECRET_MIN} characters")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in map(_derive, secrets)}

    @property
    def key_ids(self) -> Sequence[str]:
        return list(self._ciphers)

    def seal(self, plaintext: str, context: str) -> str:
        nonce, key_id = os.urandom(_NONCE_BYTES), self.current_key_id
        cipher = self._ciphers[key_id]
        sealed = cipher.encrypt(nonce, plaintext.encode(), _associated(key_id, context))
        return f"{_VERSION}.{key_id}.{_encoded(nonce)}.{_encoded(sealed)}"

    def open(self, sealed: str, context: str) -> str:
        key_id, nonce, body = _parts(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise EncryptionKeyMissing
        try:
            return cipher.decrypt(nonce, body, _associated(key_id, context)).decode()
        except (InvalidTag, UnicodeDecodeError):
            raise SecretUnreadable from None

    def key_id_of(self, sealed: str) -> str:
        return _parts(sealed)[0]


def _derive(secret: bytes) -> tuple[str, bytes]:
    """Return the id and the key that follow from a secret."""
    made = HKDF(SHA256(), _KEY_ID_BYTES + _KEY_BYTES, salt=None, info=b"chatsphere secret box v1")
    material = made.derive(secret)
    return material[:_KEY_ID_BYTES].hex(), material[_KEY_ID_BYTES:]


def _associated(key_id: str, context: str) -> bytes:
    return f"{_VERSION}.{key_id}\0{context}".encode()


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _parts(sealed: str) -> tuple[str, bytes, bytes]:
    """Return key id, nonce and ciphertext. Raises SecretUnreadable."""
    found = _SEALED.match(sealed)
    if found is None:
        raise SecretUnreadable
    key_id, nonce, body = found.groups()
    try:
        decoded = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except binascii.Error:
        raise SecretUnreadable from None
    if _encoded(decoded) != body:  # another spelling of the same bytes
        raise SecretUnreadable
    return key_id, base64.urlsafe_b64decode(nonce), decoded
