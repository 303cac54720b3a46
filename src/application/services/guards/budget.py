"""What an installation spends on models in a day."""

from collections.abc import AsyncGenerator

from application.ports.chat_model import ChatModel, ChatRequest, Delta, Finish
from application.ports.rate_limiter import Limit, RateLimiter
from application.services.guards._tokens import TokenWindow
from application.services.guards._wrapped import WrappedChatModel

_DAY = 86_400
_EVERYBODY = "installation"  # all models and workspaces draw on one budget
_SPENT = "This installation's budget of tokens for the day is used up."


class BudgetedChatModel(WrappedChatModel):
    """`model` as long as the budget of `tokens_per_day` lasts, which all models on it share.

    The day begins with the first token of a new budget. Workspaces' own keys are not to be wrapped:
    what they cost is theirs.
    """

    def __init__(self, model: ChatModel, limiter: RateLimiter, tokens_per_day: int) -> None:
        super().__init__(model)
        limit = Limit("model-tokens-day", tokens_per_day, _DAY)
        self._tokens = TokenWindow(limiter, limit, "model_quota_exceeded", _SPENT)

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield what the model yields. Raises ModelRefused `model_quota_exceeded`, and what it raises."""
        return self._tokens.stream(_EVERYBODY, self._model, request)
