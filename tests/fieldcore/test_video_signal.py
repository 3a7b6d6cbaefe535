"""Videos as signals, and their truth against slow oracles."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from film_files import moving_frames, write_clip

import fieldcore as fc
from fieldcore import Box, Gaussian, Grid, InputError, Video
from fieldcore.provenance import open_as_seen
from fieldcore.video_scoring import VIDEOS

NOISE = (np.random.default_rng(1).random((7, 12, 16, 3)) * 255).astype(np.uint8)


def test_values_at_centres_are_the_frames_bytes() -> None:
    video = Video(NOISE)
    grid = Grid(video.facts.resolution, tuple(-half for half in video.facts.half_extent), video.facts.half_extent)
    values = video(grid.points(0, grid.count)).reshape(NOISE.shape)
    assert np.abs(values.numpy() * 255 - NOISE).max() < 1e-2
    assert video.facts.half_extent == (1.0, 0.75, 1.0) and video.facts.resolution == (16, 12, 7)


def test_values_between_and_beyond_are_trilinear_and_mirrored() -> None:
    video = Video(NOISE)
    a, b = NOISE[2, 5, 3].astype(float), NOISE[3, 5, 3].astype(float)
    x, y, t = (2 * 3 + 1) / 16 - 1, 0.75 * ((2 * 5 + 1) / 12 - 1), (2 * 2.25 + 1) / 7 - 1
    assert video([[x, y, t]])[0].numpy() * 255 == pytest.approx(0.75 * a + 0.25 * b, abs=1e-2)
    inside = torch.tensor([[0.3, 0.2, -0.4]])
    for beyond in ([2 - 0.3, 0.2, -0.4], [0.3, -1.5 - 0.2, -0.4], [0.3, 0.2, -2 + 0.4], [4.3, 0.2, 3.6]):
        assert video([beyond]) == pytest.approx(video(inside).numpy(), abs=1e-5)


@pytest.mark.parametrize(
    "filter",
    [Gaussian(1e-3), Gaussian(3e-2), Gaussian(np.diag([0.1, 0.0, 0.02])), Box([0.1, 0.3, 0.2]), Gaussian(0.0)],
    ids=["narrow", "wide", "along x and t", "box", "none"],
)
def test_the_truth_is_what_sampling_tends_to_inside_and_beyond_the_border(filter: fc.Filter) -> None:
    video = Video(NOISE)
    grid = Grid((4, 3, 3), (-1.3, -1.0, -1.2), (1.0, 0.9, 1.1))
    values, error = video.truth().estimate(filter, grid)
    sampled = fc.smooth_points(video, grid.points(0, grid.count), filter, samples=1 << 14)
    assert error == 0 and values.shape == (3, 3, 4, 3)
    assert np.abs(values.reshape(-1, 3) - sampled.mean.numpy()).max() < 6 * float(sampled.standard_error.max()) + 1e-5


@pytest.mark.long
def test_slanted_filters_are_sampled() -> None:
    slanted = Gaussian([[0.02, 0.0, 0.01], [0.0, 0.01, 0.0], [0.01, 0.0, 0.02]])
    assert Video(NOISE).truth().estimate(slanted, Grid((4, 3, 2), (-1.0, -0.75, -1.0), (1.0, 0.75, 1.0)))[1] > 0
    assert VIDEOS.grid(Video(np.zeros((90, 200, 300, 3), np.uint8)).facts, slanted).count < 40_000


def test_one_moment_is_that_of_the_whole_and_reads_only_frames_in_reach() -> None:
    frames = moving_frames(60, 8, 10)
    grid = Grid((10, 8, 60), (-1.0, -0.8, -1.0), (1.0, 0.8, 1.0))
    whole = Video(frames).truth().values(1e-3, grid)  # a deviation of 0.95 frames
    far = frames.copy()
    far[:10] = far[30:] = 0
    moment = Video(far).truth().values(1e-3, grid.layers(20, 21))
    assert moment[0] == pytest.approx(whole[20], abs=1e-5)


def test_cells_have_the_values_of_the_grid() -> None:
    truth, grid = Video(NOISE).truth(), Grid((5, 4, 3), (-1.0, -0.7, -0.9), (1.0, 0.7, 1.0))
    cells = torch.tensor([59, 0, 17, 17, 31])
    whole = torch.from_numpy(truth.values(1e-2, grid)).flatten(0, 2)
    assert torch.equal(truth.at_cells(Gaussian(1e-2), grid, cells), whole[cells])


def test_time_is_told_in_seconds_frames_and_coordinates() -> None:
    facts = Video(np.zeros((50, 4, 6, 3), np.uint8), frames_per_second=25).facts
    assert fc.time_of_seconds(0, facts) == -1 and fc.time_of_seconds(2, facts) == 1
    assert fc.time_of_frame(24.5, facts) == 0
    assert [fc.parse_time(text, facts) for text in ("1s", "49f", " -0.5 ", "1e-1")] == [0, 0.98, -0.5, 0.1]
    for wrong in ("", "soon", "3s", "50f", "1.5", "1 m", "nan"):
        with pytest.raises(InputError, match="time: "):
            fc.parse_time(wrong, facts)
    with pytest.raises(InputError, match="has none"):
        fc.parse_time("1s", fc.Ackley().facts)


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        (np.zeros((1, 4, 4, 3), np.uint8), "at least two frames"),
        (np.zeros((4, 4, 1, 3), np.uint8), "at least two frames"),
        (np.zeros((4, 4, 4, 4), np.uint8), "shape"),
        (np.zeros((4, 4), np.uint8), "shape"),
        (np.zeros((4, 4, 4, 3), np.int64), "uint8 or floats"),
        (np.full((4, 4, 4, 3), np.nan), "nan"),
        (np.full((4, 4, 4, 3), 255.0), "0, 1"),
        ([[1, 2], [3]], "array of frames"),
    ],
)
def test_what_are_no_frames_is_refused(frames: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Video(frames)


def test_floats_and_grey_become_bytes_of_three_channels() -> None:
    grey = np.linspace(0, 1, 2 * 3 * 4).reshape(2, 3, 4)
    video = Video(torch.from_numpy(grey))
    assert video.frames.shape == (2, 3, 4, 3) and (video.frames[..., 2] == np.floor(grey * 255 + 0.5)).all()


def test_a_video_is_opened_again_as_it_was_seen(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.avi", moving_frames(8))
    video = Video.open(path, start=2, stop=7, max_size=24)
    again = open_as_seen(video.facts, path)
    assert isinstance(again, Video) and again.facts == video.facts
    assert fc.same_signal(again.facts, video.facts) and video.facts.source_resolution == (48, 36, 8)


def test_a_real_clip_is_read(shared_pictures: Path) -> None:
    video = Video.open(shared_pictures.parent / "video" / "gargoyle_loop_base.mp4", stop=20, max_size=128)
    assert video.facts.source_resolution == (512, 512, 600) and video.facts.duration_seconds == pytest.approx(1 / 3)
