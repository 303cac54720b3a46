"""Files that are made from the code: `chatsphere openapi`, `access` and `adapters table`."""

import json
import sys
from pathlib import Path

from domain.access import ACCESS, Least
from entrypoints.cli.errors import FAILED, Problem, show
from entrypoints.cli.output import hint
from entrypoints.serve import openapi_document

_ROLES = (Least.VIEWER, Least.EDITOR, Least.ADMIN, Least.OWNER, Least.INSTANCE)
_INTRODUCTION = """\
# Who may do what

Made from the table in `src/domain/access.py` by `chatsphere access --out docs/access.md`; a test
compares the two, and the server does not start with a route that is not in it.

- **public**: without credentials. **person**: anyone logged in, in whatever workspace, or none.
- The roles are those in the workspace that is worked in; each may do what weaker ones may.
  **instance** is who runs the installation, whatever the role.
- An API key needs the scope, and its maker the role at the time of the request. No scope: no key may.
- *visitor* marks what the widget's visitors will be allowed; no credential for visitors is issued yet.

| operation | public | person | viewer | editor | admin | owner | instance | API key scope | visitor |
|---|---|---|---|---|---|---|---|---|---|
"""


def openapi(check: Path | None, out: Path | None) -> int:
    """Print the OpenAPI document, write it to `out`, or compare it with the file `check`."""
    text = json.dumps(openapi_document(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    return _emit(text, check, out, "openapi")


def access(check: Path | None, out: Path | None) -> int:
    """Print the access table, write it to `out`, or compare it with the file `check`."""
    return _emit(access_page(), check, out, "access")


def adapters(check: Path | None, out: Path | None) -> int:
    """Print the page of adapters, write it to `out`, or compare it with the file `check`."""
    from entrypoints.cli.adapter_page import page

    return _emit(page(), check, out, "adapters table")


def access_page() -> str:
    """Return the access table in Markdown."""
    rows = []
    for operation, rule in ACCESS.items():
        public = rule.least is Least.PUBLIC
        person = rule.least <= Least.PERSON
        roles = [(rule.least <= role < Least.INSTANCE) for role in _ROLES]
        roles[-1] = rule.least <= Least.PERSON or rule.least is Least.INSTANCE
        marks = ["yes" if may else "" for may in (public, person, *roles)]
        scope = f"`{rule.scope}`" if rule.scope else ""
        visitor = "yes" if rule.visitor else ""
        rows.append(f"| `{operation}` | {' | '.join([*marks, scope, visitor])} |")
    return _INTRODUCTION + "\n".join(rows) + "\n"


def _emit(text: str, check: Path | None, out: Path | None, command: str) -> int:
    if check is not None:
        return _compare(check, text, command)
    if out is None:
        sys.stdout.write(text)
        return 0
    partial = out.with_name(out.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(out)
    hint(f"Written to {out}")
    return 0


def _compare(path: Path, text: str, command: str) -> int:
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        hint(f"{path} is up to date.")
        return 0
    sentence = f"{path} is not what the code says: run `chatsphere {command} --out {path}`."
    show(Problem(f"{command.replace(' ', '_')}_drift", sentence), as_json=False)
    return FAILED
