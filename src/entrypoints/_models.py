"""The chat models of this installation, and those that a workspace brings its own key for."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import orjson

from application.ports.chat_model import ChatModel, Deadlines
from application.ports.embedder import Embedder
from application.ports.model_catalog import ModelCatalog
from application.ports.secret_box import SecretBox
from application.ports.text_analyzer import TextAnalyzer
from application.services.guards.breaker import Breakers
from application.services.guards.chat_model import GuardedChatModel, StreamDeadlines
from domain.credentials import Credentials, StoredCredentials
from domain.errors import InvalidInput
from domain.urls import UrlRules
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from adapters.openai.connections import Connections

OPENAI_URL = "https://api.openai.com/v1"
KEPT_MODELS = 1_000  # built for workspaces; each is small, for they share their connections


class ConfiguredModels(ModelCatalog):
    """Providers by name, each built with its first use; for workspaces with a key of their own, too.

    Those are kept by workspace, with the sealed text that they were made from, which is another after
    every change: a new key counts from the next answer on, and the old one is forgotten. Each key has
    a breaker of its own: what one workspace's server does is no other's trouble.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder,
        analyzer: TextAnalyzer,
        box: SecretBox,
        rules: UrlRules,
        breakers: Breakers,
    ) -> None:
        self._settings = settings
        self._embedder = embedder
        self._analyzer = analyzer
        self._box = box
        self._rules = rules
        self._breakers = breakers
        self._built: dict[str, ChatModel] = {}
        self._own: OrderedDict[str, tuple[str, ChatModel]] = OrderedDict()
        self._connections: Connections | None = None

    def resolve(self, name: str | None, own: Sequence[StoredCredentials]) -> tuple[ChatModel, str]:
        provider, _, model = (name or self._settings.chat_model).partition("/")
        if provider == "extractive":
            return self._provider(provider), "extractive/default"
        if provider == "openai":
            full = f"openai/{model or self._settings.openai_chat_model}"
            stored = next((each for each in own if each.provider == provider), None)
            if stored is not None:
                return self._of_workspace(stored), full
            if self._settings.openai_base_url or self._settings.openai_api_key:
                return self._provider(provider), full
            problem = (
                "No OpenAI-compatible server is configured: give this workspace a key of its own, or "
                "set CHATSPHERE_OPENAI_BASE_URL or CHATSPHERE_OPENAI_API_KEY, then start again."
            )
        else:
            problem = f"There is no model provider {provider[:60]!r} here; known are extractive and openai."
        raise InvalidInput(problem, pointer="/configuration/llm_model", code="model_not_configured")

    def _provider(self, name: str) -> ChatModel:
        if name not in self._built:
            self._built[name] = self._build(name)
        return self._built[name]

    def _build(self, name: str) -> ChatModel:
        if name == "openai":
            from adapters.openai.chat_model import OpenAIChatModel

            key = self._settings.openai_api_key
            server = OpenAIChatModel(
                base_url=self._settings.openai_base_url or OPENAI_URL,
                api_key=key.get_secret_value() if key else None,
                deadlines=self._deadlines(),
            )
            return GuardedChatModel(server, self._breakers.named("models"), self._whole())
        from adapters.extractive.chat_model import ExtractiveChatModel

        known = self._embedder.languages
        local = ExtractiveChatModel(
            self._embedder, self._analyzer, embedder_languages=known and known | {""}
        )
        return GuardedChatModel(local, self._breakers.unnamed(), self._whole())

    def _deadlines(self) -> Deadlines:
        given = self._settings
        return Deadlines(
            first_token=given.first_token_seconds,
            idle=given.idle_seconds,
            total=given.answer_seconds,
        )

    def _whole(self) -> StreamDeadlines:
        """Return the deadline of any answer, a moment after the adapter's own."""
        return StreamDeadlines(total=self._settings.answer_seconds + 1)

    def _of_workspace(self, stored: StoredCredentials) -> ChatModel:
        """Return the model for a workspace's own key. Raises SecretUnreadable, InvalidInput."""
        sealed, model = self._own.get(stored.context, ("", None))
        if model is None or sealed != stored.sealed:
            model = self._build_own(stored)
            self._own[stored.context] = (stored.sealed, model)
            if len(self._own) > KEPT_MODELS:
                self._own.popitem(last=False)  # it holds no connection: who still uses it, can
        self._own.move_to_end(stored.context)
        return model

    def _build_own(self, stored: StoredCredentials) -> ChatModel:
        from adapters.openai.chat_model import OpenAIChatModel
        from adapters.openai.connections import Connections

        values = orjson.loads(self._box.open(stored.sealed, stored.context))
        # Checked again: the rules may be stricter by now.
        opened = Credentials.of(stored.provider, values, self._rules)
        if self._connections is None:
            self._connections = Connections(rules=self._rules)
        server = OpenAIChatModel(
            # Never the installation's own server: the key is the workspace's, and for OpenAI itself.
            base_url=opened.values.get("base_url", OPENAI_URL),
            api_key=opened.values["api_key"],
            connections=self._connections,
            deadlines=self._deadlines(),
        )
        return GuardedChatModel(server, self._breakers.unnamed(), self._whole())

    async def aclose(self) -> None:
        """Release what was built."""
        for model in self._built.values():
            await model.aclose()
        if self._connections is not None:
            await self._connections.aclose()
