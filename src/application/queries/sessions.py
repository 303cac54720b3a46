"""Reads of a person's own log-ins."""

from abc import ABC, abstractmethod

from application.queries.page import Page, PageRequest
from domain.accounts import Session


class SessionQueries(ABC):
    """Scoped by user."""

    @abstractmethod
    async def list(self, user_id: str, page: PageRequest) -> Page[Session]:
        """Return the sessions of a user that are not over, newest first."""
