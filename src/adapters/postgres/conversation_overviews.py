"""Which conversations there are and what is in them: one statement, whatever is asked for."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, or_, select, true

from adapters._psycopg import Row
from adapters.postgres.conversations import to_conversation
from adapters.postgres.schema import conversations, message_feedback, messages
from application.queries.conversations import ConversationFilter, ConversationOverview, Match
from domain.conversations import MessageRole
from domain.excerpts import excerpt
from domain.feedback import Rating


def overviews(chosen: Select[Any], words: Sequence[str] = ()) -> Select[Any]:
    """Return the statement that gives these conversations, newest first, with what is in them.

    The rest is looked up for the chosen ones only, each time by an index: a page costs as much as it
    has rows, however many conversations there are.
    """
    page = chosen.subquery("chosen")
    own = (messages.c.tenant_id == page.c.tenant_id, messages.c.conversation_id == page.c.id)
    count = select(func.count()).select_from(messages).where(*own).scalar_subquery()
    newest = (
        select(messages.c.created_at)
        .where(messages.c.tenant_id == page.c.tenant_id, messages.c.conversation_id == page.c.id)
        .order_by(messages.c.id.desc())
        .limit(1)
    )
    ratings = (
        select(*(_rated(rating).label(rating.value) for rating in Rating))
        .where(
            message_feedback.c.tenant_id == page.c.tenant_id,
            message_feedback.c.conversation_id == page.c.id,
        )
        .lateral("ratings")
    )
    columns = (
        *page.c,
        count.label("message_count"),
        newest.scalar_subquery().label("last_message_at"),
        *ratings.c,
    )
    found = select(*columns).select_from(page).join(ratings, true()).order_by(page.c.id.desc())
    if words:
        match = _best_match(own, words).lateral("match")
        found = found.outerjoin(match, true()).add_columns(*match.c)
    return found


def _rated(rating: Rating) -> ColumnElement[int]:
    return func.count().filter(message_feedback.c.rating == rating.value)


def _best_match(own: Sequence[ColumnElement[bool]], words: Sequence[str]) -> Select[Any]:
    holds = [messages.c.content.icontains(word, autoescape=True) for word in words]
    held = sum((case((each, 1), else_=0) for each in holds[1:]), case((holds[0], 1), else_=0))
    return (
        select(messages.c.id.label("match_id"), messages.c.content.label("match_content"))
        .where(*own, or_(*holds))
        .order_by(held.desc(), messages.c.id)
        .limit(1)
    )


def to_overview(row: Row, words: Sequence[str] = ()) -> ConversationOverview:
    """Make the value from a row of `overviews`."""
    match = None
    if words and row.match_id is not None:
        match = Match(row.match_id, excerpt(row.match_content, words))
    return ConversationOverview(
        to_conversation(row), row.message_count, row.last_message_at, row.up, row.down, match
    )


def conditions(tenant_id: str, where: ConversationFilter) -> Iterator[ColumnElement[bool]]:
    """Yield what a filter asks of a conversation."""
    own = select(messages.c.conversation_id).where(
        messages.c.tenant_id == tenant_id, messages.c.conversation_id == conversations.c.id
    )
    for word in where.words:
        in_messages = own.where(messages.c.content.icontains(word, autoescape=True))
        yield conversations.c.title.icontains(word, autoescape=True) | in_messages.exists()
    if where.status is not None:
        answers = own.where(messages.c.role == MessageRole.ASSISTANT.value)
        yield answers.where(messages.c.status == where.status.value).exists()
    if where.since is not None:
        yield conversations.c.created_at >= where.since
    if where.until is not None:
        yield conversations.c.created_at < where.until
    if where.feedback is not None:
        rated = select(message_feedback.c.conversation_id).where(
            message_feedback.c.tenant_id == tenant_id,
            message_feedback.c.conversation_id == conversations.c.id,
            message_feedback.c.rating == where.feedback.value,
        )
        yield rated.exists()
    if where.degraded is not None:
        worse = own.where(messages.c.degraded).exists()
        yield worse if where.degraded else ~worse
    if where.started_by is not None:
        yield conversations.c.started_by == where.started_by
