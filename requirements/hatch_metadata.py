"""Fills the wheel's dependencies from requirements/runtime.in, so that they stand in one place."""

from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

BUILD_ONLY = {"hatchling", "editables"}


class RuntimeRequirements(MetadataHookInterface):
    """Reads the unpinned requirement names; the hashes are for `make run` and the image."""

    def update(self, metadata: dict) -> None:
        """Set `dependencies` in place."""
        lines = (Path(self.root) / "requirements" / "runtime.in").read_text().splitlines()
        names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
        metadata["dependencies"] = [name for name in names if name not in BUILD_ONLY]
