"""Error maps: the numbers of their scales dragged along these, FLIP among their metrics, and histograms."""

from __future__ import annotations

from pathlib import Path

import flip_evaluator
import numpy as np
import pytest
from driving import document_of, driven
from waves import COLOUR_FACTS, Waves

from app.compare import FLIP
from app.histogram import BINS
from app.plane.flip import with_flip
from app.plane.histogram import histograms_of
from app.plane.layers import Layer
from app.scale_bar import ScaleBar
from app.scenes.picture.controls import Controls
from app.scenes.picture.state import pictures
from fieldcore.evaluation import Grid

GRID = Grid((48, 32), (-1.0, -0.5), (1.0, 0.5))
BAR = ScaleBar((100, 40, 200, 10))


def layer(values: np.ndarray) -> Layer:
    return Layer(values.astype(np.float32), GRID, COLOUR_FACTS)


@pytest.fixture
def layers() -> dict[str, Layer]:
    rng = np.random.default_rng(0)
    truth = rng.random((32, 48, 3))
    return {"field": layer((truth + 0.1 * rng.normal(size=truth.shape)).clip(0, 1)), "truth": layer(truth)}


@pytest.mark.parametrize(
    ("bar", "start", "end", "most"),
    [
        (BAR, 200.0, 250.0, 0.4 * 0.5 / 0.75),
        (BAR, 250.0, 110.0, 0.4 * 0.75 / 0.05),
        (ScaleBar(BAR.box, signed=True), 250.0, 300.0, 0.2),
        (ScaleBar(BAR.box, signed=True), 150.0, 100.0, 0.2),
    ],
)
def test_the_number_under_the_hand_goes_with_it(bar: ScaleBar, start: float, end: float, most: float) -> None:
    assert bar.dragged(0.4, start, end) == pytest.approx(most)


def test_a_drag_along_the_scale_sets_the_largest_error_and_moves_nothing_else(tmp_path: Path) -> None:
    with driven(tmp_path) as session:
        state = pictures(session)
        state.take_document(document_of(Waves()))
        state.scale_bars = lambda: (BAR,)
        center = state.controls.center
        session.cursor = (200.0, 45.0)
        assert state.marks is not None, "under the cursor its edge is lit"
        state.press_button((200.0, 45.0))
        state.move((250.0, 90.0))
        assert state.controls.error_range == pytest.approx(0.1 * 0.5 / 0.75, rel=0.01)
        state.move((100.0, 90.0))
        assert state.controls.error_range == 0.5, "within what the panel's slider reaches"
        state.release_button()
        state.move((300.0, 45.0))
        assert state.controls.error_range == 0.5 and state.controls.center == center


def test_flip_is_found_where_a_pane_shows_it(layers: dict[str, Layer]) -> None:
    shown = Controls(field="field", left="error", metric="flip")
    found = with_flip(layers, shown)[FLIP]
    one, truth = (np.asarray(layers[name].values) for name in ("field", "truth"))
    assert float(np.mean(found.values)) == pytest.approx(flip_evaluator.evaluate(truth, one, "LDR")[1], rel=1e-4)
    assert found.values.shape == (32, 48, 1) and found.grid == GRID
    assert not np.any(with_flip({**layers, "field": layers["truth"]}, shown)[FLIP].values), "of two alike"
    for other in (Controls(field="field", metric="flip"), Controls(field="field", left="error")):
        assert FLIP not in with_flip(layers, other)


def test_histograms_count_every_value_once(layers: dict[str, Layer]) -> None:
    flat = layer(np.full((32, 48, 3), 0.25))
    found = histograms_of({"field": flat, "truth": layers["truth"]}, "field")
    middles, shares = found.values["G"]
    assert shares.sum() == pytest.approx(1) and len(shares) == BINS
    assert middles[shares.argmax()] == pytest.approx(0.25, abs=1 / BINS)
    error, shares = histograms_of(layers, "field").error
    difference = (np.asarray(layers["field"].values) - np.asarray(layers["truth"].values)).mean(2)
    assert (error * shares).sum() == pytest.approx(difference.mean(), abs=2e-3)
    assert histograms_of({"truth": flat}, "field") is None
