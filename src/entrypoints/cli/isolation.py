"""`chatsphere check-isolation URL`: tries to reach one tenant's things as others."""

import asyncio
from dataclasses import asdict

from domain.errors import ChatSphereError
from entrypoints.cli.errors import FAILED
from entrypoints.cli.output import busy, console, print_json
from entrypoints.isolation.check import Report, check_isolation
from entrypoints.isolation.client import CheckFailed


def command(url: str, *, as_json: bool) -> int:
    """Run the matrix and print its figures; return 1 where anything was seen, changed or told apart."""
    try:
        with busy(f"Trying every operation of {url} with foreign ids …", shown=not as_json):
            report = asyncio.run(check_isolation(url))
    except CheckFailed as error:
        raise ChatSphereError(str(error), code="check_failed") from error
    if as_json:
        print_json(asdict(report))
    else:
        _print(report)
    return FAILED if report.failures else 0


def _print(report: Report) -> None:
    screen = console()
    screen.print(
        f"{report.operations} operations x {report.positions} positions of ids x {report.actors} "
        f"actors, {report.frames} socket cases: {report.cases} checks in {report.requests} requests, "
        f"{len(report.failures)} failures."
    )
    for sentence in report.failures:
        screen.print(f"- {sentence}", markup=False)
    if not report.failures:
        screen.print(
            "Nothing of the tenant was seen, changed or told apart from what does not exist."
        )
    screen.print(
        "The accounts made for this are deleted; their workspaces go after the grace period."
    )
