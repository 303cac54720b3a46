"""Ports: what the database says that other stores must hold, and what in it is past its time."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from domain.sweeps import Standing, Sweep


class Upkeep(ABC):
    """The rows of the unit's tenant, as the sweep and the receipts of erasures look at them."""

    @abstractmethod
    async def standing(self, document_ids: Sequence[str]) -> Mapping[str, Standing]:
        """Return those of the documents that are there and not deleted; their bots are neither."""

    @abstractmethod
    async def answering(self, bot_id: str, after: str | None, limit: int) -> Sequence[Standing]:
        """Return up to `limit` documents with a live revision by id, those that follow `after`.

        `chunk_count` is the number of chunks of the live revision.
        """

    @abstractmethod
    async def needed_blobs(self, keys: Sequence[str]) -> set[str]:
        """Return those of the blob keys that a revision may still be read by: the live one of a
        document or one after it. What purges a deleted document needs its keys too."""

    @abstractmethod
    async def blobs(self, after: str | None, limit: int) -> Mapping[str, Sequence[str]]:
        """Return the needed blob keys of up to `limit` documents by id, those that follow `after`."""

    @abstractmethod
    async def stray_postings(self, limit: int, among: Sequence[str] | None = None) -> Sequence[str]:
        """Return up to `limit` documents (of `among`) whose keyword postings are of no live revision.

        Those of a deleted bot do not count: its purge takes them all at once.
        """

    @abstractmethod
    async def unindexed(self, limit: int) -> Sequence[str]:
        """Return up to `limit` ready documents whose live revision the keyword index does not hold."""

    @abstractmethod
    async def mend_totals(self) -> int:
        """Set right the sums that keyword scores are made with, where they are wrong; return how many
        were. Last in a unit of work: others wait for them."""

    @abstractmethod
    async def count_document(self, document_id: str) -> Mapping[str, int]:
        """Return how many rows there are of each kind of a document, a tombstoned one too; and `blobs`."""

    @abstractmethod
    async def count_bot(self, bot_id: str) -> Mapping[str, int]:
        """Return how many rows there are of each kind of a bot, a tombstoned one too; and `blobs`."""

    @abstractmethod
    async def trim_events(self, days: float, most: int) -> int:
        """Remove the events of up to `most` answers that ended, and up to `most` of settled documents,
        that are older than so many days; return how many.

        Of an answer all go at once. Of a document the newest event stays: its stream goes on from it.
        """

    @abstractmethod
    async def trim_idempotency(self, hours: float, most: int) -> int:
        """Remove up to `most` idempotency keys that are older than so many hours; return how many."""

    @abstractmethod
    async def record(self, sweep: Sweep) -> None:
        """Write down what a sweep found."""


class Housekeeping(ABC):
    """What no workspace does for itself: the whole installation, by the store's clock."""

    @abstractmethod
    async def plan_sweeps(self, job_ids: Mapping[str, str], spread_seconds: float) -> int:
        """Queue a sweep for each workspace id, under its job's id, unless one is queued already; return
        how many were. They begin one after the other within `spread_seconds`."""

    @abstractmethod
    async def trim(self, most: int) -> Mapping[str, int]:
        """Remove up to `most` rows of each kind that are past their time: sessions and tokens that ran
        out, workers that are gone, turns of no workspace, old sweeps; return how many of each."""
