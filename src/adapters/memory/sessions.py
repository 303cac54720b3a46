"""Log-ins and one-time tokens in dictionaries."""

from dataclasses import replace
from datetime import datetime, timedelta

from adapters.memory.state import AccountTables, MemoryState
from application.ports.clock import Clock
from application.ports.sessions import OneTimeTokens, SessionRepository
from application.queries.page import Page, PageRequest
from application.queries.sessions import SessionQueries
from domain.accounts import Device, OneTimeToken, RefreshToken, Session, TokenPurpose


class InMemorySessionRepository(SessionRepository):
    """Works on the unit's copy of the tables."""

    def __init__(self, tables: AccountTables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def add(self, session: Session) -> None:
        """Write a session and forget the user's expired ones."""
        for old in list(self._tables.sessions.values()):
            if old.user_id == session.user_id and old.expires_at < self._clock.now():
                self._forget(old.id)
        self._tables.sessions[session.id] = session

    async def get(self, session_id: str, user_id: str) -> Session | None:
        """Return the user's own live session, or None."""
        session = self._tables.sessions.get(session_id)
        if session is None or session.user_id != user_id:
            return None
        return session if _is_live(self._tables, session, self._clock.now()) else None

    async def revoke(self, session_id: str, now: datetime) -> None:  # noqa: ARG002
        """End a session and its refresh tokens; when it was is not kept."""
        self._tables.revoked.add(session_id)

    async def revoke_all(self, user_id: str, now: datetime, *, keep: str = "") -> None:
        """End every session of a user but one."""
        for session in self._tables.sessions.values():
            if session.user_id == user_id and session.id != keep:
                await self.revoke(session.id, now)

    async def touch(self, session_id: str, now: datetime, device: Device) -> None:
        """Write the last use."""
        session = self._tables.sessions[session_id]
        self._tables.sessions[session_id] = replace(session, last_used_at=now, device=device)

    async def add_token(self, token: RefreshToken) -> None:
        """Write a refresh token."""
        self._tables.refresh_tokens[token.token_hash] = token

    async def token(self, token_hash: str) -> RefreshToken | None:
        """Return the token, or None where it is unknown or its session is over."""
        token = self._tables.refresh_tokens.get(token_hash)
        if token is None:
            return None
        session = self._tables.sessions[token.session_id]
        return token if _is_live(self._tables, session, self._clock.now()) else None

    async def use_token(self, token_hash: str, now: datetime, used_for: str | None = None) -> None:
        """Mark the token as used."""
        token = self._tables.refresh_tokens[token_hash]
        self._tables.refresh_tokens[token_hash] = replace(token, used_at=now, used_for=used_for)

    def _forget(self, session_id: str) -> None:
        del self._tables.sessions[session_id]
        for digest, token in list(self._tables.refresh_tokens.items()):
            if token.session_id == session_id:
                del self._tables.refresh_tokens[digest]


class InMemoryOneTimeTokens(OneTimeTokens):
    """Works on the unit's copy of the tables."""

    def __init__(self, tables: AccountTables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def add(self, token: OneTimeToken) -> None:
        """Write a token and clear away those that expired long ago."""
        past = self._clock.now() - timedelta(hours=1)
        for old in list(self._tables.one_time_tokens.values()):
            if old.expires_at < past:
                del self._tables.one_time_tokens[old.token_hash]
        self._tables.one_time_tokens[token.token_hash] = token

    async def take(
        self, token_hash: str, purpose: TokenPurpose, now: datetime
    ) -> OneTimeToken | None:
        """Remove the token and return it, or None."""
        token = self._tables.one_time_tokens.get(token_hash)
        if token is None or token.purpose is not purpose:
            return None
        del self._tables.one_time_tokens[token_hash]
        return token if token.expires_at > now else None

    async def forget(self, user_id: str, purpose: TokenPurpose) -> None:
        """Remove the user's tokens of a purpose."""
        for token in list(self._tables.one_time_tokens.values()):
            if token.user_id == user_id and token.purpose is purpose:
                del self._tables.one_time_tokens[token.token_hash]


class InMemorySessionQueries(SessionQueries):
    """Reads the committed sessions."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def list(self, user_id: str, page: PageRequest) -> Page[Session]:
        """Return the user's live sessions, newest first."""
        tables, now = self._state.accounts, self._state.clock.now()
        own = [s for s in tables.sessions.values() if s.user_id == user_id]
        live = [s for s in own if _is_live(tables, s, now)]
        found = sorted(live, key=lambda session: session.id, reverse=True)
        after = [s for s in found if page.after is None or s.id < page.after]
        return Page.cut(after[: page.limit + 1], page.limit, lambda session: session.id)


def _is_live(tables: AccountTables, session: Session, now: datetime) -> bool:
    return session.id not in tables.revoked and session.expires_at > now
