"""Settings of what holds under faults: leases, drains, sweeps, deadlines, room."""

from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ReliabilitySettings(BaseSettings):
    """The part of the settings that leases, deadlines and housekeeping work by."""

    model_config = SettingsConfigDict(env_prefix="CHATSPHERE_", frozen=True)

    job_lease_seconds: Annotated[
        float,
        Field(ge=2, le=600, description="A worker silent for so long has lost its job to another."),
    ] = 30.0
    answer_lease_seconds: Annotated[
        float,
        Field(
            ge=2,
            le=120,
            description="A process silent for so long has lost the answers that it wrote.",
        ),
    ] = 12.0
    drain_seconds: Annotated[
        float,
        Field(
            ge=0, le=600, description="What running answers have to end when the server is stopped."
        ),
    ] = 30.0
    event_retention_days: Annotated[
        float,
        Field(
            gt=0,
            le=3650,
            description="How long the events of a finished answer or document are kept; its stream is "
            "told from the message after that.",
        ),
    ] = 7.0
    idempotency_retention_hours: Annotated[
        float,
        Field(ge=1, le=8760, description="How long an Idempotency-Key stands for its request."),
    ] = 72.0
    sweep_hours: Annotated[
        float,
        Field(
            ge=0,
            le=720,
            description="Time between two sweeps that compare vectors and files with the database; "
            "0: none by itself.",
        ),
    ] = 6.0
    vector_database_url: Annotated[
        SecretStr | None,
        Field(
            description="Another way to the same database for vectors alone, such as a pooler; "
            "absent: DATABASE_URL."
        ),
    ] = None
    embed_seconds: Annotated[
        float, Field(gt=0, le=600, description="Deadline for embedding a question.")
    ] = 10.0
    vector_seconds: Annotated[
        float, Field(gt=0, le=600, description="Deadline for one call to the vector store.")
    ] = 5.0
    first_token_seconds: Annotated[
        float, Field(gt=0, le=600, description="How long a model may take to begin its answer.")
    ] = 60.0
    idle_seconds: Annotated[
        float, Field(gt=0, le=600, description="How long a model may pause within its answer.")
    ] = 30.0
    answer_seconds: Annotated[
        float, Field(gt=0, le=3600, description="How long a model may take for a whole answer.")
    ] = 300.0
    search_concurrency: Annotated[
        int, Field(ge=1, le=1000, description="Searches that one process makes at a time.")
    ] = 16

    @property
    def search_seconds(self) -> float:
        """What a whole search has: embedding the question, and finding vectors."""
        return self.embed_seconds + self.vector_seconds
