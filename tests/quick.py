"""What ``pytest --quick`` leaves out, found by what tests do and not by a list: whoever begins to train, to draw with
OpenGL, or to start a program or a screen, is skipped at that moment.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import moderngl
import pytest
from torch.optim.optimizer import register_optimizer_step_pre_hook

import fieldcore.fitting

_PROGRAMS = (Path(sys.executable).name, "Xvfb")


def leave_out(patch: pytest.MonkeyPatch) -> None:
    """Skip whoever begins with one of these."""
    _leave_out_training(patch)
    patch.setattr(moderngl, "create_context", _skipping(moderngl.create_context, "draws with OpenGL"))
    start = subprocess.Popen.__init__

    @wraps(start)
    def start_or_skip(self: Any, command: Any, *arguments: Any, **options: Any) -> None:
        first = command if isinstance(command, str) else command[0]
        if Path(str(first)).name in _PROGRAMS:
            _skip("starts a program")
        start(self, command, *arguments, **options)

    patch.setattr(subprocess.Popen, "__init__", start_or_skip)


def _leave_out_training(patch: pytest.MonkeyPatch) -> None:
    """By ``fit``, in every module that has the name already, or by hand: all that an optimiser steps."""
    register_optimizer_step_pre_hook(lambda *_: _skip("trains"))
    fit = fieldcore.fitting.fit
    replaced = _skipping(fit, "trains")
    for module in list(sys.modules.values()):
        for name in [name for name, value in list(vars(module).items()) if value is fit]:
            patch.setattr(module, name, replaced)


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
