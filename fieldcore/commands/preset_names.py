"""Names of kinds and of their presets for the help, without importing the kinds, which takes seconds.

A kind that is registered by its address is looked up in the text of its module, where ``presets`` is a dictionary with
names for keys; where it is written otherwise, or the kind is registered as a class, the class is asked.
"""

from __future__ import annotations

import ast
from importlib.util import find_spec
from pathlib import Path

from ..fields import KINDS


def kind_names() -> tuple[str, ...]:
    """Every kind there is now."""
    return tuple(KINDS)


def preset_names(kind: str) -> tuple[str, ...]:
    """The presets of a kind, in its order."""
    address = KINDS.address(kind)
    return (address and _names_in_text(address)) or tuple(KINDS[kind].presets)


def preset_sentences() -> str:
    """The presets of every kind, in words."""
    return "; ".join(f"{kind}: {', '.join(preset_names(kind))}" for kind in kind_names()) + "."


def _names_in_text(address: str) -> tuple[str, ...]:
    """The keys of the dictionary ``presets`` of a class at ``module:Class``; () if it is not written out there."""
    module, _, name = address.partition(":")
    found = find_spec(module)
    if found is None or found.origin is None:
        return ()
    tree = ast.parse(Path(found.origin).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return next((keys for keys in map(_preset_keys, node.body) if keys), ())
    return ()


def _preset_keys(statement: ast.stmt) -> tuple[str, ...]:
    """The keys of ``presets: ClassVar = {...}``; () of any other statement, or where one is no plain text."""
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
        return ()
    if statement.target.id != "presets" or not isinstance(statement.value, ast.Dict):
        return ()
    keys = [key.value for key in statement.value.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    return tuple(keys) if len(keys) == len(statement.value.keys) else ()
