"""Reads of the queue: what waits, who works, and what one who waits is to be told."""

from abc import ABC, abstractmethod
from enum import StrEnum

from domain.diagnosis import JobState, QueueFacts


class JobFilter(StrEnum):
    """Which jobs: those that wait for their turn or time, or those that a worker has."""

    WAITING = "waiting"
    RUNNING = "running"


class JobQueries(ABC):
    """Sees the jobs of all tenants. What it tells of others to a tenant are counts."""

    @abstractmethod
    async def facts(self, tenant_id: str, subject_id: str, job_id: str | None = None) -> QueueFacts:
        """Return what is known now about the work on a document, bot, crawl or workspace of a tenant:
        about this job of it, or the newest; without a job where there is none."""

    @abstractmethod
    async def find(self, job_id: str) -> JobState | None:
        """Return a job of whatever tenant, or None."""

    @abstractmethod
    async def of_subject(self, subject_id: str) -> list[JobState]:
        """Return the jobs of a subject of whatever tenant."""

    @abstractmethod
    async def list(self, which: JobFilter | None, limit: int) -> list[JobState]:
        """Return up to `limit` jobs of all tenants, in the order in which they fall due."""
