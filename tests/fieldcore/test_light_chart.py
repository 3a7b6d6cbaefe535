"""The chart of light directions, and weights of lights: by closed form and by law."""

from __future__ import annotations

import numpy as np
import pytest
from stages import spread_lights

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.lights.chart import FULL_SPHERE_SCALE, angles_deg
from fieldcore.lights.hats import Hats
from fieldcore.lights.kriging import Kriging, KrigingSettings, leave_one_out
from fieldcore.lights.polynomials import Hsh, Ptm
from fieldcore.lights.quadrature import gaussian_points

RNG = np.random.default_rng(3)
SLANTED = np.array([[1e-2, 4e-3], [4e-3, 2e-2]])


def directions(count: int) -> np.ndarray:
    found = RNG.normal(size=(count, 3))
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_directions_come_back_from_the_chart() -> None:
    for scale in (1.0, FULL_SPHERE_SCALE):
        there = fc.chart_from_direction(directions(1000), scale)
        again = fc.chart_from_direction(fc.direction_from_chart(there, scale), scale)
        np.testing.assert_allclose(again, there, atol=1e-12)
    upper = np.abs(directions(1000))
    np.testing.assert_allclose(fc.direction_from_chart(fc.chart_from_direction(upper)), upper, atol=1e-12)


def test_axes_point_where_they_should() -> None:
    assert fc.chart_from_direction([0.0, 0.6, 0.8])[1] < 0, "a light from the top of the photo is above the middle"
    assert fc.chart_from_direction([0.6, 0.0, 0.8])[0] > 0
    np.testing.assert_allclose(fc.chart_from_direction([0, 0, 5]), [0, 0])
    np.testing.assert_allclose(np.linalg.norm(fc.chart_from_direction([3, 4, 0])), 1.0)
    np.testing.assert_allclose(fc.direction_from_angles(0, 0), [1, 0, 0], atol=1e-15)
    assert angles_deg(fc.direction_from_angles(90, 60), np.array([0, 0, 1.0])) == pytest.approx(30)


def test_areas_are_solid_angles() -> None:
    """Of points spread evenly over the chart, as many are in a cap of the sphere as its share of the sphere."""
    radius, angle = np.sqrt(RNG.random(200_000)), 2 * np.pi * RNG.random(200_000)
    there = fc.direction_from_chart(radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1), FULL_SPHERE_SCALE)
    for middle in directions(8):
        size = RNG.uniform(0.4, 1.0)
        inside = there @ middle > np.cos(size)
        assert inside.mean() == pytest.approx((1 - np.cos(size)) / 2, rel=0.05)


def test_what_is_no_direction_is_refused() -> None:
    for light in ([0, 0, 0], [np.nan, 0, 1], [1, 2], "up"):
        with pytest.raises(InputError, match="light: expected"):
            fc.chart_from_direction(light)
    with pytest.raises(InputError, match="elevation from -90 to 90"):
        fc.direction_from_angles(0, 100)


def lights_of(name: str) -> np.ndarray:
    ring = fc.chart_from_direction(np.stack([[0.6 * np.cos(a), 0.6 * np.sin(a), 0.8] for a in np.arange(9)]))
    line = np.stack([np.linspace(-0.5, 0.4, 6), np.linspace(-0.2, 0.3, 6)], 1)
    made = {"spread": fc.chart_from_direction(spread_lights(20)), "ring": ring, "line": line, "three": line[[0, 2]]}
    made["three"] = np.array([[0, 0], [0.3, 0], [0, 0.1]])
    return made[name]


@pytest.mark.parametrize("name", ["spread", "ring", "line", "three"])
def test_hats_under_gaussians_are_what_a_fine_sum_gives(name: str) -> None:
    hats = Hats(lights_of(name))
    for covariance in (1e-4 * np.eye(2), 2e-2 * np.eye(2), SLANTED, np.diag([1e-2, 0.0])):
        for light in ([0.1, 0.05], [0.7, -0.5]):
            offsets, weights = gaussian_points(covariance, 1 / 24)
            expected = weights @ hats.at(light + offsets)
            found = hats.averaged(np.array(light), covariance)
            np.testing.assert_allclose(found, expected, atol=2e-4)
            assert found.sum() == pytest.approx(1, abs=1e-12)
            assert found.min() > -1e-9


def test_hats_at_lights_are_theirs_alone_and_beyond_the_hull_those_of_its_nearest_point() -> None:
    for name in ("spread", "ring", "line", "three"):
        hats = Hats(lights_of(name))
        np.testing.assert_array_equal(hats.at(hats.lights), np.eye(len(hats.lights)))
        np.testing.assert_array_equal(hats.averaged(hats.lights[1], np.zeros((2, 2))), hats.at(hats.lights[1:2])[0])
        for far in RNG.normal(size=(20, 2)):
            nearest = hats.in_hull(far)
            np.testing.assert_allclose(hats.at(far[None]), hats.at(nearest[None]), atol=1e-9)


def test_hats_turn_with_lights_and_covariance() -> None:
    lights, light = lights_of("spread"), np.array([0.1, -0.2])
    turn = np.array([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]])
    found = Hats(lights).averaged(light, SLANTED)
    turned = Hats(lights @ turn.T).averaged(turn @ light, turn @ SLANTED @ turn.T)
    np.testing.assert_allclose(turned, found, atol=1e-10)


def test_lights_that_are_the_same_share_a_hat() -> None:
    lights = lights_of("spread")
    doubled = np.concatenate([lights, lights[3:4] + 1e-4])
    hats = Hats(doubled)
    weights = hats.at(lights[3:4] + 5e-5)[0]
    assert weights[3] == weights[-1] == 0.5
    index, of_light = hats.of_lights_at(*hats.spread(lights[:5] + 0.01))
    for row, (numbers, values) in enumerate(zip(index, of_light, strict=True)):
        np.testing.assert_allclose(
            np.bincount(numbers, values, minlength=21), hats.at(lights[row : row + 1] + 0.01)[0], atol=1e-12
        )


def quadratic(light: np.ndarray) -> np.ndarray:
    u, v = light.T
    return 2 + u - 3 * v + u * u - 2 * u * v + 0.5 * v * v


def test_kriging_with_a_quadratic_trend_knows_polynomials_filtered_too() -> None:
    lights = lights_of("spread")
    kriging = Kriging(lights, settings=KrigingSettings(0.3, 0.0, "quadratic"))
    for light in RNG.uniform(-0.5, 0.5, (5, 2)):
        point = kriging.at(light[None])[0] @ quadratic(lights)
        assert point == pytest.approx(quadratic(light[None])[0], abs=1e-8)
        found = kriging.averaged(light, SLANTED) @ quadratic(lights)
        moments = SLANTED[0, 0] - 2 * SLANTED[0, 1] + 0.5 * SLANTED[1, 1]
        assert found == pytest.approx(point + moments, abs=1e-8)


def test_kriging_filters_in_closed_form() -> None:
    kriging = Kriging(lights_of("spread"), settings=KrigingSettings(0.25, 1e-3, "linear"))
    root, axes = np.linalg.eigh(SLANTED)
    axis = np.arange(-8, 8.001, 1 / 3)
    points = np.stack(np.meshgrid(axis, axis), -1).reshape(-1, 2)
    weights = np.exp(-0.5 * np.square(points).sum(1))
    light = np.array([0.1, 0.2])
    fine = weights @ kriging.at(light + points @ (axes * np.sqrt(root)).T) / weights.sum()
    np.testing.assert_allclose(kriging.averaged(light, SLANTED), fine, atol=1e-10)
    assert kriging.averaged(light, SLANTED).sum() == pytest.approx(1, abs=1e-9)


def test_waves_are_damped_as_gaussians_damp_them() -> None:
    lights = fc.chart_from_direction(spread_lights(400, 0.1))
    wave = np.array([0.8, -0.5])
    values = np.cos(2 * np.pi * lights @ wave)
    light, covariance = np.array([0.05, 0.1]), 4e-3 * np.eye(2)
    damped = np.exp(-2 * np.pi**2 * wave @ covariance @ wave) * np.cos(2 * np.pi * light @ wave)
    kriging = Kriging(lights, settings=KrigingSettings(0.15, 1e-6, "constant"))
    assert kriging.averaged(light, covariance) @ values == pytest.approx(damped, abs=1e-3)
    assert Hats(lights).averaged(light, covariance) @ values == pytest.approx(damped, abs=3e-2)


def test_a_photo_that_kriging_leaves_out_is_what_the_others_say() -> None:
    lights, values = lights_of("spread"), RNG.normal(size=(20, 4))
    settings = KrigingSettings(0.3, 1e-2, "linear")
    others = np.arange(20) != 5
    expected = Kriging(lights[others], settings=settings).at(lights[5:6]) @ values[others]
    ((_, found),) = leave_one_out(lights, values, settings.width, settings.trend, (settings.nugget,))
    np.testing.assert_allclose(found[5:6], expected, atol=1e-9)


def test_fitted_bases_know_what_they_are_made_of() -> None:
    lights = lights_of("spread")
    x, y, z = fc.direction_from_chart(lights).T
    for basis, values in (
        (Ptm(lights), 1 + x - y * y),
        (Hsh(lights, order=2), 3 - z),
        (Hsh(lights, order=3), 1 + z * z),
    ):
        pictures = basis.mix() @ values
        np.testing.assert_allclose(basis.at(lights) @ pictures, values, atol=1e-9)
        offsets, weights = gaussian_points(SLANTED, 1 / 12)
        light = np.array([0.05, 0.1])
        fine = weights @ basis.at(light + offsets)
        np.testing.assert_allclose(basis.averaged(light, SLANTED), fine, atol=1e-5)


def test_bases_that_lights_do_not_determine_are_refused() -> None:
    for make in (Ptm, lambda lights: Hsh(lights, order=2)):
        for name in ("ring", "line"):
            with pytest.raises(InputError, match="on a line or a ring"):
                make(lights_of(name))
    with pytest.raises(InputError, match="ptm needs at least 6 lights, got 5"):
        Ptm(lights_of("spread")[:5])
    with pytest.raises(InputError, match="hsh needs at least 16 lights, got 15"):
        Hsh(lights_of("spread")[:15])
    with pytest.raises(InputError, match="do not determine a quadratic trend"):
        Kriging(lights_of("ring"), settings=KrigingSettings(trend="quadratic"))
