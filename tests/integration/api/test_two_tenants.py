"""Schemathesis with two people of different workspaces: neither may read what the other made."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from integration.api.client import Client

# What ends the session, the account or the workspace that the run works with, or waits for ever.
LEFT_OUT = (
    r"(/auth/|/me$|/me/(password|totp)|/workspaces/\{workspace_id\}$|/transfer$|/ws_tickets$"
    r"|/stream$|/events$|/export$|/crawls$)"
)
CONFIG = """
[auth.wfc]
path = "{path}"
peers = ["ada", "eve"]

[phases.fuzzing.generation]
max-examples = 3

[phases.stateful.generation]
max-examples = 40
"""


async def test_neither_of_two_tenants_reads_what_the_other_made(
    ada: Client, eve: Client, tmp_path: Path
) -> None:
    for client in (ada, eve):
        bot = await client.bot()
        await client.text(bot, "The harbour opens at seven.")
        await client.ask(bot, "When does the harbour open?")
    people = tmp_path / "people.json"
    people.write_text(json.dumps({"auth": [_person("ada", ada), _person("eve", eve)]}))
    config = tmp_path / "schemathesis.toml"
    config.write_text(CONFIG.format(path=people))
    report = tmp_path / "report.ndjson"
    code, output = await _run(ada.service.url, config, report)
    events = [json.loads(line) for line in report.read_text().splitlines()]
    cases = _cases(events)
    print(f"\n{cases} cases by phase, exit {code}")  # noqa: T201  # the figures of the run
    assert code == 0, output[-6000:]
    # An empty suite would pass too.
    assert cases["stateful"] > 50, output[-3000:]
    assert sum(cases.values()) > 500, output[-3000:]


def _person(name: str, client: Client) -> dict[str, Any]:
    header = {"name": "Authorization", "value": client.headers["Authorization"]}
    return {"name": name, "fixedHeaders": [header]}


async def _run(url: str, config: Path, report: Path) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(config),
        "run",
        f"{url}/openapi.json",
        "--phases=examples,coverage,fuzzing,stateful",
        "--checks=not_a_server_error,object_level_authorization,status_code_conformance,"
        "content_type_conformance,response_schema_conformance,use_after_free",
        f"--exclude-path-regex={LEFT_OUT}",
        "--generation-deterministic",
        f"--report-ndjson-path={report}",
        "--no-color",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "SCHEMATHESIS_HOOKS": ""},
        cwd=report.parent,
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace")


def _cases(events: list[dict[str, Any]]) -> dict[str, int]:
    """Count the test cases of each phase."""
    counts: dict[str, int] = {}
    for event in events:
        for kind, body in event.items():
            if kind == "ScenarioFinished":
                recorder = body["recorder"]
                phase = str(body["phase"]).lower()
                counts[phase] = counts.get(phase, 0) + len(recorder.get("cases", ()))
    return counts
