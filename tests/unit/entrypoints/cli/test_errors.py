"""How commands end."""

import json
from pathlib import Path

import psycopg
import pytest
import typer
from pydantic import ValidationError

from adapters.embedded_postgres.errors import EmbeddedPostgresError
from domain.errors import ChatSphereError, NotFound
from entrypoints.cli.errors import Problem, UsageProblem, explain, reported, show
from entrypoints.settings import Settings


def settings_error(**given: object) -> ValidationError:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, **given)  # type: ignore[arg-type,call-arg]  # wrong on purpose
    return caught.value


def exit_code_of(command: object, **given: object) -> int:
    with pytest.raises(typer.Exit) as caught:
        reported(command)(**given)  # type: ignore[arg-type]
    return caught.value.exit_code


def test_a_command_that_returns_nothing_ends_with_0() -> None:
    assert exit_code_of(lambda: None) == 0


def test_a_commands_result_is_its_exit_code() -> None:
    assert exit_code_of(lambda: 3) == 3


def test_an_error_of_ours_is_one_line_on_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def command() -> int:
        raise NotFound("There is no such bot.")

    assert exit_code_of(command) == 1
    captured = capsys.readouterr()
    assert captured.err == "There is no such bot. (not_found)\n"
    assert captured.out == ""


def test_an_error_is_a_problem_object_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    def command(as_json: bool) -> int:
        raise NotFound("There is no such bot.")

    assert exit_code_of(command, as_json=True) == 1
    assert json.loads(capsys.readouterr().err) == {
        "type": "urn:chatsphere:problem:not_found",
        "code": "not_found",
        "detail": "There is no such bot.",
    }


def test_with_debug_the_error_itself_comes_out() -> None:
    def command() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        reported(command)(debug=True)


def test_a_closed_pipe_is_left_to_the_program() -> None:
    def command() -> int:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        reported(command)()


def test_a_call_that_cannot_be_carried_out_is_wrong_usage() -> None:
    def command() -> int:
        raise UsageProblem("Choose one.")

    with pytest.raises(typer.BadParameter) as caught:
        reported(command)()
    assert caught.value.exit_code == 2


def test_control_characters_in_an_error_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(Problem("not_found", "no bot \x1b[2J\x07here"), as_json=False)
    assert capsys.readouterr().err == "no bot [2Jhere (not_found)\n"


def test_a_wrong_setting_is_named_by_its_variable() -> None:
    problem = explain(settings_error(port="eight"))
    assert problem.code == "invalid_settings"
    assert problem.detail.startswith("CHATSPHERE_PORT is not valid: ")


def test_the_value_of_a_wrong_secret_is_not_told() -> None:
    problem = explain(settings_error(secret_key="hunter2-hunter2"))
    assert "CHATSPHERE_SECRET_KEY" in problem.detail
    assert "hunter2" not in problem.detail


def test_every_wrong_setting_is_told() -> None:
    detail = explain(settings_error(port=-1, log_level="none")).detail
    assert "CHATSPHERE_PORT" in detail
    assert "CHATSPHERE_LOG_LEVEL" in detail


def test_a_database_error_gives_the_reason_but_not_the_drivers_words() -> None:
    told = 'connection to server at "db", user "x:hunter2" failed: Connection refused'
    problem = explain(psycopg.OperationalError(told))
    assert problem.code == "database_unavailable"
    assert "nothing listens" in problem.detail
    assert "hunter2" not in problem.detail


def test_the_embedded_databases_error_keeps_its_code() -> None:
    assert explain(EmbeddedPostgresError("disk_full", "Full.")) == Problem("disk_full", "Full.")


def test_an_error_inside_a_group_of_tasks_is_found() -> None:
    group = ExceptionGroup("tasks", [ExceptionGroup("inner", [NotFound("No bot.")])])
    assert explain(group) == Problem("not_found", "No bot.")


def test_a_file_error_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file") as caught:
        (tmp_path / "gone").read_bytes()
    problem = explain(caught.value)
    assert problem.code == "io_error"
    assert str(tmp_path / "gone") in problem.detail


def test_what_nobody_foresaw_points_to_debug() -> None:
    problem = explain(KeyError("x"))
    assert problem.code == "internal_error"
    assert "--debug" in problem.detail


def test_the_code_of_an_answer_that_failed_is_kept() -> None:
    error = ChatSphereError("The model is out.", code="model_unavailable")
    assert explain(error) == Problem("model_unavailable", "The model is out.")
