"""docs/adapters/README.md: every adapter that comes with ChatSphere, and what it can do."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from application.ports.chat_model import ChatCapability
from application.ports.plugins import Group
from domain.errors import ChatSphereError
from entrypoints.adapter_table import Row, Setting, capabilities, rows
from entrypoints.container import Container
from entrypoints.plugins import Plugins
from entrypoints.settings import Settings

_INTRODUCTION = """\
# Adapters

Made from the adapters themselves by `chatsphere adapters table --out docs/adapters/README.md`; a test
compares the two.

Whatever ChatSphere asks for stands behind a port, and a setting names the adapter that answers. What is not
named is not imported. `chatsphere adapters list` tells what is installed here, other packages' adapters
too, and what is chosen; with `--settings`, what each can be told. `chatsphere adapters check NAME` runs the
contract of the port on an adapter with your settings, in places of its own that it removes. [Adding an
adapter](../adding-an-adapter.md) shows how to bring your own; pages about single adapters stand beside this
one.

Adapters of a port do the same: what the port promises, its contract tests for each. So every vector store
filters by documents, lists what it holds, keeps tenants apart and finds what was just written; every chat
model streams and tells the tokens used. The tables below tell only what may differ.

"Needs" names the extra of the package, as in `pip install 'chatsphere[qdrant]'`, and the settings without a
default.
"""
_HEADINGS = {
    Group.CHAT_MODELS: "Chat models: `CHATSPHERE_CHAT_MODEL`",
    Group.EMBEDDERS: "Embedders: `CHATSPHERE_EMBEDDER`",
    Group.VECTOR_INDEXES: "Vector stores: `CHATSPHERE_VECTOR_INDEX`",
    Group.RERANKERS: "Rerankers: `CHATSPHERE_RERANKER`",
    Group.BLOB_STORES: "Original files: the scheme of `CHATSPHERE_BLOB_URL`",
    Group.CACHES: "Cache: `CHATSPHERE_CACHE`",
    Group.RATE_LIMITERS: "Rate limits: `CHATSPHERE_RATE_LIMITER`",
    Group.EVENT_TRANSPORTS: "Events between processes: `CHATSPHERE_EVENT_TRANSPORT`",
}
_COLUMNS: Mapping[Group, Sequence[str]] = {
    Group.CHAT_MODELS: [one.value for one in ChatCapability],
    Group.EMBEDDERS: ["space", "dimensions", "texts a call", "languages"],
    Group.RERANKERS: ["passages a call", "languages"],
}
_UNKNOWN = "depends"  # on what is wrapped


def page() -> str:
    """Return the page. Each adapter is built, and asks nobody."""
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), embedder="minilm", vector_index="memory")
        ours = [row for row in rows(settings) if row.is_ours]
        container = Container(settings=settings, conninfo="postgresql://nobody@127.0.0.1:1/none")
        return _INTRODUCTION + "".join(
            line + "\n" for group in Group for line in _section(container, group, ours)
        )


def _section(container: Any, group: Group, ours: Sequence[Row]) -> Iterator[str]:
    columns = _COLUMNS.get(group, ())
    yield f"\n## {_HEADINGS[group]}\n"
    yield f"| name | | needs | {''.join(f'{name} | ' for name in columns)}".rstrip()
    yield "|" + "---|" * (3 + len(columns))
    for row in ours:
        if row.group is group:
            can = _capabilities(container, row) if columns else {}
            cells = [can.get(name, _UNKNOWN).replace("_", " ") for name in columns]
            yield f"| {' | '.join([f'`{row.name}`', row.summary, _needs(row), *cells])} |"


def _needs(row: Row) -> str:
    extra = [f"`{row.extra}`"] if row.extra else []
    return ", ".join(extra + [f"`{each.name}`" for each in row.settings if each.is_required])


def _capabilities(container: Any, row: Row) -> Mapping[str, str]:
    plugins = Plugins({_field(each): "placeholder" for each in row.settings if _is_asked_for(each)})
    try:
        part = plugins.build(row.group, row.name, container.context())
    except ChatSphereError:  # it wraps something that is not here
        return {}
    return capabilities(row.group, part)


def _is_asked_for(setting: Setting) -> bool:
    return setting.is_required or setting.is_secret


def _field(setting: Setting) -> str:
    return setting.name.removeprefix("CHATSPHERE_").lower()
