"""What stands around models and stores because settings say so: limits, a budget, numbers, retries."""

from dataclasses import dataclass
from random import Random

from application.ports.chat_model import ChatModel
from application.ports.clock import Clock
from application.ports.embedder import Embedder
from application.ports.metrics import Metrics
from application.ports.rate_limiter import RateLimiter
from application.ports.reranker import Reranker
from application.ports.vector_index import VectorIndex
from application.services.guards.budget import BudgetedChatModel
from application.services.guards.limits import LimitedChatModel, ModelLimits
from application.services.guards.metered import (
    MeteredChatModel,
    MeteredEmbedder,
    MeteredReranker,
    MeteredVectorIndex,
)
from application.services.guards.retry import Retries, RetryingEmbedder, RetryingVectorIndex
from domain.errors import InvalidInput
from entrypoints.settings import Settings

_chance = Random()  # noqa: S311  # no secret: for jitter

OWN = "own"  # what the models of all workspaces' own keys are counted as


def metrics(settings: Settings) -> Metrics | None:
    """Return where numbers are kept; None where nobody may read them. Raises InvalidInput."""
    if settings.metrics_token is None:
        return None
    try:
        from adapters.prometheus.metrics import PrometheusMetrics
    except ModuleNotFoundError as error:
        raise InvalidInput(
            "CHATSPHERE_METRICS_TOKEN needs a package that is not installed: install "
            "chatsphere[metrics], or leave the token out.",
            code="metrics_not_installed",
        ) from error
    return PrometheusMetrics()


@dataclass(frozen=True, slots=True)
class Wrappers:
    """Puts around a part what is to stand there. `limiter` counts tokens: it must not pace them.

    From the outside in: numbers, budget, limits, guard, retries, adapter.
    """

    settings: Settings
    limiter: RateLimiter
    clock: Clock
    metrics: Metrics | None

    def paid_model(self, model: ChatModel, provider: str) -> ChatModel:
        """Return a guarded model that the installation's own key pays, within its limits."""
        given = self.settings
        limits = ModelLimits(given.model_concurrency, given.model_tokens_per_minute)
        if limits != ModelLimits():
            model = LimitedChatModel(model, provider, self.limiter, limits)
        if given.model_tokens_per_day is not None:
            model = BudgetedChatModel(model, self.limiter, given.model_tokens_per_day)
        return self.free_model(model, provider)

    def free_model(self, model: ChatModel, provider: str) -> ChatModel:
        """Return a guarded model that costs the installation nothing; OWN is a provider, too."""
        if self.metrics is None:
            return model
        everything_as = OWN if provider == OWN else None
        return MeteredChatModel(
            model, self.metrics, self.clock, provider=provider, everything_as=everything_as
        )

    def embedder(self, guarded: Embedder) -> Embedder:
        """Return a guarded embedder with its numbers."""
        if self.metrics is None:
            return guarded
        return MeteredEmbedder(guarded, self.metrics, self.clock)

    def vector_index(self, guarded: VectorIndex) -> VectorIndex:
        """Return a guarded vector store with its numbers."""
        if self.metrics is None:
            return guarded
        return MeteredVectorIndex(guarded, self.metrics, self.clock)

    def reranker(self, guarded: Reranker) -> Reranker:
        """Return a guarded reranker with its numbers."""
        if self.metrics is None:
            return guarded
        return MeteredReranker(guarded, self.metrics, self.clock)


def retrying_embedder(adapter: Embedder, *, itself: bool) -> Embedder:
    """Return an adapter that asks questions a second time, as it does by `itself` or by our help."""
    return adapter if itself else RetryingEmbedder(adapter, Retries(_chance.random))


def retrying_vector_index(adapter: VectorIndex, *, itself: bool) -> VectorIndex:
    """Return an adapter that searches a second time, as it does by `itself` or by our help."""
    return adapter if itself else RetryingVectorIndex(adapter, Retries(_chance.random))
