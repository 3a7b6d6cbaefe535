"""``fieldcore ntk``: the tangent kernel of a coordinate network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import option
from ..errors import InputError
from ..files import check_writable_folder
from ..kernel_size import MOST_POINTS, too_many_points
from ..sources import check_source, local_file
from .network_sources import NetworkSource

if TYPE_CHECKING:
    import numpy as np

    from ..fields.coordinate import Coordinate
    from ..grid import Grid
    from ..tangent_kernel import KernelSpectrum

_USUAL_GRID = "32x32"
_FIRST = (10, 100, 300)
_TIMES = (1e-6, 1e2, 120)  # of the predicted curve, log-spaced


@dataclass(frozen=True, kw_only=True)
class Ntk(NetworkSource):
    """Show the tangent kernel of a network: how much a step at one point changes the value at another.

    Writes kernel.png, profile.svg, spectrum.svg and eigenvectors.png.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore ntk photo.safetensors --out kernel/",
        "fieldcore ntk photo.safetensors --at-start --picture photo.jpg -o kernel/",
        "fieldcore ntk --activation finer --first-bias 20 --omega 1 --grid 1024 -o k20/",
    )

    grid: str = option(
        "Points, evenly over the domain: 1024 on a line, 32x32 on a plane.",
        default=_USUAL_GRID,
        metavar="N[xN]",
        group="kernel",
    )
    channel: int = option("Of the output.", default=0, metavar="INDEX", group="kernel")
    picture: str | None = option(
        "Say how much of this picture lies in the first eigenvectors, and how fast the kernel would learn it.",
        default=None,
        metavar="PHOTO",
        group="kernel",
    )
    at_start: bool = option("Of a field, the kernel that its training began with.", default=False, group="kernel")
    out: str = option("Folder to write into.", metavar="FOLDER", short="o", group="output")

    def __post_init__(self) -> None:
        parse_grid(self.grid)
        if self.at_start and not self.field:
            raise InputError("--at-start: an untrained network is at its start; leave it out, or give a field")

    def run(self) -> None:
        """Compute, write and print what the eigenvalues say."""
        resolution = parse_grid(self.grid)
        self.check_source()
        if self.picture is not None:
            check_source("picture", self.picture)
            if len(resolution) != 2:
                raise InputError(
                    f"--picture: needs a grid of points on a plane, such as {_USUAL_GRID}, got {self.grid}"
                )
        out = Path(self.out)
        check_writable_folder(out)
        field = self._field(len(resolution))
        self.print_result(self._written(field, resolution, out))

    def _field(self, dim: int) -> Any:
        from ..fields import build_field

        field: Any = self.network(dim)
        if field.dim != dim:
            sides = "x".join(["32"] * field.dim)
            raise InputError(
                f"--grid {self.grid}: the field has {field.dim} coordinates; give so many sides, as in {sides}"
            )
        return build_field(field.recipe, field.facts).to(field.device) if self.at_start else field

    def _written(self, field: Coordinate, resolution: tuple[int, ...], out: Path) -> dict[str, Any]:
        from ..figure_file import write_figure
        from ..grid import Grid
        from ..network_figures import eigenvector_figure, kernel_figure, profile_figure, spectrum_figure
        from ..tangent_kernel import kernel_spectrum, tangent_kernel

        half = field.facts.half_extent
        grid = Grid(resolution, tuple(-side for side in half), half)
        x = grid.points(0, grid.count, field.device)
        found = tangent_kernel(field, x, self.channel)
        spectrum, kernel = kernel_spectrum(found), found.cpu().numpy()
        title = f"{field.recipe.activation}, {field.recipe.hidden_layers + 1} x {field.recipe.width}"
        result: dict[str, Any] = {
            "out": str(out),
            "points": grid.count,
            "effective_rank": round(spectrum.effective_rank, 4),
            "eigenvalues_of_99_percent": spectrum.count_99,
            "largest": float(kernel.max()),
            "smallest": float(kernel.min()),
        }
        shares = None
        if self.picture is not None:
            shares = self._of_picture(field, grid, spectrum, out, result)
        write_figure(out / "kernel.png", kernel_figure(kernel, title))
        write_figure(out / "profile.svg", profile_figure(kernel, x.cpu().numpy(), title))
        write_figure(out / "spectrum.svg", spectrum_figure(spectrum, title, shares))
        write_figure(out / "eigenvectors.png", eigenvector_figure(spectrum, grid.shape))
        return result

    def _of_picture(
        self, field: Coordinate, grid: Grid, spectrum: KernelSpectrum, out: Path, result: dict[str, Any]
    ) -> np.ndarray:
        """The share of the picture in the first eigenvectors; also writes the curve that the kernel predicts."""
        import numpy as np
        import torch

        from ..figure_file import write_figure
        from ..network_figures import curve_figure
        from ..signals import Picture

        assert self.picture is not None
        with local_file("picture", self.picture) as path:
            picture = Picture.open(path, max_size=max(grid.resolution))
        half, channel = picture.facts.half_extent, min(self.channel, picture.facts.channels - 1)
        scaled = grid.points(0, grid.count) / torch.tensor(grid.upper) * torch.tensor(half)
        values = picture(scaled)[:, channel].double().numpy()
        shares = spectrum.shares(values)
        result["picture_in_first"] = {str(k): round(float(shares[k - 1]), 4) for k in _FIRST if k <= len(shares)}
        with torch.no_grad():
            given = field.network(field.mapping(grid.points(0, grid.count, field.device)))[:, self.channel]
        times = np.geomspace(*_TIMES)
        errors = spectrum.predicted_errors(given.double().cpu().numpy() - (2 * values - 1), times)
        write_figure(out / "predicted.svg", curve_figure(times, errors, f"predicted for {picture.facts.name}"))
        return shares


def parse_grid(text: str) -> tuple[int, ...]:
    """Cells along each axis: ``1024`` or ``32x32``. Raises InputError for other text, or too many points.

    Example:
        >>> parse_grid("32x16")
        (32, 16)
    """
    sides = text.lower().split("x")
    if not all(side.isdecimal() and int(side) >= 2 for side in sides) or len(sides) > 3:
        raise InputError(f"--grid: expected one to three whole numbers from 2, as in 1024 or 32x32, got '{text}'")
    resolution = tuple(map(int, sides))
    count = math.prod(resolution)
    if count > MOST_POINTS:
        raise InputError(too_many_points(f"--grid {text}", count))
    return resolution
