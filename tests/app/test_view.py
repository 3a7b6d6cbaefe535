from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from waves import COLOUR_FACTS

from app.covariance import filter_entry
from app.plane.view import View, filter_seen
from app.scenes.picture.controls import Controls


def view(size: tuple[int, int], **controls) -> View:
    return View.of(Controls(field="field", **controls), COLOUR_FACTS, size)


@pytest.mark.parametrize("size", [(640, 320), (640, 400), (900, 320)])
def test_zoom_one_fits_the_whole_picture(size: tuple[int, int]) -> None:
    left, top = view(size).frame_from_domain((-1.0, -0.5))
    right, bottom = view(size).frame_from_domain((1.0, 0.5))
    assert (right - left, bottom - top) == (640, 320)
    assert ((left + right) / 2, (top + bottom) / 2) == (size[0] / 2, size[1] / 2)


def test_the_visible_grid_is_made_of_whole_pixels_of_the_frame() -> None:
    seen = view((101, 77), center=(0.123, 0.05), zoom=0.7)
    grid = seen.visible_grid()
    assert grid is not None
    corner = seen.frame_from_domain(grid.lower)
    assert np.allclose(corner, np.round(corner), atol=1e-9)
    first, last = grid.points(0, 1)[0], grid.points(grid.count - 1, grid.count)[0]
    assert torch.allclose(
        last - first, seen.pixel_size * torch.tensor([grid.resolution[0] - 1.0, grid.resolution[1] - 1.0])
    )
    assert seen.frame_from_domain(first.tolist()) == pytest.approx((corner[0] + 0.5, corner[1] + 0.5), abs=1e-4)


def test_zoomed_in_the_grid_is_the_frame_and_out_of_sight_there_is_none() -> None:
    inside = view((320, 200), zoom=30.0).visible_grid()
    assert inside is not None
    assert inside.resolution == (320, 200)
    assert view((320, 200), center=(50.0, 0.0), zoom=4.0).visible_grid() is None
    assert view((320, 200), center=(1e300, 0.0), zoom=1e6).visible_grid() is None


def test_the_footprint_grows_from_zero_where_a_frame_pixel_reaches_a_source_pixel() -> None:
    assert view((64, 32)).footprint_variance == 0
    assert view((64, 32), zoom=3.0).footprint_variance == 0
    assert view((32, 16)).footprint_variance == pytest.approx((0.0625**2 - 0.03125**2) / 4)
    formula = View.of(Controls(field="field"), dataclasses.replace(COLOUR_FACTS, resolution=()), (32, 16))
    assert formula.footprint_variance == pytest.approx(0.0625**2 / 4)


def test_the_filter_seen_is_the_one_asked_for_and_the_footprint() -> None:
    seen = filter_seen(Controls(field="field", covariance=(0.01, 0.002, 0.001)), view((32, 16)))
    assert seen is not None
    extra = view((32, 16)).footprint_variance
    expected = torch.tensor([[0.01 + extra, 0.002], [0.002, 0.001 + extra]])
    assert torch.allclose(seen.covariance(2), expected)
    assert filter_seen(Controls(field="field"), view((64, 32))) is None
    plain = filter_seen(Controls(field="field", covariance=(0.01, 0.0, 0.01)), view((64, 32)))
    assert plain is not None and plain.isotropic


def test_a_filter_is_written_the_shorter_way() -> None:
    assert filter_entry((0.1, 0.0, 0.1)) == {"variance": 0.1}
    assert filter_entry((0.1, 0.0, 0.2)) == {"covariance": [0.1, 0.0, 0.2]}
