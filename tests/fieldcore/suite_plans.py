"""Small plans for tests of the suite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from fieldcore.images import write_image
from fieldcore.suite.plan_file import plan_from_json
from fieldcore.suite.resolved import resolved
from fieldcore.suite.store import Store

TINY: dict[str, Any] = {"width": 16, "points_per_step": 64}


def document(**changes: Any) -> dict[str, Any]:
    """Two pictures, two variants, two seeds, of 20 steps."""
    return {
        "format": "fieldscope-suite",
        "version": 1,
        "name": "tiny",
        "signals": ["one.png", "two.png"],
        "variants": [
            {"name": "spectral", "kind": "spectral", "changes": TINY},
            {"name": "trained", "kind": "spectral", "changes": {**TINY, "width": 8}},
        ],
        "seeds": 2,
        "stop": {"steps": 20},
        "measure": {"variances": [0, 1e-2], "covariances": {"seed": 0, "count": 1}, "metrics": ["psnr"]},
        "baseline": "spectral",
        **changes,
    }


def write_pictures(folder: Path) -> None:
    """``one.png`` and ``two.png``, of 20 x 16 pixels."""
    y, x = np.mgrid[0:16, 0:20] / 20
    for number, name in enumerate(("one", "two"), start=1):
        waves = [np.sin(2 * np.pi * number * (a * x + y)) for a in (1, 2, 3)]
        write_image(folder / f"{name}.png", np.round(127.5 + 100 * np.stack(waves, -1)).astype(np.uint8))


def store_of(folder: Path, out: str = "out", **changes: Any) -> Store:
    """The results, still empty, of a plan beside its pictures."""
    if not (folder / "one.png").exists():
        write_pictures(folder)
    return Store.create(folder / out, resolved(plan_from_json(document(**changes), "plan"), folder))
