"""ChatModel that quotes: the default where no language model is configured."""

import re
from collections.abc import AsyncGenerator, Sequence

from adapters.extractive._not_found import nothing_found
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    Usage,
)
from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask
from application.ports.text_analyzer import TextAnalyzer
from domain.extraction import Sentence, choose_sentences, compose_answer, quotable_sentences

_MOST_CANDIDATES = 12  # each costs an embedding: about 4 ms of one core with the local model
# a whole marker, or a few words, or as much of a script without spaces
_PIECE = re.compile(r"\[\d+\]\s*|(?:[^\s\[]{1,8}\s*){1,4}|\S\s*")
_BYTES_PER_TOKEN = 4


class ExtractiveChatModel(ChatModel):
    """Answers with up to three sentences of the passages, each followed by its marker ` [n]`.

    It says plainly when no sentence fits. Where the embedder does not answer, words decide alone.
    """

    def __init__(
        self,
        embedder: Embedder,
        analyzer: TextAnalyzer,
        *,
        embedder_languages: frozenset[str] | None = None,
    ) -> None:
        """`embedder_languages`: ISO 639-1 codes the embedder knows ("": unknown); None for all."""
        self._embedder = embedder
        self._analyzer = analyzer
        self._languages = embedder_languages

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield the answer a few words at a time, then a stop with estimated usage.

        Raises ModelRefused where more than an answer in text is asked for.
        """
        self.refuse_beyond(request)
        candidates = self._shortlist(request.question, quotable_sentences(request.passages))
        similarities = await self._similarities(request.question, candidates)
        chosen = choose_sentences(request.question, candidates, self._analyzer.terms, similarities)
        answer = compose_answer(chosen) or nothing_found(request.question)
        for piece in _PIECE.findall(answer):
            yield Delta(piece)
        read = sum(_tokens(passage.text) for passage in request.passages)
        usage = Usage(read + _tokens(request.question), _tokens(answer))
        yield Finish(FinishReason.STOP, usage)

    def _shortlist(self, question: str, sentences: Sequence[Sentence]) -> Sequence[Sentence]:
        """Return the sentences worth an embedding: those that share most words with the question.

        Measured on 120 questions of XQuAD: 12 answer as many as all do, the first 12 fewer.
        """
        if len(sentences) <= _MOST_CANDIDATES:
            return sentences
        terms = self._analyzer.terms
        wanted = {s.language: set(terms(question, s.language)) for s in sentences}
        shared = [
            len(wanted[s.language].intersection(terms(s.text, s.language))) for s in sentences
        ]
        best = sorted(range(len(sentences)), key=lambda i: -shared[i])[:_MOST_CANDIDATES]
        return [sentences[i] for i in sorted(best)]

    async def _similarities(
        self, question: str, candidates: Sequence[Sentence]
    ) -> list[float] | None:
        """Return the cosine of the question and each sentence; None where it cannot be told."""
        languages = {sentence.language for sentence in candidates}
        if not candidates or (self._languages is not None and not languages <= self._languages):
            return None
        texts = [question, *(sentence.text for sentence in candidates)]
        try:  # as questions: someone waits, and equals are compared
            asked, *vectors = await self._embedder.embed(texts, EmbedTask.QUERY)
        except EmbedderUnavailable:
            return None
        return [sum(a * b for a, b in zip(asked, vector, strict=True)) for vector in vectors]


def _tokens(text: str) -> int:
    return len(text.encode(errors="replace")) // _BYTES_PER_TOKEN + 1
