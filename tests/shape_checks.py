"""Enforces the shape annotations of a package: of its functions, methods and dataclasses.

Functions within functions are left out. They are made anew with every call of the outer one, and jaxtyping would
compile two checks for each of them every time, which took most of the time of some tests.
"""

from __future__ import annotations

import ast

from beartype import beartype as check_types  # noqa: F401 (by the name that the hook is given)
from jaxtyping import _import_hook, install_import_hook


class _OuterFunctions(_import_hook.JaxtypingTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        body, node.body = node.body, []
        super().visit_FunctionDef(node)
        node.body = body
        return node


def enforce_shapes(package: str) -> None:
    """From here on, of every module of the package that is imported."""
    _import_hook.JaxtypingTransformer = _OuterFunctions
    install_import_hook(package, f"{__name__}.check_types")
