"""Writing plots."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from .files import written_whole


def write_figure(path: Path, figure: Figure) -> None:
    """Write a plot, whole or not at all; the suffix chooses the format, and there is no date in it."""
    metadata = {"Date": None} if path.suffix == ".svg" else None
    with written_whole(path) as temporary:
        figure.savefig(temporary, dpi=110, metadata=metadata)
