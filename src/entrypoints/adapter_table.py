"""What there is of adapters, and what each can do, as commands and the manual tell it."""

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Any

from application.ports.chat_model import ChatCapability
from application.ports.plugins import Context, Group, NotConfigured, Plugin
from domain.errors import ChatSphereError
from entrypoints.plugins import Plugins, is_installed, is_ours, packages, variable
from entrypoints.settings import Settings

READY, MISSING_PACKAGE, NOT_SET_UP, BROKEN = "ready", "not installed", "not set up", "broken"
CHOICE = {  # the setting that names the adapter
    Group.CHAT_MODELS: "chat_model",
    Group.EMBEDDERS: "embedder",
    Group.VECTOR_INDEXES: "vector_index",
    Group.RERANKERS: "reranker",
    Group.BLOB_STORES: "blob_url",
    Group.CACHES: "cache",
    Group.RATE_LIMITERS: "rate_limiter",
    Group.EVENT_TRANSPORTS: "event_transport",
}


_MODELS = (Group.CHAT_MODELS, Group.EMBEDDERS, Group.RERANKERS)
_VARIABLE = re.compile(r"CHATSPHERE_[A-Z0-9_]+")


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of an adapter; its value is not told, nor the default of what is secret."""

    name: str
    description: str
    is_required: bool
    is_secret: bool
    is_set: bool
    default: str | None

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "name": self.name,
            "description": self.description,
            "required": self.is_required,
            "secret": self.is_secret,
            "set": self.is_set,
            "default": self.default,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """An adapter; `reason` says what keeps it from being used."""

    group: Group
    name: str
    is_ours: bool
    package: str
    is_chosen: bool
    status: str
    reason: str = ""
    summary: str = ""
    extra: str = ""
    settings: tuple[Setting, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "group": short(self.group),
            "name": self.name,
            "ours": self.is_ours,
            "package": self.package,
            "chosen": self.is_chosen,
            "status": self.status,
            "reason": self.reason,
            "summary": self.summary,
            "extra": self.extra,
            "settings": [setting.as_dict() for setting in self.settings],
        }


def short(group: Group) -> str:
    """Return a group's name without the prefix, such as `vector_indexes`."""
    return group.value.rpartition(".")[2]


def rows(settings: Settings) -> list[Row]:
    """Return every adapter that is installed, ours or others', by group and name."""
    plugins, choice = Plugins(settings.given), settings.chosen
    return [
        _row(plugins, group, name, settings.given, is_chosen=choice[group] == name)
        for group in Group
        for name in plugins.names(group)
    ]


def _row(
    plugins: Plugins, group: Group, name: str, given: Mapping[str, str], *, is_chosen: bool
) -> Row:
    known: dict[str, Any] = {
        "group": group,
        "name": name,
        "is_ours": is_ours(group, name),
        "package": ", ".join(packages(group, name)),
        "is_chosen": is_chosen,
    }
    try:
        plugin = plugins.load(group, name)
    except ChatSphereError as error:
        return Row(**known, status=BROKEN, reason=error.detail)
    install, needs = mend(plugin), _needs(plugins, group, plugin)
    return Row(
        **known,
        status=MISSING_PACKAGE if install else NOT_SET_UP if needs else READY,
        reason=install or needs,
        summary=plugin.summary,
        extra=plugin.extra,
        settings=tuple(_settings(plugin, given)),
    )


def mend(plugin: Plugin[Any, Any]) -> str:
    """Return what to install for an adapter; empty: all that it needs is there."""
    missing = [module for module in plugin.modules if not is_installed(module)]
    if not missing:
        return ""
    if plugin.extra:
        return f"pip install 'chatsphere[{plugin.extra}]'"
    return f"install the package {missing[0]!r}"


def _needs(plugins: Plugins, group: Group, plugin: Plugin[Any, Any]) -> str:
    """Return which settings are missing; of models also those of which one will do."""
    try:
        options = plugins.options(plugin)
        if group in _MODELS and fields(options):
            plugin.build(options, Context(Path()))
    except NotConfigured as error:
        named = list(dict.fromkeys(_VARIABLE.findall(error.detail)))
        required = {
            variable(each.name) for each in fields(plugin.options) if not _has_default(each)
        }
        missing = [name for name in named if name in required]
        told = ", ".join(missing) or " or ".join(named)
        return f"needs {told}" if told else error.detail
    except Exception:  # what it lacks here is no setting: `adapters check` tells more
        return ""
    return ""


def may_cost(plugin: Plugin[Any, Any]) -> bool:
    """Tell whether it asks a service by a key."""
    return any(each.metadata.get("secret") for each in fields(plugin.options))


def _settings(plugin: Plugin[Any, Any], given: Mapping[str, str]) -> list[Setting]:
    found = []
    for each in fields(plugin.options):
        is_secret = bool(each.metadata.get("secret"))
        shows = not is_secret and each.default not in (MISSING, None, "")
        found.append(
            Setting(
                variable(each.name),
                str(each.metadata.get("description", "")),
                not _has_default(each),
                is_secret,
                each.name in given,
                str(each.default) if shows else None,
            )
        )
    return found


def _has_default(each: "Field[Any]") -> bool:
    return each.default is not MISSING or each.default_factory is not MISSING


def capabilities(group: Group, part: Any, dimensions: int = 0) -> dict[str, str]:
    """Return what an adapter says of itself, as text."""
    match group:
        case Group.CHAT_MODELS:
            declared = part.capabilities
            return {one.value: "yes" if one in declared else "no" for one in ChatCapability}
        case Group.EMBEDDERS:
            return {
                "space": part.space,
                "dimensions": str(part.dimensions),
                "texts a call": str(part.batch_size),
                "languages": _languages(part.languages),
            }
        case Group.VECTOR_INDEXES:
            return {"kind": part.kind} | ({"dimensions": str(dimensions)} if dimensions else {})
        case Group.RERANKERS:
            return {"passages a call": str(part.most), "languages": _languages(part.languages)}
        case _:
            return {}


def _languages(known: frozenset[str] | None) -> str:
    return "all" if known is None else ", ".join(sorted(filter(None, known)))
