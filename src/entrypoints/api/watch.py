"""Whether those who hold a stream or a socket open may still: asked again and again, for all at once."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from random import Random

from application.queries.identity import IdentityQueries
from domain.access import Rule, check_access
from domain.accounts import Actor
from domain.errors import ChatSphereError, Forbidden, Unauthenticated
from entrypoints.api.departure import Departure

_chance = Random()  # noqa: S311  # no secret: for jitter

_log = logging.getLogger(__name__)
RECHECK_SECONDS = 3.0  # what was revoked ends within 5 s


class Standing:
    """What one open stream or socket may: `actor` has the rights of now.

    Once it may nothing any more, `error` says why, and every wait in `end` ends.
    """

    def __init__(self, actor: Actor, rule: Rule) -> None:
        self.actor = actor
        self.error: ChatSphereError | None = None
        self.end = Departure()
        self._rule = rule

    def renew(self, actor: Actor | None) -> None:
        """Take what the credential is worth now; None: nothing."""
        try:
            if actor is None:
                raise Unauthenticated("This session or key has ended.")
            if actor.tenant_id != self.actor.tenant_id:
                raise Forbidden("You are no member of this workspace any more.")
            check_access(self._rule, actor)
        except ChatSphereError as error:
            self.error = error
            self.end.begin()
            return
        here = self.actor
        self.actor = replace(actor, address=here.address, request_id=here.request_id)


@dataclass(frozen=True, slots=True)
class _Credential:
    user_id: str
    session_id: str
    secret_hash: str
    tenant_id: str


@dataclass(slots=True)
class _Watch:
    actor: Actor
    standings: set[Standing] = field(default_factory=set)
    task: "asyncio.Task[None] | None" = None


class Watchers:
    """One question every few seconds for each credential, however many streams hang on it."""

    def __init__(self, queries: Callable[[], IdentityQueries]) -> None:
        self._queries = queries
        self._watches: dict[_Credential, _Watch] = {}

    @contextmanager
    def over(self, actor: Actor, rule: Rule) -> Iterator[Standing]:
        """Watch over what may be done under a rule, until the block ends."""
        name = _Credential(actor.user_id, actor.session_id, actor.secret_hash, actor.tenant_id)
        watch = self._watches.get(name)
        if watch is None:
            watch = self._watches[name] = _Watch(actor)
            watch.task = asyncio.create_task(self._recheck(watch), name="watch")
        standing = Standing(actor, rule)
        watch.standings.add(standing)
        try:
            yield standing
        finally:
            watch.standings.discard(standing)
            if not watch.standings and watch.task is not None:
                watch.task.cancel()
                with suppress(KeyError):
                    del self._watches[name]

    async def _recheck(self, watch: _Watch) -> None:
        delay = RECHECK_SECONDS * _chance.random()  # who came at once asks in turn
        while True:
            await asyncio.sleep(delay)
            delay = RECHECK_SECONDS
            try:
                actor = await self._queries().still(watch.actor)
            except Exception as error:
                if not isinstance(error, ChatSphereError):  # else the database is out
                    _log.exception("a credential could not be checked")
                delay = RECHECK_SECONDS / 3  # judged later, but not much
                continue
            for standing in list(watch.standings):
                standing.renew(actor)
