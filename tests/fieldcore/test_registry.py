"""Registries: names known without importing, entries imported when asked for, unknown names refused."""

from __future__ import annotations

import sys

import pytest

from fieldcore.errors import InputError
from fieldcore.registry import Registry


def test_names_are_known_before_anything_is_imported() -> None:
    registry: Registry[type] = Registry("colour", {"hsv": "colorsys:rgb_to_hsv", "own": int})
    sys.modules.pop("colorsys", None)
    assert list(registry) == ["hsv", "own"] and "hsv" in registry and len(registry) == 2
    assert "colorsys" not in sys.modules
    assert registry["hsv"].__name__ == "rgb_to_hsv" and registry["own"] is int


def test_entries_come_and_go() -> None:
    registry: Registry[int] = Registry("number", {"one": 1})
    registry["two"] = 2
    assert dict(registry) == {"one": 1, "two": 2}
    del registry["two"]
    with pytest.raises(InputError, match="number: expected one of one, got 'two'"):
        registry.named("two")
    with pytest.raises(KeyError):
        registry["two"]
