"""The access table: complete, readable, and what it says is what routes do."""

import re
from pathlib import Path

import pytest
from fastapi import FastAPI

from domain.access import ACCESS, SCOPES, Least, Rule, check_access
from domain.accounts import Actor, MemberRole
from domain.errors import Forbidden
from entrypoints.api.access import ActorDep, bind_rules, operations
from entrypoints.api.app import create_app
from entrypoints.api.frames import FRAMES
from entrypoints.cli.generated import access_page

# Who may be reached without credentials is decided here, in a list that somebody reads.
PUBLIC = {
    "GET /",
    "GET /assets/{name:path}",
    "GET /{path:screen}",
    "GET /asyncapi.json",
    "GET /docs",
    "GET /favicon.ico",
    "GET /favicon.svg",
    "GET /health",
    "GET /healthz",
    "GET /openapi.json",
    "GET /page/{name}",
    "GET /readyz",
    "GET /metrics",
    "GET /api/v1/auth/oidc",
    "GET /api/v1/instance",
    "GET /api/v1/erasures/{erasure_id}",
    "GET /api/v1/auth/oidc/callback",
    "GET /api/v1/auth/oidc/login",
    "POST /api/v1/auth/email/verification",
    "POST /api/v1/auth/email/verify",
    "POST /api/v1/auth/login/second_factor",
    "POST /api/v1/auth/password/forgot",
    "POST /api/v1/auth/password/reset",
    "POST /api/v1/invitations/lookup",
    "POST /api/v1/auth/login",
    "POST /api/v1/auth/refresh",
    "POST /api/v1/auth/register",
}


def actor(role: str, *scopes: str, key: bool = False, admin: bool = False) -> Actor:
    return Actor(
        "usr_1",
        "ws_1",
        MemberRole(role),
        key_id="key_1" if key else "",
        scopes=frozenset(scopes),
        instance_admin=admin,
    )


def test_every_operation_and_frame_is_in_the_table_and_nothing_else() -> None:
    there = {operation for operation, _ in operations(create_app(None))}
    there |= {f"WS {frame}" for frame in FRAMES}
    assert there == set(ACCESS)


def test_the_public_operations_are_those_that_were_decided_on() -> None:
    assert {o for o, rule in ACCESS.items() if rule.least is Least.PUBLIC} == PUBLIC


def test_a_route_without_an_entry_keeps_the_server_from_starting() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/new")
    async def new() -> None: ...

    with pytest.raises(RuntimeError, match="GET /new is not in the access table"):
        bind_rules(app)


def test_a_public_route_that_asks_for_credentials_keeps_the_server_from_starting() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/healthz")
    async def health(actor: ActorDep) -> None: ...

    with pytest.raises(RuntimeError, match="differ on whether it is public"):
        bind_rules(app)


def test_a_guarded_route_that_asks_for_none_keeps_the_server_from_starting() -> None:
    app = FastAPI(openapi_url=None)

    @app.get("/api/v1/bots")
    async def bots() -> None: ...

    with pytest.raises(RuntimeError, match="differ on whether it is public"):
        bind_rules(app)


@pytest.mark.parametrize("least", [Least.VIEWER, Least.EDITOR, Least.ADMIN, Least.OWNER])
def test_a_role_may_do_what_weaker_ones_may_and_no_more(least: Least) -> None:
    strength = ["viewer", "editor", "admin", "owner"]
    for role in strength:
        may = Least.VIEWER + strength.index(role) >= least
        if may:
            check_access(Rule(least), actor(role))
        else:
            with pytest.raises(Forbidden, match=least.name.lower()):
                check_access(Rule(least), actor(role))


def test_a_key_does_what_its_scope_names_and_its_maker_could() -> None:
    rule = Rule(Least.EDITOR, "bots:write")
    check_access(rule, actor("editor", "bots:write", key=True))
    with pytest.raises(Forbidden, match="lacks the scope bots:write"):
        check_access(rule, actor("owner", "bots:read", key=True))
    with pytest.raises(Forbidden, match="takes editor"):
        check_access(rule, actor("viewer", "bots:write", key=True))


def test_a_key_does_nothing_that_has_no_scope() -> None:
    for least in (Least.PERSON, Least.VIEWER, Least.OWNER, Least.INSTANCE):
        with pytest.raises(Forbidden, match="API keys cannot"):
            check_access(Rule(least), actor("owner", *SCOPES, key=True, admin=True))


def test_only_who_runs_the_installation_does_what_concerns_all() -> None:
    check_access(Rule(Least.INSTANCE), actor("viewer", admin=True))
    with pytest.raises(Forbidden, match="runs this installation"):
        check_access(Rule(Least.INSTANCE), actor("owner"))


def test_who_is_in_no_workspace_manages_the_own_account_only() -> None:
    homeless = Actor("usr_1", "", MemberRole.VIEWER)
    check_access(Rule(Least.PERSON), homeless)
    with pytest.raises(Forbidden, match="in no workspace"):
        check_access(Rule(Least.VIEWER), homeless)


def test_visitors_may_chat_and_nothing_else() -> None:
    for operation, rule in ACCESS.items():
        if rule.visitor:
            assert rule.scope == "chat", operation
            assert rule.least is Least.VIEWER, operation


def test_keys_read_at_most_where_people_keys_and_money_are_managed() -> None:
    managed = re.compile(
        r"/(api_keys|workspaces|me|auth|admin|provider_credentials|invitations)(/|$)"
    )
    for operation, rule in ACCESS.items():
        if managed.search(operation):
            assert rule.scope is None or operation.startswith("GET "), operation


def test_the_committed_page_shows_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "access.md"
    assert page.read_text(encoding="utf-8") == access_page()
