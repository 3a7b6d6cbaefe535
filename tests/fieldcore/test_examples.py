"""The examples in the docstrings of everything public, run."""

from __future__ import annotations

import doctest
import inspect
import sys
from types import FunctionType

import numpy as np
import pytest
import torch

import fieldcore
from fieldcore.fields import KINDS
from fieldcore.filters import FILTERS
from fieldcore.signals import SIGNALS

WITHOUT = {
    "TileSize",
    "as_filter",
    "build_field",
    "choose_device",
    "conclude",
    "default_preset",
    "domain_from_uv",
    "evaluate",
    "evaluate_progressively",
    "evaluate_tiles",
    "extract_mesh",
    "field_type",
    "hide_progress_lines",
    "load_model",
    "power_spectrum",
    "preset_recipe",
    "read_image",
    "trace",
    "write_image",
    "write_mesh",
}


def documented() -> dict[str, object]:
    """Every public class and function, and the methods of the classes."""
    found = {}
    for name in fieldcore.__all__:
        value = getattr(fieldcore, name)
        if isinstance(value, (type, FunctionType)):
            found[name] = value
    return found


def examples_of(name: str, value: object) -> list[doctest.DocTest]:
    finder = doctest.DocTestFinder(exclude_empty=True)
    module = sys.modules[value.__module__]
    return [test for test in finder.find(value, name, module=module) if test.examples]


@pytest.mark.parametrize("name", documented())
def test_the_examples_are_right(name: str) -> None:
    value = documented()[name]
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in examples_of(name, value):
        test.globs = {**test.globs, "np": np, "torch": torch}
        report: list[str] = []
        runner.run(test, out=report.append)
        assert not runner.failures, "".join(report)


def test_every_function_has_an_example() -> None:
    functions = {name: value for name, value in documented().items() if isinstance(value, FunctionType)}
    assert {name for name, value in functions.items() if "Example" not in (inspect.getdoc(value) or "")} <= WITHOUT


@pytest.mark.parametrize("registry", [KINDS, SIGNALS, FILTERS])
def test_whatever_is_registered_is_documented(registry: dict) -> None:
    for entry in registry.values():
        assert inspect.getdoc(entry)
