from __future__ import annotations

import subprocess
import sys

import numpy as np

from app.gl.colormap import magma


def lightness(colours: np.ndarray) -> np.ndarray:
    """CIE L* of display-encoded colours."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    luminance = linear @ np.array([0.2126, 0.7152, 0.0722])
    return np.where(luminance > (6 / 29) ** 3, 116 * np.cbrt(luminance) - 16, (29 / 3) ** 3 * luminance)


def test_it_runs_evenly_from_black_to_nearly_white() -> None:
    colours = magma()
    assert colours.shape == (256, 3) and colours.min() >= 0 and colours.max() <= 1
    light = lightness(colours)
    assert light[0] < 1 and light[-1] > 95
    steps = np.diff(light)
    assert steps.min() > 0
    assert steps.max() < 2 * steps.mean(), "no step is much larger to the eye than another"


def test_it_needs_matplotlib_only_when_called_and_never_its_windows() -> None:
    program = (
        "import sys, app.gl.colormap\n"
        "assert 'matplotlib' not in sys.modules\n"
        "app.gl.colormap.magma()\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
