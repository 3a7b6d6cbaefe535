from __future__ import annotations

import math

import numpy as np
import pytest
from counting import calls_of
from hypothesis import given, settings
from hypothesis import strategies as st

from app.covariance import VARIANCE_FLOOR, Covariance, covariance_from_log, log_coordinates
from app.path.keyframes import KeyframePath
from app.path.timeline import Keyframe
from app.scenes.picture.controls import Controls


def motion(*keyframes: Keyframe, closed: bool = False) -> KeyframePath[Controls]:
    return KeyframePath(Controls(field="field"), keyframes, closed=closed)


def isotropic(variance: float) -> Covariance:
    return (variance, 0.0, variance)


def matrix(covariance: Covariance) -> np.ndarray:
    xx, xy, yy = covariance
    return np.array([[xx, xy], [xy, yy]])


@st.composite
def covariances(draw: st.DrawFn) -> Covariance:
    large, small = (10 ** draw(st.floats(-9, 0)) for _ in range(2))
    angle_rad = draw(st.floats(0, math.pi))
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return (c * c * large + s * s * small, c * s * (large - small), s * s * large + c * c * small)


@given(covariances())
def test_log_coordinates_are_the_matrix_logarithm_and_have_an_inverse(covariance: Covariance) -> None:
    values, axes = np.linalg.eigh(matrix(covariance))
    logarithm = axes @ np.diag(np.log(np.maximum(values, VARIANCE_FLOOR))) @ axes.T
    log_size, *stretches = log_coordinates(covariance)
    cosine, sine = (stretch / math.sqrt(2) for stretch in stretches)
    expected = [[log_size + cosine, sine], [sine, log_size - cosine]]
    np.testing.assert_allclose(expected, logarithm, atol=1e-5)
    back = matrix(covariance_from_log(log_coordinates(covariance)))
    np.testing.assert_allclose(back, matrix(covariance), atol=2 * VARIANCE_FLOOR, rtol=1e-7)


@settings(deadline=None, max_examples=50)
@given(st.lists(covariances(), min_size=2, max_size=5), st.booleans(), st.floats(0, 1))
def test_the_filter_never_leaves_the_positive_matrices(keyed: list[Covariance], closed: bool, share: float) -> None:
    keyframes = [Keyframe(float(k), covariance=covariance) for k, covariance in enumerate(keyed)]
    path = motion(*keyframes, Keyframe(float(len(keyed))), closed=closed)
    between = path.at(share * len(keyed)).covariance
    smallest, largest = np.linalg.eigvalsh(matrix(between))
    assert smallest >= -1e-12 * largest
    log_sizes = [log_coordinates(covariance)[0] for covariance in keyed]
    assert min(log_sizes) - 1e-6 <= log_coordinates(between)[0] <= max(log_sizes) + 1e-6, "the area overshoots"


def test_halfway_between_two_variances_is_their_geometric_mean() -> None:
    path = motion(Keyframe(0.0, covariance=isotropic(1e-5)), Keyframe(2.0, covariance=isotropic(1e-1)))
    assert path.at(1.0).covariance == pytest.approx(isotropic(1e-3))


def test_halfway_between_crossed_streaks_is_round() -> None:
    path = motion(Keyframe(0.0, covariance=(1e-2, 0.0, 1e-4)), Keyframe(1.0, covariance=(1e-4, 0.0, 1e-2)))
    assert path.at(0.5).covariance == pytest.approx(isotropic(1e-3))


def test_zero_variance_is_exactly_zero_and_fades_in_from_the_floor() -> None:
    path = motion(Keyframe(0.0, covariance=isotropic(0.0)), Keyframe(1.0, covariance=isotropic(1e-2)))
    assert path.at(0.0).covariance == isotropic(0.0)
    assert path.at(0.5).covariance == pytest.approx(isotropic(math.sqrt(VARIANCE_FLOOR * 1e-2)))
    assert path.at(1e-3).covariance[0] < 1.1 * VARIANCE_FLOOR
    streak = motion(Keyframe(0.0, covariance=(1e-2, 0.0, 0.0)), Keyframe(1.0, covariance=(1e-2, 0.0, 0.0)))
    assert streak.at(0.5).covariance == pytest.approx((1e-2, 0.0, 0.0), abs=1e-15)


def test_isotropic_keyframes_stay_exactly_isotropic() -> None:
    path = motion(
        Keyframe(0.0, covariance=isotropic(3e-5)),
        Keyframe(1.0, covariance=isotropic(7e-2)),
        Keyframe(3.0, covariance=isotropic(1e-3)),
    )
    for time in np.linspace(0, 3, 17):
        xx, xy, yy = path.at(time).covariance
        assert (xx, xy) == (yy, 0.0)


def test_the_scale_does_not_overshoot_and_rests_between_equal_keyframes() -> None:
    keyed = [1e-5, 1e-1, 1e-1, 1e-4]
    path = motion(*(Keyframe(float(k), covariance=isotropic(variance)) for k, variance in enumerate(keyed)))
    rising = [path.at(time).covariance[0] for time in np.linspace(0, 1, 50)]
    assert (np.diff(rising) > 0).all()
    assert {path.at(time).covariance[0] for time in np.linspace(1, 2, 9)} == {path.at(1.0).covariance[0]}
    falling = [path.at(time).covariance[0] for time in np.linspace(2, 3, 50)]
    assert (np.diff(falling) < 0).all()


def test_every_keyframe_is_met() -> None:
    keys = [
        Keyframe(1.0, covariance=(1e-2, 3e-3, 2e-3), center=(0.5, -0.2), zoom=1.0),
        Keyframe(2.0, covariance=None, center=(0.1, 0.3), zoom=20.0),
        Keyframe(4.0, covariance=isotropic(1e-4), center=(-0.4, 0.0), zoom=0.5),
    ]
    path = motion(*keys)
    for key in keys:
        shown = path.at(key.time)
        assert (shown.center, shown.zoom) == (key.center, key.zoom)
        assert key.covariance is None or shown.covariance == key.covariance
    assert (path.at(0.0).zoom, path.at(9.0).covariance) == (1.0, isotropic(1e-4))


def test_a_keyframe_without_a_filter_or_without_a_view_lets_it_run_on() -> None:
    path = motion(
        Keyframe(0.0, covariance=isotropic(1e-4), zoom=1.0),
        Keyframe(1.0, zoom=4.0),
        Keyframe(2.0, covariance=isotropic(1e-2)),
        Keyframe(3.0, zoom=64.0),
    )
    without = motion(Keyframe(0.0, zoom=1.0), Keyframe(1.0, zoom=4.0), Keyframe(3.0, zoom=64.0))
    assert path.at(1.0).covariance == pytest.approx(isotropic(1e-3))
    assert path.at(2.0).zoom == without.at(2.0).zoom > 4.5
    assert path.at(3.0).covariance == path.at(2.0).covariance
    assert without.at(1.3).covariance == isotropic(0.0)


def test_center_or_zoom_left_out_keeps_that_of_the_view_before() -> None:
    path = motion(Keyframe(0.0, center=(0.3, 0.0)), Keyframe(1.0, zoom=16.0), Keyframe(2.0, center=(0.0, 0.1)))
    assert path.at(0.0).zoom == 1.0
    assert path.at(1.0).center == (0.3, 0.0)
    assert path.at(2.0).zoom == pytest.approx(16.0)


def test_a_single_keyframe_and_the_time_outside_hold_still() -> None:
    assert motion(Keyframe(5.0, zoom=3.0)).at(5.0).zoom == pytest.approx(3.0)
    path = motion(Keyframe(0.0, zoom=1.0), Keyframe(1.0, zoom=8.0))
    slope = (path.at(1e-4).zoom - path.at(0.0).zoom) / 1e-4
    assert slope < 0.01, "an open path begins at rest"


@pytest.mark.parametrize(
    "read", [lambda c: math.log(c.covariance[0]), lambda c: math.log(c.zoom), lambda c: c.center[0]]
)
def test_a_closed_path_is_smooth_across_its_seam(read) -> None:
    path = motion(
        Keyframe(0.0, covariance=isotropic(1e-4), center=(0.0, 0.0), zoom=1.0),
        Keyframe(1.0, covariance=isotropic(1e-3), center=(0.2, 0.1), zoom=3.0),
        Keyframe(2.5, covariance=isotropic(1e-2), center=(0.3, 0.3), zoom=9.0),
        Keyframe(3.0, covariance=isotropic(1e-5), center=(-0.1, 0.2), zoom=0.7),
        Keyframe(4.0),
        closed=True,
    )
    step = 1e-5
    assert read(path.at(4.0)) == read(path.at(0.0)) == read(path.at(8.0))
    before, after = read(path.at(4 - step)), read(path.at(step))
    assert before == pytest.approx(read(path.at(0.0)), abs=1e-3)
    slopes = (read(path.at(0.0)) - before) / step, (after - read(path.at(0.0))) / step
    assert slopes[0] == pytest.approx(slopes[1], abs=1e-2)
    assert abs(slopes[0]) > 0.05 or read(path.at(0.0)) == 0


def test_a_closed_path_is_as_smooth_at_its_seam_as_if_it_began_elsewhere() -> None:
    zooms = [1.0, 2.0, 8.0, 3.0]
    one = motion(*(Keyframe(float(k), zoom=zoom) for k, zoom in enumerate(zooms)), Keyframe(4.0), closed=True)
    turned = motion(*(Keyframe(float(k), zoom=zooms[(k + 1) % 4]) for k in range(4)), Keyframe(4.0), closed=True)
    for time in np.linspace(0, 4, 13):
        assert one.at(time + 1).zoom == pytest.approx(turned.at(time).zoom)


def test_zooming_expands_the_picture_from_one_fixed_point_of_the_frame() -> None:
    """Between two keyframes the domain point that stays in place on the screen is the same throughout."""
    path = motion(Keyframe(0.0, center=(0.0, 0.0), zoom=1.0), Keyframe(1.0, center=(0.6, -0.3), zoom=100.0))
    fixed_x = 0.6 * 100 / 99  # where (x - center) * zoom agrees at both ends
    for time in (0.2, 0.5, 0.9):
        shown = path.at(time)
        assert 1 < shown.zoom < 100
        on_screen = (fixed_x - shown.center[0]) * shown.zoom
        assert on_screen == pytest.approx(fixed_x, rel=1e-6)


def test_a_dolly_through_several_keyframes_keeps_its_fixed_point() -> None:
    fixed = 0.5
    zooms = {0.0: 1.0, 1.0: 5.0, 1.5: 7.0, 4.0: 300.0}
    path = motion(*(Keyframe(time, center=(fixed - fixed / zoom, 0.0), zoom=zoom) for time, zoom in zooms.items()))
    for time in np.linspace(0, 4, 21):
        shown = path.at(time)
        assert (fixed - shown.center[0]) * shown.zoom == pytest.approx(fixed, rel=1e-9)
    assert path.at(1.2).zoom > path.at(1.1).zoom


def test_an_open_track_is_continuously_differentiable() -> None:
    path = motion(
        Keyframe(0.0, center=(0.0, 0.0), zoom=1.0),
        Keyframe(1.0, center=(0.4, 0.2), zoom=6.0),
        Keyframe(1.4, center=(0.5, 0.5), zoom=8.0),
        Keyframe(3.0, center=(0.6, 0.7), zoom=2.0),
    )
    step = 1e-5
    for key in (1.0, 1.4):
        before, at, after = (np.array(path.at(key + offset).center) for offset in (-step, 0, step))
        np.testing.assert_allclose((at - before) / step, (after - at) / step, atol=1e-3)
        assert (np.abs(after - before) > 0.02 * step).all()


def test_panning_at_a_steady_zoom_is_panning_over_time() -> None:
    path = motion(Keyframe(0.0, center=(0.0, 0.0), zoom=5.0), Keyframe(2.0, center=(1.0, 0.5)))
    assert path.at(1.0).center == pytest.approx((0.5, 0.25))


def test_what_is_keyed_comes_out_exactly_also_in_a_loop_that_begins_anywhere() -> None:
    keys = [
        Keyframe(0.1 + 0.7 * k, covariance=isotropic(1.1**-k), center=(k / 7, k / 3), zoom=1.3**k, divider=k / 9)
        for k in range(1, 9)
    ]
    start, end = Keyframe(0.1), Keyframe(0.1 + 0.7 * 9)
    path = motion(start, *keys, end, closed=True)
    for key in keys:
        shown = path.at(key.time)
        assert (shown.covariance, shown.center, shown.zoom, shown.divider) == (
            key.covariance, key.center, key.zoom, key.divider,
        )  # fmt: skip
    assert path.at(start.time) == path.at(end.time)


def test_a_hold_is_exact_throughout() -> None:
    held = isotropic(5e-9)
    path = motion(
        Keyframe(0.0, covariance=held, zoom=1.7),
        Keyframe(1.0, covariance=held, zoom=1.7),
        Keyframe(2.0, covariance=isotropic(1e-2)),
    )
    for moment in (-1.0, 0.0, 0.3, 1.0):
        assert (path.at(moment).covariance, path.at(moment).zoom) == (held, 1.7)
    assert path.at(1.001).covariance[0] < 1.01 * VARIANCE_FLOOR


def test_divider_and_gaze_move_smoothly_on_straight_lines() -> None:
    path = motion(
        Keyframe(0.0, divider=0.0, gaze=(-1.0, 0.0)),
        Keyframe(1.0),
        Keyframe(2.0, divider=1.0, gaze=(1.0, 0.5)),
        Keyframe(3.0, divider=1.0),
    )
    halfway = path.at(1.0)
    assert halfway.divider == pytest.approx(0.5)
    assert halfway.gaze == pytest.approx((0.0, 0.25))
    dividers = [path.at(moment).divider for moment in np.linspace(0, 2, 50)]
    assert (np.diff(dividers) > 0).all() and dividers[1] < 0.01, "it begins at rest"
    assert path.at(2.5).divider == 1.0
    assert path.at(3.0).gaze == (1.0, 0.5)
    assert motion(Keyframe(0.0)).at(0.0).divider == 0.5
    assert motion(Keyframe(0.0)).at(0.0).gaze == (0.0, 0.0)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=6), st.booleans(), st.floats(0, 1))
def test_the_divider_never_leaves_the_frame(keyed: list[float], closed: bool, share: float) -> None:
    keyframes = [Keyframe(float(k), divider=divider) for k, divider in enumerate(keyed)]
    between = motion(*keyframes, Keyframe(float(len(keyed))), closed=closed).at(share * len(keyed)).divider
    assert max(0, min(keyed) - 1e-12) <= between <= min(1, max(keyed) + 1e-12)


def test_comparison_and_foveation_are_held_until_the_next_that_names_them() -> None:
    path = motion(
        Keyframe(0.0),
        Keyframe(1.0, left="error", foveated=True),
        Keyframe(2.0, foveated=False),
        Keyframe(3.0, layout="wipe", left="field"),
    )
    moments = (-1.0, 0.9, 1.0, 2.0, 2.9, 3.0, 9.0)
    shown = [(c.layout, c.left, c.foveated) for c in map(path.at, moments)]
    assert shown == [
        ("one", "field", False), ("one", "field", False), ("one", "error", True), ("one", "error", False),
        ("one", "error", False), ("wipe", "field", False), ("wipe", "field", False),
    ]  # fmt: skip


def test_in_a_loop_what_is_held_begins_again() -> None:
    path = motion(Keyframe(0.0), Keyframe(1.0, left="error"), Keyframe(4.0, foveated=True), closed=True)
    assert [path.at(float(k)).left for k in range(6)] == ["field", "error", "error", "error", "field", "error"]
    assert path.at(0.5).foveated and path.at(-0.5).foveated, "the last keyframe is the first come round again"


def test_what_all_frames_share_comes_from_the_path() -> None:
    path = KeyframePath(
        Controls(field="field", caption=False, other="b", error_range=0.3, falloff=0.7), (Keyframe(0.0),)
    )
    shown = path.at(0.0)
    assert (shown.field, shown.other, shown.caption) == ("field", "b", False)
    assert (shown.error_range, shown.falloff) == (0.3, 0.7)
    assert motion(Keyframe(0.0)).at(0.0).other == ""


@pytest.mark.long
def test_a_path_twice_as_long_is_twice_the_work_to_build_and_no_more_to_ask() -> None:
    built, asked = [], []
    for count in (10, 1000, 2000):
        keys = [
            Keyframe(
                k / 30,
                covariance=(0.1, 0.05 * math.sin(k), 0.1),
                center=(math.sin(k), 0.0),
                zoom=2 + math.sin(k),
                gaze=(0.5, 0.0),
            )
            for k in range(count)
        ]
        paths = [motion(*keys)]
        built.append(calls_of(lambda path=paths[0]: path.at(0.0)))  # type: ignore[misc]
        asked.append(calls_of(lambda path=paths[0], end=keys[-1].time: path.at(0.7 * end)))  # type: ignore[misc]
    assert built[2] < 2.1 * built[1] and built[1] < 1000 * 1000, "with shapes checked"
    assert asked[2] < 1.2 * asked[1]
