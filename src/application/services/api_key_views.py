"""The public shape of API keys."""

from application.services.views import View, timestamp
from domain.api_keys import ApiKey


def api_key_view(key: ApiKey) -> View:
    """A key, without its secret."""
    return {
        "id": key.id,
        "name": key.name,
        "hint": key.hint,
        "scopes": list(key.scopes),
        "created_by": key.created_by,
        "created_at": timestamp(key.created_at),
        "expires_at": timestamp(key.expires_at) if key.expires_at else None,
        "last_used_at": timestamp(key.last_used_at) if key.last_used_at else None,
    }
