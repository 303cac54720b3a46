"""What must not be so where an installation is open to others."""

from collections.abc import Iterator
from ipaddress import ip_address
from itertools import pairwise
from math import log2
from urllib.parse import unquote, urlsplit

from entrypoints.edge_settings import listed
from entrypoints.settings import Settings

_BITS_MIN = 96
_DISTINCT_MIN = 8
_WORDS = (
    "secret", "changeme", "change-me", "change_me", "change this", "changethis", "replace", "password",
    "example", "placeholder", "insecure", "default", "chatsphere", "your-", "your_",
    "testtest", "qwerty", "supersafe",
)  # fmt: skip
# Values that stand in documentation and answers, and hashes of the words above.
_KNOWN = frozenset(
    {
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",  # pragma: allowlist secret
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",  # pragma: allowlist secret
        "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",  # pragma: allowlist secret
        "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",  # pragma: allowlist secret
        "d41d8cd98f00b204e9800998ecf8427e",  # pragma: allowlist secret
        "5f4dcc3b5aa765d61d8327deb882cf99",  # pragma: allowlist secret
    }
)
_WEAK_PASSWORDS = frozenset(
    {
        "", "postgres", "postgresql", "password", "passw0rd", "admin", "root", "secret", "changeme",
        "chatsphere", "test", "example", "12345678", "123456", "1234", "pgvector", "docker",
    }
)  # fmt: skip


def weaknesses(settings: Settings) -> list[str]:
    """Return a sentence for each setting that is not safe in production; never its value."""
    found = [*_secrets(settings), *_public_url(settings)]
    for name, url in (
        ("DATABASE_URL", settings.database_url),
        ("MIGRATION_DATABASE_URL", settings.migration_database_url),
    ):
        if url is not None and _has_weak_password(url.get_secret_value()):
            found.append(f"CHATSPHERE_{name} has an empty or well-known password.")
    return found


def listens_to_others(host: str) -> bool:
    """Tell whether other machines reach this address."""
    if host.lower() == "localhost":
        return False
    try:
        return not ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return True


def is_guessable(secret: str) -> bool:
    """Tell whether a secret is known, a pattern, or has too little in it to be random."""
    folded = secret.lower()
    if folded in _KNOWN or any(word in folded for word in _WORDS):
        return True
    if len(set(secret)) < _DISTINCT_MIN or folded in (folded + folded)[1:-1]:  # it repeats itself
        return True
    steps = [ord(b) - ord(a) for a, b in pairwise(folded)]
    if sum(step in {-1, 0, 1} for step in steps) > len(steps) / 2:  # abcdef…, 987654…
        return True
    shares = [secret.count(letter) / len(secret) for letter in set(secret)]
    return -len(secret) * sum(share * log2(share) for share in shares) < _BITS_MIN


def _secrets(settings: Settings) -> Iterator[str]:
    make_one = "Make one with: openssl rand -hex 32"
    if settings.secret_key is None:
        yield f"CHATSPHERE_SECRET_KEY is missing. {make_one}"
    elif is_guessable(settings.secret_key.get_secret_value()):
        yield f"CHATSPHERE_SECRET_KEY can be guessed. {make_one}"
    previous = settings.secret_keys_previous
    if previous is not None and any(map(is_guessable, listed(previous.get_secret_value()))):
        yield "CHATSPHERE_SECRET_KEYS_PREVIOUS has a key that can be guessed: leave it out."
    keys = settings.encryption_keys
    if keys is not None and any(is_guessable(key) for key in listed(keys.get_secret_value())):
        yield f"CHATSPHERE_ENCRYPTION_KEYS has a key that can be guessed. {make_one}"
    token = settings.metrics_token
    if token is not None and is_guessable(token.get_secret_value()):
        yield f"CHATSPHERE_METRICS_TOKEN can be guessed. {make_one}"


def _public_url(settings: Settings) -> Iterator[str]:
    if settings.public_url is None:
        yield "CHATSPHERE_PUBLIC_URL is missing: the https address by which people reach this."
        return
    parts = urlsplit(settings.public_url)
    if parts.scheme != "https" or not parts.hostname:
        yield "CHATSPHERE_PUBLIC_URL must be an https address: passwords travel on it."


def _has_weak_password(url: str) -> bool:
    """Judge the password in a libpq URL or string, or else the one libpq takes from the environment.

    A password file or a server that asks for none is the administrator's choice.
    """
    from psycopg import ProgrammingError, pq
    from psycopg.conninfo import conninfo_to_dict

    if url.startswith(("postgresql://", "postgres://")):
        given = urlsplit(url).password
        if given is not None and unquote(given).lower() in _WEAK_PASSWORDS:
            return True
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        return False  # what is no address at all, the database says
    password = parts.get("password")
    if password is None:
        defaults = {option.keyword: option.val for option in pq.Conninfo.get_defaults()}
        found = defaults.get(b"password")
        password = found.decode(errors="replace") if found is not None else None
    if password is None:
        return False
    return str(password).lower() in _WEAK_PASSWORDS | {
        str(parts.get("user")),
        str(parts.get("dbname")),
    }
