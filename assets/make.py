"""Makes the files in this folder again: ``python -m assets.make`` (about five minutes on two cores).

One small field of each kind, from NASA's photograph of Eileen Collins (public domain; scikit-image carries it).
Trained by steps with a fixed seed, so that the same machine gives the same bytes. And the fish, which is nothing but
numbers (``python -m assets.fish`` makes it alone), and kernels fitted to formulas (``python -m assets.kernels``).
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from .fish.__main__ import main as make_fish
from .kernels.__main__ import main as make_kernels

FOLDER = Path(__file__).parent
STEPS = {"pyramid": 1, "spectral": 6000, "scale_space": 3000}  # a pyramid is solved for in a single one


def main() -> None:
    """Train each kind on the same photograph; make the fish, the flight around it, and kernels."""
    for kind, steps in STEPS.items():
        out = FOLDER / f"{kind}.safetensors"
        options = ["--kind", kind, "--steps", str(steps), "--out", str(out), "--overwrite"]
        subprocess.run([sys.executable, "-m", "fieldcore", "fit", "picture", "sample:astronaut", *options], check=True)
    make_fish()
    make_kernels()


if __name__ == "__main__":
    main()
