"""Models that judge passages as a chat model would: from the prompt alone, by the words that they share
with the question."""

import json
import re
from collections.abc import AsyncGenerator
from typing import Any

from application.ports.chat_model import (
    ChatCapability,
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    Usage,
)
from standins import gemini_server, openai_server

_WHOLE = re.compile(r"<passages>\n(.*)\n</passages>\n\nThe question.*?:\n(.*)", re.DOTALL)
_PASSAGE = re.compile(r'<passage number="(\d+)">\n(.*?)\n</passage>', re.DOTALL)


def judgement(prompt: str) -> str:
    """Return the scores that a prompt asks for, from 0 to 10, as JSON."""
    found = _WHOLE.search(prompt)
    assert found, "the prompt holds no passages and question that a model could tell apart"
    asked = _words(found[2])
    scores = {
        number: round(10 * len(asked & _words(text)) / max(1, len(asked)))
        for number, text in _PASSAGE.findall(found[1])
    }
    return json.dumps(scores)


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) >= 4}


class Judge(ChatModel):
    """Answers with its judgement, or once with what `next` says; `requests` are kept."""

    def __init__(self, *capabilities: ChatCapability) -> None:
        self._capabilities = frozenset(capabilities)
        self.requests: list[ChatRequest] = []
        self.next: str | Exception | Finish | None = None

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        return self._capabilities

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        self.requests.append(request)
        said, self.next = self.next, None
        if isinstance(said, Exception):
            raise said
        text = said if isinstance(said, str) else judgement(request.turns[-1].text)
        yield Delta(text[:5])
        yield Delta(text[5:] or " ")
        yield said if isinstance(said, Finish) else Finish(FinishReason.STOP, Usage(1, 1))


class JudgingGemini(gemini_server.GeminiServer):
    """Judges where no script stands."""

    async def _record(self, request: Any) -> Any:
        body = await super()._record(request)
        if not self.scripts:
            prompt = body["contents"][-1]["parts"][0]["text"]
            self.scripts.append(gemini_server.Script(tokens=[judgement(prompt)]))
        return body


class JudgingOpenAI(openai_server.OpenAIServer):
    """Judges where no script stands."""

    async def _record(self, request: Any) -> Any:
        body = await super()._record(request)
        if not self.scripts:
            prompt = body["messages"][-1]["content"]
            self.scripts.append(openai_server.Script(tokens=[judgement(prompt)]))
        return body
