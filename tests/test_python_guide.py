"""The Python guide is a promise: its scripts run as written."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from preloaded import run_preloaded
from run_guide import scripts_of

import fieldcore

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "docs" / "python.md"
TEXT = GUIDE.read_text(encoding="utf-8")


def test_the_scripts_run(tmp_path: Path) -> None:
    assert len(scripts_of(TEXT)) == TEXT.count("```python") >= 10
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    words = [str(ROOT / "tests" / "run_guide.py"), str(GUIDE)]
    result = run_preloaded(words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {}
    written = {path.name for path in tmp_path.iterdir()}
    assert {"smooth.png", "streak.png", "foveated.png", "ackley.safetensors", "smooth.ply"} <= written


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`(?:fc\.)?(\w+)`", TEXT.split("## Where to look further")[1])))
)
def test_the_names_in_the_table_are_public(name: str) -> None:
    assert name in fieldcore.__all__
