"""The built dashboard in memory: every file by its name, so that nothing else can be asked for."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

INDEX = "index.html"
HASHED = "assets/"  # what the build puts here has its hash in its name, and never changes
NOT_BUILT = (
    "This installation has no built dashboard; the API works without it (see /docs). "
    "To build it, run `make run`, or `npm install --no-save && npm run build` in frontend/, and "
    "start again.\n"
)
_SUFFIX = {"br": ".br", "gzip": ".gz"}  # the best first
_PLAIN = "identity"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/markdown; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


@dataclass(frozen=True, slots=True)
class Encoded:
    """A file as it is sent; `encoding` is a content coding."""

    encoding: str
    content: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of the build with the encodings it was built in, the best first."""

    media_type: str
    is_immutable: bool
    encodings: tuple[Encoded, ...]

    def accepted(self, accept_encoding: str) -> Encoded:
        """Return the best of what the client takes; where it takes none, the file as it is."""
        weights = _weights(accept_encoding)
        for encoded in self.encodings[:-1]:
            if weights.get(encoded.encoding, weights.get("*", 0.0)) > 0:
                return encoded
        return self.encodings[-1]


class Dashboard:
    """The files of one build; empty where there is none."""

    def __init__(self, files: Mapping[str, File]) -> None:
        self._files = files

    @classmethod
    def read(cls, folder: Path | None) -> Self:
        """Read a build, all of it: it is small, and a later build does not tear this one apart."""
        if folder is None:
            return cls({})
        paths = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        found = {path.as_posix() for path in paths if not _is_hidden(path)}
        derived = {name for name in found if _is_derived(name, found)}
        return cls({name: _read(folder, name, found) for name in found - derived})

    def get(self, name: str) -> File | None:
        """Return a file by its path inside the build."""
        return self._files.get(name)


def built_folder() -> Path | None:
    """Return where the build is: in the package, or where a checkout builds it; None: nowhere."""
    here = Path(__file__).resolve()
    for folder in (here.parent / "dashboard", here.parents[3] / "frontend" / "dist"):
        if (folder / INDEX).is_file():
            return folder
    return None


def _is_hidden(path: Path) -> bool:
    """Tell whether it is a note of the build to itself."""
    return any(part.startswith(".") for part in path.parts)


def _is_derived(name: str, found: set[str]) -> bool:
    return any(name.endswith(end) and name.removesuffix(end) in found for end in _SUFFIX.values())


def _read(folder: Path, name: str, found: set[str]) -> File:
    names = {coding: name + end for coding, end in _SUFFIX.items() if name + end in found}
    encodings = tuple(
        _encoded(coding, (folder / path).read_bytes())
        for coding, path in {**names, _PLAIN: name}.items()
    )
    media_type = _TYPES.get(Path(name).suffix, "application/octet-stream")
    return File(media_type, name.startswith(HASHED), encodings)


def _encoded(encoding: str, content: bytes) -> Encoded:
    return Encoded(encoding, content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _weights(accept_encoding: str) -> dict[str, float]:
    """Return how much the client wants each coding (RFC 9110, section 12.5.3)."""
    weights = {}
    for item in accept_encoding.split(","):
        coding, _, parameter = item.partition(";")
        name, _, value = parameter.partition("=")
        weight = 1.0
        if name.strip().lower() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
        weights[coding.strip().lower()] = weight
    return weights
