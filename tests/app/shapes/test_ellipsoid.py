"""The ellipsoid against the outline of its covariance, and the words beside it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from app.camera.camera import Camera
from app.covariance import covariance_matrix, distinct_variances
from app.gl.offscreen import Offscreen
from app.gl.overlays import scale_image, signed_number
from app.scenes.shape.controls import ShapeControls
from app.scenes.shape.ellipsoid import EllipsoidGizmo, axis_lengths
from app.scenes.shape.legend import caption_words, line_spacing

SurfaceOf = Callable[[int, int], Offscreen]
EM = 40.0
FRONT = Camera((0.0, 0.0, 3.0))


def drawn(surface: Offscreen, camera: Camera, covariance: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Where the ellipsoid is seen, and the middle of its square (x, y)."""
    surface.framebuffer.use()
    surface.framebuffer.clear()
    gizmo = EllipsoidGizmo(surface.context)
    left, top, width, height = gizmo.draw(surface.framebuffer, camera, covariance, EM, 10, 250)
    pixels = surface.pixels().astype(int)
    gizmo.release()
    gold = pixels[..., 0] > pixels[..., 2] + 12
    return gold, (left + width // 2, top + height // 2)


def turned(variances: tuple[float, float, float], angle_deg: float) -> np.ndarray:
    """Those variances along x, y, z, turned about z."""
    cosine, sine = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    axes = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    return axes @ np.diag(variances) @ axes.T


@pytest.mark.parametrize("angle_deg", [0.0, 30.0, 120.0])
def test_it_is_as_long_and_as_wide_as_it_should_be(surface_of: SurfaceOf, angle_deg: float) -> None:
    variances = (1e-1, 1e-3, 1e-2)
    gold, middle = drawn(surface_of(260, 260), FRONT, turned(variances, angle_deg))
    ring = 2.35 * EM
    long, short, _ = axis_lengths(np.array(variances)) * ring
    assert gold.sum() == pytest.approx(np.pi * long * short, rel=0.03)
    y, x = np.argwhere(gold).T
    moments = np.cov(np.stack([x, -y]))
    assert np.linalg.eigvalsh(moments) == pytest.approx([short**2 / 4, long**2 / 4], rel=0.05)
    direction = np.linalg.eigh(moments)[1][:, 1]
    expected = np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    assert abs(direction @ expected) > 0.999, "x to the right, y up"
    assert (x.mean(), y.mean()) == pytest.approx(middle, abs=1)


def test_it_turns_with_the_camera(surface_of: SurfaceOf) -> None:
    covariance = np.diag((1e-1, 1e-3, 1e-3))
    widths = []
    for position in ((0.0, 0.0, 3.0), (3.0, 0.0, 0.0)):  # the long axis across, then towards us
        gold, _ = drawn(surface_of(260, 260), Camera.looking_at((0.0, 0.0, 0.0), position), covariance)
        widths.append(np.ptp(np.nonzero(gold)[1]))
    lengths = axis_lengths(np.array((1e-1, 1e-3))) * 2 * 2.35 * EM
    assert widths == pytest.approx(list(lengths), abs=3)


def test_flat_ones_and_points_can_be_seen(surface_of: SurfaceOf) -> None:
    flat, _ = drawn(surface_of(260, 260), FRONT, np.diag((1e-2, 0.0, 0.0)))
    assert 1000 < flat.sum() < 3000
    point, _ = drawn(surface_of(260, 260), FRONT, np.zeros((3, 3)))
    assert 30 < point.sum() < 200


def test_variances_in_words() -> None:
    assert distinct_variances((0.0,) * 6) == (0.0,)
    assert distinct_variances((1e-3, 0.0, 0.0, 1e-3, 0.0, 1e-3)) == (1e-3,)
    assert distinct_variances((1e-3, 0.0, 0.0, 1e-2, 0.0, 0.0)) == pytest.approx((1e-2, 1e-3, 0))
    mixed = distinct_variances((2.0, 1.0, 0.0, 2.0, 0.0, 0.5))
    assert mixed == pytest.approx((3, 1, 0.5))
    assert covariance_matrix((1.0, 2.0, 3.0, 4.0, 5.0, 6.0)).tolist() == [[1, 2, 3], [2, 4, 5], [3, 5, 6]]


def test_the_caption_says_what_is_not_as_usual() -> None:
    def text(controls: ShapeControls, spacing: float | None = None) -> str:
        return "".join(words for words, _ in caption_words(controls, spacing))

    assert text(ShapeControls(field="field")).split() == ["variance", "0"]
    controls = ShapeControls(field="field", covariance=(1e-3, 0.0, 0.0, 1e-3, 0.0, 1e-3), level=-0.05)
    assert "level  −0.05" in text(controls) and "lines every  0.1" in text(controls, 0.1)  # noqa: RUF001


def test_numbers_have_their_sign() -> None:
    assert [signed_number(value) for value in (0.0, 0.02, -10.0, 2e-5)] == ["0", "+0.02", "−10", "+2.0 × 10⁻⁵"]  # noqa: RUF001


@pytest.mark.parametrize("height", [180, 360, 1080])
@pytest.mark.parametrize("away", [0.3, 3.0, 20.0])
def test_lines_are_apart_by_a_round_number_and_some_pixels(height: int, away: float) -> None:
    camera = Camera((0.0, 0.0, away))
    spacing = line_spacing(camera, height, (2, 0.0))
    digits = f"{spacing:.6e}".split("e")[0].rstrip("0").rstrip(".")
    assert digits in ("1", "2", "5")
    pixel = 2 * np.tan(np.radians(camera.fov_deg) / 2) * away / height
    assert 11 <= spacing / pixel < 28


def test_scales_have_their_colours_and_room_for_numbers() -> None:
    image = scale_image("mean curvature", "signed", 10.0, 14.0)
    bar = image[:, :, :3].astype(int)
    blue = np.argwhere(bar[..., 2] > bar[..., 0] + 60)
    red = np.argwhere(bar[..., 0] > bar[..., 2] + 60)
    assert blue[:, 1].max() < red[:, 1].min(), "negative at the left"
    assert image.shape[1] < 20 * 14
