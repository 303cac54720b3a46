"""Sets ChatSphere up in its own virtual environment; `make run` and `make test` call it first.

Standard library only, for any Python that ChatSphere runs on. Every step leaves a stamp inside the
environment, the hash of what it was made from: a second call does nothing but compare them.
"""

import argparse
import ast
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - this very line is what an older Python must reach
    sys.exit(
        "ChatSphere needs Python 3.11 or newer; {} is {}.{}.{}.\n"
        "Name another one: make run PYTHON=python3.12".format(sys.executable, *sys.version_info[:3])
    )

from progress import Display, StepFailedError

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
PACKAGES = ("runtime.txt", "vendors.txt")
EXTRAS = (*PACKAGES, "extras.txt")
DEVELOPMENT = (*EXTRAS, "dev.txt")
STAMPS = ".chatsphere-setup.json"
PYTHON_VERSION = ".".join(map(str, sys.version_info[:3]))


class Environment:
    """The virtual environment: its programs and the stamps of what it holds."""

    def __init__(self, path: Path) -> None:
        """Look at `path`; nothing is made yet."""
        self.path = path
        self.python = self.program("python")
        self.stamps = self._load()

    def _load(self) -> dict[str, str]:
        try:
            stamps = json.loads((self.path / STAMPS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamps if isinstance(stamps, dict) else {}

    def program(self, name: str) -> str:
        """Return the path of a program installed in the environment."""
        return str(self.path / "bin" / name)

    def stamp(self, step: str, key: str) -> None:
        """Remember that `step` was made from what `key` hashes."""
        self.stamps[step] = key
        draft = self.path / f"{STAMPS}.new"
        draft.write_text(json.dumps(self.stamps, indent=1), encoding="utf-8")
        draft.replace(self.path / STAMPS)

    def create(self, display: Display) -> None:
        """Make the environment anew unless it already belongs to this Python and place."""
        config = self.path / "pyvenv.cfg"
        title = display.begin(f"Making the environment {self.path.name} (Python {PYTHON_VERSION})")
        if config.exists() and not self.stamps and self._same_python(config):
            print(f"{title}: already there", flush=True)
            return
        if self.path.exists() and not config.exists() and any(self.path.iterdir()):
            raise StepFailedError(
                f"{self.path} is there but is no virtual environment: name another."
            )
        try:
            import ensurepip  # noqa: F401 - some systems package it apart
        except ImportError:
            raise StepFailedError(
                "This Python has no venv module. On Debian and Ubuntu: apt install python3-venv"
            ) from None
        self.stamps = {}
        display.run(title, [sys.executable, "-m", "venv", "--clear", str(self.path)])

    @staticmethod
    def _same_python(config: Path) -> bool:
        return f"= {PYTHON_VERSION}" in config.read_text(encoding="utf-8")


def digest(*parts: Path | str) -> str:
    """Return one hash over the contents of files and over plain strings."""
    total = hashlib.sha256()
    for part in parts:
        data = part.read_bytes() if isinstance(part, Path) else part.encode()
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()


def _files(names: tuple[str, ...]) -> list[Path]:
    return [REQUIREMENTS / name for name in names]


def wanted(venv: Path, dev: bool, model: bool, extras: bool) -> dict[str, str]:
    """Return the steps in order, each with the hash of what it is made from."""
    runtime = REQUIREMENTS / "runtime.txt"
    project = (
        ROOT / "pyproject.toml",
        *sorted(REQUIREMENTS.glob("*.in")),
        *REQUIREMENTS.glob("*.py"),
    )
    steps = {
        "environment": digest(PYTHON_VERSION, str(venv)),
        "installer": digest(REQUIREMENTS / "uv.txt"),
        "packages": digest(*_files(PACKAGES)),
        "extras": digest(*_files(EXTRAS)),
        "development": digest(*_files(DEVELOPMENT)),
        "project": digest(*project, str(ROOT)),
        "model": digest(runtime, *sorted((ROOT / "src/adapters/minilm").glob("*.py"))),
    }
    skipped = {"packages", "extras"} if dev else {"development", "" if extras else "extras"}
    skipped |= set() if model else {"model"}
    return {name: key for name, key in steps.items() if name not in skipped}


def stale(steps: dict[str, str], environment: Environment) -> list[str]:
    """Return the steps that must run; a new environment makes all of them stale."""
    stamps = environment.stamps
    if stamps.get("environment") != steps["environment"] or not Path(environment.python).exists():
        return list(steps)
    todo = [name for name, key in steps.items() if stamps.get(name) != key]
    if todo and "installer" not in todo and not Path(environment.program("uv")).exists():
        todo.insert(0, "installer")
    return todo


def pip_settings(python: str) -> dict[str, str]:
    """Read what pip is told on this machine by its configuration files and variables."""
    listing = subprocess.run(
        [python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in listing.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        if section in found:
            with contextlib.suppress(ValueError, SyntaxError):
                found[section][key] = " ".join(str(ast.literal_eval(value)).split())
    return found["global"] | found["install"] | found[":env:"]


def uv_environment(environment: Environment) -> dict[str, str]:
    """Return the variables for uv: pip's settings, where uv's own do not already say otherwise."""
    pip = pip_settings(environment.python)
    proxy = pip.get("proxy", "")
    translated = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": pip.get("extra-index-url", ""),
        "UV_FIND_LINKS": pip.get("find-links", "").replace(" ", ","),
        "UV_NO_INDEX": "1" if pip.get("no-index", "") in {"1", "true", "True", "yes"} else "",
        "UV_INSECURE_HOST": pip.get("trusted-host", ""),
        "UV_HTTP_TIMEOUT": pip.get("timeout", pip.get("default-timeout", "")),
        "SSL_CERT_FILE": pip.get("cert", ""),
        "HTTPS_PROXY": proxy,
        "HTTP_PROXY": proxy,
        # Every file is pinned by hash, so it may come from whichever index has it, as with pip.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_CACHE_DIR": "" if os.access(Path.home(), os.W_OK) else str(environment.path / ".uv"),
    }
    return {key: value for key, value in translated.items() if value} | os.environ


def install_uv(environment: Environment, display: Display) -> None:
    """Put the pinned uv into the environment with pip, and pip itself first if it is missing."""
    python = environment.python
    title = display.begin("Installing the installer (uv)")
    probe = subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False)
    if probe.returncode != 0:
        display.run(title + ", pip first", [python, "-m", "ensurepip", "--default-pip"])
    quiet = ["--quiet", "--disable-pip-version-check", "--require-hashes"]
    file = str(REQUIREMENTS / "uv.txt")
    display.run(title, [python, "-m", "pip", "install", "--force-reinstall", *quiet, "-r", file])


def uv_install(environment: Environment, display: Display, title: str, *what: str) -> None:
    """Run `uv pip install` in the environment.

    `--no-deps`, because the requirement files are complete: resolved together, with overrides.
    """
    command = [environment.program("uv"), "pip", "install", "--no-deps"]
    command += ["--python", environment.python, *what]
    display.run(display.begin(title), command, uv_environment(environment))


def install_packages(environment: Environment, display: Display, *files: str) -> None:
    """Install the pinned packages of the requirement files, bytecode compiled."""
    options = [part for name in files for part in ("-r", str(REQUIREMENTS / name))]
    options += ["--require-hashes", "--compile-bytecode"]
    uv_install(environment, display, "Installing the pinned packages", *options)


def install_project(environment: Environment, display: Display) -> None:
    """Install ChatSphere itself, editable, with the pinned build back end."""
    uv_install(
        environment, display, "Installing ChatSphere", "--no-build-isolation", "-e", str(ROOT)
    )


def prepare_model(environment: Environment, display: Display) -> None:
    """Convert the local embedding model; the command shows its own progress."""
    title = display.begin("Preparing the local embedding model")
    print(title, flush=True)
    command = [environment.program("chatsphere"), "prepare"]
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise StepFailedError(f"{title}: failed.")


def perform(name: str, environment: Environment, display: Display) -> None:
    """Run one step by its name."""
    if name == "environment":
        environment.create(display)
    elif name == "installer":
        install_uv(environment, display)
    elif name == "packages":
        install_packages(environment, display, *PACKAGES)
    elif name == "extras":
        install_packages(environment, display, *EXTRAS)
    elif name == "development":
        install_packages(environment, display, *DEVELOPMENT)
        environment.stamp("packages", digest(*_files(PACKAGES)))
        environment.stamp("extras", digest(*_files(EXTRAS)))
    elif name == "project":
        install_project(environment, display)
    else:
        prepare_model(environment, display)


@contextlib.contextmanager
def alone():  # type: ignore[no-untyped-def]
    """Hold a lock, so that two set-ups at once do not build the same environment."""
    import fcntl

    with (REQUIREMENTS / "runtime.txt").open("rb") as handle:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def set_up(venv: Path, dev: bool, model: bool, extras: bool) -> None:
    """Run every step whose stamp is missing or old."""
    steps = wanted(venv, dev, model, extras)
    if not stale(steps, Environment(venv)):
        return
    with alone():
        environment = Environment(venv)
        todo = stale(steps, environment)  # fewer, if another set-up was under way
        display, started = Display(len(todo)), time.monotonic()
        for name in todo:
            perform(name, environment, display)
            environment.stamp(name, steps[name])
    if todo:
        print(f"Set up in {time.monotonic() - started:.1f} s.", flush=True)


def main() -> int:
    """Read the options, set up, and turn a failure into a sentence and an exit code."""
    parser = argparse.ArgumentParser(description="Set ChatSphere up in its own environment.")
    parser.add_argument("--venv", default=".venv", help="folder of the environment")
    parser.add_argument("--dev", action="store_true", help="also what tests and lint need")
    parser.add_argument("--model", action="store_true", help="also convert the local model")
    parser.add_argument(
        "--extras", action="store_true", help="also Chroma, LanceDB, a cross-encoder"
    )
    options = parser.parse_args()
    try:
        set_up(ROOT / options.venv, options.dev, options.model, options.extras)
    except StepFailedError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(
            f"\nNo right to write {error.filename}: does it belong to another user?\n"
            "Remove it, or name another environment: make run VENV=...",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next call goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
