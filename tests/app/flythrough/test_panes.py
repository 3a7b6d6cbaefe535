from __future__ import annotations

import pytest

from app.scenes.textured_mesh.controls import FlightControls
from app.scenes.textured_mesh.panes import pane_boxes, pane_sizes, shown_shadings


@pytest.mark.parametrize(
    "options, expected",
    [
        ({"comparison": "one", "shading": "neural"}, ("neural",)),
        ({"comparison": "wipe", "shading": "shader", "other": "mipmap"}, ("shader", "mipmap")),
        ({"comparison": "two_up", "shading": "uv", "other": "uv"}, ("uv", "uv")),
        ({"comparison": "four", "shading": "shader"}, ("single", "mipmap", "supersampled", "shader")),
        ({"comparison": "four", "shading": "mipmap"}, ("single", "mipmap", "supersampled", "neural")),
        ({"comparison": "error", "shading": "single"}, ("single", "supersampled")),
    ],
)
def test_what_comparisons_show(options: dict, expected: tuple[str, ...]) -> None:
    controls = FlightControls("model", **options)
    assert shown_shadings(controls) == expected
    assert len(pane_boxes(controls, (90, 60))) == len(expected)
    assert set(pane_sizes(controls, (90, 60))) == set(expected)


def test_panes_lie_side_by_side_and_fill_the_frame_but_for_an_odd_pixel() -> None:
    assert pane_boxes(FlightControls("m", comparison="one"), (91, 61)) == ((0, 0, 91, 61),)
    assert pane_boxes(FlightControls("m", comparison="wipe"), (91, 61)) == ((0, 0, 91, 61),) * 2
    assert pane_boxes(FlightControls("m", comparison="error"), (91, 61)) == ((0, 0, 91, 61),) * 2
    assert pane_boxes(FlightControls("m", comparison="two_up"), (91, 61)) == ((0, 0, 45, 61), (46, 0, 45, 61))
    assert pane_boxes(FlightControls("m", comparison="four"), (90, 60)) == (
        (0, 0, 45, 30),
        (45, 0, 45, 30),
        (0, 30, 45, 30),
        (45, 30, 45, 30),
    )
    assert pane_sizes(FlightControls("m", comparison="four"), (91, 61))["mipmap"] == (45, 30)
    assert pane_sizes(FlightControls("m", comparison="four"), (1, 1))["mipmap"] == (1, 1)
