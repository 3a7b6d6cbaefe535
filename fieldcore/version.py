"""The version of what is installed."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path


def version() -> str:
    """Of the installed distribution; in a checkout that is not installed, that of its ``pyproject.toml``."""
    try:
        return installed_version("fieldscope")
    except PackageNotFoundError:
        return _version_of_checkout()


def _version_of_checkout() -> str:
    project = Path(__file__).parents[1] / "pyproject.toml"
    lines = project.read_text(encoding="utf-8").splitlines() if project.is_file() else []
    found = (line.split('"')[1] for line in lines if line.startswith("version = "))
    return next(found, "unknown")
