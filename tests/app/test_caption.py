from __future__ import annotations

import numpy as np
import pytest

from app.covariance import distinct_variances
from app.gl.canvas import scientific
from app.gl.overlays import caption_margin_px
from app.plane.caption import caption_image
from app.scenes.picture.controls import Controls


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1e-3, "1.0 \N{MULTIPLICATION SIGN} 10⁻³"),
        (0.0234, "2.3 \N{MULTIPLICATION SIGN} 10⁻²"),
        (9.96e-5, "1.0 \N{MULTIPLICATION SIGN} 10⁻⁴"),
        (12.0, "1.2 \N{MULTIPLICATION SIGN} 10¹"),
    ],
)
def test_numbers_are_written_for_people(value: float, text: str) -> None:
    assert scientific(value) == text


def drawn(covariance: tuple[float, float, float], size: tuple[int, int], *em: float) -> np.ndarray | None:
    return caption_image(covariance, Controls(field="f", covariance=covariance).caption_words, size, *em)


def test_distinct_variances() -> None:
    assert distinct_variances((0.1, 0.0, 0.1)) == (0.1,)
    assert distinct_variances((0.55, 0.45, 0.55)) == pytest.approx((1.0, 0.1))


@pytest.mark.parametrize("size", [(320, 180), (240, 320), (640, 480), (1280, 720), (3840, 2160), (2160, 3840)])
@pytest.mark.parametrize("covariance", [(0.0, 0.0, 0.0), (1e-2, 5e-3, 1e-2)])
def test_it_fits_the_frame_with_its_margins_and_nothing_is_cut_off(
    size: tuple[int, int], covariance: tuple[float, float, float]
) -> None:
    image = drawn(covariance, size)
    assert image is not None
    height, width, _ = image.shape
    assert width <= size[0] - 2 * caption_margin_px(size)
    assert 14 <= height <= 0.16 * size[1]
    letters = (image[..., :3] > 200).all(-1)
    assert letters.any()
    rows, columns = np.nonzero(letters)
    assert rows.min() > 1 and rows.max() < height - 2
    assert columns.max() < width - height // 6, "the last letter ends before the plate does"


def test_a_frame_too_small_to_read_carries_none() -> None:
    assert drawn((0.01, 0.0, 0.01), (64, 64)) is None
    assert drawn((0.01, 0.0, 0.01), (400, 20)) is None


def test_a_display_may_ask_for_larger_letters() -> None:
    usual, large, short = (
        drawn((0.01, 0.0, 0.01), (width, 480), em) for width, em in ((640, 12.0), (640, 24.0), (240, 24.0))
    )
    assert usual is not None and large is not None and short is not None
    assert large.shape[0] == pytest.approx(2 * usual.shape[0], abs=2)
    assert short.shape[1] <= 240 - 2 * caption_margin_px((240, 480)), "but no larger than fit"


def test_the_ellipse_turns_with_the_filter_and_grows_with_its_variance() -> None:
    def amber(covariance: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
        image = drawn(covariance, (3840, 2160))
        assert image is not None
        glyph = image[:, : image.shape[0]].astype(int)
        rows, columns = np.nonzero((glyph[..., 0] - glyph[..., 2] > 80) & (glyph[..., 3] > 200))
        return rows - rows.mean(), columns - columns.mean()

    down, along = amber((1e-1, 0.0, 1e-5))
    assert np.ptp(along) > 3 * np.ptp(down)
    down, along = amber((0.05, 0.0499, 0.05))
    assert np.corrcoef(down, along)[0, 1] > 0.5, "positive xy leans down to the right, as y points down"
    extents = [np.ptp(amber((variance, 0.0, variance))[0]) for variance in (0.0, 1e-5, 1e-3, 1e-1, 1.0)]
    assert extents == sorted(extents) and extents[0] < extents[1] < extents[-1]
