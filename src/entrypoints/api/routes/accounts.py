"""Accounts: register, log in, refresh, log out, me."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Cookie, Request, Response

from application.services.views import user_view, workspace_view
from application.use_cases.accounts import SESSION_LIFETIME, LoggedIn, Tokens
from domain.errors import Unauthenticated
from entrypoints.api import schemas
from entrypoints.api.deps import ActorDep, ContainerDep, IfMatchDep, etag, json_response

router = APIRouter(tags=["Accounts"])
COOKIE = "chatsphere_refresh"


def _tokens(tokens: Tokens) -> dict[str, object]:
    return {
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "token_type": "bearer",
        "expires_in": tokens.expires_in,
    }


def _with_cookie(request: Request, response: Response, refresh_token: str) -> Response:
    """Give the browser the refresh token where scripts cannot read it."""
    public_url = request.app.state.container.settings().public_url or ""
    response.set_cookie(
        COOKIE,
        refresh_token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        path="/api/v1/auth",
        # Behind a proxy that ends TLS, the request itself comes by plain HTTP.
        secure="https" in (request.url.scheme, urlsplit(public_url).scheme),
        httponly=True,
        samesite="strict",
    )
    return response


def _session(request: Request, made: LoggedIn, status: int) -> Response:
    body = {
        "user": user_view(made.user),
        "workspace": workspace_view(made.workspace, made.role.value),
        **_tokens(made.tokens),
    }
    return _with_cookie(request, json_response(body, status), made.tokens.refresh_token)


@router.post("/auth/register", status_code=201, response_model=schemas.Session, responses={409: {}})
async def register(request: Request, body: schemas.Register, container: ContainerDep) -> Response:
    """Make an account with a workspace of its own."""
    made = await container.register_user()(
        body.email, body.password.get_secret_value(), body.full_name
    )
    return _session(request, made, 201)


@router.post("/auth/login", response_model=schemas.Session, responses={401: {}})
async def login(request: Request, body: schemas.Login, container: ContainerDep) -> Response:
    """Exchange an e-mail address and a password for tokens."""
    made = await container.log_in()(body.email, body.password.get_secret_value())
    return _session(request, made, 200)


@router.post("/auth/refresh", response_model=schemas.Tokens, responses={401: {}})
async def refresh(
    request: Request,
    container: ContainerDep,
    body: schemas.Refresh | None = None,
    chatsphere_refresh: Annotated[str | None, Cookie(max_length=200)] = None,
) -> Response:
    """Exchange a refresh token for fresh tokens; using one twice ends its session."""
    given = body.refresh_token.get_secret_value() if body and body.refresh_token else None
    token = given or chatsphere_refresh
    if not token:
        raise Unauthenticated("Send a refresh token.")
    tokens = await container.refresh_session()(token)
    return _with_cookie(request, json_response(_tokens(tokens)), tokens.refresh_token)


@router.post("/auth/logout", status_code=204)
async def logout(actor: ActorDep, container: ContainerDep) -> Response:
    """End this session; its tokens are worth nothing from now on."""
    await container.log_out()(actor.session_id)
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/api/v1/auth")
    return response


@router.get("/me", response_model=schemas.Me)
async def me(actor: ActorDep, container: ContainerDep) -> Response:
    """Return one's own profile and workspaces."""
    user, workspaces = await container.get_profile()(actor)
    body = {
        "user": user_view(user),
        "workspaces": [workspace_view(w, m.role.value) for w, m in workspaces],
    }
    return json_response(body, headers=etag(user.version))


@router.patch("/me", response_model=schemas.User)
async def update_me(
    body: schemas.ProfilePatch, actor: ActorDep, container: ContainerDep, if_match: IfMatchDep
) -> Response:
    """Change one's own name."""
    user = await container.update_profile()(actor, body.full_name, if_match)
    return json_response(user_view(user), headers=etag(user.version))
