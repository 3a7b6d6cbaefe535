"""``fieldscope --benchmark``, from its first drag to the flight and the shape, with few events of each."""

from __future__ import annotations

import json
import os
from pathlib import Path

from preloaded import run_preloaded
from screen import ROOT, screen

PROGRAM = """
import json, sys, torch
from dataclasses import asdict
from pathlib import Path
from app.layout_file import Layout
from benchmarks.window import benchmark

few = {"DRAGS": 1, "EVENTS_A_DRAG": 2, "TURNS": 1, "TURN_S": 0.5, "SLIDER_EVENTS": 8, "FLOWN_S": 0.1}
assert set(few) <= set(vars(benchmark))
vars(benchmark).update(few)
layout = Layout(view_window=(0, 0, 120, 120))
with benchmark.open_session(layout, torch.device("cpu"), Path(sys.argv[1])) as session:
    with benchmark.open_instrument(session) as instrument:
        print(json.dumps(asdict(benchmark.Bench(instrument, patience=100.0).run())))
"""


def test_everything_is_measured(tmp_path: Path) -> None:
    with screen() as display:
        environment = {
            **os.environ, "DISPLAY": display, "PYTHONPATH": str(ROOT),
            "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path),
        }  # fmt: skip
        result = run_preloaded(["-c", PROGRAM, str(tmp_path)], env=environment)
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["device"] == "cpu" and found["view_px"] == [120, 120]
    milliseconds = [value for value in found.values() if isinstance(value, dict)]
    assert len(milliseconds) == 11 and all(0 < one["p50"] <= one["p95"] <= one["p99"] for one in milliseconds)
