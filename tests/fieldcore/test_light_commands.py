"""Light stages on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from solids import mesh_of
from stages import noise_stage, write_stage
from trimesh.creation import box, icosphere

import fieldcore as fc
from fieldcore.cli import command_of
from fieldcore.errors import InputError
from fieldcore.lights.export import ptm_pictures, read_relight, shown_picture
from fieldcore.lights.synthetic import Material, SyntheticView, spread_directions


def run(words: str, capsys: pytest.CaptureFixture[str] | None = None) -> str:
    command_of(words.split()).run()
    return capsys.readouterr().out if capsys is not None else ""


def last(text: str) -> dict:
    """The JSON object that was printed last."""
    return json.loads(text.splitlines()[-1])


@pytest.mark.long
def test_from_photos_to_lit_pictures(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    write_stage(tmp_path / "stage", count=8, size=8)
    made = last(run("fit light-stage stage --exposure 1 --json", capsys))
    assert (made["kind"], made["preset"], made["stopped_by"]) == ("relight", "light_stage", "solved")
    field = fc.load_field("stage.safetensors")
    assert field.facts.exposure_stops == 1 and field.facts.value_range == (0, 0.5)
    run("evaluate stage.safetensors --light 0.2,0.1,0.9 --variance 1e-2 --out lit.png")
    light = fc.light_of(field.facts, [0.2, 0.1, 0.9])
    shown = shown_picture(field, light)  # a point light
    filtered = fc.images.display_from_linear(2 * field.lit(light, 1e-2).numpy()).clip(0, 1)
    written = fc.read_image("lit.png").values
    np.testing.assert_allclose(written, filtered, atol=1 / 255)
    assert np.abs(written - shown).max() > 0.02
    run("evaluate stage.safetensors --light-angles 30,70 --covariance 1e-2,0,1e-5 --size 20 --out strip.png")
    assert fc.read_image("strip.png").values.shape == (16, 20, 3)
    held = last(run("score stage.safetensors --signal stage --held-out 4 --json", capsys))
    assert held["lights"] == 8 and 3 < held["means"]["psnr"] < 60 and set(held["each"]) == set(field.facts.photos)
    same = last(run("score stage.safetensors --signal stage --unseen stage --json", capsys))
    assert same["means"]["psnr"] > 60
    text = run("info stage.safetensors", capsys)
    assert "8 photos" in text and "light directions" not in text


@pytest.mark.long
def test_bases_and_networks_by_name(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    write_stage(tmp_path / "stage", count=9, size=8)
    for words in ("--basis ptm", "--basis kriging", "--basis photos --pictures 3", "--basis hsh --order 2"):
        run(f"fit light-stage stage {words} --overwrite --quiet -o a.safetensors")
        run("evaluate a.safetensors --light 0,0,1 --overwrite -o a.png")
    with pytest.raises(InputError, match="--basis: has no effect on a spectral field"):
        run("fit light-stage stage --kind spectral --basis ptm")
    with pytest.raises(InputError, match="hsh needs at least 16 lights, got 9"):
        run("fit light-stage stage --basis hsh -o b.safetensors")
    with pytest.raises(InputError, match="a pyramid field takes 1-D and 2-D and 3-D signals, got one in 4-D"):
        run("fit light-stage stage --kind pyramid -o b.safetensors")


def test_what_is_refused_before_the_work(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_stage(tmp_path / "stage")
    run("fit light-stage stage")
    picture = fc.train("pyramid", np.zeros((8, 8, 3)))
    fc.save_field("picture.safetensors", picture)
    for words, sentence in {
        "fit light-stage nothing": "no such file",
        "fit light-stage stage --light-disc 1,2 --overwrite": "--light-disc: expected U,V,RADIUS",
        "fit light-stage stage --exposure 99 --overwrite": "--exposure: expected from -32 to 32",
        "evaluate stage.safetensors --light 0,0 -o a.png": "light: expected x,y,z, as in",
        "evaluate stage.safetensors --light 0,0,0 -o a.png": "points nowhere",
        "evaluate stage.safetensors --light 0,0,-1 -o a.png": "below the horizon",
        "evaluate stage.safetensors --light 0,0,1 --light-angles 0,90": "not both",
        "evaluate stage.safetensors --light-angles 0,100 -o a.png": "elevation from -90 to 90",
        "evaluate stage.safetensors --covariance 1,0,0,1,0,1 -o a.png": "three numbers xx,xy,yy",
        "evaluate stage.safetensors --at 1s -o a.png": "a light stage has no time",
        "evaluate picture.safetensors --light 0,0,1 -o a.png": "is of a picture, which has no light",
        "score stage.safetensors --signal stage --held-out 1": "--held-out: expected from 2 to 100",
        "score stage.safetensors --signal stage --held-out 2 --unseen stage": "not both",
        "export picture.safetensors --to ptm -o a.ptm": "expected one of the kind relight, got pyramid",
        "export stage.safetensors --to ptm -o a.png": "ends in .ptm",
        "export stage.safetensors --to ptm -o a.ptm": "ptm needs at least 6 lights, got 5",
        "light-stage nothing.ply --out s": "no such file",
        "light-stage nothing.ply --lights 1 --out s": "--lights: expected from 3 to 1000",
    }.items():
        with pytest.raises(InputError, match=re.escape(sentence)):
            run(words)


def test_a_synthetic_stage_has_a_known_truth(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    fc.write_mesh("ball.ply", mesh_of(icosphere(3)))
    run("light-stage ball.ply --lights 12 --unseen 3 --size 24 --coat 0 --out stage")
    stage = fc.LightStage.open("stage")
    assert len(stage.photos) == 12 and stage.mask is not None and len(fc.LightStage.open("stage/truth").photos) == 3
    view = SyntheticView(mesh_of(icosphere(3)), 24, Material(coat=0.0))
    light = np.array(stage.facts.light_directions[:3])
    np.testing.assert_allclose(stage.photo(0).numpy(), view.lit(light), atol=0.01)
    with pytest.raises(InputError, match="exists"):
        run("light-stage ball.ply --size 24 --out stage")


def test_shadows_are_those_of_another_ray_caster() -> None:
    """A ball over a slab: its shadow on the slab is an ellipse known by formula; on the ball, what faces away."""
    ball, slab = icosphere(4, 0.4), box((4, 4, 0.1))
    ball.apply_translation((0, 0, 1.0))
    view = SyntheticView(mesh_of(ball + slab), 96)
    scale = 0.92 / 2
    middle = np.array([0, 0, 1.0]) - np.array([0, 0, (1.4 - 0.05) / 2])
    for direction in spread_directions(6, 40.0):
        on_slab = (view._faces[:, 2] > 1 - 1e-6) & (view.normals @ direction > 0)
        away = view._places / scale - middle
        along = away @ direction
        distance = np.linalg.norm(away - along[:, None] * direction, axis=1)
        expected = (distance < 0.4) & (along < 0)
        clear = on_slab & (np.abs(distance - 0.4) > 0.02)
        assert (view.shadowed(direction)[clear] == expected[clear]).all() and clear.sum() > 200


def test_a_web_folder_shows_what_was_fitted(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    field = fc.build_field(fc.RelightRecipe(), (stage := noise_stage(12, 16)).facts)
    field.prepare(stage)
    fc.save_field("stage.safetensors", field)
    run("export stage.safetensors --to relight -o web --quality 100")
    assert isinstance(field, fc.Relight)
    np.testing.assert_allclose(read_relight(Path("web")), ptm_pictures(field), atol=0.1)
    info = json.loads(Path("web/info.json").read_text())
    assert (info["type"], info["colorspace"], info["nplanes"], info["width"]) == ("ptm", "rgb", 18, 18)
    run("export stage.safetensors --to ptm -o a.ptm")
    head, data = Path("a.ptm").read_bytes().split(b"\n", 6)[:6], Path("a.ptm").read_bytes()
    assert head[:4] == [b"PTM_1.2", b"PTM_FORMAT_RGB", b"18", b"16"]
    values = np.frombuffer(data[-16 * 18 * 18 :], np.uint8).reshape(3, 16, 18, 6)[:, ::-1]
    scale, bias = (np.array(list(map(float, line.split()))) for line in head[4:6])
    found = ((values - bias) * scale / 255).transpose(3, 1, 2, 0)[[5, 3, 4, 0, 2, 1]]
    np.testing.assert_allclose(found, ptm_pictures(field), atol=0.03)
