"""Who may do what: one table of every operation. An operation without an entry is refused to all."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from domain.accounts import Actor, MemberRole
from domain.errors import Forbidden


class Least(IntEnum):
    """The weakest who may, each including those after it."""

    PUBLIC = 0  # no credentials at all
    PERSON = 1  # anyone logged in, in whatever workspace, or none
    VIEWER = 2
    EDITOR = 3
    ADMIN = 4
    OWNER = 5
    INSTANCE = 6  # who runs the installation


_RANK = {
    MemberRole.VIEWER: Least.VIEWER,
    MemberRole.EDITOR: Least.EDITOR,
    MemberRole.ADMIN: Least.ADMIN,
    MemberRole.OWNER: Least.OWNER,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """The weakest role, the scope that an API key needs (None: no key may), and whether visitors may."""

    least: Least
    scope: str | None = None
    visitor: bool = False


_PUBLIC = Rule(Least.PUBLIC)
_PERSON = Rule(Least.PERSON)
_OWNER = Rule(Least.OWNER)
_ADMIN = Rule(Least.ADMIN)
_INSTANCE = Rule(Least.INSTANCE)
_VIEWER = Rule(Least.VIEWER)
_CHAT = Rule(Least.VIEWER, "chat", visitor=True)
_BOTS_READ = Rule(Least.VIEWER, "bots:read")
_BOTS_WRITE = Rule(Least.EDITOR, "bots:write")
_DOCUMENTS_READ = Rule(Least.VIEWER, "documents:read")
_DOCUMENTS_WRITE = Rule(Least.EDITOR, "documents:write")

_V1 = "/api/v1"
# Keyed by method and path as in the OpenAPI document; "WS <frame>" for the socket's frames. Paths that
# begin with /workspaces/{workspace_id} are judged by the role in that workspace.
ACCESS: Mapping[str, Rule] = {
    # The pages and descriptions, and whether the process is well.
    "GET /": _PUBLIC,
    "GET /assets/{name:path}": _PUBLIC,
    "GET /{path:screen}": _PUBLIC,  # what no other path takes: the dashboard's files and screens
    "GET /docs": _PUBLIC,
    "GET /page/{name}": _PUBLIC,
    "GET /favicon.svg": _PUBLIC,
    "GET /favicon.ico": _PUBLIC,
    "GET /openapi.json": _PUBLIC,
    "GET /asyncapi.json": _PUBLIC,
    "GET /health": _PUBLIC,
    "GET /healthz": _PUBLIC,
    "GET /readyz": _PUBLIC,
    "GET /metrics": _PUBLIC,  # a token of its own lets in, where there is one
    f"GET {_V1}/instance": _PUBLIC,
    # Accounts.
    f"POST {_V1}/auth/register": _PUBLIC,
    f"POST {_V1}/auth/login": _PUBLIC,
    f"POST {_V1}/auth/refresh": _PUBLIC,
    f"POST {_V1}/auth/login/second_factor": _PUBLIC,
    f"GET {_V1}/auth/oidc": _PUBLIC,
    f"GET {_V1}/auth/oidc/login": _PUBLIC,
    f"GET {_V1}/auth/oidc/callback": _PUBLIC,
    f"POST {_V1}/auth/password/forgot": _PUBLIC,
    f"POST {_V1}/auth/password/reset": _PUBLIC,
    f"POST {_V1}/auth/email/verify": _PUBLIC,
    f"POST {_V1}/auth/email/verification": _PUBLIC,
    f"POST {_V1}/auth/logout": _PERSON,
    f"GET {_V1}/auth/sessions": _PERSON,
    f"DELETE {_V1}/auth/sessions": _PERSON,
    f"DELETE {_V1}/auth/sessions/{{session_id}}": _PERSON,
    f"GET {_V1}/me": _PERSON,
    f"PATCH {_V1}/me": _PERSON,
    f"DELETE {_V1}/me": _PERSON,
    f"PUT {_V1}/me/password": _PERSON,
    f"POST {_V1}/me/totp": _PERSON,
    f"POST {_V1}/me/totp/confirm": _PERSON,
    f"DELETE {_V1}/me/totp": _PERSON,
    # Workspaces. Those that nobody acts in (deleted, or not joined yet) are left to the use cases.
    f"GET {_V1}/workspaces": _PERSON,
    f"POST {_V1}/workspaces": _PERSON,
    f"GET {_V1}/workspaces/{{workspace_id}}": _VIEWER,
    f"PATCH {_V1}/workspaces/{{workspace_id}}": _ADMIN,
    f"DELETE {_V1}/workspaces/{{workspace_id}}": _OWNER,
    f"POST {_V1}/workspaces/{{workspace_id}}/restore": _PERSON,
    f"POST {_V1}/workspaces/{{workspace_id}}/transfer": _OWNER,
    f"GET {_V1}/workspaces/{{workspace_id}}/members": _VIEWER,
    f"PATCH {_V1}/workspaces/{{workspace_id}}/members/{{user_id}}": _ADMIN,
    f"DELETE {_V1}/workspaces/{{workspace_id}}/members/{{user_id}}": _VIEWER,  # oneself: leaving
    f"GET {_V1}/workspaces/{{workspace_id}}/invitations": _ADMIN,
    f"POST {_V1}/workspaces/{{workspace_id}}/invitations": _ADMIN,
    f"DELETE {_V1}/workspaces/{{workspace_id}}/invitations/{{invitation_id}}": _ADMIN,
    f"POST {_V1}/invitations/lookup": _PUBLIC,
    f"POST {_V1}/invitations/accept": _PERSON,
    # Bots.
    f"GET {_V1}/bots": _BOTS_READ,
    f"POST {_V1}/bots": _BOTS_WRITE,
    f"GET {_V1}/bots/config_schema": _BOTS_READ,
    f"GET {_V1}/bots/{{bot_id}}": _BOTS_READ,
    f"PATCH {_V1}/bots/{{bot_id}}": _BOTS_WRITE,
    f"DELETE {_V1}/bots/{{bot_id}}": _BOTS_WRITE,
    f"GET {_V1}/bots/{{bot_id}}/summary": _BOTS_READ,
    f"GET {_V1}/bots/{{bot_id}}/versions": _BOTS_READ,
    f"POST {_V1}/bots/{{bot_id}}/versions": _BOTS_WRITE,
    f"POST {_V1}/bots/{{bot_id}}/versions/{{number}}/publish": _BOTS_WRITE,
    f"GET {_V1}/models": _BOTS_READ,
    # A workspace's own keys for providers: no API key may touch them.
    f"GET {_V1}/provider_credentials": _ADMIN,
    f"PUT {_V1}/provider_credentials/{{provider}}": _ADMIN,
    f"DELETE {_V1}/provider_credentials/{{provider}}": _ADMIN,
    # Documents.
    f"GET {_V1}/bots/{{bot_id}}/documents": _DOCUMENTS_READ,
    f"POST {_V1}/bots/{{bot_id}}/documents": _DOCUMENTS_WRITE,
    f"GET {_V1}/documents/{{document_id}}": _DOCUMENTS_READ,
    f"PATCH {_V1}/documents/{{document_id}}": _DOCUMENTS_WRITE,
    f"DELETE {_V1}/documents/{{document_id}}": _DOCUMENTS_WRITE,
    f"GET {_V1}/documents/{{document_id}}/content": _DOCUMENTS_READ,
    f"PUT {_V1}/documents/{{document_id}}/content": _DOCUMENTS_WRITE,
    f"GET {_V1}/documents/{{document_id}}/text": _DOCUMENTS_READ,
    f"GET {_V1}/documents/{{document_id}}/chunks": _DOCUMENTS_READ,
    f"POST {_V1}/documents/{{document_id}}/reprocess": _DOCUMENTS_WRITE,
    f"POST {_V1}/documents/{{document_id}}/cancel": _DOCUMENTS_WRITE,
    f"GET {_V1}/documents/{{document_id}}/diagnosis": _DOCUMENTS_READ,
    f"GET {_V1}/documents/{{document_id}}/events": _DOCUMENTS_READ,
    f"POST {_V1}/bots/{{bot_id}}/search": _DOCUMENTS_READ,
    f"GET {_V1}/bots/{{bot_id}}/crawls": _DOCUMENTS_READ,
    f"POST {_V1}/bots/{{bot_id}}/crawls": _DOCUMENTS_WRITE,
    f"GET {_V1}/crawls/{{crawl_id}}": _DOCUMENTS_READ,
    f"POST {_V1}/crawls/{{crawl_id}}/stop": _DOCUMENTS_WRITE,
    # Plans and usage.
    f"GET {_V1}/plans": _PERSON,
    f"PUT {_V1}/admin/plans/{{plan_id}}": _INSTANCE,
    f"GET {_V1}/workspaces/{{workspace_id}}/subscription": Rule(Least.VIEWER, "usage:read"),
    f"PUT {_V1}/workspaces/{{workspace_id}}/subscription": _INSTANCE,
    f"GET {_V1}/usage": Rule(Least.EDITOR, "usage:read"),
    # Chat.
    f"POST {_V1}/bots/{{bot_id}}/chat": _CHAT,
    f"GET {_V1}/bots/{{bot_id}}/conversations": Rule(Least.VIEWER, "chat"),
    f"POST {_V1}/bots/{{bot_id}}/conversations": _CHAT,
    f"GET {_V1}/conversations/{{conversation_id}}": _CHAT,
    f"PATCH {_V1}/conversations/{{conversation_id}}": Rule(Least.VIEWER, "chat"),
    f"DELETE {_V1}/conversations/{{conversation_id}}": Rule(Least.EDITOR, "chat"),
    f"GET {_V1}/conversations/{{conversation_id}}/messages": _CHAT,
    f"POST {_V1}/conversations/{{conversation_id}}/messages": _CHAT,
    f"GET {_V1}/messages/{{message_id}}": _CHAT,
    f"GET {_V1}/messages/{{message_id}}/stream": _CHAT,
    # It shows whole passages: a key that may only chat does not read the documents by it.
    f"GET {_V1}/messages/{{message_id}}/trace": Rule(Least.EDITOR, "documents:read"),
    f"POST {_V1}/messages/{{message_id}}/stop": _CHAT,
    f"POST {_V1}/messages/{{message_id}}/regenerate": _CHAT,
    f"PUT {_V1}/messages/{{message_id}}/feedback": _CHAT,  # one's own
    f"DELETE {_V1}/messages/{{message_id}}/feedback": _CHAT,
    # API keys: none may make, show or end another.
    f"GET {_V1}/api_keys": _ADMIN,
    f"POST {_V1}/api_keys": _ADMIN,
    f"GET {_V1}/api_keys/{{key_id}}": _ADMIN,
    f"PATCH {_V1}/api_keys/{{key_id}}": _ADMIN,
    f"DELETE {_V1}/api_keys/{{key_id}}": _ADMIN,
    f"POST {_V1}/api_keys/{{key_id}}/rotate": _ADMIN,
    # The audit log and data rights.
    f"GET {_V1}/audit_events": Rule(Least.ADMIN, "audit:read"),
    f"GET {_V1}/audit_events/verification": Rule(Least.ADMIN, "audit:read"),
    f"GET {_V1}/audit_events/export": Rule(Least.ADMIN, "audit:read"),
    f"GET {_V1}/sweeps": Rule(Least.ADMIN, "audit:read"),
    f"GET {_V1}/workspaces/{{workspace_id}}/export": _OWNER,
    f"GET {_V1}/me/export": _PERSON,
    f"GET {_V1}/erasures/{{erasure_id}}": _PUBLIC,  # a receipt is its own credential
    # The socket: whom the first frame, or a ticket, lets in; then every frame by itself.
    f"POST {_V1}/ws_tickets": Rule(Least.VIEWER, "chat"),
    "WS auth": _CHAT,
    "WS ping": _CHAT,
    "WS message.create": _CHAT,
    "WS message.stop": _CHAT,
    "WS resume": _CHAT,
}
SCOPES: tuple[str, ...] = tuple(sorted({rule.scope for rule in ACCESS.values() if rule.scope}))


def rule_of(operation: str) -> Rule:
    """Return the rule of an operation ("GET /api/v1/bots"). Raises KeyError where there is none."""
    return ACCESS[operation]


def check_access(rule: Rule, actor: Actor) -> None:
    """Let the actor do what the rule is for. Raises Forbidden.

    An API key needs the scope, and its maker the role: a key never does more than its maker could.
    """
    if actor.key_id:
        if rule.scope is None:
            raise Forbidden("API keys cannot do this: log in.", code="forbidden")
        if rule.scope not in actor.scopes:
            raise Forbidden(f"This API key lacks the scope {rule.scope}.", code="forbidden")
    if rule.least is Least.INSTANCE:
        if not actor.instance_admin:
            raise Forbidden("Only who runs this installation may do this.")
        return
    if rule.least <= Least.PERSON:
        return
    if not actor.tenant_id:
        raise Forbidden("You are in no workspace: make one, or be invited.", code="no_workspace")
    if _RANK[actor.role] < rule.least:
        least = rule.least.name.lower()
        raise Forbidden(f"Your role in this workspace is {actor.role}; this takes {least}.")
