"""`chatsphere adapters check`: whether an adapter keeps its port's contract as it is set up here."""

from typing import TYPE_CHECKING

from application.ports.plugins import Group
from domain.errors import InvalidInput
from entrypoints.adapter_table import capabilities, may_cost
from entrypoints.cli.errors import FAILED, explain, show
from entrypoints.cli.local import prepare_local_model
from entrypoints.cli.output import hint, plain, print_json, say
from entrypoints.plugins import Plugins, is_installed
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from entrypoints.kit.runner import Result

INTERRUPTED = 130
# Calls that the contract makes, at most; a test holds them against it. Others are not paid by the call.
CALLS = {Group.CHAT_MODELS: 40, Group.EMBEDDERS: 40, Group.RERANKERS: 40}
_KIT = ("pytest", "pytest_asyncio")


def command(
    settings: Settings,
    told: str,
    group: str | None,
    *,
    seconds: float,
    traces: bool,
    as_json: bool,
) -> int:
    """Run the contract and print how each test ended, then what the adapter can do.

    Exit code 1 where a test failed or none was passed. Raises InvalidInput where the kit is not
    installed or the adapter is not known, NotConfigured where it lacks a setting.
    """
    _require_kit()
    from entrypoints.kit.runner import Outcome, run
    from entrypoints.kit.target import find

    plugins = Plugins(settings.given)
    target = find(plugins, told, group)
    _prepare(settings, target.group, target.name)
    if target.group in CALLS and may_cost(plugins.load(target.group, target.name)):
        hint(
            f"{target} is called up to {CALLS[target.group]} times; where calls are paid, that costs."
        )

    def tell(one: Outcome) -> None:
        if as_json:
            return
        say(plain(f"{one.outcome:8} {one.name}" + (f": {one.reason}" if one.reason else "")))
        if traces and one.outcome == "failed":
            hint(plain(one.trace))

    result = run(settings, target, tell, seconds)
    if result.error is not None:
        show(explain(result.error), as_json=as_json)
        return FAILED
    _print_end(str(target), result, as_json=as_json)
    if result.is_interrupted:
        return INTERRUPTED
    return 0 if result.is_kept else FAILED


def _require_kit() -> None:
    for module in _KIT:
        if not is_installed(module):
            raise InvalidInput(
                f"The contract kit needs {module.replace('_', '-')}: pip install 'chatsphere[kit]'",
                code="kit_not_installed",
            )


def _prepare(settings: Settings, group: Group, name: str) -> None:
    """Convert the local embedding model where the adapter works with it."""
    if group is Group.EMBEDDERS:
        prepare_local_model(settings.model_copy(update={"embedder": name}))
    elif group is Group.CHAT_MODELS:
        prepare_local_model(settings)


def _print_end(target: str, result: "Result", *, as_json: bool) -> None:
    can: dict[str, str] = {}
    if result.subject is not None:
        subject = result.subject
        group = subject.target.group
        can = capabilities(group, subject.part, subject.dimensions) | subject.found
    if as_json:
        print_json({"adapter": target, **result.as_dict(), "capabilities": can})
        return
    say("")
    for name, value in can.items():
        say(plain(f"{name:24} {value}"))
    counts = ", ".join(f"{count} {outcome}" for outcome, count in result.counts.items())
    say(f"{target}: {counts}")
