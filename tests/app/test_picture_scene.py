from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest
from waves import COLOUR_FACTS, GREY_FACTS, LINEAR_FACTS, Spot, Waves

from app.gl.handover import Handover
from app.gl.offscreen import Offscreen
from app.plane.compositor import PlaneCompositor
from app.plane.layers import Layer, Sources
from app.plane.renderer import PlaneRenderer
from app.plane.view import View, filter_seen
from app.record.frame_renderer import whole
from app.scenes.picture.checks import check_is_picture
from app.scenes.picture.controls import Controls
from app.work.asking import EvaluateHere
from fieldcore.errors import InputError
from fieldcore.evaluation import Grid, evaluate
from fieldcore.fields.field import Field
from fieldcore.images import display_from_linear
from fieldcore.signals import SignalFacts

SurfaceOf = Callable[[int, int], Offscreen]


def drawn(field: Field, surface: Offscreen, **controls) -> np.ndarray:
    renderer = PlaneRenderer(surface.context, Handover(surface.context, field.device), EvaluateHere())
    frame = whole(
        renderer.render(Sources(field), Controls(field="field", **{"caption": False, **controls}), surface.framebuffer)
    )
    renderer.release()
    assert frame.pixels is not None
    return frame.pixels


@pytest.mark.parametrize("facts", [COLOUR_FACTS, GREY_FACTS, LINEAR_FACTS], ids=["colour", "grey", "linear"])
@pytest.mark.parametrize("covariance", [(0.0, 0.0, 0.0), (0.002, 0.0, 0.002), (0.01, 0.003, 0.001)])
def test_every_pixel_is_the_field_evaluated_there(
    surface_of: SurfaceOf, facts: SignalFacts, covariance: tuple[float, float, float]
) -> None:
    field, surface = Waves(facts), surface_of(123, 77)
    controls = Controls(field="field", covariance=covariance, center=(0.1, -0.05), zoom=2.7)
    view = View.of(controls, facts, (123, 77))
    half = (123 / 2 * view.pixel_size, 77 / 2 * view.pixel_size)
    whole = Grid((123, 77), (0.1 - half[0], -0.05 - half[1]), (0.1 + half[0], -0.05 + half[1]))
    expected = evaluate(field, whole, filter_seen(controls, view)).numpy()
    if facts.encoding == "linear":
        expected = display_from_linear(expected)
    pixels = drawn(field, surface, covariance=covariance, center=(0.1, -0.05), zoom=2.7)
    assert pixels.shape == (77, 123, 3)
    assert np.abs(pixels / 255 - expected.clip(0, 1)).max() <= 1 / 255


def test_the_value_range_is_shown_from_black_to_white(surface_of: SurfaceOf) -> None:
    facts = dataclasses.replace(GREY_FACTS, value_range=(-1.0, 3.0), encoding="none")
    pixels = drawn(Waves(facts), surface_of(64, 32), covariance=(1.0, 0.0, 1.0))
    assert np.abs(pixels / 255 - (0.5 + 1) / 4).max() <= 1 / 255


@pytest.mark.parametrize("zoom", [1.0, 3.0, 9.0])
def test_a_feature_is_where_center_and_zoom_put_it(surface_of: SurfaceOf, zoom: float) -> None:
    place, center = (0.31, -0.17), (0.28, -0.15)
    pixels = drawn(Spot(place, 0.02), surface_of(320, 200), center=center, zoom=zoom)
    rows, columns = np.nonzero((pixels > 200).all(-1))
    pixel_size = 2 / 320 / zoom
    expected = [(place[k] - center[k]) / pixel_size + (160, 100)[k] for k in (0, 1)]
    assert columns.mean() + 0.5 == pytest.approx(expected[0], abs=0.5)
    assert rows.mean() + 0.5 == pytest.approx(expected[1], abs=0.5)
    assert len(rows) == pytest.approx(np.pi * (0.02 / pixel_size) ** 2, rel=0.1)


def test_outside_the_picture_is_a_dark_neutral_ground_with_a_border(surface_of: SurfaceOf) -> None:
    pixels = drawn(Waves(), surface_of(640, 480), zoom=0.8).astype(int)
    left, top = 64, 112  # 640 x 0.8 = 512 wide, 256 high, centred
    ground = np.ones((480, 640), dtype=bool)
    ground[top - 1 : 480 - top + 1, left - 1 : 640 - left + 1] = False
    assert pixels[ground].max() < 45
    assert (np.ptp(pixels[ground], axis=-1) < 12).all()
    border = pixels[top - 1, left:-left]
    assert (border.min(-1) > 60).all() and (border.max(-1) < 100).all()
    assert pixels[0, 0].sum() > pixels[480 - top + 8, 320].sum(), "the picture throws a shadow"


def test_a_picture_out_of_sight_leaves_the_ground(surface_of: SurfaceOf) -> None:
    assert drawn(Waves(), surface_of(64, 48), center=(40.0, 0.0)).max() < 45


def test_a_distant_picture_is_averaged_over_each_pixel_instead_of_aliasing(surface_of: SurfaceOf) -> None:
    field = Waves(dataclasses.replace(COLOUR_FACTS, resolution=(640, 320)))
    pixels = drawn(field, surface_of(64, 48), zoom=0.2)[22:26, 28:36] / 255
    half = (4 * 2 / 64 / 0.2, 2 * 2 / 64 / 0.2)
    fine = evaluate(field, Grid((8 * 32, 4 * 32), (-half[0], -half[1]), half)).detach().numpy()
    averaged = fine.reshape(4, 32, 8, 32, 3).mean((1, 3))
    sampled = evaluate(field, Grid((8, 4), (-half[0], -half[1]), half)).detach().numpy()
    assert np.abs(pixels - averaged).max() < 0.1
    assert np.abs(sampled - averaged).max() > 0.15


def test_coarse_values_fill_the_same_place_as_fine_ones(surface_of: SurfaceOf) -> None:
    surface, field, controls = (
        surface_of(96, 48),
        Waves(),
        Controls(field="field", covariance=(0.01, 0.0, 0.01), caption=False),
    )
    scene = PlaneCompositor(surface.context)
    whole = Grid((96, 48), (-1.0, -0.5), (1.0, 0.5))
    pictures = []
    for grid in (whole, whole.coarsened(2)):
        scene.show({"field": Layer(evaluate(field, grid, controls.filter).numpy(), grid, field.facts)})
        scene.upload()
        scene.draw(surface.framebuffer, controls)
        pictures.append(surface.pixels().astype(int))
    scene.release()
    assert np.abs(pictures[0] - pictures[1])[2:-2, 2:-2].max() <= 3


def test_the_caption_changes_only_its_corner(surface_of: SurfaceOf) -> None:
    surface, field = surface_of(640, 360), Waves()
    plain = drawn(field, surface, covariance=(0.01, 0.002, 0.001), zoom=2.0)
    captioned = drawn(field, surface, covariance=(0.01, 0.002, 0.001), zoom=2.0, caption=True)
    rows, columns = np.nonzero((plain != captioned).any(-1))
    assert rows.min() > 360 * 0.85 and rows.max() < 360 - 8
    assert columns.min() > 8 and columns.max() < 640 * 0.6
    assert (captioned[rows.min() :, : columns.max()] > 225).all(-1).sum() > 50, "its letters are bright"


@pytest.mark.parametrize("change", [{"channels": 2}, {"half_extent": (1.0, 1.0, 1.0), "resolution": ()}])
def test_a_field_that_is_no_picture_is_refused(change: dict) -> None:
    facts = dataclasses.replace(COLOUR_FACTS, **change)
    with pytest.raises(InputError, match=r"shows 2-D fields of 1 or 3 channels, got [23]-D of [23]"):
        check_is_picture(facts)
