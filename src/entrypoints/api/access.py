"""Who asks, and whether they may: every route and every frame goes through the table of domain.access."""

from dataclasses import replace
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Header, Request
from fastapi.routing import iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from domain.access import Least, Rule, check_access, rule_of
from domain.accounts import API_KEY_PREFIX, Actor
from domain.api_keys import hash_secret, is_secret
from domain.errors import NotFound, Unauthenticated
from entrypoints.api.deps import ContainerDep
from entrypoints.api.limits import charge, client_ip
from entrypoints.container import Container

_bearer = HTTPBearer(
    auto_error=False, description="An access token from /auth/login, or an API key."
)


async def actor_of_token(
    container: Container, token: str, workspace_id: str | None = None
) -> Actor:
    """Return who this access token or API key stands for, in the named workspace.

    Raises Unauthenticated, and NotFound where the person is no member of it (or there is none).
    """
    queries = container.identity_queries()
    if token.startswith(API_KEY_PREFIX):
        actor = await queries.key_actor(hash_secret(token)) if is_secret(token) else None
        if actor is None:
            raise Unauthenticated("This API key is unknown, expired or revoked.")
        container.key_uses().note(actor.key_id)
    else:
        claims = container.signer().read(token)
        actor = await queries.actor(claims.user_id, claims.session_id, workspace_id)
        if actor is None:
            raise Unauthenticated("This session has ended: log in again.")
    if workspace_id is not None and (not workspace_id or actor.tenant_id != workspace_id):
        raise NotFound("There is no such workspace.")
    return actor


def from_here(actor: Actor, connection: HTTPConnection) -> Actor:
    """Return the actor with where the request comes from; the audit log tells it."""
    return replace(
        actor,
        address=client_ip(connection),
        request_id=connection.scope.get("request_id", ""),
    )


async def _actor(
    request: Request,
    container: ContainerDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    x_workspace_id: Annotated[
        str | None, Header(description="The workspace to work in; absent: your first one.")
    ] = None,
) -> Actor:
    if credentials is None:
        raise Unauthenticated("Send an access token or an API key: Authorization: Bearer …")
    rule: Rule = request.app.state.rules[request.scope["endpoint"]]
    workspace_id = None
    if rule.least not in (Least.PERSON, Least.INSTANCE):  # these are not asked in a workspace
        workspace_id = request.path_params.get("workspace_id") or x_workspace_id
    actor = await actor_of_token(container, credentials.credentials, workspace_id)
    await charge(container, request, actor)
    check_access(rule, actor)
    return from_here(actor, request)


ActorDep = Annotated[Actor, Depends(_actor)]


def operations(app: FastAPI) -> list[tuple[str, Any]]:
    """Return every operation ("GET /api/v1/bots") with its route."""
    return [
        (f"{method} {route.path}", route)
        for route in iter_route_contexts(app.routes)
        for method in sorted(route.methods or ())
        if method != "HEAD"
    ]


def paths_of(app: FastAPI) -> dict[object, str]:
    """Return the path of each route by what serves it."""
    return {route.endpoint: route.path for _, route in operations(app)}


def bind_rules(app: FastAPI) -> None:
    """Give each route its rule. Raises RuntimeError for a route that is not in the table, or that asks
    for no credentials although the table says so."""
    app.state.rules = {}
    for operation, route in operations(app):
        try:
            rule = rule_of(operation)
        except KeyError:
            raise RuntimeError(
                f"{operation} is not in the access table (domain/access.py)"
            ) from None
        asks = hasattr(route, "dependant") and _depends_on_actor(route.dependant)
        if asks is (rule.least is Least.PUBLIC):
            raise RuntimeError(f"{operation} and the access table differ on whether it is public")
        app.state.rules[route.endpoint] = rule


def _depends_on_actor(dependant: Any) -> bool:
    return dependant.call is _actor or any(map(_depends_on_actor, dependant.dependencies))
