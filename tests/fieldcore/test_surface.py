"""Surfaces from photographs: a ball end to end, files, commands and scores."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sphere_scenes import BALL, ball_views, write_ball_scene
from trimesh.creation import icosphere

import fieldcore as fc
from fieldcore import surface_scoring
from fieldcore.cli import command_of
from fieldcore.errors import InputError
from fieldcore.fields.appearance import Appearance
from fieldcore.fields.refined_poses import RefinedPoses, rotations
from fieldcore.fields.surface import Surface
from fieldcore.fields.surface_recipe import SurfaceRecipe
from fieldcore.fitting import Training, fit
from fieldcore.largest_part import largest_part
from fieldcore.signals.mesh_file import Mesh, read_mesh
from fieldcore.surface_scoring import truth_score
from fieldcore.views.views import Views
from fieldcore.views_scoring import view_scores

pytestmark = pytest.mark.usefixtures("coarse_shapes")

QUICK = SurfaceRecipe(finest_cells=64, points_per_step=512, steps=3)


def trained(views: Views, recipe: SurfaceRecipe = QUICK) -> Surface:
    field = fc.build_field(recipe, views.facts)
    assert isinstance(field, Surface)
    for _ in fit(field, views):
        pass
    return field


@pytest.fixture(autouse=True)
def _coarse_overlap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Insides are compared on an eighth of the cells."""
    monkeypatch.setattr(surface_scoring, "OVERLAP_CELLS", 48)


@pytest.fixture(scope="module")
def views() -> Views:
    """The ball of radius 0.6, in its own coordinates."""
    return ball_views(12, 64, holdout=6, source_from_scene=torch.eye(4))


@pytest.fixture(scope="module")
def field(views: Views, coarse_shapes: None) -> Surface:
    """Of a few steps; tests leave it as it is."""
    return trained(views)


def result_of(words: str, capsys: pytest.CaptureFixture[str]) -> dict:
    """What a command prints as JSON."""
    command_of([*words.split(), "--json"]).run()
    printed: dict = json.loads(capsys.readouterr().out.splitlines()[-1])
    return printed


def on_sphere(count: int = 2000) -> torch.Tensor:
    return torch.nn.functional.normalize(torch.randn(count, 3, generator=torch.Generator().manual_seed(0)))


@pytest.mark.long
def test_a_ball_end_to_end(views: Views) -> None:
    recipe = SurfaceRecipe(
        finest_cells=32,
        points_per_step=512,
        steps=200,
        samples=12,
        curvature_weight=0.05,
        learning_rate=1e-2,
        distance_rate=0.06,
    )
    field = trained(views, recipe)
    crossing = field(0.6 * on_sphere())[:, 0].detach()
    assert float(crossing.mean().abs()) < 0.006 and float(crossing.abs().mean()) < 0.006, "the radius, to 1 %"
    scores = view_scores(field, views)
    assert len(scores) == 2 and min(score.psnr for score in scores.values()) > 28
    assert min(score.mask_iou or 0 for score in scores.values()) > 0.97
    camera = views.held_out[0].camera
    depth, true = BALL.hits(*(part.double().numpy() for part in camera.rays(camera.pixel_centres().double())))
    towards = (true @ camera.rotation[:, 2].numpy() > 0.5) & np.isfinite(depth)
    seen = field.render(camera)
    cosines = (seen.normal.reshape(-1, 3).numpy() * true).sum(1)[towards]
    assert np.degrees(np.arccos(cosines.clip(-1, 1))).mean() < 3
    along = camera.rays(camera.pixel_centres())[1].numpy() @ -camera.rotation[:, 2].numpy()
    assert np.abs(seen.depth.reshape(-1).numpy() - depth * along)[towards].mean() < 0.006


def test_before_the_first_step_it_is_the_hull(views: Views) -> None:
    field = fc.build_field(QUICK, views.facts)
    field.prepare(views)
    x = 2 * torch.rand(500, 3, generator=torch.Generator().manual_seed(1)) - 1
    assert torch.allclose(field(x)[:, 0], views.hull()(x), atol=1e-5)


def test_training_is_repeated_and_resumed_to_the_bit(views: Views, tmp_path: Path) -> None:
    recipe = SurfaceRecipe(finest_cells=32, points_per_step=128, steps=30, samples=8)
    whole = trained(views, recipe)
    assert fc.weights_digest(whole) == fc.weights_digest(trained(views, recipe))
    training = Training(fc.build_field(recipe, views.facts))
    for progress in fit(training, views):
        if progress.step == 27:  # after the dense copy of the distance was made anew
            break
    training.save(tmp_path / "state.safetensors")
    resumed = Training.load(tmp_path / "state.safetensors")
    for _ in fit(resumed, views):
        pass
    assert fc.weights_digest(resumed.field) == fc.weights_digest(whole)


def test_a_file_holds_all_of_it(field: Surface, views: Views, tmp_path: Path) -> None:
    fc.save_field(tmp_path / "ball.safetensors", field)
    again = fc.load_field(tmp_path / "ball.safetensors")
    assert isinstance(again, Surface)
    x = on_sphere(100) * 0.6
    assert torch.equal(field(x), again(x)) and torch.equal(field.features(x), again.features(x))
    camera = views.views[0].camera.resized(16, 16)
    for one, other in zip(field.render(camera), again.render(camera), strict=True):
        assert torch.equal(one, other)


def test_on_a_lattice_it_is_what_it_is_at_points(field: Surface) -> None:
    axes = [torch.linspace(-1.15, 1.15, n) for n in (5, 6, 7)]
    x = torch.cartesian_prod(*reversed(axes)).flip(-1)
    assert torch.allclose(field.on_lattice(axes), field(x), atol=1e-5)


def test_what_cannot_be_trained_on_is_refused(views: Views) -> None:
    field = fc.build_field(QUICK, views.facts)
    unmasked = ball_views(4, 16, source_from_scene=torch.eye(4))
    unmasked.has_masks = False
    for data, words in ((unmasked, "no masks"), (fc.Ackley(), "ackley|half extent|3-D")):
        with pytest.raises(InputError, match=words):
            next(iter(fit(field, data)))
    for name, value in (("embedding", "none"), ("finest_cells", 100), ("samples", 1), ("shell", 0.0)):
        with pytest.raises(InputError, match=name):
            SurfaceRecipe.from_dict({**QUICK.to_dict(), name: value})


@pytest.mark.long
def test_scores_of_meshes_with_known_distances() -> None:
    ball = icosphere(subdivisions=4, radius=0.6)
    truth = Mesh(ball.vertices, ball.faces)
    same = truth_score(truth, truth, points=2000)
    assert same.chamfer < 1e-6 and same.iou == same.f_score == 1 and same.normal_consistency > 0.999
    larger = truth_score(Mesh(ball.vertices * 1.05, ball.faces), truth, points=2000)
    for value in (larger.accuracy, larger.completeness, larger.chamfer):
        assert abs(value - 0.03) < 1e-3
    assert abs(larger.iou - 1.05**-3) < 0.01 and larger.f_score == 0 and larger.normal_consistency > 0.99
    assert abs(larger.chamfer_percent - 2.5) < 0.1


def test_a_shifted_plane_is_off_by_the_shift() -> None:
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float)
    triangles = [[0, 1, 2], [0, 2, 3]]
    found = truth_score(Mesh(corners + np.array([0, 0, 0.02]), triangles), Mesh(corners, triangles), points=500)
    assert abs(found.chamfer - 0.02) < 1e-9 and found.normal_consistency == 1


def test_the_largest_part_is_by_area() -> None:
    ball, fine = icosphere(subdivisions=1, radius=1.0), icosphere(subdivisions=3, radius=0.1)
    both = Mesh(
        np.concatenate([fine.vertices + 3, ball.vertices]),
        np.concatenate([fine.faces, ball.faces + len(fine.vertices)]),
    )
    kept = largest_part(both)
    assert len(kept.triangles) == len(ball.faces) and kept.vertices.max() <= 1


@pytest.mark.long
def test_from_a_folder_to_scores_and_a_mesh(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    for name, preset in Surface.presets.items():
        monkeypatch.setitem(Surface.presets, name, replace(preset, finest_cells=64))
    write_ball_scene(tmp_path / "balls", 6, 32)
    ball = icosphere(subdivisions=4, radius=0.6)
    ball.export("truth.ply")
    made = result_of("fit surface balls --steps 5 --holdout 3 --keep-better", capsys)
    assert made["kind"] == "surface" and made["steps"] == 5 and "0" in made["psnr"]
    score = result_of("score balls.safetensors --signal balls --truth truth.ply", capsys)
    assert score["views"] == 2 and score["same_signal"] and score["mask_iou"] > 0.8
    assert score["chamfer"] < 0.1 and score["iou"] > 0.8, "the hull of four views, in domain units"
    result_of("mesh balls.safetensors --resolution 32", capsys)
    mesh = read_mesh(Path("balls_surface.ply"))
    assert abs(np.abs(mesh.vertices).max() - 0.6) < 0.1, "in the scene's own units"
    with pytest.raises(InputError, match="needs tiny-cuda-nn"):
        command_of(["fit", "surface", "balls", "--embedding", "hash", "--backend", "fused"])
    for words in ("--kernel box", "--held-out 3"):
        with pytest.raises(InputError, match="no effect"):
            result_of(f"score balls.safetensors --signal balls {words}", capsys)


def test_what_is_solved_for_after_training_smooths_it(field: Surface, tmp_path: Path) -> None:
    assert field.smooth is not None
    x = on_sphere(200) * 0.55
    assert torch.equal(field(x, 0.0), field(x)), "smoothing over nothing changes nothing"
    smoothed = field(x, 1e-3)
    rise = float((smoothed - field(x)).mean())
    assert abs(rise - 1e-3 / 0.55) < 1e-3, "half the variance times the Laplacian of a distance, 2 / r"
    along_x = fc.Gaussian(torch.diag(torch.tensor([4e-3, 0.0, 0.0])))
    at_pole, at_side = (float(field(torch.tensor([point]), along_x)) for point in ((0.55, 0.0, 0.0), (0.0, 0.55, 0.0)))
    assert at_side > at_pole, "a sphere is curved across a ray and straight along it"
    fc.save_field(tmp_path / "ball.safetensors", field)
    assert torch.equal(fc.load_field(tmp_path / "ball.safetensors")(x, 1e-3), smoothed)


def test_while_it_is_trained_it_is_smoothed_too(views: Views) -> None:
    field = fc.build_field(QUICK, views.facts)
    assert isinstance(field, Surface)
    steps = fit(field, views)
    next(steps)
    x = on_sphere(50) * 0.55
    assert field.smooth is None and bool((field(x, 1e-3) > field(x)).float().mean() > 0.8)


def test_colours_of_a_smoothed_surface_are_those_of_the_nearest_point(field: Surface) -> None:
    x = 0.6 * on_sphere(300)
    inner = x * 0.95
    near = (field.colours_at(x) - field.colours_at(inner)).abs().mean()
    assert float(near) < 0.02


def test_a_coloured_mesh_has_the_colours_of_its_vertices(tmp_path: Path, field: Surface) -> None:
    import trimesh

    fc.save_field(tmp_path / "ball.safetensors", field)
    out = tmp_path / "ball.ply"
    command_of(["mesh", str(tmp_path / "ball.safetensors"), "--resolution", "24", "--colours", "-o", str(out)]).run()
    shell = trimesh.load(out, process=False)
    wanted = field.colours_at(np.asarray(shell.vertices)).numpy()
    assert np.abs(np.asarray(shell.visual.vertex_colors)[:, :3] / 255 - wanted).max() < 2 / 255
    for words, fault in (("--colours -o b.stl", "stl"), ("--components most", "components")):
        with pytest.raises(InputError, match=fault):
            command_of(["mesh", str(tmp_path / "ball.safetensors"), *words.split()]).run()


def test_an_appearance_depends_on_what_its_name_says() -> None:
    generator = torch.Generator().manual_seed(0)
    features, normals, directions = torch.randn(5, 6, generator=generator), on_sphere(5), on_sphere(10)[5:]
    blind = {"full": "", "no_features": "features", "no_normal": "normals", "no_view": "directions"}
    for inputs, left_out in blind.items():
        look = Appearance(6, inputs, generator)
        seen = look(features, normals, directions)
        others = {"features": (-features, normals, directions), "normals": (features, -normals, directions),
                  "directions": (features, normals, -directions)}  # fmt: skip
        for name, arguments in others.items():
            assert torch.equal(look(*arguments), seen) == (name == left_out), (inputs, name)


def test_its_own_appearance_borrowed_changes_nothing(field: Surface, views: Views) -> None:
    camera = views.views[0].camera.resized(20, 20)
    own, borrowed = field.render(camera), field.with_appearance(field).render(camera)
    assert torch.allclose(own.colour, borrowed.colour, atol=1e-5)


def test_anothers_appearance_sees_features_as_its_own(field: Surface, views: Views, tmp_path: Path) -> None:
    other = trained(views, SurfaceRecipe(finest_cells=64, points_per_step=512, steps=3, seed=5, appearance="no_view"))
    with torch.no_grad():
        for features in other.geometry.features:
            features.mul_(3).add_(0.5)
    borrowed = field.with_appearance(other)
    mean, deviation = field.feature_statistics()
    own_mean, own_deviation = other.feature_statistics()
    features, normals = mean + deviation * torch.randn(30, len(mean)), on_sphere(30)
    seen = own_mean + own_deviation * (features - mean) / deviation.clamp_min(1e-6)
    assert torch.allclose(
        borrowed.appearance(features, normals, -normals), other.appearance(seen, normals, -normals), atol=1e-4
    )
    fc.save_field(tmp_path / "borrowed.safetensors", borrowed)
    again = fc.load_field(tmp_path / "borrowed.safetensors")
    assert torch.equal(again.appearance(features, normals, normals), borrowed.appearance(features, normals, normals))
    narrow = trained(views, SurfaceRecipe(finest_cells=32, points_per_step=64, steps=1))
    with pytest.raises(InputError, match="takes 8 features"):
        field.with_appearance(narrow)


def test_it_is_rendered_smoothed_as_well(field: Surface) -> None:
    camera = field.cameras.camera(0).resized(24, 24)
    sharp, smooth = field.render(camera), field.render(camera, filter=1e-2)
    assert torch.equal(field.render(camera, filter=0.0).colour, sharp.colour)
    inside = smooth.alpha > 0.9
    assert 0 < int(inside.sum()) < int((sharp.alpha > 0.9).sum()), "a smoothed ball is smaller"
    assert bool((smooth.depth[inside] > sharp.depth[inside] - 1e-3).all())
    assert float((smooth.colour - sharp.colour)[inside].abs().mean()) < 0.05


def test_its_views_are_written_by_name(field: Surface, tmp_path: Path, capsys) -> None:
    fc.save_field(tmp_path / "ball.safetensors", field)
    for shown in ("colour", "depth", "normal"):
        result_of(f"evaluate {tmp_path}/ball.safetensors --view 1 --size 16 --show {shown} -o {tmp_path}/a.png", capsys)
        assert fc.read_image(tmp_path / "a.png").values.shape[:2] == (16, 16)
        (tmp_path / "a.png").unlink()


def test_common_motion_of_cameras_is_taken_out_and_their_own_stays() -> None:
    generator = torch.Generator().manual_seed(0)
    poses = RefinedPoses(8)
    poses.centres.copy_(3 * torch.nn.functional.normalize(torch.randn(8, 3, generator=generator)))
    used = torch.arange(8)
    turn, shift, growth = torch.tensor([1e-3, -2e-3, 5e-4]), torch.tensor([2e-3, 1e-3, -1e-3]), 1e-3
    own = 1e-3 * torch.randn(2, 8, 3, generator=generator)
    with torch.no_grad():
        poses.turns.copy_(turn.expand(8, 3))
        poses.shifts.copy_(torch.linalg.cross(turn.expand(8, 3), poses.centres) + shift + growth * poses.centres)
    poses.project(used)
    assert float(poses.turns.abs().max()) < 1e-6 and float(poses.shifts.abs().max()) < 1e-6
    with torch.no_grad():
        poses.turns.copy_(own[0])
        poses.shifts.copy_(own[1])
    poses.project(used)
    once = poses.turns.detach().clone()
    poses.project(used)
    assert torch.allclose(poses.turns, once, atol=1e-8), "what was taken out is gone"
    matrices = rotations(torch.tensor([[0.0, 0.0, torch.pi / 2]]))
    assert torch.allclose(matrices[0] @ torch.tensor([1.0, 0.0, 0.0]), torch.tensor([0.0, 1.0, 0.0]), atol=1e-6)


def test_cameras_are_trained_where_that_is_asked_for(views: Views, tmp_path: Path) -> None:
    recipe = SurfaceRecipe(finest_cells=64, points_per_step=256, steps=4, refine_cameras=True, camera_error_px=2.0)
    field = trained(views, recipe)
    for number, view in enumerate(views.views):
        refined = field.cameras.camera(number)
        moved = not torch.equal(refined.world_from_camera, view.camera.world_from_camera)
        assert moved != view.held_out and float((refined.centre - view.camera.centre).norm()) < 0.02
    fc.save_field(tmp_path / "ball.safetensors", field)
    again = fc.load_field(tmp_path / "ball.safetensors")
    assert torch.equal(again.cameras.numbers, field.cameras.numbers)
