"""Keys that others make up, as PostgreSQL can index them."""

from hashlib import sha256

_BYTES_MAX = 500  # an index takes five times that


def indexable(key: str) -> str:
    """Return the key itself, or its digest where it is long or has a character that no text may have."""
    raw = key.encode(errors="surrogatepass")
    if len(raw) <= _BYTES_MAX and "\0" not in key and raw == key.encode(errors="replace"):
        return key
    return f"sha256:{sha256(raw).hexdigest()}"
