"""``fieldcore light-stage``: a synthetic capture of a mesh, whose truth is known at any light."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from ..arguments import argument, option
from ..errors import InputError
from ..files import refuse_overwriting
from ..sources import check_source, local_file
from .common import GeneralOptions, require_between

if TYPE_CHECKING:
    import numpy as np

    from ..lights.synthetic import SyntheticView

MOST_LIGHTS = 1000


@dataclass(frozen=True, kw_only=True)
class LightStageCommand(GeneralOptions):
    """Photograph a mesh under one light after the other, with hard shadows, as a light stage does.

    Photos are written with an .lp file and a mask, and beside them a folder truth/ of photos under other lights.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore light-stage statue.ply --lights 60 --size 512 --out stage/",
        "fieldcore fit light-stage stage/",
        "fieldcore score stage.safetensors --signal stage/ --unseen stage/truth",
    )

    mesh: str = argument("PLY, OBJ, STL, OFF or GLB; the camera looks down -z, y is up.", metavar="MESH")
    out: str = option("Folder to write; it is made.", metavar="FOLDER", short="o", group="output")
    overwrite: bool = option("Replace existing photos.", default=False, group="output")
    lights: int = option("Photos, spread evenly over the dome.", default=60, metavar="COUNT", group="capture")
    unseen: int = option("Photos under other lights, in truth/.", default=20, metavar="COUNT", group="capture")
    size: int = option("Pixels a side.", default=512, metavar="PIXELS", group="capture")
    elevation: float = option("The lowest light, in degrees.", default=14.5, metavar="DEGREES", group="capture")
    coat: float = option(
        "Reflectance of the glossy coat; 0 is a matte surface.", default=0.05, metavar="SHARE", group="capture"
    )
    format: str = option(
        "PNG has 8 bits, TIFF 16; EXR is linear light without a limit.",
        default="png",
        choices=lambda: ("png", "jpg", "tif", "exr"),
        group="output",
    )

    def __post_init__(self) -> None:
        require_between("--lights", self.lights, 3, MOST_LIGHTS)
        require_between("--unseen", self.unseen, 0, MOST_LIGHTS)
        require_between("--size", self.size, 8, 8192)
        require_between("--elevation", self.elevation, 0, 80)
        require_between("--coat", self.coat, 0, 1)

    def run(self) -> None:
        """Cast rays, light after light, and write."""
        check_source("mesh", self.mesh)
        folder = Path(self.out)
        if folder.is_file():
            raise InputError(f"--out '{folder}': expected a folder, and it is a file")
        refuse_overwriting(folder / "lights.lp", self.overwrite)
        from ..lights.synthetic import Material, SyntheticView, spread_directions
        from ..signals.mesh_file import read_mesh

        with local_file("mesh", self.mesh) as path:
            view = SyntheticView(read_mesh(path), self.size, Material(coat=self.coat))
        if not view.mask.any():
            raise InputError(f"mesh '{self.mesh}': nothing of it is seen along z; turn it")
        self._write(view, folder, spread_directions(self.lights, self.elevation))
        if self.unseen:
            self._write(view, folder / "truth", spread_directions(self.unseen, self.elevation + 5, turn=1.0))
        shown = {"out": str(folder), "photos": self.lights, "unseen": self.unseen}
        self.print_result({**shown, "width": self.size, "height": self.size})

    def _write(self, view: SyntheticView, folder: Path, directions: np.ndarray) -> None:
        from ..images import display_from_linear, write_image
        from ..progress_lines import ProgressLine

        folder.mkdir(parents=True, exist_ok=True)
        lines = [str(len(directions))]
        with ProgressLine(f"photos in {folder}", total=float(len(directions))) as line:
            for number, direction in enumerate(directions):
                name = f"{number:03d}.{self.format}"
                photo = view.lit(direction)
                bits = 16 if self.format == "tif" else 8
                values = photo if self.format == "exr" else display_from_linear(photo).clip(0, 1)
                write_image(folder / name, values, bits)  # type: ignore[arg-type]
                lines.append(f"{name} {' '.join(f'{value:.9f}' for value in direction)}")
                line.show(float(number + 1), note=f"{number + 1} of {len(directions)}")
        write_image(folder / "mask.png", view.mask.astype("uint8") * 255)
        (folder / "lights.lp").write_text("\n".join(lines) + "\n")
