"""Runs a port's contract on one adapter with pytest, in this process and without any project around it."""

import asyncio
import functools
import inspect
import secrets
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import pytest
from pytest_asyncio import plugin as asyncio_plugin

from entrypoints.adapter_table import short
from entrypoints.kit.subject import Subject, opened
from entrypoints.kit.target import Target
from entrypoints.settings import Settings

_INI = """[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one test ended: `passed`, `failed` or `skipped`, and why; `trace` is for `--debug`."""

    name: str
    outcome: str
    reason: str
    trace: str


@dataclass(slots=True)
class Result:
    """All tests of an adapter; `error` is what kept them from being run."""

    outcomes: list[Outcome] = field(default_factory=list)
    subject: Subject | None = None
    error: Exception | None = None
    is_interrupted: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many tests ended how."""
        ends = [one.outcome for one in self.outcomes]
        return {outcome: ends.count(outcome) for outcome in ("passed", "failed", "skipped")}

    @property
    def is_kept(self) -> bool:
        """Whether the contract was gone through, and holds."""
        counts = self.counts
        return bool(counts["passed"]) and not counts["failed"] and not self.is_interrupted

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "kept": self.is_kept,
            "interrupted": self.is_interrupted,
            **self.counts,
            "calls": self.subject.calls if self.subject else 0,
            "tests": [
                {"name": one.name, "outcome": one.outcome, "reason": one.reason}
                for one in self.outcomes
            ],
        }


class _Kit:
    """The pytest plugin that takes the reports of tests."""

    def __init__(self, result: Result, tell: Callable[[Outcome], None], seconds: float) -> None:
        self._result, self._tell, self._seconds = result, tell, seconds

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        pytest.register_assert_rewrite("application.testing", "entrypoints.kit")
        config.pluginmanager.unregister(name="terminalreporter")  # this command has its own words

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
                item.obj = _within(item.obj, self._seconds)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call" and report.passed:
            return
        outcome = Outcome(
            _sentence(report), report.outcome, _reason(report), str(report.longrepr or "")
        )
        self._result.outcomes.append(outcome)
        self._tell(outcome)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._result.error = RuntimeError(str(report.longrepr))


def run(
    settings: Settings, target: Target, tell: Callable[[Outcome], None], seconds: float
) -> Result:
    """Run the contract on the adapter; `tell` is called as each test ends. Cleans up after itself.

    A test that takes longer than `seconds` has failed.
    """
    result = Result()
    with TemporaryDirectory(prefix="chatsphere-check-") as folder, _terminated_as_interrupted():
        ini = Path(folder) / "pytest.ini"
        ini.write_text(_INI, encoding="utf-8")
        kit = _Kit(result, tell, seconds)
        given = _fixtures(settings, target, result, seconds)
        code = pytest.main(_arguments(ini, target), plugins=[kit, given, asyncio_plugin])
    result.is_interrupted = code == pytest.ExitCode.INTERRUPTED and result.error is None
    return result


def _fixtures(settings: Settings, target: Target, result: Result, seconds: float) -> ModuleType:
    """Return what holds the fixture of the adapter, which is built once for all tests."""

    @pytest.fixture(scope="session")
    async def subject() -> AsyncIterator[Subject]:
        scratch = f"chatsphere-check-{secrets.token_hex(6)}"
        try:
            async with opened(settings, target, scratch, seconds) as opened_subject:
                result.subject = opened_subject
                yield opened_subject
        except Exception as error:
            result.error = error
            pytest.exit("it cannot be built, or cleaned up")

    module = ModuleType("subject_fixture")
    vars(module)["subject"] = subject
    return module


def _arguments(ini: Path, target: Target) -> list[str]:
    return [
        f"--config-file={ini}",
        f"--rootdir={ini.parent}",
        "--import-mode=importlib",
        "--noconftest",
        "--disable-plugin-autoload",
        "--capture=no",
        "-p",
        "no:cacheprovider",
        "--pyargs",
        f"entrypoints.kit.{short(target.group)}",
    ]


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does, so that what was made is removed."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _within(test: Callable[..., Awaitable[None]], seconds: float) -> Callable[..., Awaitable[None]]:
    """Return the test with an end to waiting."""

    @functools.wraps(test)
    async def limited(**fixtures: object) -> None:
        async with asyncio.timeout(seconds):
            await test(**fixtures)

    return limited


def _sentence(report: pytest.TestReport) -> str:
    """Return a test's name as a sentence."""
    name, bracket, parameters = report.location[2].partition("[")
    told = name.rpartition(".")[2].removeprefix("test_").replace("_", " ")
    return f"{told} [{parameters}" if bracket else told


def _reason(report: pytest.TestReport) -> str:
    """Return in one line why a test did not pass."""
    told = report.longrepr
    if report.passed or told is None:
        return ""
    if isinstance(told, tuple):  # of a skipped test
        return str(told[2]).removeprefix("Skipped: ")
    crash = getattr(told, "reprcrash", None)
    where = (
        ""
        if report.when == "call"
        else f"while it was {'set up' if report.when == 'setup' else 'cleaned up'}: "
    )
    return where + (crash.message if crash else str(told)).strip().partition("\n")[0]
