"""Files that come with the program, by name: ``sample:NAME``. Nothing heavy is imported to find them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from .errors import InputError

PREFIX = "sample:"
PICTURES = (".png", ".jpg")
MODELS = (".glb", ".ply")
FIELDS = (".safetensors",)
KERNELS = (".json",)


def sample_path(source: str) -> Path:
    """The file behind ``sample:NAME``: a picture inside scikit-image, or a model, field or kernel of ours.

    Other paths are returned as they are.

    Raises:
        InputError: there is no sample of that name, with the names there are.
    """
    if not source.startswith(PREFIX):
        return Path(source)
    name, known = source.removeprefix(PREFIX), _samples()
    if name not in known:
        raise InputError(f"there is no sample '{name}'; the samples are {', '.join(known)}")
    return known[name]


def sample_names(suffixes: tuple[str, ...] = PICTURES) -> tuple[str, ...]:
    """What may stand after ``sample:``, of files with one of these suffixes."""
    return tuple(name for name, path in _samples().items() if path.suffix in suffixes)


def shipped_plans() -> dict[str, Path]:
    """The suite's plans that come with the program, by name."""
    return {path.stem: path for path in sorted((_assets_folder() / "plans").glob("*.json"))}


def _samples() -> dict[str, Path]:
    """By name; a picture comes before a file of ours that has the same name."""
    found: dict[str, Path] = {}
    assets = _assets_folder()
    folders = ((_pictures_folder(), PICTURES), (assets, MODELS + FIELDS), (assets / "kernels", KERNELS))
    for folder, suffixes in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if path.suffix in suffixes:
                found.setdefault(path.stem, path)
    return found


def _pictures_folder() -> Path:
    """The photographs that scikit-image carries."""
    skimage = find_spec("skimage")
    return Path(skimage.origin if skimage and skimage.origin else "").parent / "data"


def _assets_folder() -> Path:
    """Beside the package in the repository; in a wheel inside the window's package, which lies beside ours."""
    beside = Path(__file__).parents[1]
    inside = beside / "app" / "assets"
    return inside if inside.is_dir() else beside / "assets"
