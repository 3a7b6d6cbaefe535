"""What the library offers by name."""

from __future__ import annotations

import ast
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import fieldcore

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", fieldcore.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(fieldcore, name) is not None
    assert name in dir(fieldcore)


def test_no_public_name_is_that_of_a_module() -> None:
    """Whoever imports such a module puts it in the place of what the name stands for."""
    assert not {module.name for module in pkgutil.iter_modules(fieldcore.__path__)} & set(fieldcore.__all__)


def test_type_checkers_see_the_same_names() -> None:
    """They read the imports under ``TYPE_CHECKING``, which nothing executes."""
    tree = ast.parse((ROOT / "fieldcore" / "__init__.py").read_text())
    checked = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {
        alias.name: node.module
        for node in checked.body
        if isinstance(node, ast.ImportFrom) and node.level and node.module
        for alias in node.names
    }
    assert seen == fieldcore._MODULE_OF
    assert sorted(seen) == sorted(fieldcore.__all__)


def test_classes_name_the_module_they_are_from() -> None:
    """So that documentation and pickles find them: what is imported is what was defined there."""
    for name in fieldcore.__all__:
        value = getattr(fieldcore, name)
        if isinstance(value, type):
            assert getattr(sys.modules[value.__module__], name) is value


def test_packages_are_there_without_being_imported_first() -> None:
    program = "import fieldcore; print(fieldcore.filters.Separable.__name__, sorted(fieldcore.signals.SIGNALS)[0])"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert result.stdout.split() == ["Separable", "ackley"]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'fieldcore' has no attribute 'nothing'"):
        _ = fieldcore.nothing  # type: ignore[attr-defined]


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    program = "import fieldcore, sys; print(sorted({'torch', 'numpy', 'scipy', 'jaxtyping'} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert result.stdout.strip() == "[]"


def test_the_version_is_the_packages() -> None:
    said = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert said is not None and fieldcore.__version__ == said[1]


@pytest.mark.parametrize("package", ["fieldcore", "app"])
def test_annotations_are_offered_to_type_checkers(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
