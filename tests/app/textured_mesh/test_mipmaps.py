from __future__ import annotations

import numpy as np
import pytest

from app.scenes.textured_mesh.mipmaps import smaller_levels


@pytest.mark.parametrize("size", [(8, 8), (7, 5), (1, 9), (16, 3), (13, 1)])
def test_every_level_has_half_the_size_and_the_pictures_mean(size: tuple[int, int]) -> None:
    pixels = np.random.default_rng(0).random((*size, 3)).astype(np.float32)
    levels = list(smaller_levels(pixels))
    shape = size
    for level in levels:
        shape = (max(1, shape[0] // 2), max(1, shape[1] // 2))
        assert level.shape == (*shape, 3)
        assert level.mean((0, 1)) == pytest.approx(pixels.mean((0, 1)), rel=1e-5)
    assert shape == (1, 1)


def test_pixels_of_an_even_size_are_means_of_four() -> None:
    pixels = np.random.default_rng(1).random((6, 4, 3)).astype(np.float32)
    first = next(smaller_levels(pixels))
    assert first == pytest.approx(pixels.reshape(3, 2, 2, 2, 3).mean((1, 3)), rel=1e-6)


def test_pixels_of_an_odd_size_are_means_over_their_area() -> None:
    pixels = np.random.default_rng(2).random((7, 7, 1)).astype(np.float32)
    # On a grid fine enough for both: 21 = 3 x 7 = 7 x 3.
    fine = pixels.repeat(3, 0).repeat(3, 1)
    assert next(smaller_levels(pixels)) == pytest.approx(fine.reshape(3, 7, 3, 7, 1).mean((1, 3)), rel=1e-5)


def test_a_single_pixel_has_no_smaller_level() -> None:
    assert list(smaller_levels(np.ones((1, 1, 3), np.float32))) == []
