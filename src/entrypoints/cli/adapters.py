"""`chatsphere adapters list`: what can be chosen, whose it is, and what it can be told."""

from itertools import groupby

from application.ports.plugins import Group
from entrypoints.adapter_table import BROKEN, READY, Row, Setting, chosen, rows, short
from entrypoints.cli.output import hint, plain, print_json, say
from entrypoints.plugins import variable
from entrypoints.settings import Settings

_CHOICE = {
    Group.CHAT_MODELS: "chat_model",
    Group.EMBEDDERS: "embedder",
    Group.VECTOR_INDEXES: "vector_index",
    Group.RERANKERS: "reranker",
    Group.BLOB_STORES: "blob_url",
    Group.CACHES: "cache",
    Group.RATE_LIMITERS: "rate_limiter",
    Group.EVENT_TRANSPORTS: "event_transport",
}


def show_all(settings: Settings, *, with_settings: bool, as_json: bool) -> int:
    """Print every adapter: whose it is, whether it can be used, and which is chosen."""
    found = rows(settings)
    if as_json:
        print_json({"data": [row.as_dict() for row in found]})
        return 0
    choice = chosen(settings)
    for group, of_group in groupby(found, key=lambda row: row.group):
        say(f"{short(group)}  ({variable(_CHOICE[group])}; now {plain(choice[group])})")
        for row in of_group:
            _say_row(row)
            for setting in row.settings if with_settings else ():
                _say_setting(setting)
    if not with_settings:
        hint("* is chosen. Add --settings for what each can be told.")
    return 0


def _say_row(row: Row) -> None:
    mark = "*" if row.is_chosen else " "
    whose = "" if row.is_ours else f"  [{row.package}]"
    told = row.summary if row.status != BROKEN else f"cannot be loaded: {row.reason}"
    whose = "" if row.is_ours else f" [{row.package}]"
    need = "" if row.status in (READY, BROKEN) else f" ({row.status}: {row.reason})"
    say(f"{mark} {plain(row.name):12} {plain(told + whose + need)}")


def _say_setting(setting: Setting) -> None:
    default = f"default {setting.default}" if setting.default is not None else "no default"
    need = "required" if setting.is_required else default
    state = "set" if setting.is_set else "not set"
    say(plain(f"    {setting.name}  {state}, {need}  {setting.description}"))
