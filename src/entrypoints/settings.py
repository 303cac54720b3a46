"""Settings: one object, read once at the edge from CHATSPHERE_* and .env."""

import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from application.ports.model_catalog import split_name
from application.ports.plugins import Group
from domain.urls import UrlRules
from entrypoints.adapter_settings import AdapterSettings
from entrypoints.edge_settings import EdgeSettings
from entrypoints.people_settings import PeopleSettings
from entrypoints.reliability_settings import ReliabilitySettings

_SECRET_MIN = 32


def _user_data_dir() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "ChatSphere"
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "chatsphere"


class Settings(EdgeSettings, AdapterSettings, PeopleSettings, ReliabilitySettings):
    """Everything an installation can choose; every field has a working default."""

    model_config = SettingsConfigDict(
        env_prefix="CHATSPHERE_",
        env_file=".env",
        env_ignore_empty=True,  # as in a compose file that passes on what may not be set
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,  # it may be a secret
    )

    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on.")] = 8000
    data_dir: Annotated[
        Path,
        Field(
            default_factory=_user_data_dir,
            description="Where files, the embedded database and secrets are kept.",
        ),
    ]
    database_url: Annotated[
        SecretStr | None,
        Field(description="A PostgreSQL server with pgvector; absent: the embedded one."),
    ] = None
    migration_database_url: Annotated[
        SecretStr | None,
        Field(
            description="The same database for the role that owns the tables; absent: DATABASE_URL."
        ),
    ] = None
    trusted_model_hosts: Annotated[
        str,
        Field(
            description="Model servers that workspaces may name though they are not public or speak "
            "http: `host` or `host:port`, comma separated."
        ),
    ] = ""
    model_dir: Annotated[
        Path | None,
        Field(
            description="Where converted local models are kept; absent: in the Python environment, "
            "or in the data directory where that cannot be written."
        ),
    ] = None
    secret_key: Annotated[
        SecretStr | None,
        Field(description="Signs access tokens (32 characters or more); absent: made once, kept."),
    ] = None
    secret_keys_previous: Annotated[
        SecretStr | None,
        Field(
            description="SECRET_KEYs before the current one, comma separated: tokens they signed are "
            "still read. Keep one for 15 minutes after a change."
        ),
    ] = None
    encryption_keys: Annotated[
        SecretStr | None,
        Field(
            description="Encrypt stored secrets: comma separated, 32 characters or more each; the "
            "first seals, all open; absent: made once, kept."
        ),
    ] = None
    public_url: Annotated[
        str | None, Field(description="Address under which people reach this installation.")
    ] = None
    embedded_worker: Annotated[
        bool, Field(description="Ingest documents in the API process too.")
    ] = True
    worker_concurrency: Annotated[
        int, Field(ge=1, le=64, description="Documents that one process takes in at a time.")
    ] = 2
    answer_concurrency: Annotated[
        int, Field(ge=1, le=10_000, description="Answers that one process writes at a time.")
    ] = 128
    default_plan: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z0-9_]{0,39}$",
            description="The plan of new workspaces: `free`, `pro`, `enterprise` (no limits), or one "
            "that you made.",
        ),
    ] = "free"
    max_upload_mb: Annotated[int, Field(ge=1, le=10_000, description="Largest upload.")] = 100
    fetch_allowed_hosts: Annotated[
        str,
        Field(
            description="Hosts that documents may be fetched from though they are not public: `host` "
            "or `host:port`, comma separated."
        ),
    ] = ""
    crawl_delay_seconds: Annotated[
        float, Field(ge=0, le=60, description="Pause between two pages of a crawled site.")
    ] = 0.5
    workspace_grace_days: Annotated[
        int, Field(ge=0, le=365, description="How long a deleted workspace can be restored.")
    ] = 7
    database_pool_size: Annotated[
        int,
        Field(
            ge=2, le=200, description="Database connections for requests; 2.5 times as many in all."
        ),
    ] = 8
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"], Field(description="How much is logged.")
    ] = "INFO"

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SECRET_MIN:
            raise ValueError(f"SECRET_KEY must have at least {_SECRET_MIN} characters")
        return value

    @field_validator("encryption_keys", "secret_keys_previous")
    @classmethod
    def _each_long_enough(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and any(len(key) < _SECRET_MIN for key in _listed(value)):
            name = str(info.field_name).upper()
            raise ValueError(f"each of {name} must have at least {_SECRET_MIN} characters")
        return value

    @property
    def base_url(self) -> str:
        """Where people reach this: what links in mails lead to."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def oidc_redirect_uri(self) -> str:
        """Where the identity provider sends browsers back to; it is to be registered there."""
        return f"{self.base_url}/api/v1/auth/oidc/callback"

    @property
    def models(self) -> Path:
        """The folder of converted local models."""
        if self.model_dir is not None:
            return self.model_dir
        shared = Path(sys.prefix) / "share" / "chatsphere" / "models"
        if shared.is_dir() or os.access(sys.prefix, os.W_OK):
            return shared
        return self.data_dir / "models"

    @property
    def chosen(self) -> Mapping[Group, str]:
        """Which adapter stands behind each port; `none` where none."""
        return {
            Group.CHAT_MODELS: split_name(self.chat_model)[0],
            Group.EMBEDDERS: self.embedder,
            Group.VECTOR_INDEXES: self.vector_index,
            Group.RERANKERS: self.reranker,
            Group.BLOB_STORES: urlsplit(self.blob_url or "").scheme or "file",
            Group.CACHES: self.cache,
            Group.RATE_LIMITERS: self.rate_limiter or ("redis" if self.redis_url else "memory"),
            Group.EVENT_TRANSPORTS: self.event_transport,
        }

    @property
    def workspace_grace(self) -> timedelta:
        """How long a deleted workspace can be restored."""
        return timedelta(days=self.workspace_grace_days)

    @property
    def max_upload_bytes(self) -> int:
        """Largest upload in bytes."""
        return self.max_upload_mb * 1024 * 1024

    @property
    def fetch_url_rules(self) -> UrlRules:
        """Which addresses documents may be fetched from."""
        hosts = (host.strip().lower() for host in self.fetch_allowed_hosts.split(","))
        return UrlRules(trusted=frozenset(filter(None, hosts)))

    @property
    def model_url_rules(self) -> UrlRules:
        """Which model servers a workspace may name."""
        hosts = (host.strip().lower() for host in self.trusted_model_hosts.split(","))
        return UrlRules(trusted=frozenset(filter(None, hosts)))

    @cached_property
    def signing_secret(self) -> bytes:
        """The given secret, or a random one that is kept in the data directory (0600)."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        return _kept_secret(self.data_dir / "secret.key")

    @property
    def previous_signing_secrets(self) -> tuple[bytes, ...]:
        """The secrets that signed before, whose tokens are still read."""
        if self.secret_keys_previous is None:
            return ()
        return tuple(key.encode() for key in _listed(self.secret_keys_previous))

    @cached_property
    def encryption_secrets(self) -> tuple[bytes, ...]:
        """The given keys, the current one first, or a random one kept in the data directory (0600)."""
        if self.encryption_keys is not None:
            return tuple(key.encode() for key in _listed(self.encryption_keys))
        return (_kept_secret(self.data_dir / "encryption.key"),)


def _listed(value: SecretStr) -> list[str]:
    return [key.strip() for key in value.get_secret_value().split(",")]


def _kept_secret(path: Path) -> bytes:
    """Return the secret in a file, which is made where there is none."""
    if not path.exists():
        _make_secret(path)
    secret = path.read_bytes()
    if len(secret) < _SECRET_MIN:
        raise ValueError(f"{path} holds no secret of {_SECRET_MIN} characters: put it back")
    return secret


def _make_secret(path: Path) -> None:
    """Put a random secret there, whole or not at all; one that another process put there stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_urlsafe(48).encode())
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
