"""The chat models of this installation, and those that a workspace brings its own key for."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

import orjson

from application.ports.chat_model import ChatModel
from application.ports.model_catalog import ModelCatalog, ModelChoice, split_name
from application.ports.plugins import ChatModelPlugin, Context, Group, NotConfigured, Plugin
from application.ports.secret_box import SecretBox, SecretUnreadable
from application.services.guards.breaker import Breaker, Breakers
from application.services.guards.chat_model import GuardedChatModel, StreamDeadlines
from domain.credentials import FIELDS, Credentials, StoredCredentials
from domain.errors import InvalidInput, NotFound
from domain.urls import UrlRules
from entrypoints.plugins import Plugins, is_installed
from entrypoints.wrappers import OWN

KEPT_MODELS = 1_000  # built for workspaces; each is small, for they share their connections
Wrap = Callable[[ChatModel, str], ChatModel]


class ConfiguredModels(ModelCatalog):
    """Providers by name, each built with its first use; for workspaces with a key of their own, too.

    Those are kept by workspace, with the sealed text that they were made from, which is another after
    every change: a new key counts from the next answer on, and the old one is forgotten. Each key has
    a breaker of its own: what one workspace's server does is no other's trouble. So has each provider.
    `limited` is put around the models that are paid by the installation's own keys.
    """

    def __init__(
        self,
        plugins: Plugins,
        default: str,
        context: Context,
        box: SecretBox,
        rules: UrlRules,
        breakers: Breakers,
        limited: Wrap = lambda model, _: model,
        free: Wrap = lambda model, _: model,
    ) -> None:
        self._plugins = plugins
        self._default = default
        self._context = context
        self._own_context = replace(context, url_rules=rules, _shared={})
        self._box = box
        self._rules = rules
        self._breakers = breakers
        self._limited = limited
        self._free = free
        self._built: dict[str, ChatModel] = {}
        self._own: OrderedDict[str, tuple[str, ChatModel]] = OrderedDict()

    def resolve(self, name: str | None, own: Sequence[StoredCredentials]) -> tuple[ChatModel, str]:
        provider, model = split_name(name or self._default)
        plugin = self._plugin(provider)
        stored = next((each for each in own if each.provider == provider), None)
        try:
            if stored is not None and plugin.takes_keys:
                options, found = self._of_workspace(plugin, stored)
            else:
                options = self._plugins.options(plugin)
                found = self._provider(provider)
        except NotConfigured as error:
            key = " A workspace can also have a key of its own." if plugin.takes_keys else ""
            raise _unconfigured(
                f"The model provider {provider!r} is not configured here. {error.detail}{key}"
            ) from error
        return found, f"{provider}/{model or plugin.default_model(options)}"

    def choices(
        self, default: str | None, own: Sequence[StoredCredentials]
    ) -> Sequence[ModelChoice]:
        first = default or self._default
        found: dict[tuple[str, str], ModelChoice] = {}
        for name in (first, *self._plugins.names(Group.CHAT_MODELS)):
            with suppress(InvalidInput):  # one that is broken is another's trouble
                choice = self._choice(name, own)
                if choice is not None:
                    choice = replace(choice, is_default=name == first)
                    found.setdefault((choice.provider, choice.name), choice)
        return list(found.values())

    def _choice(self, name: str, own: Sequence[StoredCredentials]) -> ModelChoice | None:
        """Return what a name stands for; None where no key would do."""
        provider, model = split_name(name)
        plugin = self._plugin(provider)
        if not all(map(is_installed, plugin.modules)):
            return None
        try:
            found, full_name = self.resolve(name, own)
        except (InvalidInput, SecretUnreadable):
            if not plugin.takes_keys:
                return None
            model = model or plugin.default_model(self._keyless_options(plugin, provider))
            return ModelChoice(provider, model, None)
        is_own = plugin.takes_keys and any(each.provider == provider for each in own)
        return ModelChoice(
            provider,
            full_name.removeprefix(f"{provider}/"),
            "workspace" if is_own else "installation",
            is_local=plugin.is_local,
            capabilities=found.capabilities,
        )

    def own_fields(self, provider: str) -> frozenset[str]:
        takers = {}
        for name in self._plugins.names(Group.CHAT_MODELS):
            with suppress(InvalidInput):  # one that is broken is another's trouble
                if (plugin := self._plugin(name)).takes_keys:
                    takers[name] = plugin
        if provider not in takers:
            known = ", ".join(takers)
            raise NotFound(f"There is no such provider; those that take a key are: {known}.")
        return frozenset(_own_options(takers[provider], provider))

    def _plugin(self, provider: str) -> ChatModelPlugin[Any]:
        try:
            plugin = self._plugins.load(Group.CHAT_MODELS, provider)
        except InvalidInput as error:
            raise _unconfigured(
                f"{error.detail} Models are written provider/model, as in openai/gpt-5-mini."
            ) from error
        if not isinstance(plugin, ChatModelPlugin):  # the registry has looked
            raise TypeError(provider)
        return plugin

    def _provider(self, name: str) -> ChatModel:
        if name not in self._built:
            model = self._plugins.build(Group.CHAT_MODELS, name, self._context)
            # What a local one cannot do says nothing about the models that are asked.
            is_local = self._plugin(name).is_local
            breaker = self._breakers.unnamed() if is_local else self._breaker(name)
            wrap = self._free if is_local else self._limited
            self._built[name] = wrap(self._guarded(model, breaker), name)
        return self._built[name]

    def _breaker(self, provider: str) -> Breaker:
        """Return a provider's own: a fallback model of another one is asked while this is out."""
        is_default = provider == split_name(self._default)[0]
        return self._breakers.named("models" if is_default else f"models/{provider}")

    def _guarded(self, model: ChatModel, breaker: Breaker) -> ChatModel:
        """Return the model with a deadline for any answer, a moment after the adapter's own."""
        whole = StreamDeadlines(total=self._context.deadlines.total + 1)
        return GuardedChatModel(model, breaker, whole)

    def _of_workspace(
        self, plugin: ChatModelPlugin[Any], stored: StoredCredentials
    ) -> tuple[Any, ChatModel]:
        """Return options and model for a workspace's own key. Raises SecretUnreadable, InvalidInput."""
        sealed, model = self._own.get(stored.context, ("", None))
        if model is None or sealed != stored.sealed:
            model = self._build_own(plugin, stored)
            self._own[stored.context] = (stored.sealed, model)
            if len(self._own) > KEPT_MODELS:
                self._own.popitem(last=False)  # it holds no connection: who still uses it, can
        self._own.move_to_end(stored.context)
        return self._keyless_options(plugin, stored.provider), model

    def _keyless_options(self, plugin: ChatModelPlugin[Any], provider: str) -> Any:
        """Return the options without a key: the names of models are no secret, it plays no part in them."""
        names = dict.fromkeys(_own_options(plugin, provider).values(), "")
        return self._plugins.options(plugin, names)

    def _build_own(self, plugin: ChatModelPlugin[Any], stored: StoredCredentials) -> ChatModel:
        values = orjson.loads(self._box.open(stored.sealed, stored.context))
        takes = _own_options(plugin, stored.provider)
        # Checked again: the rules may be stricter by now.
        opened = Credentials.of(stored.provider, values, self._rules, takes.keys())
        own = {takes[name]: value for name, value in opened.values.items()}
        model = self._plugins.build(Group.CHAT_MODELS, stored.provider, self._own_context, own)
        return self._free(self._guarded(model, self._breakers.unnamed()), OWN)

    async def aclose(self) -> None:
        """Release what was built."""
        for model in self._built.values():
            await model.aclose()
        await self._own_context.aclose()


def _own_options(plugin: Plugin[Any, Any], provider: str) -> Mapping[str, str]:
    """Return the options that a workspace may bring, by the names of its fields."""
    prefix = f"{provider}_"
    own = [each.name for each in fields(plugin.options) if each.metadata.get("own")]
    return {name.removeprefix(prefix): name for name in own if name.removeprefix(prefix) in FIELDS}


def _unconfigured(detail: str) -> InvalidInput:
    return InvalidInput(detail, pointer="/configuration/llm_model", code="model_not_configured")
