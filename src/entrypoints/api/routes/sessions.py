"""Log in, stay logged in, and one's own sessions."""

from collections.abc import Callable
from typing import Annotated, TypeAlias

from fastapi import APIRouter, Cookie, Depends, Path, Request, Response

from application.services.logins import SESSION_LIFETIME, LoggedIn, Tokens
from application.services.person_views import profile_view, session_view
from application.services.views import workspace_view
from domain.errors import Unauthenticated
from entrypoints.api import people_schemas as shapes
from entrypoints.api import schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.cookie_mode import CookieModeDep, check_cookie
from entrypoints.api.cookies import AUTH_PATH, CHALLENGE, REFRESH, DeviceDep, set_cookie
from entrypoints.api.deps import (
    ContainerDep,
    IdempotencyDep,
    PageDep,
    json_response,
    page_response,
)
from entrypoints.api.people_schemas import secret

router = APIRouter(tags=["Accounts"])
Answer: TypeAlias = Callable[[LoggedIn, int], Response]
SessionId = Annotated[
    str, Path(pattern="^ses_[0-7][0-9a-hjkmnp-tv-z]{25}$", description="Id of a session.")
]


def _tokens(tokens: Tokens, cookie_mode: bool) -> dict[str, object]:
    shown: dict[str, object] = {
        "access_token": tokens.access_token,
        "token_type": "bearer",
        "expires_in": tokens.expires_in,
    }
    return shown if cookie_mode else {**shown, "refresh_token": tokens.refresh_token}


def give_refresh_token(request: Request, response: Response, refresh_token: str) -> Response:
    """Give the browser the refresh token where scripts cannot read it."""
    seconds = SESSION_LIFETIME.total_seconds()
    set_cookie(request, response, REFRESH, refresh_token, seconds)
    return response


async def answer_session(request: Request, cookie_mode: CookieModeDep) -> Answer:
    """Return what answers this request with the tokens of who is logged in now."""

    def answer(made: LoggedIn, status: int = 200) -> Response:
        workspace = None
        if made.workspace is not None and made.role is not None:
            workspace = workspace_view(made.workspace, made.role.value)
        whose = {"user": profile_view(made.user), "workspace": workspace}
        body = whose | _tokens(made.tokens, cookie_mode)
        return give_refresh_token(request, json_response(body, status), made.tokens.refresh_token)

    return answer


AnswerDep = Annotated[Answer, Depends(answer_session)]


@router.post(
    "/auth/login",
    response_model=shapes.Session | shapes.BrowserSession,
    responses={401: {}, 403: {}},
)
async def login(
    body: shapes.Login, container: ContainerDep, device: DeviceDep, answer: AnswerDep
) -> Response:
    """Exchange an e-mail address and a password for tokens.

    With a second factor: 401 `second_factor_required` with a `challenge`.
    """
    made = await container.log_in()(body.email, body.password.get_secret_value(), device)
    return answer(made, 200)


@router.post(
    "/auth/login/second_factor",
    response_model=shapes.Session | shapes.BrowserSession,
    responses={401: {}, 403: {}},
)
async def login_with_second_factor(
    request: Request,
    body: shapes.SecondFactorLogin,
    container: ContainerDep,
    device: DeviceDep,
    cookie_mode: CookieModeDep,
    answer: AnswerDep,
    chatsphere_challenge: Annotated[str | None, Cookie(max_length=200)] = None,
) -> Response:
    """Exchange the challenge of a log-in and a code for tokens."""
    challenge = secret(body.challenge)
    if not challenge and chatsphere_challenge:
        check_cookie(request, cookie_mode)
        challenge = chatsphere_challenge
    if not challenge:
        raise Unauthenticated("Log in first: the challenge is missing.")
    code, recovery_code = secret(body.code), secret(body.recovery_code)
    made = await container.log_in_with_second_factor()(challenge, code, recovery_code, device)
    response = answer(made, 200)
    if chatsphere_challenge is not None:
        response.delete_cookie(CHALLENGE, path=AUTH_PATH)
    return response


@router.post(
    "/auth/refresh",
    response_model=shapes.Tokens | shapes.AccessToken,
    responses={401: {}, 403: {}},
)
async def refresh(
    request: Request,
    container: ContainerDep,
    device: DeviceDep,
    key: IdempotencyDep,
    cookie_mode: CookieModeDep,
    body: shapes.Refresh | None = None,
    chatsphere_refresh: Annotated[str | None, Cookie(max_length=200)] = None,
) -> Response:
    """Exchange a refresh token for fresh tokens; using one twice ends its session.

    In cookie mode (`X-Auth-Mode: cookie`) the cookie has the token: send no body.
    If the answer got lost, send the same Idempotency-Key again within 10 seconds.
    """
    token = secret(body.refresh_token) if body else None
    if not token and chatsphere_refresh:
        check_cookie(request, cookie_mode)
        token = chatsphere_refresh
    if not token:
        raise Unauthenticated("Send a refresh token.")
    tokens = await container.refresh_session()(token, device, key.key if key else "")
    response = json_response(_tokens(tokens, cookie_mode))
    return give_refresh_token(request, response, tokens.refresh_token)


@router.post("/auth/logout", status_code=204)
async def logout(actor: ActorDep, container: ContainerDep) -> Response:
    """End this session; its tokens are worth nothing from now on."""
    await container.log_out()(actor.session_id)
    response = Response(status_code=204)
    response.delete_cookie(REFRESH, path=AUTH_PATH)
    return response


@router.get("/auth/sessions", response_model=schemas.ListOf[shapes.OwnSession])
async def list_sessions(actor: ActorDep, container: ContainerDep, page: PageDep) -> Response:
    """Return where one is logged in, newest first."""
    found = await container.session_queries().list(actor.user_id, page)
    return page_response([session_view(s, actor.session_id) for s in found.items], found)


@router.delete("/auth/sessions", status_code=204)
async def end_other_sessions(actor: ActorDep, container: ContainerDep) -> Response:
    """End every session but this one."""
    await container.end_other_sessions()(actor)
    return Response(status_code=204)


@router.delete("/auth/sessions/{session_id}", status_code=204)
async def end_session(session_id: SessionId, actor: ActorDep, container: ContainerDep) -> Response:
    """End one of one's own sessions; this one too."""
    await container.end_session()(actor, session_id)
    return Response(status_code=204)
