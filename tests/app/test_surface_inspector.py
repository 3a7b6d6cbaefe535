"""What is told of points of models and of radiance fields, from what their pictures hold."""

from __future__ import annotations

import math

import numpy as np
import pytest

from app.camera.camera import Camera, point_seen
from app.scenes.radiance.inspector import point_at, seen_at
from app.scenes.radiance.pictures import RadiancePictures, flying_camera
from app.scenes.textured_mesh.controls import PIXEL_VARIANCE, TexturedMeshControls
from app.scenes.textured_mesh.inspector import rows_at

CAMERA = Camera.looking_at((0.1, 0.0, 0.0), (1.0, 0.6, 2.0), 35.0)


def test_of_a_model_texture_footprint_and_colours_are_told() -> None:
    controls = TexturedMeshControls(left="neural", right="supersampled", layout="two_up")
    jacobian = np.array([[0.0, 4 / 256], [1 / 128, 0.0]])  # four texels a pixel down, one across
    colours = {"neural": np.array([0.5, 0.25, 0.125]), "supersampled": np.array([0.25, 0.25, 0.25])}
    rows = dict(
        rows_at(
            np.array([0.1, -0.2, 0.0]), np.array([0.0, 0.0, 1.0]), np.array([0.5, 0.75]), jacobian, (256, 128),
            "neural", colours, controls,
        )
    )  # fmt: skip
    pixel = math.sqrt(PIXEL_VARIANCE["gaussian"])
    assert rows["texel"] == "128.0, 32.0" and rows["u, v"] == "0.5000, 0.7500"
    assert rows["footprint, σ"] == f"{4 * pixel:.3g} by {pixel:.3g} texels"  # noqa: RUF001
    assert rows["neural"] == "0.500  0.250  0.125" and rows["supersampled"] == "0.250  0.250  0.250"
    assert rows["error"] == "+0.0417"


def test_of_a_radiance_field_the_point_is_where_its_depth_says() -> None:
    camera = flying_camera(CAMERA, (80, 60))
    depth = np.zeros((30, 40), np.float32)  # half as fine as the frame
    depth[10, 25] = 1.7
    colour = np.zeros((30, 40, 3), np.float32)
    colour[10, 25] = 0.5, 0.25, 0.75
    pictures = RadiancePictures(camera, (80, 60), {"colour": colour}, 1200, depth)
    share = (25.5 / 40, 10.5 / 30)
    seen = seen_at(pictures, (80, 60), "colour", share)
    assert seen.point == pytest.approx(point_seen(CAMERA, (80, 60), share, 1.7))
    assert point_at(camera, share, 1.7) == pytest.approx(seen.point)
    rows = dict(seen.rows)
    assert rows["distance"] == "1.7000" and rows["colour"] == "0.500  0.250  0.750"
    assert seen_at(pictures, (80, 60), "colour", (0.1, 0.1)) is None, "there is nothing"
    assert seen_at(pictures, (80, 60), "density", share) is None
