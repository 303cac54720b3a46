"""A secret box that hides texts from the eye and binds them to their place, but encrypts nothing."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from secrets import token_hex

from application.ports.secret_box import EncryptionKeyMissing, SecretBox, SecretUnreadable

_PARTS = 3


class InMemorySecretBox(SecretBox):
    """Knows keys by their ids alone; the first is current."""

    def __init__(self, key_ids: Sequence[str] = ("memory",)) -> None:
        self._key_ids = list(key_ids)

    @property
    def key_ids(self) -> Sequence[str]:
        """Those it was given."""
        return self._key_ids

    def seal(self, plaintext: str, context: str) -> str:
        """Return what nobody reads at a glance."""
        body = urlsafe_b64encode(json.dumps([context, token_hex(4), plaintext]).encode()).decode()
        return f"{self.current_key_id}.{body}.{_digest(self.current_key_id, body)}"

    def open(self, sealed: str, context: str) -> str:
        """Return the plaintext."""
        key_id, body, digest = self._split(sealed)
        if key_id not in self._key_ids:
            raise EncryptionKeyMissing
        if _digest(key_id, body) != digest:
            raise SecretUnreadable
        known, _, plaintext = json.loads(urlsafe_b64decode(body))
        if known != context:
            raise SecretUnreadable
        return str(plaintext)

    def key_id_of(self, sealed: str) -> str:
        """Return what stands before the first dot."""
        return self._split(sealed)[0]

    @staticmethod
    def _split(sealed: str) -> list[str]:
        parts = sealed.split(".")
        if len(parts) != _PARTS or not all(parts):
            raise SecretUnreadable
        return parts


def _digest(key_id: str, body: str) -> str:
    return sha256(f"{key_id}.{body}".encode()).hexdigest()
