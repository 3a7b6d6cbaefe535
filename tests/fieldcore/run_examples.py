"""Run the examples in the docstrings of everything public, as a user's Python would: without the tests' type checks.

Prints what went wrong, by name, as JSON.
"""

from __future__ import annotations

import doctest
import json
import os
import sys
import tempfile
from types import FunctionType

import numpy as np
import torch

import fieldcore


def documented() -> dict[str, object]:
    """Every public class and function."""
    values = {name: getattr(fieldcore, name) for name in fieldcore.__all__}
    return {name: value for name, value in values.items() if isinstance(value, (type, FunctionType))}


def report_on(name: str, value: object) -> str:
    """What the examples of one class or function, its methods included, do not give as they say."""
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in doctest.DocTestFinder().find(value, name, module=sys.modules[value.__module__]):
        test.globs |= {"np": np, "torch": torch}
        runner.run(test, out=report.append)
    return "".join(report)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        reports = {name: report_on(name, value) for name, value in documented().items()}
        os.chdir("/")
    json.dump({name: report for name, report in reports.items() if report}, sys.stdout)
