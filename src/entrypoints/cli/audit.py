"""`chatsphere audit verify`: checks an exported audit log without trusting who exported it."""

import json
from pathlib import Path

from application.services.audit_views import audit_view
from domain.audit import AuditLink, ChainCheck
from domain.errors import InvalidInput
from entrypoints.cli.errors import FAILED
from entrypoints.cli.output import print_json, say


def verify(path: Path, *, head: str | None, as_json: bool) -> int:
    """Follow the chain in the file, to `head` where one is given; return 1 where it does not hold."""
    check = ChainCheck()
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                told = json.loads(line)
                link = AuditLink(told["seq"], told["body"], told["previous_hash"], told["hash"])
                if audit_view(link) != told:
                    raise InvalidInput(f"Line {number} shows something else than what was hashed.")
                check.add(link)
            except (ValueError, KeyError, TypeError) as error:
                raise InvalidInput(f"Line {number} is no entry of an audit log.") from error
    ends_elsewhere = head is not None and check.head != head
    intact = check.first_break is None and not ends_elsewhere
    if as_json:
        print_json({"intact": intact, "entries": check.entries, "head": check.head})
    elif intact:
        say(f"{check.entries} entries, and the chain holds. Its head is {check.head}.")
    elif ends_elsewhere and check.first_break is None:
        say(f"The chain holds, but ends at {check.head}: entries after it were taken out.")
    else:
        say(f"The chain breaks at entry {check.first_break} of {check.entries}.")
    return 0 if intact else FAILED
