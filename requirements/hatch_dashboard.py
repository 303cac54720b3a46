"""Puts the built dashboard into the wheel."""

import os
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WITHOUT = "CHATSPHERE_WITHOUT_DASHBOARD"
MISSING = (
    "The dashboard is not built, and a wheel has to carry it: run "
    "`npm install --no-save && npm run build` in "
    f"frontend/ first. For a wheel that serves the API alone set {WITHOUT}=1."
)


class BuiltDashboard(BuildHookInterface):
    """Takes frontend/dist as it is; an editable installation reads it where it lies."""

    def initialize(self, version: str, build_data: dict) -> None:
        """Add each file to the package of the API."""
        built = Path(self.root) / "frontend" / "dist"
        if version == "editable" or os.environ.get(WITHOUT) == "1":
            return
        if not (built / "index.html").is_file():
            raise SystemExit(MISSING)
        for path in sorted(built.rglob("*")):
            name = path.relative_to(built)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                target = Path("entrypoints/api/dashboard") / name
                build_data["force_include"][str(path)] = target.as_posix()
