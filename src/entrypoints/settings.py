"""Settings: one object, read once at the edge from CHATSPHERE_* and .env."""

import os
import secrets
import sys
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_SECRET_MIN = 32


def _user_data_dir() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "ChatSphere"
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "chatsphere"


class Settings(BaseSettings):
    """Everything an installation can choose; every field has a working default."""

    model_config = SettingsConfigDict(
        env_prefix="CHATSPHERE_",
        env_file=".env",
        env_ignore_empty=True,  # as in a compose file that passes on what may not be set
        extra="ignore",
        frozen=True,
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
    vector_index: Annotated[Literal["pgvector", "memory"], Field(description="Vector store.")] = (
        "pgvector"
    )
    embedder: Annotated[
        Literal["minilm", "openai"], Field(description="Model that turns texts into vectors.")
    ] = "minilm"
    chat_model: Annotated[
        str,
        Field(description="Default model: `extractive`, `openai`, or `openai/<model name>`."),
    ] = "extractive"
    openai_api_key: Annotated[
        SecretStr | None,
        Field(description="Key of the OpenAI-compatible server, where it wants one."),
    ] = None
    openai_base_url: Annotated[
        str | None,
        Field(
            description="Any OpenAI-compatible server, such as http://127.0.0.1:11434/v1 (Ollama)."
        ),
    ] = None
    openai_chat_model: Annotated[
        str, Field(description="Model name that `CHAT_MODEL=openai` stands for.")
    ] = "gpt-5-mini"
    openai_embedding_model: Annotated[
        str, Field(description="Model name that `EMBEDDER=openai` uses.")
    ] = "text-embedding-3-small"
    openai_embedding_dimensions: Annotated[
        int, Field(ge=1, le=4000, description="Length of its vectors.")
    ] = 1536
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
    max_upload_mb: Annotated[int, Field(ge=1, le=10_000, description="Largest upload.")] = 100
    database_pool_size: Annotated[
        int, Field(ge=2, le=200, description="Database connections kept by a process.")
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
    def max_upload_bytes(self) -> int:
        """Largest upload in bytes."""
        return self.max_upload_mb * 1024 * 1024

    @cached_property
    def signing_secret(self) -> bytes:
        """The given secret, or a random one that is kept in the data directory (0600)."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            _make_secret(path)
        secret = path.read_bytes()
        if len(secret) < _SECRET_MIN:
            raise ValueError(f"{path} holds no secret of {_SECRET_MIN} characters: remove the file")
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
