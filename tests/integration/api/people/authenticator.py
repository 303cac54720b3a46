"""What an authenticator on a phone shows."""

import time
from base64 import b32decode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP


def code(secret: str, steps: int = 0) -> str:
    """Return the code now, or so many steps on."""
    at = int(time.time()) + steps * 30
    return TOTP(b32decode(secret), 6, SHA1(), 30).generate(at).decode()
