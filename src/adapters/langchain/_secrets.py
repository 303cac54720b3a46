"""What must be done so that nobody reads a key in the message of an integration."""

import re
from collections.abc import Iterable

_MAX_MESSAGE = 200
_READ = 2_000  # characters of a message; some are whole pages
_SHORTEST = 6  # anything shorter would blacken words
_NAMED = re.compile(
    r"((?:api[-_ ]?key|token|secret|password|authorization)[\"']?\s*[:=]\s*[\"']?)[^\s\"'&,}]+",
    re.IGNORECASE,
)
_KEY_LIKE = re.compile(
    r"Bearer\s+\S+|\b(?:sk|pk|gsk|xai|hf|AIza|AKIA|pcsk)[-_A-Za-z0-9*.]{6,}"
    r"|(?=[A-Za-z_]*[0-9])[A-Za-z0-9_]{20,}|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
)
_SECRET_FIELD = re.compile(r"key|token|secret|password|credential", re.IGNORECASE)


class Redactor:
    """Makes an integration's message fit to show: short, one line, without its keys."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = sorted(
            {secret for secret in secrets if len(secret) >= _SHORTEST}, key=len, reverse=True
        )

    def __call__(self, message: str) -> str:
        for secret in self._secrets:
            message = message.replace(secret, "***")
        message = _KEY_LIKE.sub("***", _NAMED.sub(r"\1***", message[:_READ]))
        message = " ".join(message.split())
        return message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 1]}…"


def redactor_for(part: object) -> Redactor:
    """Return one that knows the keys in the fields of a LangChain object."""
    return Redactor(found for name, value in _fields(part) if (found := _secret(name, value)))


def _fields(part: object) -> Iterable[tuple[str, object]]:
    return list(getattr(part, "__dict__", {}).items())


def _secret(name: str, value: object) -> str:
    reveal = getattr(value, "get_secret_value", None)  # pydantic's SecretStr
    if callable(reveal):
        return str(reveal())
    return value if isinstance(value, str) and _SECRET_FIELD.search(name) else ""
