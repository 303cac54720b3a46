"""Pins the requirement files anew, with hashes, for every Python and platform; `make lock` runs it.

Arguments go to `uv pip compile`: `--upgrade` takes newer versions, without it only what must change
changes.
"""

import subprocess
import sys
from pathlib import Path

from setup import ROOT, Environment, uv_environment

COMPILE = ("pip", "compile", "--quiet", "--universal", "--python-version", "3.11")
OPTIONS = ("--generate-hashes", "--no-header")
OVERRIDES = ("--overrides", "requirements/overrides.txt")


def main() -> int:
    """Compile each file; runtime before dev, which is constrained by it."""
    environment = Environment(Path(sys.prefix))
    variables = uv_environment(environment)
    for name in ("uv", "runtime", "dev", "semgrep"):
        files = (f"requirements/{name}.in", "-o", f"requirements/{name}.txt")
        special = OVERRIDES if name == "runtime" else ()
        command = [environment.program("uv"), *COMPILE, *OPTIONS, *special, *sys.argv[1:], *files]
        if subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode != 0:
            return 1
        print(f"requirements/{name}.txt is pinned.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
