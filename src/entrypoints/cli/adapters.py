"""`chatsphere adapters list`: what can be chosen, whose it is, and what it can be told."""

from itertools import groupby

from entrypoints.adapter_table import (
    BROKEN,
    CHOICE,
    NOT_SET_UP,
    READY,
    Row,
    Setting,
    rows,
    short,
)
from entrypoints.cli.output import plain, print_json, say
from entrypoints.plugins import variable
from entrypoints.settings import Settings


def show_all(settings: Settings, *, with_settings: bool, as_json: bool) -> int:
    """Print every adapter: whose it is, whether it can be used, and which is chosen."""
    found = rows(settings)
    if as_json:
        print_json({"data": [row.as_dict() for row in found]})
        return 0
    choice, width = settings.chosen, max(len(row.name) for row in found)
    for group, of_group in groupby(found, key=lambda row: row.group):
        say(f"{short(group)}  ({variable(CHOICE[group])}; now {plain(choice[group])})")
        for row in of_group:
            _say_row(row, width)
            for setting in row.settings if with_settings else ():
                _say_setting(setting)
    if not with_settings:
        say("* is chosen. Add --settings for what each can be told.")
    return 0


def _say_row(row: Row, width: int) -> None:
    mark = "*" if row.is_chosen else " "
    told = row.summary if row.status != BROKEN else f"cannot be loaded: {row.reason}"
    whose = "" if row.is_ours else f" [{row.package}]"
    say(f"{mark} {plain(row.name):{width}} {plain(told + whose + _need(row))}")


def _need(row: Row) -> str:
    if row.status in (READY, BROKEN):
        return ""
    return f" ({row.reason})" if row.status == NOT_SET_UP else f" ({row.status}: {row.reason})"


def _say_setting(setting: Setting) -> None:
    default = f"default {setting.default}" if setting.default is not None else "no default"
    need = "required" if setting.is_required else default
    state = "set" if setting.is_set else "not set"
    say(plain(f"    {setting.name}  {state}, {need}  {setting.description}"))
