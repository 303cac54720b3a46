"""Settings of which adapter stands behind each port, and what is set for adapters."""

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from dotenv import dotenv_values
from pydantic import Field, PrivateAttr, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX = "CHATSPHERE_"


class AdapterSettings(BaseSettings):
    """The part of the settings that names adapters; `chatsphere adapters list` tells which there are.

    What adapters themselves can be told (CHATSPHERE_<ADAPTER>_...) is no field here, but part of `given`:
    only an adapter knows its options.
    """

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True)

    vector_index: Annotated[str, Field(description="Vector store: the name of an adapter.")] = (
        "pgvector"
    )
    embedder: Annotated[
        str, Field(description="Model that turns texts into vectors: the name of an adapter.")
    ] = "minilm"
    chat_model: Annotated[
        str,
        Field(
            description="Default model: `extractive`, or the name of an adapter such as `openai`, with "
            "a model's name after a slash where it is not that adapter's default."
        ),
    ] = "extractive"
    reranker: Annotated[
        str,
        Field(
            description="Reads the passages found once more before the answer: the name of an adapter, "
            "or `none`."
        ),
    ] = "none"
    blob_url: Annotated[
        str | None,
        Field(
            description="Where original files are kept, such as s3://bucket/folder; absent: in the data "
            "directory."
        ),
    ] = None
    cache: Annotated[
        str,
        Field(description="Keeps embedded questions for an hour: memory, postgres, redis or none."),
    ] = "memory"
    rate_limiter: Annotated[
        str | None,
        Field(
            description="Counts requests: memory (each process for itself), postgres or redis; absent: "
            "redis where there is a REDIS_URL, else memory."
        ),
    ] = None
    event_transport: Annotated[
        str,
        Field(
            description="How processes tell each other of new events: PostgreSQL's NOTIFY (postgres), "
            "or Redis Streams (redis, needs REDIS_URL)."
        ),
    ] = "postgres"
    rerank_seconds: Annotated[
        float, Field(gt=0, le=60, description="Deadline for reranking; without it the order stays.")
    ] = 5.0
    rerank_candidates: Annotated[
        int, Field(ge=1, le=30, description="How many of the passages found are read once more.")
    ] = 20
    rerank_concurrency: Annotated[
        int, Field(ge=1, le=1000, description="Rerankings that one process makes at a time.")
    ] = 8
    model_concurrency: Annotated[
        int | None,
        Field(ge=1, description="Calls to a model at a time, by the installation's keys."),
    ] = None
    model_tokens_per_minute: Annotated[
        int | None,
        Field(ge=1, description="Tokens a minute and model, by the installation's keys."),
    ] = None
    model_tokens_per_day: Annotated[
        int | None, Field(ge=1, description="Tokens a day, by the installation's keys.")
    ] = None

    _given: Mapping[str, str] = PrivateAttr(default_factory=dict)

    def __init__(self, **values: Any) -> None:
        """Read the settings; what is named here goes before the environment."""
        super().__init__(**values)
        file = values.get("_env_file", type(self).model_config.get("env_file"))
        named = {
            name: _text(value)
            for name, value in values.items()
            if value is not None and name[0] != "_"
        }
        self._given = {**_environment(file), **named}

    @property
    def given(self) -> Mapping[str, str]:
        """All that is set, as text, by lower-case name without the prefix; adapters' options too."""
        return self._given

    def strangers(self) -> list[str]:
        """Return what is set and is no field here, by the same names."""
        return sorted(name for name in self._given if name not in type(self).model_fields)


def _environment(file: object) -> dict[str, str]:
    """Return what the environment and the file .env say, the environment first."""
    told: dict[str, str | None] = {}
    if isinstance(file, str | Path):
        with suppress(OSError):
            told |= dotenv_values(file, interpolate=False)
    return dict(_ours({**told, **os.environ}))


def _ours(told: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    for name, value in told.items():
        if value and name.upper().startswith(_PREFIX):  # what is empty is absent
            yield name.upper().removeprefix(_PREFIX).lower(), value


def _text(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
