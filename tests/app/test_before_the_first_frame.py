"""What is wrong with a render is said before its first frame, in one sentence that names the keyframe or the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import picture_file
from waves import Waves

import app.cli
import app.record.path_rendering
import app.scenes.textured_mesh.rendering
from app.path.keyframes import KeyframePath
from app.path.path_file import read_path
from app.path.timeline import Keyframe
from app.plane.checks import check_frames
from app.plane.layers import Sources
from app.record.path_rendering import PathJob
from app.record.video import check_video
from app.scenes.picture.controls import Controls
from app.scenes.textured_mesh.controls import TexturedMeshControls
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.errors import InputError
from fieldcore.fields import build_field, preset_recipe
from fieldcore.filters import Filter, Gaussian
from fieldcore.signals import Picture, SignalFacts
from fieldcore.videos import film_file

BALL_FACTS = SignalFacts("shape", "ball", "0" * 64, (1.0, 1.0, 1.0), 1, source_center=(0.0, 0.0, 0.0))
Keyframes = list[dict[str, Any]]


def tiny_field(file: Path, facts: SignalFacts) -> Path:
    save_field(file, build_field(preset_recipe("spectral", "preview", facts), facts), TrainingFacts())
    return file


def job_of(path: KeyframePath[Any]) -> PathJob[Any]:
    """To render it as its keyframes show it."""
    return PathJob(Path("path.json"), path, {}, Path("out"))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return picture_file(tmp_path, np.random.default_rng(0).random((6, 8, 3)).astype(np.float32))


@pytest.fixture
def fields(tmp_path: Path, picture: Path) -> Path:
    """The folder of the field ``picture.safetensors`` of that picture, and ``shape.safetensors`` of a shape."""
    tiny_field(tmp_path / "picture.safetensors", Picture.open(picture).facts)
    tiny_field(tmp_path / "shape.safetensors", BALL_FACTS)
    return tmp_path


@pytest.fixture
def refused(fields: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> Callable[..., str]:
    """Render a path, which must be refused before there is a context to draw with; returns the sentence."""

    def no_context(*_: object, **__: object) -> None:
        raise AssertionError("a context was made")

    monkeypatch.setattr(app.record.path_rendering, "offscreen", no_context)

    def render(keyframes: Keyframes, *arguments: str, **entries: Any) -> str:
        path = {"format": "fieldscope-path", "version": 1, "scene": "picture", "frames_per_second": 2, **entries}
        (fields / "path.json").write_text(json.dumps({"field": "picture.safetensors", "keyframes": keyframes} | path))
        command = ["--render-path", str(fields / "path.json"), "--out", str(fields / "out"), "--size", "16x12"]
        before = sorted(fields.iterdir())
        assert app.cli.run([*command, *arguments]) == 2
        captured = capsys.readouterr()
        assert captured.out == "" and captured.err.count("\n") == 1 and captured.err.startswith("error: ")
        assert sorted(fields.iterdir()) == before, "nothing is left behind"
        return captured.err

    return render


def test_what_no_frame_shows_is_not_refused() -> None:
    keyframes = (Keyframe(0.0), Keyframe(0.6, foveated=True), Keyframe(0.7, left="error"))
    path = KeyframePath(
        Controls(field="f"), (*keyframes, Keyframe(0.8, layout="one", left="field")), frames_per_second=2.0
    )
    assert list(path.first_frames()) == [(0, 0.0)]
    assert list(KeyframePath(Controls(field="f"), keyframes, frames_per_second=5.0, closed=True).first_frames()) == [
        (0, 0.0)
    ]


@pytest.mark.parametrize("comparison", ["truth", "error", "wipe"])
def test_a_truth_that_is_needed_and_not_named(refused, comparison: str) -> None:
    sentence = refused([{"time": 0}, {"time": 1, "comparison": comparison}])
    assert "keyframes[1] shows the truth, and the path names none" in sentence
    assert "picture.safetensors' was trained on ('picture.png')" in sentence


@pytest.mark.parametrize("keyframes", [[{"time": 0}], [{"time": 0, "comparison": "truth"}]])
def test_a_truth_that_is_named_must_be_the_one_whether_it_is_needed_or_not(
    refused, keyframes: Keyframes, tmp_path: Path
) -> None:
    assert "missing.png': no such file" in refused(keyframes, truth="missing.png")
    picture_file(tmp_path, np.ones((6, 8, 3), np.float32), "other.png")
    other = refused(keyframes, truth="other.png")
    assert "picture.safetensors' was trained on 'picture.png', and '" in other and "other.png' is another one;" in other
    picture_file(tmp_path, np.ones((6, 7, 3), np.float32), "narrow.png")
    assert "narrow.png' is another one, of 7 x 6 instead of 8 x 6;" in refused(keyframes, truth="narrow.png")
    (tmp_path / "words.png").write_text("no picture")
    assert "truth: " in (sentence := refused(keyframes, truth="words.png")) and "words.png" in sentence
    assert "truth: there is no sample 'nobody'" in refused(keyframes, truth="sample:nobody")
    (tmp_path / "folder.png").mkdir()
    assert "folder.png" in refused(keyframes, truth="folder.png")


def test_a_field_of_another_scene(refused) -> None:
    still: Keyframes = [{"time": 0}]
    assert "shape.safetensors': field of 'ball': a picture scene shows 2-D" in refused(still, field="shape.safetensors")
    assert "shape.safetensors': field of 'ball': a picture" in refused(still, other="shape.safetensors")
    assert "picture.safetensors': a field of the picture" in refused(still, scene="shape")
    model = str(Path(__file__).parents[2] / "assets" / "fish.glb")
    flight = {"scene": "textured_mesh", "model": model, "field": "shape.safetensors"}
    assert "shape.safetensors': field of 'ball': a texture is a 2-D field of 3 channels" in refused(still, **flight)


def test_the_keyframe_that_asks_for_a_field_is_named(tmp_path: Path) -> None:
    keyframes = (Keyframe(0.0, left="mipmap"), Keyframe(1.0, right="neural"))
    with_wipe = (*keyframes, Keyframe(2.0, layout="wipe"))
    job = PathJob(tmp_path, KeyframePath(TexturedMeshControls(model=str(tmp_path)), with_wipe), {}, tmp_path)
    with pytest.raises(InputError, match=r"keyframes\[2\]: 'neural' needs a field, and the flight names none"):
        app.scenes.textured_mesh.rendering.TexturedMeshPaths().check(job)


def test_a_second_field_must_be_there(refused) -> None:
    two_up: Keyframes = [{"time": 0, "comparison": "two_up"}]
    assert "name its file in the path's entry 'other'" in refused(two_up)
    assert "missing.safetensors" in refused([{"time": 0}], other="missing.safetensors")


class _Round(Waves):
    """A field that takes round filters only."""

    def refuses(self, filter: Filter) -> str | None:
        assert isinstance(filter, Gaussian)
        xx, yy = filter.second_moment(2).diagonal()
        return None if xx == yy else "round filters only"


def test_a_filter_that_a_field_does_not_take_is_told_of_with_its_keyframe() -> None:
    keyframes = (Keyframe(0.0, covariance=(1e-2, 0.0, 1e-2)), Keyframe(1.0, covariance=(1e-2, 0.0, 1e-4)))
    path = KeyframePath(Controls(field="f"), keyframes, frames_per_second=2.0)
    with pytest.raises(InputError, match=r"^keyframes\[1\]: field 'f': round filters only"):
        check_frames(job_of(path), Sources(_Round()))
    keyframe = Keyframe(keyframes[1].time, **{**keyframes[1].values, "layout": "two_up", "right": "other"})
    two_up = replace(path, still=replace(path.still, other="g"), keyframes=(keyframe,))
    check_frames(job_of(two_up), Sources(Waves(), other=_Round()))  # whose pane says it
    check_frames(job_of(replace(path, keyframes=keyframes[:1])), Sources(_Round()))


def test_a_video_has_a_place_of_its_own(refused, fields: Path) -> None:
    for folder in (fields / "v.mp4", fields / "v.mp4" / "frames"):
        sentence = refused([{"time": 0}], "--out", str(folder), "--video", str(fields / "v.mp4"))
        assert "v.mp4': is the folder that --out names, or above it" in sentence


def test_a_video_that_cannot_be_written_is_told_of_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="too long"):
        check_video(tmp_path / ("n" * 245 + ".mp4"), (16, 12), 30.0)
    with pytest.raises(InputError, match="at most 16384 pixels a side, got 16386x2"):
        check_video(tmp_path / "wide.mp4", (16386, 2), 30.0)
    with pytest.raises(InputError, match=r"--video '/proc/v\.mp4': "):
        check_video(Path("/proc/v.mp4"), (16, 12), 30.0)
    check_video(tmp_path / "new" / "good.mp4", (15, 11), 30.0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a:b.mp4", "http:c.mp4", "-x.mp4", "%d.mp4", "föx 'q' |.mp4"])
def test_a_video_may_have_any_name(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_video(Path(name), (16, 12), 30.0)
    with film_file(Path(name), (16, 12), 30.0) as append:
        append(np.zeros((12, 16, 3), np.uint8))
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_path_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = {"format": "fieldscope-path", "version": 1, "scene": "picture", "field": "f", "keyframes": [{"time": 0}]}
    (tmp_path / "path.json").write_text(json.dumps(path), encoding="utf-8-sig")
    assert read_path(tmp_path / "path.json").keyframes == (Keyframe(0.0),)


@pytest.mark.parametrize("text", ['"\\ud800.png"', '"a\\u0000b"'])
@pytest.mark.parametrize("entry", ["field", "truth", "other"])
def test_a_text_that_no_file_has_for_a_name_is_one_sentence(refused, entry: str, text: str) -> None:
    assert f"{entry}: expected" in refused([{"time": 0}], **{entry: json.loads(text)})


def test_a_formula_is_its_own_truth(tmp_path: Path) -> None:
    from app.path.path_file import write_path

    path = KeyframePath(Controls(field=str(tmp_path / "f"), truth="ackley"), (Keyframe(0.0),))
    write_path(tmp_path / "path.json", path)
    assert read_path(tmp_path / "path.json") == path
