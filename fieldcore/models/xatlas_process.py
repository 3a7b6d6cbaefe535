"""A process of its own for xatlas, which ends with a segmentation fault on some meshes: run by atlas.py, not imported.

``python xatlas_process.py FOLDER`` reads ``mesh.npz`` there and writes ``atlas.npz``.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.pop(0)  # this file's folder, whose modules belong to a package
    import numpy as np
    import xatlas

    folder = Path(sys.argv[1])
    mesh = np.load(folder / "mesh.npz", allow_pickle=False)
    vertex, triangles, uv = xatlas.parametrize(mesh["positions"], mesh["triangles"])
    np.savez(folder / "atlas.npz", vertex=vertex, triangles=triangles, uv=uv)
