"""Writing down what answers and documents cost, in the transaction that ends them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from application.ports.chat_model import Turn, Usage
from application.ports.unit_of_work import UnitOfWork
from application.services.quotas import release
from domain.conversations import Message
from domain.documents import Document
from domain.plans import Quota, UsageKind, UsageRecord
from domain.prompt import estimate_tokens


@dataclass(slots=True)
class Spent:
    """What was asked of a model, and what came of it.

    `usage` is what the provider counted; an answer that was stopped or broke off has none, and some
    providers give none, and then its tokens are estimated.
    """

    model: str | None = None
    turns: Sequence[Turn] = ()
    text: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)

    @property
    def tokens(self) -> Usage:
        """The tokens of prompt and answer, counted or estimated; none where no model was asked."""
        if self.usage.prompt_tokens or self.usage.completion_tokens:
            return self.usage
        asked = sum(estimate_tokens(turn.text) for turn in self.turns)
        return Usage(asked, estimate_tokens("".join(self.text)))


async def record_answer(
    uow: UnitOfWork, answer: Message, bot_id: str, spent: Spent, now: datetime
) -> None:
    """Record an answer that ends in this unit, once; last in the unit."""
    tokens = spent.tokens
    await uow.usage.record(
        UsageRecord(
            id=answer.id,
            kind=UsageKind.ANSWER,
            bot_id=bot_id,
            model=spent.model,
            at=now,
            prompt_tokens=tokens.prompt_tokens,
            completion_tokens=tokens.completion_tokens,
        )
    )


async def record_ingestion(
    uow: UnitOfWork, document: Document, space: str, stored_before: int
) -> None:
    """Record a revision that goes live in this unit, and give back what the older ones kept; last."""
    await uow.usage.record(
        UsageRecord(
            id=f"{document.id}:{document.revision}",
            kind=UsageKind.DOCUMENT,
            bot_id=document.bot_id,
            model=space,
            at=document.updated_at,
            size=document.source.size,
            chunks=document.chunk_count,
        )
    )
    freed = stored_before - await uow.documents.stored_bytes(document.id)
    if freed:
        await release(uow, {Quota.BYTES: freed}, document.updated_at)
