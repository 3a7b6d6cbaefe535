"""Shapes are checked: those of the first call in every test, and of one call of a hundred after it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from jaxtyping import Float, TypeCheckError
from shape_checks import EVERY, begin_test, checked

PAIRS, TRIPLES = np.zeros((4, 2)), np.zeros((4, 3))


def sums(pairs: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n"]:
    return pairs.sum(1)


def unsummed(pairs: Float[np.ndarray, "n 2"]) -> Float[np.ndarray, "n"]:
    return pairs


@dataclass
class Pairs:
    values: Float[np.ndarray, "n 2"]


@pytest.mark.parametrize("made", [sums, Pairs])
def test_the_first_call_is_checked_and_then_one_of_a_hundred(made: type) -> None:
    function = checked(made)
    for _ in range(2):
        begin_test()
        with pytest.raises(TypeCheckError, match="parameters"):
            function(TRIPLES)
        refused = 0
        for _ in range(1, 3 * EVERY):
            try:
                function(TRIPLES)
            except TypeCheckError:
                refused += 1
        assert refused == 3


def test_what_is_returned_is_checked_too() -> None:
    with pytest.raises(TypeCheckError, match="return value"):
        checked(unsummed)(PAIRS)


def test_the_packages_are_checked() -> None:
    from fieldcore.measures import psnr

    assert psnr.is_checked  # type: ignore[attr-defined]
