"""How a command ends: an exit code, and where it failed one sentence that a person understands."""

import functools
import inspect
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

FAILED = 1
_Debug = Annotated[bool, typer.Option("--debug", help="Show logs, and where an error came from.")]
_PREFIX = "CHATSPHERE_"
_DATABASE_REASONS = {
    "Connection refused": "nothing listens at that address",
    "password authentication failed": "it refuses the user or the password",
    "does not exist": "there is no such database, user or extension",
    "timeout": "it did not answer in time",
    "resolve": "its host name is not known",
    "too many": "it has no connection to spare",
}


class UsageProblem(Exception):
    """The command cannot be carried out as it was called (exit code 2)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong: a stable code and a sentence."""

    code: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        """Return the problem object (RFC 9457) that `--json` prints."""
        kind = f"urn:chatsphere:problem:{self.code}"
        return {"type": kind, "code": self.code, "detail": self.detail}


def reported(command: Callable[..., int | None]) -> Callable[..., None]:
    """Turn a command's result into its exit code, and an error into a sentence on standard error.

    Adds the option `--debug` to the command: logs, and the stack of an error. The command's own
    argument `as_json` says how an error is shown.
    """

    @functools.wraps(command)
    def run(debug: bool = False, **given: object) -> None:
        _set_up_logging(debug=debug)
        try:
            code = command(**given) or 0
        except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
            raise
        except UsageProblem as error:
            raise typer.BadParameter(str(error)) from error
        except Exception as error:
            if debug:
                raise
            show(explain(error), as_json=bool(given.get("as_json")))
            code = FAILED
        raise typer.Exit(code)

    option = inspect.Parameter(
        "debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=_Debug
    )
    signature = inspect.signature(command)
    whole = signature.replace(parameters=[*signature.parameters.values(), option])
    run.__signature__ = whole  # type: ignore[attr-defined]  # what typer reads
    run.__annotations__ = {**command.__annotations__, "debug": _Debug}
    return run


def _set_up_logging(*, debug: bool) -> None:
    from entrypoints.logging import configure_logging

    if debug:
        configure_logging("DEBUG")
    else:  # what a person has to know, a command says itself; servers set up logs of their own
        logging.getLogger().addHandler(logging.NullHandler())


def show(problem: Problem, *, as_json: bool) -> None:
    """Print a problem to standard error."""
    if as_json:
        sys.stderr.write(json.dumps(problem.as_dict(), ensure_ascii=False) + "\n")
        return
    from rich.text import Text

    from entrypoints.cli.output import console, plain

    message = Text.assemble((plain(problem.detail), "red"), (f" ({problem.code})", "dim"))
    console(error=True).print(message, soft_wrap=True)


def explain(error: BaseException) -> Problem:
    """Return what to tell about an error; never the value of a setting."""
    from adapters.embedded_postgres.errors import EmbeddedPostgresError
    from domain.errors import ChatSphereError

    if isinstance(error, BaseExceptionGroup):
        return explain(error.exceptions[0])
    if isinstance(error, ChatSphereError):
        return Problem(error.code, error.detail)
    if isinstance(error, EmbeddedPostgresError):
        return Problem(error.code, str(error))
    if isinstance(error, OSError) and error.strerror:
        where = f" ({error.filename})" if error.filename else ""
        return Problem("io_error", f"{error.strerror}{where}.")
    return _explain_foreign(error)


def _explain_foreign(error: BaseException) -> Problem:
    import psycopg
    from pydantic import ValidationError

    if isinstance(error, ValidationError) and error.title == "Settings":
        return Problem("invalid_settings", " ".join(_settings_sentences(error)))
    if isinstance(error, psycopg.Error):
        return Problem("database_unavailable", database_sentence(error))
    told = f"{type(error).__name__}: {error}"
    return Problem(
        "internal_error",
        f"Something went wrong on our side: {told}. Run it again with --debug to see where.",
    )


def _settings_sentences(error: object) -> list[str]:
    """Return a sentence a wrong setting, naming its variable and never its value."""
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        return []
    sentences = []
    for one in error.errors(include_input=False, include_url=False, include_context=False):
        name = _PREFIX + str(one["loc"][0]).upper() if one["loc"] else "The settings"
        told = one["msg"].removeprefix("Value error, ")
        sentences.append(f"{name} is not valid: {told[:1].lower()}{told[1:].rstrip('.')}.")
    return sentences


def database_sentence(error: BaseException) -> str:
    """Say why a database cannot be used. The driver's words may hold parts of the URL: not repeated."""
    told = str(error)
    reason = next((why for words, why in _DATABASE_REASONS.items() if words in told), "")
    return (
        f"The database cannot be used{f': {reason}' if reason else ''}. Check "
        f"{_PREFIX}DATABASE_URL and that the server runs; `chatsphere doctor` looks closer."
    )
