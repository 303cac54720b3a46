"""Answer an accepted message: retrieve, ask the model, verify citations, finish exactly once."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    Role,
    Turn,
    Usage,
)
from application.ports.clock import Clock
from application.ports.model_catalog import ModelCatalog
from application.ports.text_analyzer import TextAnalyzer
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.services.answer_stream import INTERNAL, AnswerStream, final_event
from application.services.metering import Spent, record_answer
from application.services.patience import ended, patiently
from application.services.retriever import Retrieval, Retriever
from application.services.views import citation_view, source_view
from domain.answer_text import AnswerText, given_links
from domain.citations import Citation
from domain.configuration import Configuration
from domain.conversation_query import retrieval_query
from domain.conversations import Message, MessageStatus, Problem, TokenUsage
from domain.credentials import StoredCredentials
from domain.errors import ChatSphereError, NotFound
from domain.events import CITATION_ADDED, RETRIEVAL_COMPLETED
from domain.prompt import assemble, converse

PROMPT_BUDGET_TOKENS = 12_000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes these, whatever a model writes
_TOKENS_MOST = 2**31 - 1
_LAST_WORD_SECONDS = 3.0  # what a cancelled answer has left to write its end
_INTERRUPTED = Problem("interrupted", "The server was stopped before the answer ended.")


@dataclass(slots=True)
class _Draft(Spent):
    """The answer as far as it has come."""

    citations: list[Citation] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    degraded: bool = False
    writer: AnswerText | None = None


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be answered, and how."""

    answer: Message
    question: Message
    history: Sequence[Message]
    bot_id: str
    settings: Configuration
    own_keys: Sequence[StoredCredentials]

    @property
    def dialogue(self) -> list[tuple[str, str]]:
        """The history as (role, text), without answers that came to nothing."""
        return [(m.role.value, m.content) for m in self.history if m.content]


class AnswerMessage:
    """Runs in the background of whichever process accepted the message."""

    def __init__(
        self,
        units: UnitsOfWork,
        retriever: Retriever,
        models: ModelCatalog,
        analyzer: TextAnalyzer,
        clock: Clock,
    ) -> None:
        self._units = units
        self._retriever = retriever
        self._models = models
        self._analyzer = analyzer
        self._clock = clock

    async def __call__(self, tenant_id: str, message_id: str, *, draft: bool = False) -> Message:
        """Write the answer to its end and return it; with `draft` by the unpublished configuration.

        The answer ends as completed, stopped, or failed with a reason; one that has ended already is
        returned as it is. Cancelling ends it as failed. A database that is out is waited for.
        """
        begun = self._clock.monotonic()
        task = await patiently(lambda: self._load(tenant_id, message_id, draft))
        if task.answer.status.is_final:
            return task.answer
        made = _Draft()
        generating: asyncio.Task[None] | None = None
        stream = AnswerStream(
            self._units, self._clock, task.answer, lambda: generating and generating.cancel()
        )
        generating = asyncio.create_task(self._generate(task, made, stream, begun))
        stream.open()
        interrupted = await ended(generating, grace_seconds=0)
        status, problem = _outcome(generating, interrupted)
        finishing = asyncio.create_task(self._finish(task, made, stream, status, problem))
        await ended(finishing, grace_seconds=_LAST_WORD_SECONDS)
        if problem is INTERNAL:
            generating.result()  # raises what nobody expected, for the log
        return finishing.result()

    async def _load(self, tenant_id: str, message_id: str, draft: bool) -> _Task:
        async with self._units.open(tenant_id) as uow:
            branch = await uow.messages.branch(message_id, limit=2)
            if not branch:
                await uow.messages.get(message_id)
            question, answer = branch
            conversation = await uow.conversations.get(answer.conversation_id)
            bot = await uow.bots.get(conversation.bot_id)
            settings = bot.configuration
            if bot.published_version is not None and not draft:
                settings = (await uow.bots.version(bot.id, bot.published_version)).configuration
            history: Sequence[Message] = []
            if question.parent_id and settings.chat_history_length:
                history = await uow.messages.branch(
                    question.parent_id, limit=settings.chat_history_length
                )
            own_keys = await uow.credentials.list()
        return _Task(answer, question, history, bot.id, settings, own_keys)

    async def _generate(
        self, task: _Task, made: _Draft, stream: AnswerStream, begun: float
    ) -> None:
        model, made.model = self._models.resolve(task.settings.llm_model, task.own_keys)
        retrieval = await self._retrieve(task)
        made.degraded = retrieval.degraded
        made.timings |= {f"retrieval_{name}": ms for name, ms in retrieval.timings.items()}
        if task.settings.agent_type == "rag":
            # Without the texts: an event outlives the document, and must not keep what was erased.
            sources = [source_view(hit) for hit in retrieval.passages]
            stream.event(RETRIEVAL_COMPLETED, {"sources": sources, "degraded": made.degraded})
        request = self._request(task, made.model, retrieval)
        made.writer = writer = AnswerText(
            request.passages,
            self._analyzer.terms,
            given_links(
                task.settings.system_prompt, task.dialogue, request.question, request.passages
            ),
            keep_unverified=task.settings.unverified_citations == "mark",
        )
        try:
            await self._relay(model, request, writer, made, stream, begun)
        finally:
            self._emit(writer.finish(), made, stream)
            made.timings["total_ms"] = self._since(begun)

    async def _retrieve(self, task: _Task) -> Retrieval:
        if task.settings.agent_type != "rag":
            return Retrieval([], degraded=False, timings={})
        return await self._retriever(
            task.answer.tenant_id,
            task.bot_id,
            retrieval_query(task.question.content, task.dialogue),
            k=task.settings.retriever_k,
            mode=task.settings.retrieval_mode,
        )

    def _request(self, task: _Task, model: str, retrieval: Retrieval) -> ChatRequest:
        passages = [hit.passage for hit in retrieval.passages]
        settings, question = task.settings, task.question.content
        if settings.agent_type == "rag":
            turns = assemble(
                settings.system_prompt, task.dialogue, question, passages, PROMPT_BUDGET_TOKENS
            )
        else:
            turns = converse(settings.system_prompt, task.dialogue, question, PROMPT_BUDGET_TOKENS)
        return ChatRequest(
            model=model.partition("/")[2],
            turns=[Turn(Role(role), text) for role, text in turns],
            question=question,
            passages=passages,
            temperature=settings.temperature,
        )

    async def _relay(
        self,
        model: ChatModel,
        request: ChatRequest,
        writer: AnswerText,
        made: _Draft,
        stream: AnswerStream,
        begun: float,
    ) -> None:
        made.turns = request.turns
        async with aclosing(model.stream(request)) as items:
            async for item in items:
                if isinstance(item, Finish):
                    made.usage = _bounded(item.usage)
                    if item.reason is FinishReason.SAFETY:
                        raise ChatSphereError(
                            "The model's safety filter stopped the answer.", code="model_blocked"
                        )
                elif isinstance(item, Delta):
                    made.timings.setdefault("first_token_ms", self._since(begun))
                    self._emit(writer.feed(_UNSTORABLE.sub("", item.text)), made, stream)

    def _emit(
        self,
        pieces: Sequence[str | Citation],
        made: _Draft,
        stream: AnswerStream,
    ) -> None:
        for piece in pieces:
            if isinstance(piece, str):
                made.text.append(piece)
                stream.delta(piece)
            else:
                made.citations.append(piece)
                stream.event(CITATION_ADDED, {"citation": citation_view(piece)})

    async def _finish(
        self,
        task: _Task,
        made: _Draft,
        stream: AnswerStream,
        status: MessageStatus,
        problem: Problem | None,
    ) -> Message:
        await stream.close()
        try:
            return await patiently(lambda: self._end(task, made, stream, status, problem))
        except NotFound:  # deleted meanwhile: it cost what it cost
            await patiently(lambda: self._charge(task, made))
            raise

    async def _charge(self, task: _Task, made: _Draft) -> None:
        async with self._units.open(task.answer.tenant_id) as uow:
            await record_answer(uow, task.answer, task.bot_id, made, self._clock.now())

    async def _end(
        self,
        task: _Task,
        made: _Draft,
        stream: AnswerStream,
        status: MessageStatus,
        problem: Problem | None,
    ) -> Message:
        async with self._units.open(task.answer.tenant_id) as uow:
            answer = await uow.messages.get(task.answer.id, lock=True)
            if answer.status.is_final:
                return answer
            answer.citations = await self._citable(uow, made.citations)
            content = "".join(made.text)
            if made.writer is not None:
                content = made.writer.without_markers(content, made.citations, answer.citations)
            answer.usage = TokenUsage(made.usage.prompt_tokens, made.usage.completion_tokens)
            answer.timings, answer.model, answer.degraded = made.timings, made.model, made.degraded
            answer.finish(status, content, problem)
            await uow.messages.save(answer)
            await stream.append(uow, final_event(answer))
            await record_answer(uow, answer, task.bot_id, made, self._clock.now())
        return answer

    async def _citable(
        self, uow: UnitOfWork, citations: Sequence[Citation]
    ) -> tuple[Citation, ...]:
        """Leave out what was deleted while the answer was written; the rest stays until the commit."""
        if not citations:
            return ()
        alive = await uow.documents.citable([(c.document_id, c.revision) for c in citations])
        return tuple(citation for citation in citations if citation.document_id in alive)

    def _since(self, begun: float) -> float:
        return round((self._clock.monotonic() - begun) * 1000, 2)


def _bounded(usage: Usage) -> Usage:
    """Return what a provider counts within what can be stored."""
    return Usage(
        min(max(usage.prompt_tokens, 0), _TOKENS_MOST),
        min(max(usage.completion_tokens, 0), _TOKENS_MOST),
    )


def _outcome(
    generating: "asyncio.Task[None]", interrupted: bool
) -> tuple[MessageStatus, Problem | None]:
    """Return how the answer ends; `interrupted`: by whoever runs us, not by whoever asked."""
    if generating.cancelled():
        if interrupted:
            return MessageStatus.FAILED, _INTERRUPTED
        return MessageStatus.STOPPED, None
    match generating.exception():
        case None:
            return MessageStatus.COMPLETED, None
        case ChatSphereError() as error:
            return MessageStatus.FAILED, Problem(error.code, error.detail)
    return MessageStatus.FAILED, INTERNAL
