"""Runs several command lines of ``python -m app`` in one process; golden_frames.py hands it to another Python.

    python -c "$(cat benchmarks/app_runs.py)" COMMANDS.json

It runs in the folder of the checkout that is tried, whatever the age of that, and so imports nothing from this one. A
shape's truth is sampled once, and coarsely: what is looked at is how a truth is drawn, not how near it comes.
"""

import functools
import json
import runpy
import sys
from pathlib import Path
from typing import Any

TRUTH_CELLS = 64
"""Along [-1, 1]; a quarter of what the program takes, on each axis."""


def main() -> int:
    """Run the command lines that a file lists, until one fails; returns that one's exit code."""
    import app

    if Path(str(app.__file__)).parents[1] != Path.cwd():
        raise SystemExit(f"expected the program in '{Path.cwd()}', found '{app.__file__}'")
    _sample_shapes_once()
    for arguments in json.loads(Path(sys.argv[1]).read_text()):
        sys.argv[1:] = arguments
        try:
            runpy.run_module("app", run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            if ended.code:
                return int(ended.code)
    return 0


def _sample_shapes_once() -> None:
    import fieldcore._threads  # noqa: F401 (before torch)
    from fieldcore.shape_truth import ShapeTruth
    from fieldcore.signals import Shape, distance_grid

    of_digest: dict[str, ShapeTruth] = {}

    def truth(shape: Any) -> ShapeTruth:
        return of_digest.setdefault(shape.facts.digest, ShapeTruth(shape, TRUTH_CELLS))

    vars(distance_grid)["_NEAR_STAGES"] = (48,)
    Shape.open = functools.cache(Shape.open)  # type: ignore[method-assign]
    Shape.truth = truth  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    raise SystemExit(main())
