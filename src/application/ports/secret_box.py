"""Port: secrets that must be read again (provider keys, second factors), encrypted for storage."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.errors import DependencyUnavailable


class SecretUnreadable(DependencyUnavailable):
    """A stored secret cannot be read: it was changed, or stands where it does not belong."""

    code = "secret_unreadable"


class EncryptionKeyMissing(SecretUnreadable):
    """A stored secret is sealed with an encryption key that this installation does not have."""

    code = "encryption_key_missing"


class SecretBox(ABC):
    """Seals texts with the current key and opens what the current or an older key has sealed.

    `context` says where the sealed text is kept, such as `users.totp_secret:usr_…`. It is no part of
    what is stored, and a text opens under its own context only: moved to another row it is unreadable.
    """

    @property
    @abstractmethod
    def key_ids(self) -> Sequence[str]:
        """The ids of all keys that open, the current one first; an id tells nothing of its key."""

    @property
    def current_key_id(self) -> str:
        """The id of the key that seals."""
        return self.key_ids[0]

    @abstractmethod
    def seal(self, plaintext: str, context: str) -> str:
        """Return the plaintext encrypted, as ASCII text; twice the same plaintext looks different."""

    @abstractmethod
    def open(self, sealed: str, context: str) -> str:
        """Return the plaintext. Raises SecretUnreadable, EncryptionKeyMissing."""

    @abstractmethod
    def key_id_of(self, sealed: str) -> str:
        """Return the id of the key that sealed this. Raises SecretUnreadable where nothing did."""
