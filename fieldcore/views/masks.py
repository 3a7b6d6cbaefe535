"""Masks of photographs: which file belongs to which, and what is wrong with what is in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jaxtyping import UInt8
from torch import Tensor

from ..errors import InputError
from ..images import SUFFIXES
from .carving import listed
from .description import Description, Photograph
from .silhouettes import INSIDE

FOLDERS = ("mask", "masks")
"""Looked for in a scene's folder, where neither pictures have alpha nor the scene's files name masks."""

NO_MASKS = (
    "these views have no masks; give --masks DIR, RGBA pictures, or --mask-from-background where the background is of "
    "one colour"
)


def with_masks(described: Description, folder: Path | None) -> tuple[Photograph, ...]:
    """A scene's photographs with the files of their masks.

    Args:
        described: whose own masks, or pictures' alpha, are taken unless a folder is given.
        folder: with a mask for each photograph, of the same name; ``mask_NAME``, ``NAME_mask`` and ``NAME.jpg.png``
            are found, too, and where no name is the same the same number (DTU has 000000.png and 000.png).

    Raises:
        InputError: there is no such folder, or it has no mask for a photograph.
    """
    photographs = described.photographs
    if folder is None:
        if all(each.mask is not None or each.header.has_alpha for each in photographs):
            return photographs
        folder = next((there for name in FOLDERS if (there := described.folder / name).is_dir()), None)
        if folder is None:
            return photographs
    if not folder.is_dir():
        raise InputError(f"masks '{folder}': no such folder")
    paths = _pictures(folder)
    by_name = _by_name(folder, paths)
    several = [each.path.name for each in photographs if by_name.get(each.name, folder) is None]
    if several:
        raise InputError(
            f"masks '{folder}': there are several for {len(several)} of {len(photographs)} pictures, such as "
            f"'{several[0]}'; leave one of each"
        )
    found = [by_name.get(each.name) or by_name.get(each.path.stem) for each in photographs]
    if not any(found):
        found = _by_number(photographs, paths)
    missing = [each.path.name for each, mask in zip(photographs, found, strict=True) if mask is None]
    if missing:
        raise InputError(
            f"masks '{folder}': there is none for {len(missing)} of {len(photographs)} pictures, such as "
            f"'{missing[0]}'; a mask has its picture's name, its number, or mask_ before its name"
        )
    return tuple(replace(each, mask=mask) for each, mask in zip(photographs, found, strict=True))


def _pictures(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )


def _by_number(photographs: Sequence[Photograph], paths: Sequence[Path]) -> list[Path | None]:
    """Masks by the last number in their names, where all pictures have one and no two masks the same."""
    numbers = [_last_number(photograph.path) for photograph in photographs]
    of_masks = [_last_number(path) for path in paths]
    if None in numbers or len({*numbers}) < len(numbers) or len({*of_masks}) < len(of_masks):
        return [None] * len(photographs)
    known = dict(zip(of_masks, paths, strict=True))
    return [known.get(number) for number in numbers]


def _last_number(path: Path) -> int | None:
    digits = re.findall(r"\d+", path.stem)
    return int(digits[-1]) if digits else None


def _by_name(folder: Path, paths: Sequence[Path]) -> dict[str, Path | None]:
    """Masks by the names of the pictures that they may be of; None where there are several of a name."""
    known: dict[str, Path | None] = {}
    for path in paths:
        within = path.relative_to(folder).with_suffix("").as_posix()
        for name in {within, path.stem}:
            for said in {name, name.removesuffix("_mask"), _without_prefix(name), _without_suffix(name)}:
                known[said] = None if known.get(said, path) != path else path
    return known


def _without_prefix(name: str) -> str:
    head, _, last = name.rpartition("/")
    return f"{head}/{last.removeprefix('mask_')}".removeprefix("/")


def _without_suffix(name: str) -> str:
    """COLMAP's masks have the picture's whole name before their own suffix."""
    return next((name[: -len(suffix)] for suffix in SUFFIXES if name.lower().endswith(suffix)), name)


def are_full(pixels: Sequence[UInt8[Tensor, "_ _ 4"]]) -> bool:
    """Whether masks are full in all views, and so say nothing."""
    return all(bool((stored[..., 3] > 255 * INSIDE).all()) for stored in pixels)


def check_masks(where: str, names: Sequence[str], pixels: Sequence[UInt8[Tensor, "_ _ 4"]]) -> None:
    """Raise InputError, naming the views, where some masks are empty or full."""
    for what, is_so in (("empty", "any"), ("full", "all")):
        wrong = [
            name
            for name, stored in zip(names, pixels, strict=True)
            if bool(getattr(stored[..., 3] > 255 * INSIDE, is_so)()) == (what == "full")
        ]
        if wrong:
            views = f"the mask of view {wrong[0]} is" if len(wrong) == 1 else f"the masks of views {listed(wrong)} are"
            advice = "show nothing of the object" if what == "empty" else "show no background"
            most = max(int(stored[..., 3].max()) for stored in pixels)
            if most == 1:
                raise InputError(f"{where}: {views} {what}: no value is above 1 of 255; write masks of 0 and 255")
            raise InputError(f"{where}: {views} {what}; leave out views that {advice}, or mend their masks")
