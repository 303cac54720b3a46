"""`chatsphere plans`, and the plan that new workspaces get."""

from pathlib import Path

import pytest

from integration.test_cli import Cli


@pytest.fixture
def cli(tmp_path: Path, postgres_url: str) -> Cli:
    """The program on a migrated database of its own."""
    return Cli(tmp_path, {"DATABASE_URL": postgres_url})


def test_a_workspace_is_given_another_plan_from_the_command_line(cli: Cli) -> None:
    plans = cli.json("plans", "list")["data"]
    assert [plan["id"] for plan in plans] == ["free", "pro", "enterprise"]
    assert "no limit" in cli.run("plans", "list").stdout
    made = cli.json("create-user", "owner@example.org", "--generate")["workspace"]
    assert made["plan"] == "free"
    given = cli.json("plans", "assign", made["id"], "pro")
    assert (given["workspace_id"], given["plan"]["id"]) == (made["id"], "pro")
    assert cli.run("plans", "assign", made["id"], "nothing").returncode == 1
    refused = cli.run("plans", "assign", "ws_nothing", "pro")
    assert refused.returncode == 1
    assert "no workspace 'ws_nothing'" in refused.stderr
    assert "chatsphere workspaces list" in refused.stderr


def test_workspaces_are_listed_with_their_ids_names_and_plans(cli: Cli) -> None:
    assert cli.json("workspaces", "list") == {"data": []}
    made = [cli.json("create-user", f"{n}@example.org", "--generate")["workspace"] for n in "ab"]
    listed = cli.json("workspaces", "list")["data"]
    expected = [{name: one[name] for name in ("id", "name", "plan")} for one in made]
    assert sorted(listed, key=lambda one: one["id"]) == sorted(expected, key=lambda one: one["id"])
    assert all(one["id"] in cli.run("workspaces", "list").stdout for one in made)


def test_new_workspaces_get_the_default_plan_and_one_that_is_not_there_is_told(cli: Cli) -> None:
    cli.settings["DEFAULT_PLAN"] = "enterprise"
    made = cli.json("create-user", "owner@example.org", "--generate")["workspace"]
    assert made["plan"] == "enterprise"
    cli.settings["DEFAULT_PLAN"] = "nothing"
    refused = cli.run("create-user", "other@example.org", "--generate")
    assert refused.returncode == 1
    assert "CHATSPHERE_DEFAULT_PLAN" in refused.stderr
