"""The dependency rule, where import-linter cannot say it: what each ring may import at all."""

import ast
import importlib
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
PACKAGES = ("domain", "application", "adapters", "entrypoints")
READS_THE_ENVIRONMENT = {"entrypoints/adapter_settings.py", "entrypoints/settings.py"}


def imported_packages(source: str) -> Iterator[str]:
    """Yield the top-level name of every absolute import, wherever in the source it stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module.split(".")[0]


def foreign_imports(folder: Path, allowed: set[str]) -> set[str]:
    """Return `file imports package` for what is neither standard library nor allowed."""
    permitted = allowed | set(sys.stdlib_module_names)
    return {
        f"{path.relative_to(folder)} imports {package}"
        for path in folder.rglob("*.py")
        for package in imported_packages(path.read_text(encoding="utf-8"))
        if package not in permitted
    }


def environment_reads(source: str) -> Iterator[int]:
    """Yield the line of every use of os.environ or os.getenv."""
    names = {"environ", "environb", "getenv"}
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in names:
                yield node.lineno
            case ast.ImportFrom(module="os", names=aliases) if {a.name for a in aliases} & names:
                yield node.lineno


def test_the_domain_imports_the_standard_library_only() -> None:
    assert foreign_imports(SRC / "domain", {"domain"}) == set()


def test_the_application_imports_the_domain_and_the_standard_library_only() -> None:
    found = foreign_imports(SRC / "application", {"application", "domain"})
    contract_kit = {line for line in found if line.startswith("testing/")}
    assert found == contract_kit
    assert {line.split()[-1] for line in contract_kit} <= {"pytest"}


@pytest.mark.parametrize(
    "planted",
    ["import sqlalchemy", "from pydantic import BaseModel", "def f():\n    import numpy.fft"],
)
def test_a_vendor_planted_in_the_domain_is_found(tmp_path: Path, planted: str) -> None:
    (tmp_path / "rules.py").write_text(f"import json\nfrom . import other\n{planted}\n")
    found = foreign_imports(tmp_path, {"domain"})
    assert len(found) == 1
    assert found.pop().startswith("rules.py imports ")


@pytest.mark.parametrize("name", PACKAGES)
def test_our_package_is_imported_and_not_a_namesake(name: str) -> None:
    origin = importlib.import_module(name).__file__
    assert origin is not None
    assert Path(origin).resolve() == SRC / name / "__init__.py"


def test_every_package_under_src_is_under_the_import_contracts() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    folders = {path.parent.name for path in SRC.glob("*/__init__.py")}
    assert folders == set(PACKAGES) == set(contracts["root_packages"])


def test_only_the_settings_read_the_environment() -> None:
    found = {
        str(path.relative_to(SRC))
        for path in SRC.rglob("*.py")
        if any(environment_reads(path.read_text(encoding="utf-8")))
    }
    assert found <= READS_THE_ENVIRONMENT


@pytest.mark.parametrize(
    "planted", ["import os\nos.environ['X']", "import os\nos.getenv('X')", "from os import environ"]
)
def test_a_planted_read_of_the_environment_is_found(planted: str) -> None:
    assert list(environment_reads(planted)) != []
