"""What the sweep and the receipts of erasures want to know, over dictionaries."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from adapters.memory.keyword_index import InMemoryPostingsStore
from adapters.memory.state import MemoryState, TenantTables
from application.ports.clock import Clock
from application.ports.upkeep import Upkeep
from application.queries.page import Page, PageRequest
from application.queries.sweeps import SweepQueries
from domain.documents import Document, DocumentStatus
from domain.sweeps import Standing, Sweep


class InMemoryUpkeep(Upkeep):
    """Works on what a unit of work holds. Events are as old as what they tell of."""

    def __init__(
        self, tables: TenantTables, postings: InMemoryPostingsStore, tenant_id: str, clock: Clock
    ) -> None:
        self._tables = tables
        self._postings = postings
        self._tenant_id = tenant_id
        self._clock = clock

    async def standing(self, document_ids: Sequence[str]) -> Mapping[str, Standing]:
        """Return those that are not deleted."""
        return {
            d.id: Standing(d.id, d.bot_id, d.revision, d.target)
            for d in self._standing()
            if d.id in set(document_ids)
        }

    async def answering(self, bot_id: str, after: str | None, limit: int) -> Sequence[Standing]:
        """Return documents with a live revision."""
        found = sorted(
            (d for d in self._standing() if d.bot_id == bot_id and d.revision > 0),
            key=lambda d: d.id,
        )
        return [
            Standing(
                d.id, d.bot_id, d.revision, d.target,
                len(self._tables.chunks.get((d.id, d.revision), ())),
            )
            for d in found
            if d.id > (after or "")
        ][:limit]  # fmt: skip

    async def needed_blobs(self, keys: Sequence[str]) -> set[str]:
        """Return the keys of revisions that are not before the live one."""
        needed = {key for d in self._tables.documents.values() for key in self._keys(d)}
        return needed & set(keys)

    async def blobs(self, after: str | None, limit: int) -> Mapping[str, Sequence[str]]:
        """Return the needed keys by document."""
        found = sorted(self._standing(), key=lambda d: d.id)
        keys = {d.id: self._keys(d) for d in found if d.id > (after or "") and self._keys(d)}
        return dict(list(keys.items())[:limit])

    async def stray_postings(self, limit: int, among: Sequence[str] | None = None) -> Sequence[str]:
        """Return documents whose postings are of no live revision."""
        found = []
        for (tenant_id, document_id), posted in self._postings.documents.items():
            document = self._tables.document(document_id)
            lives = document is not None and document.revision == posted.revision
            purged = posted.bot_id in self._tables.tombstones
            wanted = among is None or document_id in among
            if tenant_id == self._tenant_id and wanted and not lives and not purged:
                found.append(document_id)
        return found[:limit]

    async def unindexed(self, limit: int) -> Sequence[str]:
        """Return ready documents without postings of their live revision."""
        found = []
        for document in self._standing():
            posted = self._postings.documents.get((self._tenant_id, document.id))
            if document.status is DocumentStatus.READY and (
                posted is None or posted.revision != document.revision
            ):
                found.append(document.id)
        return found[:limit]

    async def mend_totals(self) -> int:
        """Do nothing: sums are made when they are asked for."""
        return 0

    async def count_document(self, document_id: str) -> Mapping[str, int]:
        """Count the rows of a document."""
        tables = self._tables
        posted = self._postings.documents.get((self._tenant_id, document_id))
        document = tables.documents.get(document_id)
        counts = {
            "blobs": len(self._keys(document)) if document else 0,
            "revisions": sum(key[0] == document_id for key in tables.revisions),
            "chunks": sum(len(c) for key, c in tables.chunks.items() if key[0] == document_id),
            "keyword_postings": len(
                {term for passage in posted.passages for term in passage.counts} if posted else ()
            ),
            "events": len(tables.events.get(document_id, ())),
        }
        return {kind: count for kind, count in counts.items() if count}

    async def count_bot(self, bot_id: str) -> Mapping[str, int]:
        """Count the rows of a bot."""
        tables = self._tables
        documents = {d.id for d in tables.documents.values() if d.bot_id == bot_id}
        conversations = {c.id for c in tables.conversations.values() if c.bot_id == bot_id}
        counts = {
            "bot_versions": sum(v.bot_id == bot_id for v in tables.versions.values()),
            "index_generations": sum(g.bot_id == bot_id for g in tables.generations.values()),
            "documents": len(documents),
            "blobs": len({k for d in documents for k in self._keys(tables.documents[d])}),
            "revisions": sum(key[0] in documents for key in tables.revisions),
            "chunks": sum(len(c) for key, c in tables.chunks.items() if key[0] in documents),
            "keyword_documents": sum(
                tenant_id == self._tenant_id and posted.bot_id == bot_id
                for (tenant_id, _), posted in self._postings.documents.items()
            ),
            "conversations": len(conversations),
            "messages": sum(
                row.message.conversation_id in conversations for row in tables.messages.values()
            ),
            "message_traces": sum(
                row.trace is not None and row.message.conversation_id in conversations
                for row in tables.messages.values()
            ),
            "message_feedback": sum(
                feedback.conversation_id in conversations
                for feedback in tables.message_feedback.values()
            ),
            "crawls": sum(crawl.bot_id == bot_id for crawl in tables.crawls.values()),
        }
        return {kind: count for kind, count in counts.items() if count}

    async def trim_events(self, days: float, most: int) -> int:
        """Remove the old events of what has ended."""
        before = self._clock.now() - timedelta(days=days)
        tables, gone = self._tables, 0
        for row in list(tables.messages.values()):
            message = row.message
            if most and message.status.is_final and message.created_at <= before:
                gone += len(tables.events.pop(message.id, ()))
        for document in tables.documents.values():
            events = tables.events.get(document.id, ())
            if document.status.is_settled and document.updated_at <= before and len(events) > 1:
                tables.events[document.id] = events[-1:]
                gone += len(events) - 1
        return gone

    async def trim_idempotency(self, hours: float, most: int) -> int:
        """Remove old keys."""
        before = self._clock.now() - timedelta(hours=hours)
        rows = self._tables.idempotency
        old = [key for key, row in rows.items() if row.created_at <= before][:most]
        for key in old:
            del rows[key]
        return len(old)

    async def record(self, sweep: Sweep) -> None:
        """Keep the sweep."""
        self._tables.sweeps[sweep.id] = sweep

    def _standing(self) -> list[Document]:
        every: Callable[[str], Document | None] = self._tables.document
        found = (every(document_id) for document_id in self._tables.documents)
        return [d for d in found if d is not None and d.bot_id not in self._tables.tombstones]

    def _keys(self, document: Document) -> list[str]:
        return sorted(
            {
                row.source.blob_key
                for (owner, revision), row in self._tables.revisions.items()
                if owner == document.id and revision >= document.revision and row.source.blob_key
            }
        )


class InMemorySweepQueries(SweepQueries):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def list(self, tenant_id: str, page: PageRequest) -> Page[Sweep]:
        """Return the sweeps, newest first."""
        sweeps = self._state.tenant(tenant_id).sweeps.values()
        found = sorted(
            (s for s in sweeps if page.after is None or s.id < page.after),
            key=lambda s: s.id,
            reverse=True,
        )
        return Page.cut(found[: page.limit + 1], page.limit, lambda sweep: sweep.id)
