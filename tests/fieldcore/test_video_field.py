"""Fields of videos: the solved pyramid over space and time, its file, and the commands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from film_files import moving_frames, write_clip

import fieldcore as fc
from fieldcore import Gaussian, Grid, Pyramid, Video
from fieldcore.cli import run
from fieldcore.filters import Filter
from fieldcore.images import read_image
from fieldcore.kernel_names import kernel_of
from fieldcore.videos import read_clip

SLANTED = Gaussian([[4e-3, 0.0, 3e-3], [0.0, 2e-3, 0.0], [3e-3, 0.0, 4e-3]])


@pytest.fixture(scope="module")
def video() -> Video:
    return Video(moving_frames(40, 48, 64), "waves.mp4", frames_per_second=20)


@pytest.fixture(scope="module")
def field(video: Video) -> fc.Field:
    return fc.train("pyramid", video)


def own_grid(video: Video) -> Grid:
    return Grid(video.facts.resolution, tuple(-half for half in video.facts.half_extent), video.facts.half_extent)


def agreement(field: fc.Field, video: Video, filter: Filter, grid: Grid) -> float:
    return fc.psnr(fc.evaluate(field, grid, filter).numpy(), video.truth().values(filter, grid), (0.0, 1.0))


@pytest.mark.parametrize("variance", [0.0, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1])
def test_one_gaussian_for_all_is_exact(field: fc.Field, video: Video, variance: float) -> None:
    assert agreement(field, video, Gaussian(variance), own_grid(video)) > 70


@pytest.mark.parametrize("diagonal", [(0, 0, 1e-2), (1e-2, 1e-2, 0), (1e-4, 3e-2, 1e-3), (0, 0, 4.0)])
def test_so_is_one_with_a_variance_of_its_own_along_each_axis(
    field: fc.Field, video: Video, diagonal: tuple[float, ...]
) -> None:
    assert agreement(field, video, Gaussian(np.diag(diagonal)), own_grid(video)) > 65


def test_beyond_the_border_too(field: fc.Field, video: Video) -> None:
    grid = Grid((20, 20, 20), (-1.2, -0.95, -1.2), (1.2, 0.95, 1.2))
    assert agreement(field, video, Gaussian(3e-3), grid) > 65


@pytest.mark.parametrize("filter", [None, Gaussian(2e-4), Gaussian(1e-2), Gaussian(np.diag([0, 1e-2, 1e-3])), SLANTED])
def test_points_have_the_values_of_the_lattice(field: fc.Field, video: Video, filter: Gaussian | None) -> None:
    grid = Grid((6, 5, 4), (-1.1, -0.7, -1.0), (1.0, 0.7, 1.1))
    at_points = field(grid.points(0, grid.count), filter)
    assert at_points == pytest.approx(fc.evaluate(field, grid, filter).flatten(0, 2).numpy(), abs=2e-4)


def test_slanted_gaussians_are_near(field: fc.Field, video: Video) -> None:
    grid = Grid((16, 12, 6), (-0.6, -0.5, -0.6), (0.6, 0.5, 0.6))
    assert agreement(field, video, SLANTED, grid) > 40


def test_a_gaussian_of_its_own_at_each_point(field: fc.Field, video: Video) -> None:
    grid = own_grid(video).coarsened(2)
    for variance in (1e-3, 1e-2):
        values = field(grid.points(0, grid.count), torch.full((grid.count,), variance))
        truth = video.truth().values(variance, grid).reshape(-1, 3)
        assert fc.psnr(values.numpy(), truth, (0.0, 1.0)) > 40


def test_values_have_gradients_in_points_and_variances(field: fc.Field) -> None:
    x = torch.tensor([[0.1, 0.2, -0.3]], requires_grad=True)
    variance = torch.tensor([1e-2], requires_grad=True)
    field(x, Gaussian(variance)).sum().backward()
    assert x.grad is not None and variance.grad is not None and bool(x.grad.any())
    y = torch.tensor([[0.1, 0.2, -0.3]], requires_grad=True)
    field(y, 1e-2).sum().backward()
    assert y.grad is not None and bool(y.grad.any())


def test_samples_are_bytes_in_memory_and_in_the_file(field: fc.Field, video: Video, tmp_path: Path) -> None:
    assert isinstance(field, Pyramid) and field.samples.dtype == torch.uint8
    fc.save_field(tmp_path / "a.safetensors", field)
    assert (tmp_path / "a.safetensors").stat().st_size < video.frames.nbytes + 10_000
    again = fc.load_field(tmp_path / "a.safetensors")
    assert fc.weights_digest(again) == fc.weights_digest(field) and again.facts == video.facts
    x = torch.zeros(3, 3)
    assert torch.equal(again(x, 1e-3), field(x, 1e-3))
    assert field.dtype == torch.float32


def test_held_as_floats_it_is_the_same_field(field: fc.Field, video: Video) -> None:
    floats = fc.train("pyramid", video, held="floats")
    grid = Grid((6, 5, 4), (-1.0, -0.7, -1.0), (1.0, 0.7, 1.0))
    for filter in (None, Gaussian(1e-3), SLANTED):
        assert fc.evaluate(floats, grid, filter) == pytest.approx(fc.evaluate(field, grid, filter).numpy(), abs=1e-5)


def test_what_are_no_bytes_cannot_be_held_as_such() -> None:
    with pytest.raises(fc.InputError, match="held: "):
        fc.train("pyramid", fc.Picture(np.random.default_rng(0).random((8, 8, 3))), held="bytes")


def test_scores_are_those_of_moments(field: fc.Field, video: Video) -> None:
    aligned, slanted = fc.score(field, video, [Gaussian(1e-3), SLANTED])
    assert aligned.psnr > 70 and aligned.ssim > 0.999 and aligned.standard_error == 0
    assert slanted.psnr > 40 and slanted.standard_error > 0


@pytest.mark.usefixtures("few_samples")
def test_commands_fit_evaluate_score_and_say_what_there_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    clip = write_clip(tmp_path / "clip.avi", moving_frames(12))

    def said(*words: str) -> dict:
        assert run([*words, "--json", "--quiet"]) == 0
        return json.loads(capsys.readouterr().out)

    fitted = said("fit", "video", str(clip), "--frames", "2:12", "--size", "24")
    assert fitted["out"] == "clip.safetensors" and min(fitted["psnr"].values()) > 60
    facts = said("info", "clip.safetensors")["signal"]
    assert facts["resolution"] == [24, 18, 10] and facts["first_frame"] == 2 and facts["duration_seconds"] == 1.0
    film = said("evaluate", "clip.safetensors", "--covariance", "0,0,0,0,0,1e-3")
    assert film == {"out": "clip_smooth.mp4", "width": 24, "height": 18, "frames": 10}
    assert read_clip("clip_smooth.mp4").frames.shape == (10, 18, 24, 3)
    said("evaluate", "clip.safetensors", "--at", "3f", "--size", "24", "-o", "moment.png")
    video = Video.open(clip, start=2, max_size=24)
    assert read_image("moment.png").values * 255 == pytest.approx(video.frames[3], abs=0.6)
    scores = said("score", "clip.safetensors", "--signal", str(clip))
    assert scores["same_signal"] and scores["mean_psnr"] > 60
    assert said("calibrate", "clip.safetensors")["factor"] == pytest.approx(1, abs=0.3)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-o", "a.png"], "written as a film, .mp4; add --at TIME"),
        (["-o", "-"], "written as a film, .mp4; add --at TIME"),
        (["--at", "9s"], "is not in the video, which lasts 2s"),
        (["--at", "soon"], "expected seconds as 0.5s"),
        (["--at", "1s", "-o", "a.mp4"], "one moment is a picture"),
        (["--bits", "16", "-o", "a.mp4"], "has 8 bits"),
        (["--covariance", "1,2,3"], "six numbers"),
    ],
)
def test_what_cannot_be_evaluated_is_said(
    field: fc.Field, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    fc.save_field(tmp_path / "clip.safetensors", field)
    out = [] if "-o" in words else ["-o", str(tmp_path / "a.png")]
    assert run(["evaluate", str(tmp_path / "clip.safetensors"), *words, *out]) == 2
    assert sentence in capsys.readouterr().err


def test_a_picture_has_no_moments(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "picture.safetensors"
    fc.save_field(path, fc.train("pyramid", fc.Picture(np.zeros((8, 8, 3), np.float32))))
    assert run(["evaluate", str(path), "--at", "1s", "-o", str(tmp_path / "a.png")]) == 2
    assert run(["evaluate", str(path), "-o", str(tmp_path / "a.mp4")]) == 2
    first, second = capsys.readouterr().err.strip().splitlines()
    assert "has none; expected a video" in first and "which has no time" in second


@pytest.mark.parametrize("frames", ["5", "5:6", "9:2", "a:b", "-1:3"])
def test_frames_are_two_numbers(frames: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["fit", "video", "clip.mp4", f"--frames={frames}"]) == 2
    assert "--frames: expected" in capsys.readouterr().err


def test_the_truth_under_a_sum_of_products_is_their_sum() -> None:
    frames = np.random.default_rng(3).integers(0, 256, (5, 6, 8, 3), dtype=np.uint8)
    truth, grid = Video(frames).truth(), Grid((8, 6, 1), (-1.0, -0.75, 0.2), (1.0, 0.75, 0.3))
    edge, along_x, along_y = (kernel_of(f"edge:{angle}", [0.4, 0.3, 0.0], 3) for angle in (30, 0, 90))
    turn = np.radians(30)
    expected = np.cos(turn) * truth.values(along_x, grid) + np.sin(turn) * truth.values(along_y, grid)
    assert np.abs(truth.values(edge, grid) - expected).max() < 1e-5
    at_cells = truth.at_cells(edge, grid, torch.arange(grid.count)).numpy()
    assert np.abs(at_cells - expected.reshape(-1, 3)).max() < 1e-5
