"""Few pictures in place of many photos: those whose sums are nearest to all of them."""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Float

from .photos import Photos

_AT_ONCE = 1 << 20


def principal_pictures(photos: Photos, count: int) -> Float[np.ndarray, "l k"]:
    """Orthonormal columns: picture k is the sum of photos with column k, and photo l that of pictures with row l.

    The photos' products with one another suffice, which are summed over parts of the picture.
    """
    flat = photos.stored.flatten(1)
    products = torch.zeros(len(photos), len(photos), dtype=torch.float64, device=flat.device)
    for part in flat.split(max(1, _AT_ONCE // len(photos)), 1):
        values = photos.decoded(part).double()
        products += values @ values.T
    vectors = np.linalg.eigh(products.cpu().numpy())[1]
    return np.ascontiguousarray(vectors[:, ::-1][:, :count])
