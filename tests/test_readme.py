"""The README is a promise: its commands run as written, and its Python too."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import trimesh
from PIL import Image
from preloaded import run_preloaded

from fieldcore.cli import run
from fieldcore.samples import sample_path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")

# The same commands, with less to do.
SHORTER = {
    "--seconds 60": "--seconds 1",
    "1280x720": "96x54",
    "--size 1024": "--size 96",
    "960x540": "96x54",
    "assets/flight.json": "short.json",
    "--report": "--report --samples 2",
    "--resolution 256": "--resolution 48",
    "assets/turntable.json": "turn.json",
    "assets/ammonite.ply": "ball.ply",
    "--seconds 5": "--steps 20",
    "--views 36": "--views 6 --size 48x48",
    "--seconds 120": "--steps 3",
}


def shortened(text: str) -> str:
    for long, short in SHORTER.items():
        text = text.replace(long, short)
    return text


@pytest.mark.usefixtures("coarse_shapes", "coarse_distances")
def test_commands_run_in_order(tmp_path, monkeypatch, capsys):
    if (
        sys.platform == "linux"
        and subprocess.run(
            [sys.executable, "-c", "import moderngl as m; m.create_context(standalone=True, backend='egl')"],
            capture_output=True,
        ).returncode
    ):
        pytest.skip("no EGL on this machine, and one command renders")
    commands = re.findall(r"^    (fieldcore .*|fieldscope --render-(?:path|views) .*)$", README, re.MULTILINE)
    assert len(commands) >= 9
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    flight = json.loads((ROOT / "assets" / "flight.json").read_text(encoding="utf-8"))
    flight |= {"frames_per_second": 0.5, "model": f"assets/{flight['model']}"}
    (tmp_path / "short.json").write_text(json.dumps(flight), encoding="utf-8")
    turntable = json.loads((ROOT / "assets" / "turntable.json").read_text(encoding="utf-8"))
    turntable |= {"frames_per_second": 0.25, "cells": 32, "field": f"assets/{turntable['field']}"}
    (tmp_path / "turn.json").write_text(json.dumps(turntable), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fieldcore.surface_scoring.OVERLAP_CELLS", 32)
    trimesh.creation.icosphere(subdivisions=2).export(tmp_path / "ball.ply")
    Image.open(sample_path("sample:astronaut")).resize((96, 96)).save(tmp_path / "small.png")
    for command in commands:
        program, *rest = shortened(command).replace("sample:astronaut", "small.png").split()
        if program == "fieldcore":  # in this process, which has imported everything
            assert run(rest) == 0, f"{command}\n{capsys.readouterr().err[-800:]}"
            continue
        result = run_preloaded(["-m", "app", *rest], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
        assert result.returncode == 0, f"{command}\n{result.stderr[-800:]}"
    written = {path.name for path in tmp_path.iterdir()}
    assert {"photo.safetensors", "smooth.png", "streak.png", "box.png", "frames", "demo.mp4"} <= written
    assert {"texture.safetensors", "flight", "flight.mp4", "flight_uv.mp4"} <= written
    assert {"shape.safetensors", "smooth.ply", "turntable", "turntable.mp4"} <= written
    assert {"fish", "fish.safetensors", "smooth_fish.ply", "volume.safetensors"} <= written
    report = json.loads((tmp_path / "flight" / "report.json").read_text(encoding="utf-8"))
    assert report["state"] == "complete" and report["means"]["neural"]["psnr"] > report["means"]["single"]["psnr"]


def test_the_python_example_runs():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict = {}
    exec(shortened(code).replace("size=1024", "size=64"), names)
    assert names["smooth"].shape == (64, 64, 3)
    assert 0.2 < float(names["smooth"].mean()) < 0.8


def test_links_lead_somewhere():
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    for document in documents:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}, which is not there"
