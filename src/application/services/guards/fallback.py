"""A chain of chat models: where one gives no answer, the next is asked."""

import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from math import inf

from application.ports.chat_model import (
    ChatCapability,
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    ModelRefused,
    ModelUnavailable,
)
from application.ports.secret_box import SecretUnreadable
from application.services.guards.chat_model import StreamDeadlines, Watch
from domain.conversations import Fallback
from domain.errors import ChatSphereError, InvalidInput

Resolve = Callable[[str | None], tuple[ChatModel, str]]
_log = logging.getLogger(__name__)
# Another model may do better. What one's safety filter blocks, none other is asked to say.
_PASSED_ON = frozenset(
    {
        "model_rate_limited",
        "model_quota_exceeded",
        "model_rejected",
        "model_empty",
        "model_malformed",
    }
)


class FallbackChatModel(ChatModel):
    """The models of one answer, in order. Each is asked only where those before it came to nothing.

    That is before the first word: an answer that has begun is never begun anew. `resolve` finds the
    model of a name when its turn comes; a name that leads nowhere any more is passed over like a model
    that is out. Who has taken the answer on, keeps it: later requests begin with that model. All of it
    together takes `total` seconds at most. `asked` is the full name of the model asked last, None
    before; `fallen` are those before it.
    """

    def __init__(
        self, names: Sequence[str | None], resolve: Resolve, *, total: float = inf
    ) -> None:
        self._names = list(names)
        self._resolve = resolve
        self._total = total
        self.asked: str | None = None
        self.fallen: list[Fallback] = []

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        """What all of them can do, as far as they can be found."""
        found: list[frozenset[ChatCapability]] = []
        for name in self._names:
            try:
                found.append(self._resolve(name)[0].capabilities)
            except (InvalidInput, SecretUnreadable):
                continue
        return frozenset.intersection(*found) if found else frozenset()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield what the first model that answers yields. Raises what the last one raised.

        That is ModelUnavailable, ModelRefused; InvalidInput and SecretUnreadable of `resolve`.
        """
        watch = Watch(StreamDeadlines(total=self._total))
        try:
            while True:
                begun = False
                try:
                    async with aclosing(self._ask(request)) as items:
                        while (item := await watch.next(items)) is not None:
                            begun = True
                            yield item
                except (ModelUnavailable, ModelRefused, InvalidInput, SecretUnreadable) as error:
                    if begun or watch.is_over or not self._goes_on_after(error):
                        raise
                else:
                    return
        finally:
            watch.stop()

    def _ask(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        self.asked = None
        model, self.asked = self._resolve(self._names[0])
        return model.stream(replace(request, model=self.asked.partition("/")[2]))

    def _goes_on_after(self, error: ChatSphereError) -> bool:
        """Leave out the model that failed, where another one is to be asked; tell whether one is."""
        if isinstance(error, ModelRefused) and error.code not in _PASSED_ON:
            return False
        if len(self._names) == 1:
            return False
        failed = self.asked or self._names[0] or "default"
        self._names.pop(0)
        self.fallen.append(Fallback(failed, error.code))
        _log.warning("the model %s gave no answer (%s): the next one is asked", failed, error.code)
        return True
