"""Light stages as signals, and the fields that are solved for of them: by closed form and by law."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from solids import mesh_of
from stages import noise_stage, spread_lights, stage_of
from trimesh.creation import icosphere

import fieldcore as fc
from fieldcore.errors import InputError
from fieldcore.images import display_from_linear, linear_from_display
from fieldcore.light_stage_truth import light_weights
from fieldcore.lights.chart import FULL_SPHERE_SCALE
from fieldcore.lights.photos import Photos, counting
from fieldcore.lights.synthetic import SyntheticView

SLANTED = fc.Gaussian([[1e-2, 4e-3], [4e-3, 2e-2]])
BASES = ("photos", "kriging", "ptm", "hsh")


def solved(stage: fc.LightStage, **settings: object) -> fc.Relight:
    field = fc.build_field(fc.RelightRecipe(**settings), stage.facts)  # type: ignore[arg-type]
    field.prepare(stage)
    assert isinstance(field, fc.Relight)
    return field


def pixels_at(stage: fc.LightStage, light: np.ndarray) -> torch.Tensor:
    """The centres of all pixels in one light."""
    half = stage.facts.half_extent[:2]
    grid = fc.Grid(stage.facts.resolution, tuple(-side for side in half), half)
    plane = grid.points(0, grid.count)
    return torch.cat([plane, torch.tensor(light).float().expand(len(plane), 2)], 1)


def test_at_a_photos_light_is_that_photo_to_the_bit() -> None:
    stage = noise_stage()
    field = solved(stage)
    table = linear_from_display(np.arange(256, dtype=np.float32) / 255)
    for number in (0, 5, 11):
        photo = table[stage.photos.stored[number].numpy()]
        light = stage.lights[number]
        np.testing.assert_allclose(stage(pixels_at(stage, light)).numpy(), photo.reshape(-1, 3), atol=1e-5)
        assert np.array_equal(fc.smooth_lights(stage, light)[1].numpy(), photo)
        assert np.array_equal(field.lit(light).numpy(), photo)
        np.testing.assert_allclose(field(pixels_at(stage, light)).numpy(), photo.reshape(-1, 3), atol=1e-5)


def test_values_are_bilinear_in_the_picture_and_linear_between_lights() -> None:
    stage = noise_stage()
    middle = stage.lights[:3].mean(0)
    weights = stage.hats.at(middle[None])[0]
    x = torch.tensor([[0.1, -0.3, *middle], [0.77, 0.79, *middle], [-1.3, 0.2, *middle]])
    expected = sum(
        weight * fc.Picture(stage.photo(number).numpy(), encoding="linear")(x[:, :2])
        for number, weight in enumerate(weights)
    )
    torch.testing.assert_close(stage(x), expected, atol=1e-5, rtol=1e-5)


def test_the_truth_is_the_sum_of_photos_that_sampling_gives() -> None:
    stage = noise_stage(20, 4)
    light = np.array([0.1, -0.05])
    weights, picture = fc.smooth_lights(stage, light, SLANTED)
    assert weights.sum() == pytest.approx(1, abs=1e-12) and weights.min() > -1e-12
    grid = fc.Grid((6, 4, 1, 1), (-1.0, -2 / 3, 0.0, -0.15), (1.0, 2 / 3, 0.2, 0.05))
    exact, error = stage.truth().estimate(SLANTED, grid)
    assert error == 0
    np.testing.assert_allclose(exact[0, 0], picture.numpy(), atol=1e-6)
    sampled = fc.smooth_points(stage, grid.points(0, 24), stage.facts.embedded(SLANTED), samples=1 << 14)
    np.testing.assert_allclose(sampled.mean.numpy().reshape(4, 6, 3), picture.numpy(), atol=2e-3)
    at_cells = stage.truth().at_cells(SLANTED, grid, torch.tensor([3, 17]))
    np.testing.assert_allclose(at_cells.numpy(), picture.numpy().reshape(-1, 3)[[3, 17]], atol=1e-6)
    box = stage.truth().estimate(fc.Box([0.05, 0.05]), grid, 256)
    assert box[1] > 0, "other filters are sampled"


@pytest.mark.parametrize("basis", BASES)
def test_a_field_in_tiles_on_lattices_and_at_points_is_the_same(basis: str) -> None:
    stage = noise_stage(20)
    field = solved(stage, basis=basis)
    grid = fc.Grid((10, 8, 2, 2), (-1.0, -0.8, -0.3, -0.3), (1.0, 0.8, 0.3, 0.3))
    for filter in (None, fc.Gaussian(1e-3), SLANTED):
        whole = fc.evaluate(field, grid, filter)
        tiles = torch.cat([tile for _, _, tile in fc.evaluate_tiles(field, grid, filter, tile_size=fc.TileSize(100))])
        torch.testing.assert_close(tiles.view(whole.shape), whole, atol=2e-5, rtol=1e-4)
        points = field(grid.points(0, grid.count), filter)
        torch.testing.assert_close(points.view(whole.shape), whole, atol=2e-5, rtol=1e-4)


@pytest.mark.parametrize("basis", BASES)
def test_laws_of_lights(basis: str) -> None:
    stage = noise_stage(20)
    field, light = solved(stage, basis=basis), np.array([0.1, 0.2])
    np.testing.assert_allclose(field.weights(light, fc.Gaussian(0.0)), field.weights(light), atol=1e-12)
    if basis in ("photos", "kriging"):
        assert field.weights(light, SLANTED).sum() == pytest.approx(1, abs=1e-8)
    twice = fc.LightStage(
        np.stack([stage.photo(number).numpy() / 2 for number in range(20)]), spread_lights(20)
    )  # light adds: half the light, half the picture
    half = solved(twice, basis=basis) if basis != "kriging" else None
    if half is not None:
        torch.testing.assert_close(2 * half.lit(light, SLANTED), field.lit(light, SLANTED), atol=5e-3, rtol=5e-3)
    per_point = field(pixels_at(stage, light)[:5], fc.Gaussian(torch.full((5,), 1e-3)))
    torch.testing.assert_close(per_point, field(pixels_at(stage, light)[:5], 1e-3), atol=1e-6, rtol=1e-5)


def test_kriging_filtered_twice_is_filtered_by_the_sum() -> None:
    """A filtered picture at the points of a lattice, averaged by a second Gaussian."""
    from fieldcore.lights.kriging import Kriging, KrigingSettings
    from fieldcore.lights.quadrature import gaussian_points

    kriging = Kriging(noise_stage(20).lights, settings=KrigingSettings(0.3, 1e-3, "quadratic"))
    one, other, light = 1e-2 * np.eye(2), np.array([[1e-2, 5e-3], [5e-3, 8e-3]]), np.array([0.1, 0.2])
    offsets, weights = gaussian_points(other, 1 / 4)
    twice = weights @ np.stack([kriging.averaged(light + offset, one) for offset in offsets])
    np.testing.assert_allclose(kriging.averaged(light, one + other), twice, atol=1e-5)


def test_photos_are_the_truth() -> None:
    stage = noise_stage(20)
    for score in fc.score(solved(stage), stage, [fc.Gaussian(0.0), fc.Gaussian(1e-3), SLANTED]):
        assert score.psnr > 100 and score.flip < 1e-4 and score.ssim > 0.9999
    assert fc.psnr_at_points(solved(stage), stage)["0.001"] > 100


def test_photos_that_change_no_sum_are_left_out_and_the_last_picture_is_kept() -> None:
    photos = Photos(torch.rand(5, 4, 6, 3, generator=torch.Generator().manual_seed(0)).half())
    weights = torch.tensor([0.5, 1e-9, -0.25, 1e-12, 0.75])
    assert counting(weights).tolist() == [0, 2, 4]
    assert counting(torch.stack([weights, weights.roll(1)])).tolist() == [0, 1, 2, 3, 4]
    exact = (weights.double()[:, None, None, None] * photos.stored.double()).sum(0)
    for sums in (photos, photos):  # once from what is stored, then from decoded values
        np.testing.assert_allclose(sums.weighted(weights), exact, atol=2e-7)
        _ = photos.values
    one, other = noise_stage(), noise_stage().shown_at(0.0)
    other.photos = Photos(255 - one.photos.stored, None)
    field = solved(one)
    light, variance = one.lights[2] + 0.02, 1e-3
    first = field.lit(light, variance)
    kept = first.clone()
    first.zero_()
    assert torch.equal(field.lit(light, variance), kept), "what a caller does with it is not seen again"
    assert not torch.equal(field.lit(light, 2 * variance), kept)
    field.prepare(other)
    assert not torch.allclose(field.lit(light, variance), kept, atol=1e-2), "photos that are solved for anew count"


def test_what_is_shown_between_photos_gives_way_to_light_as_a_light_has_a_size() -> None:
    stage = noise_stage().shown_at(1.0)
    field, plain = solved(stage, between="shown"), solved(stage)
    assert torch.equal(field.lit(stage.lights[5]), plain.lit(stage.lights[5])), "a photo's light gives that photo"
    light = stage.lights[:3].mean(0)
    weights = stage.hats.at(light[None])[0]
    encoded = display_from_linear(2 * stage.photos.values.numpy())
    between = linear_from_display(np.tensordot(weights, encoded, 1)) / 2
    np.testing.assert_allclose(field.lit(light), between, atol=1e-5)
    np.testing.assert_allclose(field.lit(light, 1e-14), between, atol=1e-4)
    assert torch.equal(field.lit(light, 1e-2), plain.lit(light, 1e-2)), "light adds"
    half = plain.lit(light, 1e-4) + np.exp(-1) * (field.lit(light) - plain.lit(light))
    torch.testing.assert_close(field.lit(light, 1e-4), half, atol=1e-5, rtol=1e-4)
    x = pixels_at(stage, light)[:7]
    for filter in (None, 1e-4, SLANTED, fc.Gaussian(torch.full((7,), 1e-4))):
        shared = fc.Gaussian(1e-4) if isinstance(filter, fc.Gaussian) and filter is not SLANTED else filter
        whole = field.lit(light, shared).flatten(0, 1)[:7]
        torch.testing.assert_close(field(x, filter), whole, atol=1e-5, rtol=1e-4)
    for other in ({"lobes": True}, {"basis": "ptm"}, {"pictures": 3}):
        with pytest.raises(InputError, match="between: expected light, unless all photos are the basis"):
            fc.RelightRecipe(between="shown", **other)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="expected one of the encoding linear"):
        solved(noise_stage(encoding="display"), between="shown")


def test_linear_reflectance_is_known_to_ptm_exactly() -> None:
    lights = spread_lights(16)
    stage = stage_of(lambda light: 0.5 + 0.3 * fc.direction_from_chart(light)[:, 0], lights)
    field = solved(stage, basis="ptm")
    inside = fc.chart_from_direction([0.2, -0.3, 0.933])
    x = fc.direction_from_chart(inside)[0]
    np.testing.assert_allclose(field.lit(inside)[0, -1].numpy(), 0.5 + 0.3 * x, atol=2e-3)


def test_principal_pictures_are_the_photos_where_all_are_kept_and_near_where_few_are() -> None:
    lights = spread_lights(20)
    stage = stage_of(lambda light: 0.5 + 0.3 * light[:, 0] - 0.2 * light[:, 1] ** 2, lights)
    whole = solved(stage).lit(stage.lights[4])
    few = solved(stage, pictures=3)
    assert few.samples.shape[0] == 3 and few.samples.dtype == torch.float16
    torch.testing.assert_close(few.lit(stage.lights[4]), whole, atol=2e-3, rtol=0)
    torch.testing.assert_close(few.lit([0.1, 0.1], SLANTED), solved(stage).lit([0.1, 0.1], SLANTED), atol=2e-3, rtol=0)


def test_auto_takes_what_is_nearest_to_photos_held_out() -> None:
    smooth = stage_of(lambda light: 0.4 + 0.5 * light[:, 0] ** 2, spread_lights(20))
    field = solved(smooth, basis="auto")
    assert field.basis_name != "photos"
    assert all(f"{name} " in field.notices[0] for name in ("photos", "kriging", "ptm", "hsh"))
    assert solved(noise_stage(7), basis="auto").basis_name in BASES


@pytest.mark.parametrize("basis", ["photos", "kriging", "ptm", "auto"])
def test_a_field_that_was_kept_is_the_same(tmp_path: Path, basis: str) -> None:
    stage = noise_stage(20, mask=np.eye(8, 10, dtype=bool), exposure_stops=2.5)
    for pictures in (0, 5) if basis in ("photos", "kriging") else (0,):
        field = solved(stage, basis=basis, pictures=pictures)
        fc.save_field(tmp_path / "stage.safetensors", field)
        again = fc.load_field(tmp_path / "stage.safetensors")
        assert isinstance(again, fc.Relight) and again.facts == field.facts and again.basis_name == field.basis_name
        assert torch.equal(again.lit([0.1, 0.2], SLANTED), field.lit([0.1, 0.2], SLANTED))
        assert fc.weights_digest(again) == fc.weights_digest(field)


def test_photos_are_kept_as_they_were_stored(tmp_path: Path) -> None:
    for dtype, stored in ((np.uint8, torch.uint8), (np.uint16, torch.int16), (np.float16, torch.float16)):
        photos = (np.random.default_rng(0).random((5, 6, 7, 1)) * (1 if dtype == np.float16 else 200)).astype(dtype)
        stage = fc.LightStage(photos, spread_lights(5))
        field = solved(stage)
        assert field.samples.dtype == stored and field.samples.data_ptr() == stage.photos.stored.data_ptr()
        fc.save_field(tmp_path / "a.safetensors", field)
        assert torch.equal(fc.load_field(tmp_path / "a.safetensors").samples, field.samples)
    high = fc.LightStage(np.full((3, 2, 2, 1), 40000, np.uint16), spread_lights(3), numbers="linear")
    assert float(high.photo(1)[0, 0, 0]) == pytest.approx(40000 / 65535)


def test_display_encoding_filters_what_is_shown() -> None:
    photos = np.zeros((3, 2, 2, 1), np.uint8)
    photos[0] = 128
    stage = fc.LightStage(photos, spread_lights(3), encoding="display", exposure_stops=1)
    shown = fc.images.display_from_linear(2 * fc.images.linear_from_display(np.float32([128 / 255])))[0]
    assert float(stage.photo(0)[0, 0, 0]) == pytest.approx(float(shown), abs=1e-6)
    assert stage.facts.value_range == (0, 1)
    assert stage.shown_at(0).photo(0)[0, 0, 0] == pytest.approx(128 / 255)
    linear = fc.LightStage(photos, spread_lights(3), exposure_stops=3)
    assert linear.facts.value_range == (0, 1 / 8)


def test_a_full_sphere_lives_in_a_smaller_chart() -> None:
    lights = np.array([[0, 0, 1], [0.6, 0, 0.8], [0, 0.6, 0.8], [-1, 0, -0.2], [0, -0.3, -0.9]])
    stage = fc.LightStage(np.zeros((5, 2, 2, 3)), lights)
    assert np.linalg.norm(stage.lights, axis=1).max() <= 1
    np.testing.assert_allclose(stage.lights[1], FULL_SPHERE_SCALE * fc.chart_from_direction(lights[1]), atol=1e-7)
    fc.light_of(stage.facts, [0, 0.5, -0.5])
    with pytest.raises(InputError, match="below the horizon"):
        fc.light_of(noise_stage().facts, [0, 0.5, -0.5])


def test_training_points_are_in_the_mask_and_lights_in_the_hull_or_disc() -> None:
    mask = np.zeros((8, 10), bool)
    mask[2:5, 3:9] = True
    noise = torch.rand(2000, 4, generator=torch.Generator().manual_seed(0))
    x = noise_stage(mask=mask).draw(noise)
    column, row = ((x[:, 0] + 1) / 2 * 10).floor(), ((x[:, 1] / 0.8 + 1) / 2 * 8).floor()
    assert mask[row.long(), column.long()].all() and len(torch.unique(column)) == 6
    hats = noise_stage().hats
    for light in x[:50, 2:].numpy():
        np.testing.assert_allclose(hats.in_hull(light), light, atol=1e-5)
    disc = noise_stage(light_disc=(0.1, -0.1, 0.15)).draw(noise)[:, 2:] - torch.tensor([0.1, -0.1])
    assert float(disc.norm(dim=1).max()) <= 0.15 + 1e-6
    assert float((disc.norm(dim=1) < 0.15 / 2**0.5).float().mean()) == pytest.approx(0.5, abs=0.05)


def test_a_filter_over_pixels_or_of_other_kinds_is_refused_by_name() -> None:
    stage = noise_stage()
    field = solved(stage)
    with pytest.raises(InputError, match="cannot be filtered by Box; it supports Gaussian"):
        field(torch.zeros(1, 4), fc.Box([0.1, 0.1]))
    full = fc.Gaussian(np.diag([1e-3, 1e-3, 0, 0]))
    with pytest.raises(InputError, match="'light stage' is filtered over its light alone"):
        field(torch.zeros(1, 4), full)
    light_alone = fc.Gaussian(np.diag([0.0, 0, 1e-3, 1e-3]))
    torch.testing.assert_close(field(torch.zeros(1, 4), light_alone), field(torch.zeros(1, 4), 1e-3))
    on_axes = fc.Gaussian(1e-3).on_axes((2, 3), 4)
    torch.testing.assert_close(field(torch.zeros(1, 4), on_axes), field(torch.zeros(1, 4), 1e-3))


def test_what_is_no_stage_is_refused() -> None:
    photos, lights = np.zeros((4, 3, 3, 3)), spread_lights(4)
    for wrong, of, words in (
        (photos[:2], lights[:2], "at least 3 photos, got 2"),
        (photos, lights[:3], "4 photos and lights of shape"),
        (photos[:, :1], lights, "from 2 x 2 pixels"),
        (photos - 1, lights, "finite values from 0"),
        (photos.astype(int), lights, "expected uint8, uint16 or floats"),
        (photos, 0 * lights, "points nowhere"),
    ):
        with pytest.raises(InputError, match=words):
            fc.LightStage(wrong, of)
    with pytest.raises(InputError, match="not empty"):
        fc.LightStage(photos, lights, mask=np.zeros((3, 3)))
    with pytest.raises(InputError, match="a relight field takes 4-D signals"):
        fc.build_field(fc.RelightRecipe(), fc.Ackley().facts)
    with pytest.raises(InputError, match="0 with the basis ptm"):
        fc.RelightRecipe(basis="ptm", pictures=3)


def test_weights_of_a_light_and_one_without_a_photo() -> None:
    stage = noise_stage(20)
    part = stage.without([0, 7])
    assert len(part.photos) == 18 and part.facts.photos == tuple(str(n) for n in range(20) if n not in (0, 7))
    assert torch.equal(part.photo(0), stage.photo(1))
    assert light_weights(stage, stage.lights[3], None)[3] == 1


@pytest.mark.long
@pytest.mark.parametrize("kind", ["scale_space", "spectral", "coordinate"])
def test_networks_learn_stages_and_smooth_their_light_alone(kind: str, tmp_path: Path) -> None:
    stage = stage_of(lambda light: 0.5 + 0.4 * np.sin(6 * light[:, 0]), spread_lights(30))
    field = fc.train(kind, stage, fc.Stop(steps=80), device="cpu", points_per_step=512, width=32)
    psnr = stage.monitor(field)()
    assert psnr > 14
    if kind == "coordinate":
        return
    A = field.encoding.A
    assert A.shape == (16, 4) and bool((A[:8, 2:] == 0).all() and (A[8:, :2] == 0).all())
    x = stage.draw(torch.rand(200, 4, generator=torch.Generator().manual_seed(1)))
    with torch.no_grad():
        assert float((field(x, 0.3).std(0) - field(x).std(0)).max()) < 0, "filtered lights differ less"
    fc.save_field(tmp_path / "a.safetensors", field)
    assert torch.equal(fc.load_field(tmp_path / "a.safetensors")(x, SLANTED), field(x, SLANTED))


def test_the_publications_settings_for_light_stages() -> None:
    facts = noise_stage().facts
    for kind in ("scale_space", "spectral"):
        recipe = fc.preset_recipe(kind, "paper", facts)
        assert (recipe.steps, recipe.points_per_step, recipe.learning_rate) == (100_000, 200_000, 1e-4)
        assert (recipe.width, recipe.frequency_variance, recipe.light_frequency_variance) == (1024, 500, 500)


def test_the_lobes_table_is_the_series_of_the_sphere() -> None:
    """Heat on the sphere damps ``max(0, cos)`` term by term; the terms are known."""
    from fieldcore.lights.legendre import COSINES, series_of, smoothed_profile
    from fieldcore.lights.lobes import LAMBERT

    series = series_of(LAMBERT)
    np.testing.assert_allclose(series[:6], [1 / 4, 1 / 2, 5 / 16, 0, -3 / 32, 0], atol=1e-6)
    for time in (0.02, 0.1, 0.5):
        degrees = np.arange(200)
        nodes, weights = np.polynomial.legendre.leggauss(400)
        upper = (nodes + 1) / 2  # Gauss on [0, 1], where the function is a polynomial
        values = np.polynomial.legendre.legvander(upper, 199)
        exact = (values * (upper * weights / 2)[:, None]).sum(0) * (2 * degrees + 1) / 2
        damped = np.polynomial.legendre.legval(COSINES, exact * np.exp(-degrees * (degrees + 1) * time))
        np.testing.assert_allclose(smoothed_profile(LAMBERT, time), damped, atol=1e-6)


def test_a_chart_gaussian_is_heat_of_its_variance_near_the_zenith() -> None:
    from fieldcore.lights.legendre import COSINES, smoothed_profile
    from fieldcore.lights.lobes import LAMBERT
    from fieldcore.lights.quadrature import gaussian_points

    normal = np.array([0.3, 0.5, 0.81])
    normal /= np.linalg.norm(normal)
    for variance in (1e-4, 1e-3):
        offsets, weights = gaussian_points(variance * np.eye(2), 1 / 8)
        over_chart = weights @ np.maximum(fc.direction_from_chart(offsets) @ normal, 0)
        heat = np.interp(normal[2], COSINES, smoothed_profile(LAMBERT, variance))
        assert heat == pytest.approx(over_chart, rel=0.01)


def lambertian_sphere(directions: np.ndarray, size: int = 24, gloss: float = 0.0) -> tuple[fc.LightStage, np.ndarray]:
    """Photos of a sphere without cast shadows, and its normals in the picture's middle."""
    y, x = np.mgrid[:size, :size] / (size - 1) * 1.2 - 0.6
    normals = np.stack([x, -y, np.sqrt(1 - x * x - y * y)], -1)
    mirror = 2 * normals[..., 2:] * normals - np.array([0, 0, 1.0])
    matte = np.maximum(np.einsum("hwk,lk->lhw", normals, directions), 0)
    shine = np.maximum(np.einsum("hwk,lk->lhw", mirror, directions), 0) ** 40
    return fc.LightStage((0.5 * matte + gloss * shine)[..., None].repeat(3, 3), directions), normals


def test_photometric_stereo_finds_the_normals_of_what_is_lit_everywhere() -> None:
    stage, normals = lambertian_sphere(spread_lights(30, 0.85))
    field = solved(stage, lobes=True)
    np.testing.assert_allclose(field.lobe_pixels[..., :3].float().numpy(), normals, atol=2e-3)
    np.testing.assert_allclose(field.lobe_pixels[..., 4:].float().numpy(), 0.5, atol=2e-3)


def test_lobes_are_nearer_than_photos_where_no_shadow_is_cast_and_only_within_the_mask() -> None:
    view = SyntheticView(mesh_of(icosphere(4)), 40)  # a ball with a glossy coat of many roughnesses
    photos = np.stack([view.lit(direction) for direction in spread_lights(40)])
    stage = fc.LightStage(photos, spread_lights(40), mask=view.mask)
    field, plain = solved(stage, lobes=True), solved(stage)
    errors = []
    for direction in spread_lights(11, 0.6):
        light, truth = fc.chart_from_direction(direction), torch.from_numpy(view.lit(direction))
        errors.append([float((one.lit(light) - truth)[view.mask].square().mean()) for one in (field, plain)])
    by_lobes, by_photos = np.array(errors).T
    assert (by_lobes < by_photos).mean() > 0.8 and by_lobes.mean() < 0.9 * by_photos.mean()
    assert field.normals is not None
    outside = field.normals[torch.from_numpy(~view.mask)]
    assert torch.equal(outside, outside.new_tensor([0.0, 0.0, 1.0]).expand_as(outside))


@pytest.mark.long
def test_lobes_and_what_they_leave_are_the_photos(tmp_path: Path) -> None:
    stage, _ = lambertian_sphere(spread_lights(40, 0.3), gloss=0.3)
    field, plain = solved(stage, lobes=True), solved(stage)
    np.testing.assert_allclose(field.lit(stage.lights[7]).numpy(), stage.photo(7).numpy(), atol=2e-3)
    unseen = fc.chart_from_direction(spread_lights(23, 0.45))
    truth, _ = lambertian_sphere(spread_lights(23, 0.45), gloss=0.3)
    errors = [
        np.mean([np.square(one.lit(light).numpy() - truth.photo(n).numpy()).mean() for n, light in enumerate(unseen)])
        for one in (field, plain)
    ]
    assert errors[0] < 0.5 * errors[1], "highlights move instead of fading"
    grid = fc.Grid((24, 24, 1, 1), (-1.0, -1.0, 0.0, 0.0), (1.0, 1.0, 0.2, 0.3))
    for filter in (None, fc.Gaussian(1e-3), SLANTED):
        whole = fc.evaluate(field, grid, filter)
        points = field(grid.points(0, grid.count), filter)
        torch.testing.assert_close(points.view(whole.shape), whole, atol=1e-4, rtol=1e-3)
    own = field(grid.points(0, 5), fc.Gaussian(torch.full((5,), 1e-3)))
    torch.testing.assert_close(own, field(grid.points(0, 5), 1e-3), atol=1e-5, rtol=1e-4)
    fc.save_field(tmp_path / "a.safetensors", field)
    again = fc.load_field(tmp_path / "a.safetensors")
    assert torch.equal(again.lit([0.1, 0.1], SLANTED), field.lit([0.1, 0.1], SLANTED))
    with pytest.raises(InputError, match="expected a stage of the encoding linear"):
        fc.build_field(fc.RelightRecipe(lobes=True), noise_stage(encoding="display").facts)
