"""The HTTP and WebSocket application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from entrypoints.api import access, openapi, problems, socket
from entrypoints.api.answers import Answers
from entrypoints.api.built_dashboard import Dashboard, built_folder
from entrypoints.api.keeper import keep_answers
from entrypoints.api.measured import Measured
from entrypoints.api.middleware import Edge
from entrypoints.api.routes import (
    accounts,
    api_keys,
    audit,
    bots,
    conversations,
    crawls,
    credentials,
    dashboard,
    diagnosis,
    documents,
    feedback,
    health,
    instance,
    invitations,
    messages,
    metrics,
    oidc,
    page,
    search,
    second_factor,
    sessions,
    sweeps,
    traces,
    usage,
    workspaces,
)
from entrypoints.api.socket_doors import Doors
from entrypoints.api.watch import Watchers
from entrypoints.container import Container

PREFIX = "/api/v1"
# What is asked for most comes first: routes are tried one after the other.
PARTS = (
    bots, messages, conversations, documents, search, sessions, accounts, second_factor, oidc,
    workspaces, invitations, api_keys, credentials, crawls, diagnosis, traces, instance, usage, audit,
    sweeps, socket, feedback,
)  # fmt: skip


def begin_drain(app: FastAPI) -> "asyncio.Task[None]":
    """Take no new messages, and give running answers their time; the task ends when they have."""
    if app.state.drain is None:
        app.state.draining = True
        app.state.answers.departure.begin()
        seconds = app.state.container.settings().drain_seconds
        app.state.drain = asyncio.create_task(app.state.answers.drain(seconds), name="drain")
    task: asyncio.Task[None] = app.state.drain
    return task


def create_app(container: Container | None) -> FastAPI:
    """Return the application over a container (None: only to describe it)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        keeping = keep_answers(app.state.container.settle_answers(), app.state.answers)
        keeper = asyncio.create_task(keeping, name="keeper")
        yield
        keeper.cancel()
        await begin_drain(app)
        await app.state.answers.drain(0)  # what was being accepted when the drain began

    app = FastAPI(
        title="ChatSphere",
        version="1",
        description=openapi.DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    v1 = APIRouter(prefix=PREFIX)
    for part in PARTS:
        v1.include_router(part.router)
    app.include_router(v1)
    app.include_router(health.router)
    app.include_router(metrics.router)
    app.include_router(page.router)
    problems.install(app)
    openapi.install(app)
    app.include_router(dashboard.router)  # the last: it takes what no other route does
    access.bind_rules(app)
    app.state.draining, app.state.drain = False, None
    if container is not None:
        _equip(app, container)
    return app


def _equip(app: FastAPI, container: Container) -> None:
    """Give the application what it works with."""
    settings = container.settings()
    app.state.container = container
    app.state.watchers = Watchers(container.identity_queries)
    app.state.doors = Doors()
    app.state.health = health.Health()
    app.state.dashboard = Dashboard.read(built_folder())
    app.state.answers = Answers(container.answer_message(), settings.answer_concurrency)
    app.add_middleware(Edge, settings=settings, limiter=container.rate_limiter())
    numbers = container.metrics()
    if numbers is not None:
        clock = container.clock()
        app.add_middleware(Measured, paths=access.paths_of(app), metrics=numbers, clock=clock)
