"""ChatModel that says what it was told to say."""

from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace

from application.ports.chat_model import (
    ChatCapability,
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    Usage,
)

Script = Sequence[str | Finish | Exception]


class InMemoryChatModel(ChatModel):
    """Plays one script a request, then `default` again and again.

    In a script a string is a delta, an exception is raised, a Finish ends it (else a stop does).
    `requests` lists what it was asked, `abandoned` counts streams closed before their end.
    """

    def __init__(
        self,
        *scripts: Script,
        default: Script = ("It is so [1].",),
        capabilities: frozenset[ChatCapability] = frozenset(),
    ) -> None:
        self._capabilities = capabilities
        self._scripts = deque(scripts)
        self._default = default
        self.requests: list[ChatRequest] = []
        self.abandoned = 0

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        """What it was told that its scripts do."""
        return self._capabilities

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield what the script says. Raises what the script says, and ModelRefused for more than its
        capabilities."""
        self.refuse_beyond(request)
        self.requests.append(request)
        script = self._scripts.popleft() if self._scripts else self._default
        words = 0
        finish = Finish(FinishReason.STOP)
        try:
            for item in script:
                if isinstance(item, Exception):
                    raise item
                if isinstance(item, Finish):
                    finish = item
                    break
                words += len(item.split())
                yield Delta(item)
        except GeneratorExit:
            self.abandoned += 1
            raise
        if not words and not finish.calls:
            raise ModelRefused("The model ended without an answer.", code="model_empty")
        prompt = sum(len(turn.text.split()) for turn in request.turns)
        used = finish.usage if finish.usage != Usage() else Usage(prompt, words)
        yield replace(finish, usage=used)
