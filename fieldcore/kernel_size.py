"""How many points a tangent kernel may have; apart, so that a command can refuse more before anything is imported."""

from __future__ import annotations

MOST_POINTS = 4096
"""Of a kernel, whose matrix, eigenvectors and work space then take 384 MB."""

_MATRICES = 3


def too_many_points(what: str, count: int) -> str:
    """The sentence that refuses so many, with the memory that they would take."""
    gigabytes = _MATRICES * 8 * count**2 / 2**30
    return f"{what}: expected at most {MOST_POINTS} points, got {count}, which would take {gigabytes:.1f} GB"
