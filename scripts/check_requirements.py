"""Fails if a requirement file names a host or an index, or pins a package without a hash.

Where packages come from is the machine's business: pip's and uv's own configuration say it.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements"
SOURCE = re.compile(r"://|\s@\s|^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b")
PIN = re.compile(r"^[A-Za-z0-9][\w.\[\],-]*==")


def complaints(path: Path) -> Iterator[str]:
    """Yield a line for each thing in a requirement file that must not be there."""
    text = path.read_text(encoding="utf-8")
    for line in text.replace("\\\n", " ").splitlines():
        if SOURCE.search(line):
            yield f"{path.name}: names where a package comes from: {line.strip()[:80]}"
        if path.suffix == ".txt" and PIN.match(line) and "--hash=sha256:" not in line:
            yield f"{path.name}: has no hash: {line.strip()[:80]}"


def main() -> int:
    """Print what is wrong; return 1 if anything is."""
    files = sorted((*REQUIREMENTS.glob("*.txt"), *REQUIREMENTS.glob("*.in")))
    found = [complaint for path in files for complaint in complaints(path)]
    print("\n".join(found) or f"Requirements: {len(files)} files, no host named, every pin hashed.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
