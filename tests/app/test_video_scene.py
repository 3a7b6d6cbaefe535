"""The video scene without a window: clips and fields of them at a moment, smoothed, compared and rendered."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

import app.cli
from app.frame_size import Size
from app.gl.offscreen import Offscreen
from app.path.keyframes import KeyframePath
from app.path.timeline import Keyframe
from app.plane.layers import Layer, Sources, evaluate_layers
from app.plane.own_document import document_of
from app.plane.view import View
from app.scenes.video.controls import VideoControls
from app.scenes.video.opening import check_is_video, open_video
from fieldcore import SignalFacts, train
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.errors import InputError
from fieldcore.filters import Gaussian
from fieldcore.grid import Grid
from fieldcore.images import read_image
from fieldcore.signals.video import Video
from fieldcore.truth_field import TruthField

SurfaceOf = Callable[[int, int], Offscreen]
COUNT, HEIGHT, WIDTH, RATE = 8, 12, 16, 4.0
SECONDS = COUNT / RATE


def moving() -> np.ndarray:
    """Smooth frames, each different."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    waves = [[np.sin(x / 3 + y / 4 + 0.7 * i + phase) for phase in (0, 2, 4)] for i in range(COUNT)]
    return np.moveaxis(127 + 100 * np.array(waves), 1, -1).round().astype(np.uint8)


@pytest.fixture
def video() -> Video:
    return Video(moving(), "clip", frames_per_second=RATE)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A folder of frames, which has 25 of them a second."""
    folder = tmp_path / "clip"
    folder.mkdir()
    for number, frame in enumerate(moving()):
        Image.fromarray(frame).save(folder / f"{number:03d}.png")
    return folder


def layer_of(video: Video, size: Size = (WIDTH, HEIGHT), **controls: Any) -> Layer:
    document = document_of(Path("clip"), video)
    sources = Sources(document.field, document.truth)
    (stage,) = evaluate_layers(VideoControls(field="clip", **controls), sources, size)
    (layer,) = stage.layers.values()
    return layer


def test_at_the_middle_of_a_frame_that_frame_is_shown(video: Video) -> None:
    for number in (0, 3, COUNT - 1):
        layer = layer_of(video, moment=(number + 0.5) / RATE)
        assert np.abs(layer.values - moving()[number] / 255).max() < 1e-5
        assert layer.grid.resolution == (WIDTH, HEIGHT) and layer.label == "video"


def test_the_filter_has_a_size_in_the_plane_and_one_in_time(video: Video) -> None:
    shown = layer_of(video, moment=0.9, covariance=(2e-2, 0.0, 2e-2), time_deviation=0.3)
    axes = [2e-2, 2e-2, (2 * 0.3 / SECONDS) ** 2]
    moment = Grid((WIDTH, HEIGHT, 1), (-1.0, -HEIGHT / WIDTH, -0.2), (1.0, HEIGHT / WIDTH, 0.0))
    expected = video.truth().values(Gaussian(np.diag(axes)), moment)[0]
    assert np.abs(shown.values - expected).max() < 1e-5


def test_a_pixels_footprint_lies_in_the_plane_alone(video: Video) -> None:
    small = (WIDTH // 4, HEIGHT // 4)
    footprint = View.of(VideoControls(field="clip"), video.facts, small).footprint_variance
    assert footprint > 0
    moment = Grid((*small, 1), (-1.0, -HEIGHT / WIDTH, -0.01), (1.0, HEIGHT / WIDTH, 0.01))
    expected = video.truth().values(Gaussian(np.diag([footprint, footprint, 0.0])), moment)[0]
    assert np.abs(layer_of(video, small, moment=1.0).values - expected).max() < 1e-5


def test_a_loop_goes_on_from_the_beginning_and_what_is_no_loop_ends(video: Video) -> None:
    looped, early = layer_of(video, moment=SECONDS + 0.3), layer_of(video, moment=0.3)
    assert np.array_equal(looped.values, early.values)
    assert VideoControls(field="clip", moment=9.0, loop=False).moment_in(video.facts) == SECONDS
    refused = VideoControls(field="clip", moment=9.0, loop=False).unseen(video.facts)
    assert (
        "lasts 2 s (8 frames), got 9 s" in refused and VideoControls(field="clip", moment=9.0).unseen(video.facts) == ""
    )


def test_tiles_of_a_moment_are_the_whole_of_it(video: Video) -> None:
    field, grid = TruthField(video), Grid((WIDTH, HEIGHT, 1), (-1.0, -0.75, 0.1), (1.0, 0.75, 0.2))
    x, y, t = grid.axes()
    seen = Gaussian(np.diag([1e-2, 1e-2, 4e-2]))
    whole = field.on_lattice([x, y, t], seen)
    parts = [field.on_lattice([x, rows, t], seen) for rows in y.split(5)]
    assert torch.allclose(torch.cat(parts), whole, atol=1e-6)
    sampled = field(grid.points(0, 4), seen)
    assert torch.allclose(sampled, whole[:4], atol=0.02), "points anywhere are sampled"
    assert torch.allclose(field(grid.points(0, 4)), field.on_lattice([x, y, t])[:4], atol=1e-5)


def test_moments_move_at_one_pace_as_a_clip_is_played() -> None:
    keyframes = (Keyframe(0.0, moment=0.5), Keyframe(2.0, moment=1.5), Keyframe(3.0, moment=2.0))
    path = KeyframePath(VideoControls(field="clip"), keyframes)
    for time in (0.0, 0.3, 1.9, 2.2, 3.0):
        assert path.at(time).moment == pytest.approx(0.5 + time / 2)


def test_what_is_no_video_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="over a plane and time of 1 or 3 channels, got a picture in 2-D of 3"):
        check_is_video(SignalFacts("picture", "p", "0", (1.0, 1.0), 3))
    with pytest.raises(InputError, match="no such file"):
        open_video(tmp_path / "missing.mp4", torch.device("cpu"))


@pytest.fixture
def render(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, str]]:
    """Render a path of the clip itself, or of what ``entries`` name: exit code, and all that was printed."""

    def run(keyframes: Any, *arguments: str, **entries: Any) -> tuple[int, str]:
        path = {"format": "fieldscope-path", "version": 1, "scene": "video", "field": "clip", "frames_per_second": 1}
        (tmp_path / "path.json").write_text(json.dumps({**path, "keyframes": keyframes, **entries}))
        given = ["--render-path", str(tmp_path / "path.json"), "--out", str(tmp_path / "out"), "--size", "32x24"]
        code = app.cli.run([*given, "--device", "cpu", *arguments])
        return code, "".join(capsys.readouterr())

    return run


@pytest.mark.long
def test_a_clip_and_a_field_of_it_are_rendered_in_passes(
    render, surface_of: SurfaceOf, clip: Path, tmp_path: Path
) -> None:
    surface_of(8, 8)
    keyframes = [{"time": 0, "moment": 0.02}, {"time": 1, "moment": 0.2, "variance": 1e-2, "time_deviation": 0.05}]
    code, said = render(keyframes, "--passes", "field,truth,error", "--report", caption=False)
    assert code == 0, said
    names = [f"frame_{k:06d}.png" for k in range(2)]
    pictures = {
        name: [read_image(tmp_path / "out" / name / file).values for file in names] for name in ("field", "truth")
    }
    assert all(np.array_equal(*pair) for pair in zip(*pictures.values(), strict=True)), "the clip is its own truth"
    assert not np.array_equal(*pictures["field"])
    signal = open_video(clip, torch.device("cpu")).signal
    assert isinstance(signal, Video)
    save_field(tmp_path / "field.safetensors", train("pyramid", signal), TrainingFacts())
    code, said = render(
        keyframes, "--passes", "field", "--report", "--overwrite", "--json", field="field.safetensors", truth="clip"
    )
    assert code == 0, said
    assert json.loads(said.splitlines()[-1])["means"]["psnr"] > 60


def test_what_cannot_be_shown_is_said_before_the_first_frame(render, tmp_path: Path) -> None:
    for keyframes, entries, sentence in (
        ([{"time": 0, "moment": 5}], {"loop": False}, "keyframes[0].moment: 'clip' lasts 0.32 s (8 frames), got 5 s"),
        ([{"time": 0, "moment": -1}], {}, "keyframes[0].moment: expected a finite number, at least 0, got -1"),
        ([{"time": 0, "comparison": "two_up"}], {}, "name its file in the path's entry 'other'"),
        ([{"time": 0}], {"field": "missing.gif"}, "missing.gif': no such file or folder"),
    ):
        code, said = render(keyframes, **entries)
        assert code == 2 and sentence in said and said.count("\n") == 1, said
        assert not (tmp_path / "out").exists()
