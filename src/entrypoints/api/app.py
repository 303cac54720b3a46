"""The HTTP and WebSocket application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI

from entrypoints.api import openapi, problems, socket
from entrypoints.api.answers import Answers
from entrypoints.api.middleware import Edge
from entrypoints.api.routes import (
    accounts,
    bots,
    conversations,
    documents,
    health,
    messages,
    page,
    search,
)
from entrypoints.container import Container

PREFIX = "/api/v1"


def begin_drain(app: FastAPI) -> "asyncio.Task[None]":
    """Take no new messages, and give running answers their time; the task ends when they have."""
    if app.state.drain is None:
        app.state.draining = True
        app.state.answers.departure.begin()
        app.state.drain = asyncio.create_task(app.state.answers.drain(), name="drain")
    task: asyncio.Task[None] = app.state.drain
    return task


def create_app(container: Container | None) -> FastAPI:
    """Return the application over a container (None: only to describe it)."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
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
    for part in (accounts, bots, documents, search, conversations, messages):
        v1.include_router(part.router)
    v1.include_router(socket.router)
    app.include_router(v1)
    app.include_router(health.router)
    app.include_router(page.router)
    problems.install(app)
    openapi.install(app)
    app.state.draining, app.state.drain = False, None
    if container is not None:
        settings = container.settings()
        app.state.container = container
        app.state.answers = Answers(container.answer_message(), settings.answer_concurrency)
        app.add_middleware(Edge, max_upload_bytes=settings.max_upload_bytes)
    return app
