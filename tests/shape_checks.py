"""Enforces the shape annotations of a package: of its functions, methods and dataclasses.

A check takes longer than most of what is checked. So of each function the first call within a test is checked and
then one of a hundred, as what is called so often is called with the same shapes; and a check is made when it is first
needed. Functions within functions are left out: they are made anew with every call of the outer one.
"""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Callable
from functools import wraps
from inspect import isclass
from typing import Any

from beartype import beartype
from jaxtyping import _import_hook, install_import_hook, jaxtyped

EVERY = 100
"""Which calls of a function are checked in each test, beside the first."""

_tests = 0


def begin_test() -> None:
    """From here on, the first call is checked again."""
    global _tests
    _tests += 1


def checked(made: Any) -> Any:
    """A function whose calls are checked, or a class that is, if it is a dataclass, made by one."""
    if not isclass(made):
        return _checked_function(made)
    if dataclasses.is_dataclass(made) and not hasattr(made.__init__, "is_checked"):
        made.__init__ = _checked_function(made.__init__)  # type: ignore[method-assign]
    return made


def _checked_function(function: Callable[..., Any]) -> Callable[..., Any]:
    check: Callable[..., Any] | None = None
    calls = test = 0

    @wraps(function)
    def called(*arguments: Any, **named: Any) -> Any:
        nonlocal check, calls, test
        if test != _tests:
            test, calls = _tests, 0
        calls += 1
        if calls > 1 and calls % EVERY:
            return function(*arguments, **named)
        if check is None:
            check = jaxtyped(function, typechecker=beartype)
        return check(*arguments, **named)

    called.is_checked = True  # type: ignore[attr-defined]
    return called


class _Checked:
    """In place of jaxtyping's decorator: the one above."""

    def get_ast(self) -> ast.expr:
        return ast.parse(f"__import__('{__name__}').{checked.__name__}", mode="eval").body


class _OuterFunctions(_import_hook.JaxtypingTransformer):
    def __init__(self, *, typechecker: Any) -> None:
        super().__init__(typechecker=_Checked())  # type: ignore[arg-type]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        body, node.body = node.body, []
        super().visit_FunctionDef(node)
        node.body = body
        return node


def enforce_shapes(package: str) -> None:
    """From here on, of every module of the package that is imported."""
    _import_hook.JaxtypingTransformer = _OuterFunctions
    install_import_hook(package, f"{__name__}.{checked.__name__}")
