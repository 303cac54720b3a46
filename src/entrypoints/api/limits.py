"""How often anybody may ask: who is charged for what, and how a response tells where one stands."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import ceil

from starlette.requests import HTTPConnection
from starlette.types import Scope

from application.ports.rate_limiter import Charge, Limit, RateLimiter, Verdict
from domain.accounts import Actor
from domain.addresses import counted_as
from domain.errors import RateLimited
from entrypoints.container import Container
from entrypoints.edge_settings import RateLimits

Headers = list[tuple[bytes, bytes]]
_VERDICTS = "rate_verdicts"
FRAMES_A_WINDOW, FRAME_WINDOW_SECONDS = 200, 10.0


def client_ip(connection: HTTPConnection) -> str:
    """Return the address of the client, as the edge settled it."""
    return str(connection.scope["client_ip"])


async def charge_address(limiter: RateLimiter, limit: Limit, scope: Scope) -> Verdict:
    """Charge a request or a socket's opening to its IP address."""
    verdict = await limiter.hit(limit, counted_as(scope["client_ip"]))
    scope[_VERDICTS] = [verdict]
    return verdict


async def charge(container: Container, connection: HTTPConnection, actor: Actor) -> None:
    """Charge a request to whom it is made for; the response will say what is left.

    Raises RateLimited.
    """
    verdicts = await container.rate_limiter().hit_all(_charges(container.rate_limits(), actor))
    connection.scope.setdefault(_VERDICTS, []).extend(verdicts)
    _require(verdicts)


async def charge_frame(container: Container, connection: HTTPConnection, actor: Actor) -> None:
    """Charge a socket's frame as a request would be. Raises RateLimited."""
    limits = container.rate_limits()
    charges = [
        Charge(limits.ip, counted_as(client_ip(connection))),
        *_charges(limits, actor),
    ]
    _require(await container.rate_limiter().hit_all(charges))


class FrameMeter:
    """Counts the frames of one socket: `admits()` is False where it is to be closed (4429)."""

    def __init__(self, monotonic: Callable[[], float], most: int = FRAMES_A_WINDOW) -> None:
        self._monotonic = monotonic
        self._most = most
        self._ends = 0.0
        self._frames = 0

    def admits(self) -> bool:
        """Count a frame, and tell whether it is one too many."""
        now = self._monotonic()
        if now >= self._ends:
            self._ends, self._frames = now + FRAME_WINDOW_SECONDS, 0
        self._frames += 1
        return self._frames <= self._most


def rate_headers(scope: Scope) -> Headers:
    """Return `RateLimit` (the limit nearest to its end) and `RateLimit-Policy` (all of them).

    Source: draft-ietf-httpapi-ratelimit-headers-10.
    """
    verdicts: Sequence[Verdict] = scope.get(_VERDICTS, ())
    if not verdicts:
        return []
    nearest = min(verdicts, key=lambda verdict: (verdict.allowed, verdict.remaining))
    left = f'"{nearest.limit.name}";r={nearest.remaining};t={ceil(nearest.reset_seconds)}'
    return [
        (b"ratelimit", left.encode()),
        (b"ratelimit-policy", b", ".join(_policy(verdict.limit) for verdict in verdicts)),
    ]


@lru_cache(maxsize=256)
def _policy(limit: Limit) -> bytes:
    return f'"{limit.name}";q={limit.quota};w={limit.window_seconds}'.encode()


def _charges(limits: RateLimits, actor: Actor) -> list[Charge]:
    """Return what a request costs: the credential's own limit, and that of its workspace."""
    own = limits.key if actor.key_id else limits.account
    charges = [Charge(own, actor.id)]
    if actor.tenant_id:
        charges.append(Charge(limits.workspace, actor.tenant_id))
    return charges


def _require(verdicts: Sequence[Verdict]) -> None:
    refused = [verdict for verdict in verdicts if not verdict.allowed]
    if refused:
        raise RateLimited(retry_after=max(verdict.retry_after for verdict in refused))
