"""What `chatsphere doctor` looks at on this machine, without starting anything."""

import http.client
import importlib
import json
import shutil
import socket
import stat
import sys
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from adapters.openai.plugin import base_url_of
from application.ports.model_catalog import split_name
from application.ports.plugins import ChatModelPlugin, Group
from domain.errors import ChatSphereError
from entrypoints.plugins import Plugins
from entrypoints.production import is_guessable, weaknesses
from entrypoints.settings import Settings

PACKAGES = ("domain", "application", "adapters", "entrypoints")
NO_MAIL = (
    "Set CHATSPHERE_SMTP_URL to a mail server; until then `chatsphere reset-password EMAIL` prints "
    "the link that people would be sent."
)
_SOURCES = Path(__file__).resolve().parents[2]
_OLDEST_PYTHON = (3, 11)
_GIB = 1024**3
_TOO_LITTLE, _LITTLE = _GIB // 5, 2 * _GIB
_READY_SECONDS = 3.0
_MODELS_SECONDS = 5.0
_BODY_MAX = 4 * 1024 * 1024


class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """A check: what was found and, where that is not well, a sentence how to mend it."""

    name: str
    level: Level
    found: str
    mend: str = ""

    def as_dict(self) -> dict[str, str | None]:
        """Return the check as JSON values."""
        return {
            "name": self.name,
            "status": self.level.value,
            "found": self.found,
            "mend": self.mend or None,
        }


def ok(name: str, found: str) -> Check:
    """Return a check that is well."""
    return Check(name, Level.OK, found)


def warn(name: str, found: str, mend: str) -> Check:
    """Return a check that does not stop the work."""
    return Check(name, Level.WARN, found, mend)


def fail(name: str, found: str, mend: str) -> Check:
    """Return a check that stops the work."""
    return Check(name, Level.FAIL, found, mend)


def check_python(version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """Is the interpreter new enough."""
    found = ".".join(map(str, version))
    if version[:2] < _OLDEST_PYTHON:
        return fail("Python", found, "Install Python 3.11 or newer and set ChatSphere up with it.")
    return ok("Python", found)


def check_packages(sources: Path = _SOURCES) -> Check:
    """Are our packages imported, and not others of the same names (PyPI has some)."""
    strangers = []
    for name in PACKAGES:
        origin = importlib.import_module(name).__file__
        if origin is None or Path(origin).resolve().parent != sources / name:
            strangers.append(f"{name} from {origin}")
    if strangers:
        return fail(
            "Packages",
            "; ".join(strangers),
            "Another project's packages hide ours: install ChatSphere in an environment of its own.",
        )
    return ok("Packages", str(sources))


def check_data_dir(folder: Path) -> Check:
    """Can the data directory be written to, and is there room."""
    name = "Data directory"
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.NamedTemporaryFile(dir=there, prefix=".chatsphere-doctor-"):
            free = shutil.disk_usage(there).free
    except OSError as error:
        return fail(
            name,
            f"{there}: {error.strerror}",
            "Make it writable for this user, or choose another with CHATSPHERE_DATA_DIR.",
        )
    found = f"{folder}{'' if there == folder else ' (will be made)'}, {free / _GIB:.1f} GiB free"
    if free < _TOO_LITTLE:
        return fail(
            name, found, "Free some space, or choose another disk with CHATSPHERE_DATA_DIR."
        )
    if free < _LITTLE:
        return warn(
            name, found, "There is little space left: documents need up to ten times theirs."
        )
    return ok(name, found)


def check_secret(settings: Settings) -> Check:
    """Is the key that signs access tokens readable by its owner only."""
    name, path = "Secret key", settings.data_dir / "secret.key"
    if settings.secret_key is not None or settings.environment == "production":
        return _given_secret(settings)
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return ok(name, "will be made with the first start")
    except OSError as error:
        return fail(name, f"{path}: {error.strerror}", f"Make {path} readable for this user.")
    if mode & 0o077:
        return fail(
            name,
            f"{path} has mode {mode:04o}",
            f"Others can read it: `chmod 600 {path}`; if they may have, delete it (all log in anew).",
        )
    return ok(name, f"{path}, mode {mode:04o}")


def _given_secret(settings: Settings) -> Check:
    name, variable = "Secret key", "CHATSPHERE_SECRET_KEY"
    mend = f"Set {variable} to what `openssl rand -hex 32` prints."
    if settings.secret_key is None:
        return fail(name, f"{variable} is missing; production makes none by itself", mend)
    if is_guessable(settings.secret_key.get_secret_value()):
        if settings.environment == "production":
            return fail(name, f"{variable} can be guessed", mend)
        return warn(name, f"{variable} can be guessed", mend)
    return ok(name, f"{variable} is set")


def check_production(settings: Settings) -> Check:
    """Would `serve` start with these settings, where production is asked for."""
    name = "Production settings"
    if settings.environment != "production":
        return ok(name, f"not asked for: CHATSPHERE_ENVIRONMENT is {settings.environment}")
    found = weaknesses(settings)
    if found:
        told = "not safe: `chatsphere serve` and `worker` refuse to start"
        return fail(name, told, "\n".join(found))
    if settings.smtp_url is None:
        return warn(name, "mails go nowhere", NO_MAIL)
    return ok(name, "safe")


def port_is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def check_port(settings: Settings) -> Check:
    """Is the port free, or are we behind it."""
    name, host, port = "Port", settings.host, settings.port
    where = f"{host}:{port}"
    if port_is_free(host, port):
        return ok(name, f"{where} is free")
    body = _ready_body(host, port)
    if body is None:
        return fail(
            name,
            f"{where} cannot be listened on",
            "Stop the program that has it, or choose another with CHATSPHERE_PORT or --port "
            "(and an address of this machine with CHATSPHERE_HOST).",
        )
    if body.get("status") == "ready":
        return _ready(name, where, body)
    return warn(
        name, f"ChatSphere answers at {where} but is not ready", "See its log for the reason."
    )


def _ready(name: str, where: str, body: dict[str, object]) -> Check:
    checks = body.get("checks")
    parts = checks.items() if isinstance(checks, dict) else ()
    out = ", ".join(part for part, state in parts if state == "degraded")
    if out:
        problem = f"ChatSphere answers at {where}, for the moment without: {out}"
        return warn(name, problem, "It asks them again by itself; see its log if this lasts.")
    return ok(name, f"ChatSphere answers at {where} and is ready")


def _ready_body(host: str, port: int) -> dict[str, object] | None:
    """Return what /readyz says, or None where it is not ours."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # not bound: asked
    connection = http.client.HTTPConnection(reachable, port, timeout=_READY_SECONDS)
    try:
        connection.request("GET", "/readyz")
        body = json.loads(connection.getresponse().read(_BODY_MAX))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return body if isinstance(body, dict) and "checks" in body else None


def check_chat_model(settings: Settings) -> Check:
    """Is the default chat model configured; where it is OpenAI's kind, does its server list it."""
    name = "Chat model"
    provider, model = split_name(settings.chat_model)
    plugins = Plugins(settings.given)
    try:
        plugin = plugins.load(Group.CHAT_MODELS, provider)
        options = plugins.options(plugin)
        base = base_url_of(options) if provider == "openai" else None
    except ChatSphereError as error:
        mend = "`chatsphere adapters list --settings` tells what there is, and what each needs."
        return fail(name, error.detail, mend)
    if not isinstance(plugin, ChatModelPlugin):
        return fail(name, f"{provider} is no chat model", "Set CHATSPHERE_CHAT_MODEL.")
    model = model or plugin.default_model(options)
    if base is not None:
        return _ask_models(base, options.openai_api_key, model)
    if plugin.is_local:
        return ok(name, f"{provider}: built in, needs nothing")
    return ok(name, f"{provider}/{model}: set up; `chatsphere adapters check {provider}` asks it")


def _ask_models(base: str, key: str | None, model: str) -> Check:
    name = "Chat model"
    base = base.rstrip("/")
    server = urlsplit(base).hostname or "?"
    try:
        names = _model_names(base, key)
    except urllib.error.HTTPError as error:
        if error.code in (401, 403):
            mend = "Set the right key in CHATSPHERE_OPENAI_API_KEY."
            return fail(name, f"{server} refuses the key ({error.code})", mend)
        mend = "Check CHATSPHERE_OPENAI_BASE_URL: it usually ends in /v1."
        return warn(name, f"{server} lists no models ({error.code})", mend)
    except (OSError, ValueError, http.client.HTTPException):
        mend = "Start the server, or correct CHATSPHERE_OPENAI_BASE_URL."
        return fail(name, f"{server} does not answer as an OpenAI-compatible server", mend)
    if model not in names:
        mend = "Load that model on the server, or name one of its own in CHATSPHERE_CHAT_MODEL."
        return warn(name, f"{server} answers, but does not list {model!r}", mend)
    return ok(name, f"{model} at {server}")


def _model_names(base: str, key: str | None) -> set[str]:
    """Return the models that the server lists. Raises OSError, HTTPException and ValueError."""
    if urlsplit(base).scheme not in ("http", "https"):
        raise ValueError("not an http address")
    request = urllib.request.Request(f"{base}/models")  # noqa: S310  # the scheme was checked
    if key is not None:
        request.add_header("Authorization", f"Bearer {key}")
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects())
    with opener.open(request, timeout=_MODELS_SECONDS) as response:
        body = json.loads(response.read(_BODY_MAX))
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise ValueError("no list of models")  # noqa: TRY004  # what came is wrong, not our call
    return {str(item["id"]) for item in body["data"] if isinstance(item, dict) and "id" in item}


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the key elsewhere."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        """Follow none."""
