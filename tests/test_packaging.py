"""A wheel works from any folder: shaders and assets travel inside."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import fieldcore

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_shaders_and_assets_are_inside(unpacked):
    for name in ("shaders", "assets"):
        here = {path.name for path in (ROOT / name).iterdir() if path.suffix not in (".py", ".pyc") and path.is_file()}
        assert here
        assert here <= {path.name for path in (unpacked / "app" / name).iterdir()}
    assert (unpacked / "benchmarks" / "window" / "benchmark.py").is_file(), "what --benchmark runs"
    assert {"page.js", "page.html", "page.css", "axis.frag"} <= {
        path.name for path in (unpacked / "fieldcore" / "web").iterdir()
    }
    assert not (unpacked / "benchmarks" / "shapes.py").exists()


def test_samples_are_found_in_a_wheel_and_the_programs_are_named(unpacked, tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    command = [sys.executable, "-m", "fieldcore", "list", "samples", "--json"]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    samples = json.loads(result.stdout)["samples"]
    assert {"fish", "ammonite"} <= set(samples["models"]) and "pyramid" in samples["fields"]
    (entry_points,) = unpacked.glob("*.dist-info/entry_points.txt")
    text = entry_points.read_text(encoding="utf-8")
    assert "fieldscope = app.__main__:main" in text and "fieldcore = fieldcore.__main__:main" in text


def test_an_unpacked_wheel_renders_a_shipped_field(unpacked, tmp_path):
    path = tmp_path / "path.json"
    field = unpacked / "app" / "assets" / "pyramid.safetensors"
    keyframes = [{"time": 0, "variance": 1e-3}]
    path.write_text(
        json.dumps(
            {"format": "fieldscope-path", "version": 1, "scene": "picture", "field": str(field), "keyframes": keyframes}
        )
    )
    command = [sys.executable, "-m", "app", "--render-path", str(path), "--out", str(tmp_path / "frames")]
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    result = subprocess.run(
        [*command, "--size", "64x48"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    if "libegl1" in result.stderr:
        pytest.skip("no EGL on this machine")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "frames" / "frame_000000.png").stat().st_size > 500


def test_every_public_name_is_there():
    assert [name for name in fieldcore.__all__ if not hasattr(fieldcore, name)] == []
    assert sorted(fieldcore.__all__) == sorted(set(fieldcore.__all__))
