"""What every store of traces promises."""

from application.queries.traces import KeptTrace
from application.testing.answers import start_conversation
from application.testing.backend import Backend, add_tenant, in_unit, outcome
from application.testing.contract import Contract
from application.testing.samples import (
    add_bot,
    add_conversation,
    add_pending_answer,
    add_ready_document,
    flip,
    give_new_content,
    ingest,
)
from domain.bots import Bot
from domain.chunks import Scores
from domain.conversations import Message, MessageStatus
from domain.documents import Document
from domain.errors import NotFound
from domain.ids import chunk_id
from domain.traces import Source, Step, Trace

_TEXTS = ("No shouting 😀.", "No running.")


def _source(document: Document, ordinal: int) -> Source:
    start = sum(len(text) + 1 for text in _TEXTS[:ordinal])
    return Source(
        chunk_id=chunk_id(document.id, document.revision, ordinal),
        document_id=document.id,
        revision=document.revision,
        start=start,
        end=start + len(_TEXTS[ordinal]),
        page=ordinal + 1,
        score=0.5 - ordinal / 8,
        scores=Scores(vector=0.75, keyword=None, rerank=0.25),
    )


def _trace(*sources: Source) -> Trace:
    return Trace(
        version=3,
        settings={"agent_type": "rag", "fallback_models": ["openai/gpt-5"], "rerank": None},
        query="May I shout? é 字",
        steps=[Step("retrieve", 0.5, 20.25), Step("model", 21.0, 300.5)],
        sources=sources,
    )


async def _answer(backend: Backend, bot: Bot, trace: Trace) -> Message:
    """Store an answer that has ended, with its trace."""
    answer = await add_pending_answer(backend, await add_conversation(backend, bot))
    answer.finish(MessageStatus.COMPLETED, "No [1].")
    await in_unit(backend, bot.tenant_id, lambda unit: unit.messages.save(answer, trace))
    return answer


async def _kept(backend: Backend, answer: Message) -> KeptTrace:
    return await backend.trace_queries.of(answer.tenant_id, answer.id)


class TracesContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_trace_is_read_as_it_was_kept(self, backend: Backend) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        document = await add_ready_document(backend, bot, texts=_TEXTS)
        trace = _trace(_source(document, 1), _source(document, 0))
        answer = await _answer(backend, bot, trace)
        kept = await _kept(backend, answer)
        assert (kept.version, kept.query) == (trace.version, trace.query)
        assert dict(kept.settings) == trace.settings
        assert list(kept.steps) == trace.steps
        assert [each.source for each in kept.sources] == list(trace.sources)
        assert [each.text for each in kept.sources] == list(reversed(_TEXTS))
        assert {each.title for each in kept.sources} == {document.title}
        saved = await backend.conversation_queries.message(answer.tenant_id, answer.id)
        assert (saved.status, saved.content) == (MessageStatus.COMPLETED, "No [1].")

    async def test_a_revision_that_is_replaced_is_still_read(self, backend: Backend) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        document = await add_ready_document(backend, bot, texts=_TEXTS)
        answer = await _answer(backend, bot, _trace(_source(document, 0), _source(document, 1)))
        await give_new_content(backend, document)
        await ingest(backend, document, ["All is allowed."])
        await flip(backend, document, 1)
        await in_unit(
            backend,
            bot.tenant_id,
            lambda unit: unit.documents.retire(document.id, document.revision),
        )
        assert [each.text for each in (await _kept(backend, answer)).sources] == list(_TEXTS)

    async def test_of_a_deleted_document_there_is_only_where_it_stood(
        self, backend: Backend
    ) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        gone = await add_ready_document(backend, bot, texts=_TEXTS)
        stays = await add_ready_document(backend, bot, texts=_TEXTS)
        answer = await _answer(backend, bot, _trace(_source(gone, 0), _source(stays, 0)))
        await in_unit(backend, bot.tenant_id, lambda unit: unit.documents.delete(gone.id))
        first, second = (await _kept(backend, answer)).sources
        assert (first.title, first.text) == (None, None)
        assert first.source == _source(gone, 0)
        assert second.text == _TEXTS[0]
        await in_unit(backend, bot.tenant_id, lambda unit: unit.documents.erase(gone.id))
        assert (await _kept(backend, answer)).sources[0] == first

    async def test_an_answer_that_was_saved_without_one_has_none(self, backend: Backend) -> None:
        answer = await add_pending_answer(backend, await start_conversation(backend))
        answer.finish(MessageStatus.FAILED, "")
        await in_unit(backend, answer.tenant_id, lambda unit: unit.messages.save(answer))
        assert await outcome(_kept(backend, answer)) is NotFound

    async def test_a_trace_goes_with_its_conversation(self, backend: Backend) -> None:
        bot = await add_bot(backend, await add_tenant(backend))
        answer = await _answer(backend, bot, _trace())
        assert (await _kept(backend, answer)).sources == []
        counts = await in_unit(backend, bot.tenant_id, lambda unit: unit.upkeep.count_bot(bot.id))
        assert counts["message_traces"] == 1  # the receipt of an erasure tells of it
        await in_unit(
            backend, bot.tenant_id, lambda unit: unit.conversations.delete(answer.conversation_id)
        )
        assert await outcome(_kept(backend, answer)) is NotFound

    async def test_a_tenant_sees_no_other_tenants_trace(self, backend: Backend) -> None:
        answer = await _answer(backend, await add_bot(backend, await add_tenant(backend)), _trace())
        stranger = await add_tenant(backend)
        assert await outcome(backend.trace_queries.of(stranger, answer.id)) is NotFound
