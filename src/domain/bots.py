"""Bots and their published versions; generations of their index."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.configuration import Configuration

NAME_MAX = 200
DESCRIPTION_MAX = 2000
NOTE_MAX = 500


@dataclass(slots=True)
class Bot:
    """A chatbot of a workspace. `version` counts changes (the ETag)."""

    id: str
    tenant_id: str
    name: str
    description: str
    configuration: Configuration
    public_id: str
    created_at: datetime
    updated_at: datetime
    published_version: int | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class BotVersion:
    """An immutable copy of a bot's configuration, counted from 1.

    Who made it and what for stays as it was; `published_at` is the last time that it was published.
    """

    bot_id: str
    number: int
    configuration: Configuration
    created_at: datetime
    created_by: str | None = None
    note: str = ""
    published_at: datetime | None = None


class GenerationState(StrEnum):
    """The life of an index generation."""

    BUILDING = "building"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class IndexGeneration:
    """One build of a bot's vectors. `space` and `chunker` say what made them; they never mix. `store` is
    the kind of vector index that holds them."""

    id: str
    bot_id: str
    state: GenerationState
    space: str
    dimensions: int
    chunker: str
    store: str
    created_at: datetime
