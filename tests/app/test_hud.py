"""What is laid over the window: banners keep off the labels of every layout."""

from __future__ import annotations

import numpy as np
import pytest

from app.compositor import Layout
from app.gl.overlays import banner_image, caption_margin_px, label_em_px, label_image
from app.window.hud_scene import below, label_bands, rule_image

SIZES = [(320, 240), (904, 904), (1600, 981), (2560, 1440), (1440, 2560)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("ratio", [1.0, 2.0])
@pytest.mark.parametrize(("layout", "tops"), [("one", 1), ("wipe", 1), ("two_up", 1), ("four", 2)])
def test_labels_lie_within_their_bands(layout: Layout, tops: int, size: tuple[int, int], ratio: float) -> None:
    bands = label_bands(layout, size, ratio)
    label = label_image("a field", label_em_px(size, ratio))
    assert len(bands) == tops
    for first, last in bands:
        assert last >= first + caption_margin_px(size) + len(label)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("layout", ["one", "two_up", "four"])
def test_however_many_banners_there_are_none_covers_a_band(layout: Layout, size: tuple[int, int]) -> None:
    banner = banner_image("recording 3.1 s, 4 of 93 frames written", "recording", 14.0, size)
    assert banner is not None
    bands, top = label_bands(layout, size, 1.0), 0.0
    for _ in range(20):
        top = below(bands, top, float(len(banner)))
        assert all(top >= last or top + len(banner) <= first for first, last in bands)
        top += len(banner) + 7


def test_a_line_between_panes_is_opaque() -> None:
    rule = rule_image((2, 50))
    assert rule.shape == (50, 2, 4) and (rule[..., 3] == 255).all()
    assert len(np.unique(rule.reshape(-1, 4), axis=0)) == 1
