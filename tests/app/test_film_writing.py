"""What is written of a path: videos of each kind alone or beside frames, some of the frames, frames with a shutter."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from waves import Waves

import app.cli
import app.document
from app.compare import Compare
from app.document import Document
from app.gl.offscreen import Offscreen
from app.record import render_process
from app.record.exposure import exposed, mean_of_light
from app.record.frame import Frame
from app.record.frame_range import frames_asked
from app.record.shutter import Shutter
from app.record.told_frames import frames_told
from app.scenes.picture.controls import Controls
from fieldcore.checkpoint import TrainingFacts
from fieldcore.errors import InputError
from fieldcore.images import read_image
from fieldcore.videos import film_file

SurfaceOf = Callable[[int, int], Offscreen]
Call = Callable[..., tuple[int, str]]


@pytest.fixture
def call(
    path_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture,
    surface_of: SurfaceOf,
) -> Call:
    """Render the test's path of seven frames: exit code and errors."""
    surface_of(8, 8)
    monkeypatch.setattr(app.document, "open_document", lambda path, *_: Document(path, Waves(), TrainingFacts()))
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        code = app.cli.run(["--render-path", str(path_file), "--size", "32x20", *arguments])
        return code, capsys.readouterr().err

    return run


def pictures(folder: Path) -> dict[str, np.ndarray]:
    return {file.name: read_image(file)[0] for file in sorted(folder.glob("*.png"))}


def count(film: Path) -> int:
    return sum(1 for _ in imageio_ffmpeg.read_frames(film)) - 1


def test_a_video_alone_needs_no_folder(call: Call, tmp_path: Path) -> None:
    before = {file.name for file in tmp_path.iterdir()}
    assert call("--video", "alone.mp4") == (0, "")
    assert {file.name for file in tmp_path.iterdir()} - before == {"alone.mp4"} and count(tmp_path / "alone.mp4") == 7
    assert "or --video for a film alone" in call()[1]
    assert "--resume needs the folder" in call("--video", "other.mp4", "--continue")[1]


@pytest.mark.parametrize(("suffix", "codec"), [(".webm", "vp9"), (".gif", "gif"), (".mp4", "h264")])
def test_films_of_each_kind_show_their_frames(tmp_path: Path, suffix: str, codec: str) -> None:
    colours = [(200, 30, 30), (30, 180, 60), (40, 60, 210)]
    for quality in ("small", "high"):
        film = tmp_path / f"{quality}{suffix}"
        with film_file(film, (33, 21), 20.0, quality) as append:
            for colour in colours:
                append(np.full((21, 33, 3), colour, np.uint8))
        reader = imageio_ffmpeg.read_frames(film)
        assert next(reader)["codec"].startswith(codec)
        frames = [np.frombuffer(frame, np.uint8).reshape(-1, 3).astype(int) for frame in reader]
        assert len(frames) == 3
        for frame, colour in zip(frames, colours, strict=True):
            assert np.abs(frame - colour).max() <= 9


def test_a_film_of_less_quality_is_smaller(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    sizes = []
    for quality in ("small", "good", "high"):
        with film_file(tmp_path / f"{quality}.mp4", (64, 48), 30.0, quality) as append:
            append(noise)
        sizes.append((tmp_path / f"{quality}.mp4").stat().st_size)
    assert sizes == sorted(sizes) and sizes[0] < 0.8 * sizes[-1]


def test_a_range_holds_the_same_frames_under_their_own_numbers(call: Call, tmp_path: Path) -> None:
    assert call("--out", "all")[0] == 0 and call("--out", "some", "--frames", "2-4", "--video", "some.gif")[0] == 0
    whole, some = pictures(tmp_path / "all"), pictures(tmp_path / "some")
    assert list(some) == [f"frame_{number:06d}.png" for number in (2, 3, 4)] and count(tmp_path / "some.gif") == 3
    assert all((whole[name] == picture).all() for name, picture in some.items())
    report = json.loads((tmp_path / "some" / "frames.json").read_text())
    assert report["range"] == [2, 4] and [frame["file"] for frame in report["frames"]] == list(some)
    assert "were made with another 'range'" in call("--out", "some", "--frames", "2-5", "--continue")[1]
    assert "numbered from 0 to 6, got '5-9'" in call("--out", "none", "--frames", "5-9")[1]


def test_a_damaged_frame_is_made_again(call: Call, tmp_path: Path) -> None:
    assert call("--out", "out")[0] == 0
    damaged = tmp_path / "out" / "frame_000004.png"
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-40])
    code, errors = call("--out", "out", "--continue")
    assert (code, errors) == (0, "note: 4 of 7 frames are there already\n") and damaged.read_bytes() == whole


@pytest.mark.parametrize(
    ("text", "numbers"), [("10-12", [10, 11, 12]), ("17-", [17, 18, 19]), ("-1", [0, 1]), ("7", [7]), ("3 - 4", [3, 4])]
)
def test_ranges_of_frames_are_understood(text: str, numbers: list[int]) -> None:
    assert list(frames_asked(text, 20)) == numbers


@pytest.mark.parametrize("text", ["-", "a-b", "1-2-3", "4-2", "20", "-20", "1.5-2"])
def test_other_ranges_are_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match="--frames: "):
        frames_asked(text, 20)


def test_light_is_averaged_not_its_encoding() -> None:
    def grey(value: int) -> np.ndarray:
        return np.full((1, 1, 3), value, np.uint8)

    assert mean_of_light([grey(0), grey(255)])[0, 0, 0] == 188, "half the light of white, display-encoded"
    for value in range(0, 256, 5):
        assert (mean_of_light([grey(value)] * 3) == value).all()


def test_a_shutter_is_open_about_the_moment_of_its_frame() -> None:
    moments = Shutter(0.5, 4).moments(2.0, 0.1)
    assert np.mean(moments) == pytest.approx(2.0) and np.ptp(moments) == pytest.approx(0.05 * 3 / 4)
    for share, samples in ((-0.1, 4), (1.1, 4), (0.5, 0)):
        with pytest.raises(InputError, match="--shutter"):
            Shutter(share, samples)


def test_labels_stay_sharp_under_a_shutter() -> None:
    def draw(shown: Compare) -> Frame:
        assert isinstance(shown, Controls)
        pixels = np.full((2, 2, 3), round(100 * shown.zoom), np.uint8)
        if shown.caption:
            pixels[0] = 7
        return Frame(pixels, {"zoom": shown.zoom}, {"drawn_ms": 1.0})

    seen = [Controls(zoom=1.0), Controls(zoom=2.0)]
    frame = exposed(seen, Controls(zoom=1.5), draw)
    assert frame.pixels is not None and (frame.pixels[0] == 7).all() and frame.description == {"zoom": 1.5}
    assert (frame.pixels[1] == mean_of_light([np.full((1, 2, 3), value, np.uint8) for value in (100, 200)])).all()
    assert frame.milliseconds == {"drawn_ms": 3.0}


def test_what_rests_is_the_sharp_frame_and_what_moves_is_blurred(
    call: Call, path_file: Path, path_document: dict[str, Any], tmp_path: Path
) -> None:
    path_document["keyframes"] = [
        {"time": 0, "zoom": 1}, {"time": 0.5, "zoom": 1}, {"time": 1, "zoom": 4},
    ]  # fmt: skip
    path_file.write_text(json.dumps(path_document))
    assert call("--out", "sharp")[0] == 0
    assert call("--out", "open", "--shutter", "1", "--shutter-samples", "3")[0] == 0
    sharp, blurred = pictures(tmp_path / "sharp"), pictures(tmp_path / "open")
    same = [(sharp[name] == picture).all() for name, picture in blurred.items()]
    assert same[:3] == [True] * 3 and not any(same[4:6])
    report = json.loads((tmp_path / "open" / "frames.json").read_text())
    assert (report["shutter"], report["shutter_samples"]) == (1.0, 3)
    assert "its figures are of sharp frames" in call("--out", "no", "--shutter", "1", "--report")[1]


def test_a_render_beside_a_window_tells_how_far_it_is(
    call: Call, path_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    words = ["--render-path", str(path_file), "--size", "32x20", "--out", "told", "--frames", "1-3", "--json"]
    monkeypatch.setattr("sys.argv", ["render", *words])
    monkeypatch.setattr("os.nice", lambda increment: increment)
    assert render_process.main() == 0
    *told, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert told == [{"made": made, "total": 3} for made in range(4)] and last["frames"] == 3


def test_a_render_that_nobody_listens_to_any_more_keeps_its_frames(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(render_process, "print", gone, raising=False)
    with frames_told(render_process.Teller()):
        code, _ = call("--out", "kept", "--video", "kept.mp4")
    assert code == 130 and count(tmp_path / "kept.mp4") == 1
    assert json.loads((tmp_path / "kept" / "frames.json").read_text())["state"] == "interrupted"
