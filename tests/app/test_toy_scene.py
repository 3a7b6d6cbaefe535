"""A scene that is registered by one line is in the window, in recordings, without a window, in help and docs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from screen import ROOT, Program, lay_out, own_process, rendered_again

TOY = Path(__file__).with_name("toy_scene.py")
VIEW = (300, 200)
COUNT = 5


@pytest.fixture
def stripes(tmp_path: Path) -> Path:
    """A file that the scene opens."""
    file = tmp_path / "a.toy"
    file.write_text(str(COUNT))
    return file


def said_by(*arguments: str) -> str:
    """Standard output of Python with the toy on its path."""
    environment = {"PYTHONPATH": f"{ROOT}:{TOY.parent}"}
    process = own_process(arguments, env=environment)
    printed, errors = process.communicate()
    assert process.returncode == 0, errors
    return printed


def shades(contrast: float) -> np.ndarray:
    """The stripes across the view, unfiltered, in [0, 1]."""
    x = (np.arange(VIEW[0]) + 0.5) / VIEW[0] * 2 - 1
    return 0.5 + contrast / 2 * np.cos(np.pi * COUNT * x)


def test_it_is_short_and_in_help_docs_and_command_lines(tmp_path: Path) -> None:
    assert len(TOY.read_text().splitlines()) <= 100
    help_page = said_by(str(TOY), "--help")
    assert "in the window: toys" in help_page and "--blur" in help_page
    registered = "import app.scenes, toy_scene; app.scenes.SCENES += (toy_scene.Toy(),);"
    asking = "from app.reference import reference; from app.actions import BY_KEY; print(reference())"
    page = said_by("-c", f"{registered} {asking}; print('X:', BY_KEY['toy']['X'].meaning)")
    assert "## Toys" in page and "| blur | `--blur` | how much is averaged over |" in page
    assert "right of a divider" in page.rpartition("X:")[2]


@pytest.mark.long
def test_it_is_shown_compared_recorded_and_rendered_again(display: str, tmp_path: Path, stripes: Path) -> None:
    lay_out(tmp_path, VIEW)
    program = Program(display, tmp_path, str(stripes), "--blur", "0", program=(str(TOY),), start=own_process)
    try:
        ready = program.wait_for("ready")
        assert "blur" in ready["widgets"], "it is in the panel"
        program.shown_at_first(layout="one", left="field")
        row = program.view(ready)[VIEW[1] // 2, :, 0] / 255
        assert np.abs(row - shades(0.8)).max() < 0.03
        program.key("x")
        program.wait_for("shown", layout="wipe")
        row = program.view(ready)[VIEW[1] // 3, :, 0] / 255
        half = VIEW[0] // 2 - 10
        assert np.abs(row - shades(0.8))[:half].max() < 0.03 and np.abs(row - shades(1.0))[-half:].max() < 0.03
        program.key("r")
        program.wait_for_frames(2)
        program.key("0", "g")
        program.wait_for("shown", left="truth")
        program.wait_for_frames(5)
        program.key("r")
        for recorded, rendered in rendered_again(program, tmp_path, VIEW, least=5):
            assert np.array_equal(recorded, rendered)
    finally:
        program.kill()
