"""A textured rectangle as a file: the smallest model that can be flown through."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from driving import picture_file

QUAD = """mtllib quad.mtl
v -1 -0.5 0
v 1 -0.5 0
v 1 0.5 0
v -1 0.5 0
vt 0 0
vt 1 0
vt 1 1
vt 0 1
usemtl skin
f 1/1 2/2 3/3
f 1/1 3/3 4/4
"""


def quad_file(folder: Path) -> Path:
    """Write it, with its material and its picture; returns the model's file."""
    picture_file(folder, np.random.default_rng(0).random((16, 16, 3)).astype(np.float32), "skin.png")
    (folder / "quad.mtl").write_text("newmtl skin\nmap_Kd skin.png\n")
    (folder / "quad.obj").write_text(QUAD)
    return folder / "quad.obj"
