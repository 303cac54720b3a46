"""Pins the requirement files anew, with hashes, for every Python and platform; `make lock` runs it.

Arguments go to `uv pip compile`: `--upgrade` takes newer versions, without it only what must change
changes.
"""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from setup import ROOT, Environment, uv_environment

TOGETHER = ("runtime", "vendors", "extras", "dev")  # they meet in one environment
ALONE = ("uv", "node", "semgrep")
COMPILE = ("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--no-header")
OVERRIDES = ("--overrides", "requirements/overrides.txt")


def main() -> int:
    """Resolve what shares an environment as one, then pin each of its files by that."""
    environment = Environment(Path(sys.prefix))
    variables = uv_environment(environment)
    # A folder or a mirror of this machine may hold a package for one Python alone: hashes are needed of
    # all its files, which the index itself lists.
    for name in ("UV_FIND_LINKS", "UV_INDEX"):
        variables.pop(name, None)

    def compiled(*arguments: str) -> None:
        command = [environment.program("uv"), *COMPILE, *arguments]
        subprocess.run(command, cwd=ROOT, env=variables, check=True)

    def pin(name: str, *options: str) -> None:
        target = ROOT / "requirements" / f"{name}.txt"
        if "-c" in options:
            target.unlink(missing_ok=True)  # else uv prefers what stands there
        compiled(f"requirements/{name}.in", "-o", str(target), "--generate-hashes", *options)
        print(f"requirements/{name}.txt is pinned.", flush=True)

    with TemporaryDirectory() as folder:
        whole = Path(folder) / "together.txt"
        whole.write_text("".join(_pins(name) for name in TOGETHER))
        inputs = [f"requirements/{name}.in" for name in TOGETHER]
        compiled(*inputs, "-o", str(whole), *OVERRIDES, *sys.argv[1:])
        for name in TOGETHER:
            pin(name, "-c", str(whole), "--no-annotate", *OVERRIDES)
    for name in ALONE:
        pin(name, *sys.argv[1:])
    return 0


def _pins(name: str) -> str:
    """Return what a file pins now, which is kept where it can be."""
    file = ROOT / "requirements" / f"{name}.txt"
    lines = file.read_text().splitlines() if file.exists() else []
    pins = [line for line in lines if "==" in line and line[0].isalpha()]
    return "".join(line.removesuffix(" \\") + "\n" for line in pins)


if __name__ == "__main__":
    sys.exit(main())
