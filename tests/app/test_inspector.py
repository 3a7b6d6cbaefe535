"""What is told of the point under the cursor, the truth while a key is held, and a pixel for a pixel."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from driving import document_of, driven
from waves import COLOUR_FACTS, Waves

from app.actions import press, release
from app.scenes.picture.state import pictures
from fieldcore.signals import Picture


def test_the_inspector_tells_what_is_there(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).random((32, 64, 3)).astype(np.float32)
    with driven(tmp_path) as session:
        state, document = pictures(session), document_of(Waves())
        document.attach(Picture(pixels, "waves"), "waves.png")
        state.take_document(document)
        session.framebuffer_px = (128, 64)
        press(session, "1")
        assert state.view.magnification == pytest.approx(1) and state.controls.zoom == pytest.approx(0.5)
        state.fit_view()
        assert state.inspected is None
        press(session, "Ctrl+I")
        session.cursor = (41.0, 21.0)
        session.until_quiet()
        rows = dict(state.inspected.rows)
        layers = state.evaluated.stage.layers
        value, truth = (np.asarray(layers[name].values)[21, 41] for name in ("field", "truth"))
        assert rows["field"] == "  ".join(f"{number:.4g}" for number in value)
        assert rows["truth"] == "  ".join(f"{number:.4g}" for number in truth)
        assert float(rows["error"].replace("−", "-")) == pytest.approx(float((value - truth).mean()), rel=0.01)  # noqa: RUF001
        assert rows["pixel"] == "20.5, 10.5" and rows["filter, σ"] == "0 px"  # noqa: RUF001
        state.change(covariance=(0.01, 0.0, 0.0025))
        assert dict(state.inspected.rows)["filter, σ"] == "3.2 by 1.6 px"  # noqa: RUF001
        state.press_button((41.0, 21.0))
        state.release_button()
        session.cursor = (5.0, 5.0)
        assert state.inspected.pinned and state.inspected.at == pytest.approx((41.0, 21.0))
        state.press_button((5.0, 5.0))
        state.release_button()
        session.cursor = (500.0, 5.0)
        assert state.inspected is None and COLOUR_FACTS.resolution == (64, 32)
        press(session, "G")
        press(session, "G", repeated=True)
        assert state.controls.left == "truth"
        release(session, "G")
        assert state.controls.left == "field", "shown only while its key is held"
        press(session, "G")
        release(session, "G")
        assert state.controls.left == "truth", "a tap stays"
