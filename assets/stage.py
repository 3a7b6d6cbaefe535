"""Makes ``ammonite_stage``: ``python -m assets.stage`` photographs the ammonite under 32 lights (half a minute).

A synthetic light stage, small enough to be shipped: 256 x 256 JPEGs, an ``.lp`` with their lights, and a mask.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def main() -> None:
    """Cast the rays and write the photos."""
    mesh, out = FOLDER / "ammonite.ply", FOLDER / "ammonite_stage"
    options = ["--lights", "32", "--unseen", "0", "--size", "256", "--format", "jpg", "--overwrite"]
    command = [sys.executable, "-m", "fieldcore", "light-stage", str(mesh), "--out", str(out), *options]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
