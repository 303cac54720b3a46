"""The writing side of the keyword index on PostgreSQL, inside the caller's transaction."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy import Row, text

from adapters._psycopg import Connection
from application.ports.documents import KeywordPostings
from application.ports.keyword_index import KeywordEntry

# A place is one bigint: ordinal << 32 | frequency << 16 | length, the latter two capped to fit.
_ORDINAL_SHIFT = 32
_FREQUENCY_SHIFT = 16
_LARGEST = 0x7FFF

_LONGEST_TERM = 64  # code points; what differs later only is one term
_ADDED_AT_ONCE = 5_000  # rows of one statement

_SCOPE = text("SELECT number FROM keyword_scopes WHERE tenant_id = :tenant_id AND bot_id = :bot_id")
_NEW_SCOPE = text(
    "INSERT INTO keyword_scopes (tenant_id, bot_id) VALUES (:tenant_id, :bot_id) "
    "ON CONFLICT DO NOTHING"
)
# Locks the document's row, making it if there is none (revision 0), and tells what it holds.
_CLAIM = text("""
    INSERT INTO keyword_documents
        (tenant_id, document_id, bot_id, revision, language, chunks, terms)
    VALUES (:tenant_id, :document_id, :bot_id, 0, '', 0, 0)
    ON CONFLICT (tenant_id, document_id) DO UPDATE SET revision = keyword_documents.revision
    RETURNING number, bot_id, revision, language, chunks, terms
""")
_DESCRIBE = text("""
    UPDATE keyword_documents
    SET bot_id = :bot_id, revision = :revision, language = :language, chunks = :chunks,
        terms = :terms
    WHERE tenant_id = :tenant_id AND document_id = :document_id
""")
_FORGET = text("""
    DELETE FROM keyword_documents WHERE tenant_id = :tenant_id AND document_id = :document_id
    RETURNING number, bot_id, revision, language, chunks, terms
""")
_CLEAR = text("DELETE FROM keyword_postings WHERE document = :number")
_ADD = text("""
    INSERT INTO keyword_postings (scope, term, document, places)
    SELECT :scope, term, :document, CAST(places AS bigint[])
    FROM unnest(CAST(:terms AS text[]), CAST(:places AS text[])) AS added (term, places)
""")
# Differences, not sums, so that writers of other documents are not lost; the rows are taken in one
# order, last of all, so that two transactions never wait for each other in a circle.
_COUNT = text("""
    INSERT INTO keyword_totals (tenant_id, bot_id, language, documents, chunks, terms)
    SELECT :tenant_id, bot_id, language, sum(documents), sum(chunks), sum(terms)
    FROM unnest(
        CAST(:bot_ids AS text[]), CAST(:languages AS text[]), CAST(:documents AS bigint[]),
        CAST(:chunks AS bigint[]), CAST(:terms AS bigint[])
    ) AS change (bot_id, language, documents, chunks, terms)
    GROUP BY bot_id, language ORDER BY bot_id, language
    ON CONFLICT (tenant_id, bot_id, language) DO UPDATE SET
        documents = keyword_totals.documents + EXCLUDED.documents,
        chunks = keyword_totals.chunks + EXCLUDED.chunks,
        terms = keyword_totals.terms + EXCLUDED.terms
""")

# Takes a whole bot out of the index; in this order. Arguments: `tenant_id` and `id`, the bot's.
ERASE_BOT = (
    text("""
        DELETE FROM keyword_postings WHERE scope = (
            SELECT number FROM keyword_scopes WHERE tenant_id = :tenant_id AND bot_id = :id
        )
    """),
    text("DELETE FROM keyword_documents WHERE tenant_id = :tenant_id AND bot_id = :id"),
    text("DELETE FROM keyword_totals WHERE tenant_id = :tenant_id AND bot_id = :id"),
    text("DELETE FROM keyword_scopes WHERE tenant_id = :tenant_id AND bot_id = :id"),
)


def stored_term(term: str) -> str:
    """Return the form in which a term stands in the index: cut, and text that PostgreSQL takes."""
    if "\0" in term:
        term = term.replace("\0", "")
    return term[:_LONGEST_TERM].encode(errors="replace").decode()


class PostgresKeywordPostings(KeywordPostings):
    """Postings of one tenant: one row for each term of a document."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def put(
        self,
        bot_id: str,
        document_id: str,
        revision: int,
        language: str,
        entries: Sequence[KeywordEntry],
    ) -> None:
        """Index a document's revision in the place of whatever was indexed of that document."""
        new = {
            "bot_id": bot_id,
            "revision": revision,
            "language": language,
            "chunks": len(entries),
            "terms": sum(len(entry.terms) for entry in entries),
        }
        key = {"tenant_id": self._tenant_id, "document_id": document_id}
        scope = await self._scope(bot_id)
        old = (await self._connection.execute(_CLAIM, {**key, "bot_id": bot_id})).one()
        if old.revision > 0:
            await self._connection.execute(_CLEAR, {"number": old.number})
        # In a thread: a book takes a third of a second, in which others want the event loop.
        places = await asyncio.to_thread(_places, entries)
        await self._add(scope, old.number, places)
        await self._connection.execute(_DESCRIBE, key | new)
        await self._count(old if old.revision > 0 else None, new)

    async def remove(self, document_id: str) -> None:
        """Take a document out; an unknown one is no error."""
        key = {"tenant_id": self._tenant_id, "document_id": document_id}
        old = (await self._connection.execute(_FORGET, key)).one_or_none()
        if old is not None:
            await self._connection.execute(_CLEAR, {"number": old.number})
            await self._count(old, None)

    async def _scope(self, bot_id: str) -> int:
        key = {"tenant_id": self._tenant_id, "bot_id": bot_id}
        number = await self._connection.scalar(_SCOPE, key)
        if number is None:
            await self._connection.execute(_NEW_SCOPE, key)
            number = await self._connection.scalar(_SCOPE, key)
        return int(number)

    async def _add(self, scope: int, document: int, places: Mapping[str, Sequence[str]]) -> None:
        terms = sorted(places)  # in the index's order, which makes its writing cheaper
        for start in range(0, len(terms), _ADDED_AT_ONCE):
            part = terms[start : start + _ADDED_AT_ONCE]
            values = {
                "scope": scope,
                "document": document,
                "terms": part,
                "places": [f"{{{','.join(places[term])}}}" for term in part],
            }
            await self._connection.execute(_ADD, values)

    async def _count(
        self, old: Row[tuple[object, ...]] | None, new: Mapping[str, object] | None
    ) -> None:
        changes = []
        if old is not None:
            changes.append((old.bot_id, old.language, -1, -old.chunks, -old.terms))
        if new is not None:
            changes.append((new["bot_id"], new["language"], 1, new["chunks"], new["terms"]))
        names = ("bot_ids", "languages", "documents", "chunks", "terms")
        columns = {
            name: list(column)
            for name, column in zip(names, zip(*changes, strict=True), strict=True)
        }
        await self._connection.execute(_COUNT, {"tenant_id": self._tenant_id, **columns})


def _places(entries: Sequence[KeywordEntry]) -> dict[str, list[str]]:
    """Return the packed places of each term, written as numbers.

    A book has half a million places, most of a term that stands in its chunk once: what all of these
    in a chunk share is written once.
    """
    places: defaultdict[str, list[str]] = defaultdict(list)
    for entry in entries:
        base = entry.ordinal << _ORDINAL_SHIFT | min(len(entry.terms), _LARGEST)
        once = str(base | 1 << _FREQUENCY_SHIFT)
        for term, count in Counter(entry.terms).items():
            places[term].append(
                once if count == 1 else str(base | min(count, _LARGEST) << _FREQUENCY_SHIFT)
            )
    stored: dict[str, list[str]] = {}
    for term, own in places.items():
        key = stored_term(term)
        stored[key] = stored[key] + own if key in stored else own
    stored.pop("", None)
    return stored
