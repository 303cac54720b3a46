"""The part of the composition root that keeps house: sweeps, and what one process does for all."""

from typing import Any

from dependency_injector import containers, providers

from adapters.postgres.housekeeping import PostgresHousekeeping, PostgresSingletons
from adapters.postgres.upkeep import PostgresSweepQueries
from application.services.sweeping.rows import Retention
from application.use_cases.sweep_workspace import SweepWorkspace

Single = providers.Singleton


class UpkeepContainer(containers.DeclarativeContainer):
    """Copied into Container, whose parts take the places of the dependencies that are named here."""

    settings: Any = providers.Dependency()
    clock: Any = providers.Dependency()
    pool: Any = providers.Dependency()
    system_pool: Any = providers.Dependency()
    units: Any = providers.Dependency()
    blobs: Any = providers.Dependency()
    vector_index: Any = providers.Dependency()
    embedding_cache: Any = providers.Dependency()

    singletons = Single(PostgresSingletons, system_pool)
    housekeeping = Single(PostgresHousekeeping, system_pool)
    sweep_queries = Single(PostgresSweepQueries, pool)
    sweep_workspace = Single(
        SweepWorkspace,
        units,
        vector_index,
        blobs,
        embedding_cache,
        Single(
            Retention,
            settings.provided.event_retention_days,
            settings.provided.idempotency_retention_hours,
        ),
        clock,
    )
