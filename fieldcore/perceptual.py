"""LPIPS, an optional extra: used only where the package and its pretrained weights are already on the machine."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float

_LEAST_SIDE = 64  # AlexNet's pooling leaves nothing of smaller pictures


def lpips_distance(reference: Float[np.ndarray, "h w 3"], test: Float[np.ndarray, "h w 3"]) -> float | None:
    """LPIPS (AlexNet) of two display-encoded pictures in [0, 1]; None without its weights or below 64 pixels a side."""
    network = _network()
    if network is None or min(reference.shape[:2]) < _LEAST_SIDE:
        return None
    with torch.no_grad():
        pair = [torch.from_numpy(2 * image - 1).permute(2, 0, 1)[None] for image in (reference, test)]
        return float(network(*pair))


@cache
def _network() -> Any | None:
    # Never download: torchvision would fetch AlexNet at construction, so look for the file first.
    if not list((Path(torch.hub.get_dir()) / "checkpoints").glob("alexnet-*.pth")):
        return None
    try:
        import lpips
    except ImportError:
        return None
    return lpips.LPIPS(net="alex", verbose=False).eval()
