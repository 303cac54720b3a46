"""Writing an answer: retrieve, ask the model, verify its citations as they come."""

import re
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from math import inf

from application.ports.chat_model import (
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    Role,
    Turn,
    Usage,
)
from application.ports.clock import Clock
from application.ports.conversations import Commission
from application.ports.model_catalog import ModelCatalog
from application.ports.text_analyzer import TextAnalyzer
from application.services.answer_stream import AnswerStream
from application.services.chosen_models import chain_of
from application.services.metering import Spent
from application.services.retriever import Retrieval, Retriever
from application.services.stopwatch import Stopwatch
from application.services.told import Told
from application.services.views import citation_view, source_view
from domain.answer_text import AnswerText, given_links
from domain.citations import Citation
from domain.configuration import Configuration
from domain.conversation_query import retrieval_query
from domain.conversations import Fallback, Message
from domain.errors import ChatSphereError
from domain.events import CITATION_ADDED, RETRIEVAL_COMPLETED
from domain.prompt import assemble, converse
from domain.traces import Source, Step, Trace, told_settings

PROMPT_BUDGET_TOKENS = 12_000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # no database takes these, whatever a model writes
_TOKENS_MOST = 2**31 - 1


@dataclass(slots=True)
class Made(Spent):
    """The answer as far as it has come."""

    citations: list[Citation] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    degraded: bool = False
    fallbacks: Sequence[Fallback] = ()
    writer: AnswerText | None = None
    query: str | None = None
    sources: Sequence[Source] = ()
    steps: list[Step] = field(default_factory=list)

    def trace(self, commission: Commission) -> Trace:
        """Return how it came about."""
        return Trace(
            commission.version,
            told_settings(commission.settings),
            self.query,
            sorted(self.steps, key=lambda step: step.started_ms),
            self.sources,
        )


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered, and how."""

    answer: Message
    question: Message
    history: Sequence[Message]
    commission: Commission

    @property
    def dialogue(self) -> list[tuple[str, str]]:
        """The history as (role, text), without answers that came to nothing."""
        return [(m.role.value, m.content) for m in self.history if m.content]

    @property
    def settings(self) -> Configuration:
        """The configuration that the bot answers by."""
        return self.commission.settings


class AnswerWriter:
    """Writes answers into their streams."""

    def __init__(
        self,
        retriever: Retriever,
        models: ModelCatalog,
        analyzer: TextAnalyzer,
        clock: Clock,
        model_seconds: float = inf,
    ) -> None:
        """Give an answer's models `model_seconds`, all together."""
        self._retriever = retriever
        self._models = models
        self._analyzer = analyzer
        self._clock = clock
        self._model_seconds = model_seconds

    async def __call__(
        self, task: Task, made: Made, stream: AnswerStream, told: Told, begun: float
    ) -> None:
        """Write into `made` and the stream, which holds what was `told`; `begun` starts the timings.

        The sources are told once in a stream: those that whoever wrote before us told stand. Raises
        what model and retrieval raise; what was made by then stays.
        """
        watch = Stopwatch(self._clock, begun, made.steps)
        retrieval = await self._retrieve(task, made, watch)
        made.degraded = retrieval.degraded
        made.timings |= {f"retrieval_{name}": ms for name, ms in retrieval.timings.items()}
        if task.settings.agent_type == "rag" and not told.retrieved:
            # Without the texts: an event outlives the document, and must not keep what was erased.
            sources = [source_view(hit) for hit in retrieval.passages]
            stream.event(RETRIEVAL_COMPLETED, {"sources": sources, "degraded": made.degraded})
        with watch.step("prompt"):
            request = _request(task, retrieval)
        made.writer = writer = AnswerText(
            request.passages,
            self._analyzer.terms,
            given_links(
                task.settings.system_prompt, task.dialogue, request.question, request.passages
            ),
            keep_unverified=task.settings.unverified_citations == "mark",
        )
        try:
            with watch.step("model"):
                await self._relay(task, request, writer, made, stream, watch)
        finally:
            _emit(writer.finish(), made, stream)
            made.timings["total_ms"] = watch.ms

    async def _retrieve(self, task: Task, made: Made, watch: Stopwatch) -> Retrieval:
        if task.settings.agent_type != "rag":
            return Retrieval([], degraded=False, timings={})
        made.query = retrieval_query(task.question.content, task.dialogue)
        with watch.step("retrieve"):
            found = await self._retriever(
                task.answer.tenant_id,
                task.commission.bot_id,
                made.query,
                k=task.settings.retriever_k,
                mode=task.settings.retrieval_mode,
                rerank=task.settings.rerank,
                watch=watch,
            )
        made.sources = [Source.of(hit) for hit in found.passages]
        return found

    async def _relay(
        self,
        task: Task,
        request: ChatRequest,
        writer: AnswerText,
        made: Made,
        stream: AnswerStream,
        watch: Stopwatch,
    ) -> None:
        own = task.commission.own_keys
        chain = chain_of(self._models, task.settings, own, self._model_seconds)
        try:
            async with aclosing(chain.stream(request)) as items:
                async for item in items:
                    if isinstance(item, Delta):
                        made.timings.setdefault("first_token_ms", watch.ms)
                        _emit(writer.feed(_UNSTORABLE.sub("", item.text)), made, stream)
                    else:
                        _end(item, made)
        finally:
            made.model, made.fallbacks = chain.asked, chain.fallen
            made.turns = request.turns if chain.asked else ()


def _request(task: Task, retrieval: Retrieval) -> ChatRequest:
    passages = [hit.passage for hit in retrieval.passages]
    settings, question = task.settings, task.question.content
    if settings.agent_type == "rag":
        turns = assemble(
            settings.system_prompt, task.dialogue, question, passages, PROMPT_BUDGET_TOKENS
        )
    else:
        turns = converse(settings.system_prompt, task.dialogue, question, PROMPT_BUDGET_TOKENS)
    return ChatRequest(
        model="",  # the chain asks each by its own name
        turns=[Turn(Role(role), text) for role, text in turns],
        question=question,
        passages=passages,
        temperature=settings.temperature,
    )


def _end(finish: Finish, made: Made) -> None:
    made.usage = _bounded(finish.usage)
    if finish.reason is FinishReason.SAFETY:
        raise ChatSphereError("The model's safety filter stopped the answer.", code="model_blocked")


def _emit(pieces: Sequence[str | Citation], made: Made, stream: AnswerStream) -> None:
    for piece in pieces:
        if isinstance(piece, str):
            made.text.append(piece)
            stream.delta(piece)
        else:
            made.citations.append(piece)
            stream.event(CITATION_ADDED, {"citation": citation_view(piece)})


def _bounded(usage: Usage) -> Usage:
    """Return what a provider counts within what can be stored."""
    return Usage(
        min(max(usage.prompt_tokens, 0), _TOKENS_MOST),
        min(max(usage.completion_tokens, 0), _TOKENS_MOST),
    )
