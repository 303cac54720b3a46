"""Runs semgrep with the rules in .semgrep/ over src; `make lint` runs it.

semgrep pins what the product needs in other versions, so it stands in an environment of its own
beside ours (.venv-semgrep), made with the first call. Nothing is sent anywhere: local rules only. The
rules' own examples are checked first: a rule that finds nothing would pass everything.
"""

import os
import subprocess
import sys
from pathlib import Path

from progress import Display, StepFailedError
from setup import PYTHON_VERSION, REQUIREMENTS, ROOT, Environment, digest, uv_environment

RULES = ROOT / ".semgrep"
PINNED = REQUIREMENTS / "semgrep.txt"
SCAN = ("scan", "--metrics=off", "--disable-version-check", "--quiet")


def prepared() -> Environment:
    """Return the environment with the pinned semgrep in it. Raises StepFailedError."""
    ours = Environment(Path(sys.prefix))
    theirs = Environment(ROOT / ".venv-semgrep")
    key = digest(PYTHON_VERSION, str(theirs.path), PINNED)
    if theirs.stamps.get("semgrep") != key or not Path(theirs.program("semgrep")).exists():
        display = Display(2)
        theirs.create(display)
        command = [ours.program("uv"), "pip", "install", "--no-deps", "--require-hashes"]
        command += ["--python", theirs.python, "-r", str(PINNED)]
        display.run(display.begin("Installing semgrep"), command, uv_environment(ours))
        theirs.stamp("semgrep", key)
    return theirs


def run(environment: Environment, where: Path, *arguments: str) -> bool:
    """Run semgrep in a folder; return whether it found nothing wrong."""
    kept = {
        "SEMGREP_SETTINGS_FILE": str(environment.path / "settings.yml"),
        "SEMGREP_LOG_FILE": str(environment.path / "semgrep.log"),
        "PATH": f"{environment.path / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    command = [environment.program("semgrep"), *SCAN, *arguments]
    return subprocess.run(command, cwd=where, env=os.environ | kept, check=False).returncode == 0


def main() -> int:
    """Check the rules against their examples, then the sources against the rules."""
    try:
        environment = prepared()
    except StepFailedError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    # From inside the folder: semgrep takes no examples from a folder whose name begins with a dot.
    if not run(environment, RULES, "--test", "."):
        return 1
    if not run(environment, ROOT, "--config", f"{RULES.name}/", "--error", "src"):
        return 1
    print(f"Rules: {len(list(RULES.glob('*.yml')))} files, each with its examples; src keeps them.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
