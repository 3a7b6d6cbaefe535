"""The examples in the docstrings of everything public, and that there are some."""

from __future__ import annotations

import inspect
import json
import os
from pathlib import Path
from types import FunctionType

import pytest
from preloaded import run_preloaded
from run_examples import documented

from fieldcore.fields import KINDS
from fieldcore.filters import FILTERS
from fieldcore.signals import SIGNALS


def test_the_examples_are_right() -> None:
    script = Path(__file__).with_name("run_examples.py")
    environment = {**os.environ, "PYTHONPATH": str(script.parents[2])}
    result = run_preloaded([str(script)], env=environment)
    assert result.returncode == 0, result.stderr
    failures = json.loads(result.stdout)
    assert failures == {}, "\n".join(failures.values())


def test_every_function_has_an_example() -> None:
    functions = {name: value for name, value in documented().items() if isinstance(value, FunctionType)}
    assert [name for name, value in functions.items() if "Example:" not in (inspect.getdoc(value) or "")] == []


@pytest.mark.parametrize("registry", [KINDS, SIGNALS, FILTERS])
def test_whatever_is_registered_is_documented(registry: dict) -> None:
    for entry in registry.values():
        assert inspect.getdoc(entry)
