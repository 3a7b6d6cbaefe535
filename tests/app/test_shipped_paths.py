"""The paths of the scale-space publication's figures that come with the program."""

from __future__ import annotations

import pytest

from app.path.path_file import read_path
from app.resources import asset_path
from app.scenes.picture.controls import Controls
from app.scenes.shape.controls import ShapeControls


def test_paths_of_the_publications_figures_say_what_they_show() -> None:
    cut, fovea = (read_path(asset_path(f"picture_{name}.json")) for name in ("anisotropic", "foveation"))
    shown = cut.at(0.0)
    assert isinstance(shown, Controls) and shown.layout == "cut" and shown.right == "error"
    assert shown.covariance != cut.at(1.0).covariance  # type: ignore[attr-defined]
    sharp = fovea.at(0.0)
    assert isinstance(sharp, Controls) and (sharp.foveated, sharp.fovea_radius, sharp.falloff_power) == (True, 0.35, 3)
    mesh = read_path(asset_path("mesh_video.json"))
    assert len(mesh.frame_times()) == 541
    for frame, logs in ((180, (-3, -3)), (240, (-3, -5)), (360, (-5, -5)), (540, (-7, -7))):
        controls = mesh.at(frame / 60)
        assert isinstance(controls, ShapeControls)
        x, _, _, y, _, _ = controls.covariance
        assert (x, y) == pytest.approx([10.0**log for log in logs], rel=0.02)
