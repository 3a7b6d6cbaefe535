"""What ``pytest --quick`` leaves out, found by what tests do and not by a list.

A test is skipped at the moment it begins to train or to solve, to draw with OpenGL, or to start a program or a screen.
A test that computes for seconds is marked ``long`` where it is defined.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import moderngl
import pytest
from torch.optim.optimizer import register_optimizer_step_pre_hook

import fieldcore.fitting
from fieldcore.fields import KINDS, field_type

_PROGRAMS = (Path(sys.executable).name, "Xvfb")


@contextmanager
def leaving_out() -> Iterator[None]:
    """While it lasts, a test that begins with one of these is skipped."""
    fit = fieldcore.fitting.fit
    by_name = _skipping(fit, "trains")
    by_hand = register_optimizer_step_pre_hook(lambda *_: _skip("trains"))
    _replace(fit, by_name)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(moderngl, "create_context", _skipping(moderngl.create_context, "draws with OpenGL"))
            _leave_out_programs(patch)
            for kind in map(field_type, KINDS):
                if "prepare" in vars(kind):
                    patch.setattr(kind, "prepare", _skipping(kind.prepare, "solves"))
            yield
    finally:
        _replace(by_name, fit)  # also where it was taken from the library meanwhile
        by_hand.remove()


def _replace(function: Callable[..., Any], by: Callable[..., Any]) -> None:
    """In every module that has the name; those that come later take it from where it is defined."""
    for module in list(sys.modules.values()):
        for name in [name for name, value in list(vars(module).items()) if value is function]:
            setattr(module, name, by)


def _leave_out_programs(patch: pytest.MonkeyPatch) -> None:
    start = subprocess.Popen.__init__

    @wraps(start)
    def start_or_skip(self: Any, command: Any, *arguments: Any, **options: Any) -> None:
        first = command if isinstance(command, str) else command[0]
        if Path(str(first)).name in _PROGRAMS:
            _skip("starts a program")
        start(self, command, *arguments, **options)

    patch.setattr(subprocess.Popen, "__init__", start_or_skip)


def _skipping(function: Callable[..., Any], why: str) -> Callable[..., Any]:
    @wraps(function)
    def called(*arguments: Any, **options: Any) -> Any:
        _skip(why)
        return function(*arguments, **options)

    return called


def _skip(why: str) -> None:
    """Skip the test, unless another thread than its own asks: nobody would see it end."""
    if threading.current_thread() is threading.main_thread():
        pytest.skip(why)
