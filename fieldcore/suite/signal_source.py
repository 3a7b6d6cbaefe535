"""Signals of a plan: which files a name stands for, of what type they are, and how they are opened."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..commands import FIT_OPTIONS
from ..errors import InputError
from ..samples import PREFIX, sample_path
from ..signals import LightStage
from ..signals.signal import Dataset
from ..sources import check_source, is_address, local_file, source_name
from .plan import Plan, SignalEntry


@dataclass(frozen=True, kw_only=True)
class SignalSource:
    """One signal of a plan.

    Attributes:
        name: in tables and plots, another one for each.
        type: as after ``fieldcore fit``.
        source: what that command is given: an absolute path, ``sample:NAME``, an address or a formula's name.
        options: of that command, by which the signal is read.
        held_out: of a light stage: names of the photos that are judged and not trained on.
    """

    name: str
    type: str
    source: str
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    held_out: tuple[str, ...] = ()

    @contextmanager
    def opened(self, device: torch.device | str = "cpu") -> Iterator[tuple[Dataset, Dataset]]:
        """What is trained on, and what judges; they differ where photos are held out.

        Raises:
            InputError: it cannot be read, an option is none of its type's, or a photo that is held out is not there.
        """
        options = FIT_OPTIONS[self.type]
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in self.options.items()}
        _check_options(self.type, options, values)
        if not _has_sources(options):
            whole = options(**values).open(self.source).to(device)
            yield whole, whole
            return
        reader = options(sources=(self.source,), **values)
        with local_file(options.what, self.source, folders=options.folders) as path:
            whole = reader.open(str(path)).to(device)
            yield self._seen(whole), whole

    def _seen(self, whole: Dataset) -> Dataset:
        if not self.held_out:
            return whole
        if not isinstance(whole, LightStage):
            raise InputError(f"signal '{self.name}': held_out: only photos of light stages are held out by name")
        return whole.without(photo_numbers(whole, self.held_out, self.name))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return dataclasses.asdict(self)


def photo_numbers(stage: LightStage, names: tuple[str, ...], what: str) -> list[int]:
    """The numbers of a stage's photos by name. Raises InputError for one that it does not have."""
    known = {photo: number for number, photo in enumerate(stage.facts.photos)}
    missing = [name for name in names if name not in known]
    if missing:
        raise InputError(
            f"signal '{what}': held_out: there is no photo '{missing[0]}'; it has {', '.join(list(known)[:4])}, ..."
        )
    return [known[name] for name in names]


def signal_sources(plan: Plan, folder: Path) -> list[SignalSource]:
    """The signals of a plan, patterns expanded.

    Args:
        plan: see there.
        folder: that relative names start from.

    Raises:
        InputError: no such file, a pattern without files, a type that no name says, or a list of photos that is gone.
    """
    found: list[SignalSource] = []
    for entry in plan.signals:
        held_out = _held_out(entry, folder)
        for source in _expanded(entry, folder):
            one = named_source(source, entry.type)
            options = {**plan.options.get(one.type, {}), **entry.options}
            name = _free_name(one.name, {other.name for other in found})
            found.append(dataclasses.replace(one, name=name, options=options, held_out=held_out))
    return found


def named_source(source: str, type: str = "") -> SignalSource:
    """The signal of a name.

    Args:
        source: see ``SignalSource``.
        type: where it is empty, what the name says.

    Raises:
        InputError: no such file, or its name does not say what it is.
    """
    type = type or type_of(source)
    options = FIT_OPTIONS[type]
    if _has_sources(options):
        check_source(options.what, source, folders=options.folders)
    return SignalSource(name=source_name(source), type=type, source=source)


def type_of(source: str) -> str:
    """The type of signal that a file's name says, as after ``fieldcore fit``. Raises InputError if it says none.

    Example:
        >>> type_of("photo.jpg"), type_of("statue.ply"), type_of("ackley")
        ('picture', 'shape', 'ackley')
    """
    path = sample_path(source) if source.startswith(PREFIX) else Path(source)
    for type, is_one in _RECOGNISED.items():
        if is_one(path):
            return type
    raise InputError(
        f"signal '{source}': its name does not say what it is; give it a type, one of {', '.join(FIT_OPTIONS)}"
    )


def _is_light_stage(path: Path) -> bool:
    from ..lights.light_list import SUFFIXES

    if path.is_dir():
        return any(entry.suffix.lower() in SUFFIXES for entry in path.iterdir())
    return path.suffix.lower() in SUFFIXES


def _is_picture(path: Path) -> bool:
    from ..images import SUFFIXES

    return path.suffix.lower() in SUFFIXES


def _is_mesh(path: Path) -> bool:
    from ..signals.mesh_file import SUFFIXES

    return path.suffix.lower() in SUFFIXES


def _is_video(path: Path) -> bool:
    from ..videos import is_clip

    return is_clip(path)


def _is_scene(path: Path) -> bool:
    from ..views.formats import FORMATS

    return path.is_dir() and any(one.find(path) is not None for one in FORMATS.values())


_RECOGNISED: Mapping[str, Callable[[Path], bool]] = {
    "ackley": lambda path: str(path) == "ackley",
    "light-stage": _is_light_stage,
    "radiance": _is_scene,
    "video": _is_video,
    "picture": _is_picture,
    "shape": _is_mesh,
}
"""In the order in which they are asked."""


def _expanded(entry: SignalEntry, folder: Path) -> list[str]:
    """The names that an entry stands for."""
    source = entry.source
    if source.startswith(PREFIX) or is_address(source) or entry.type == "ackley" or source == "ackley":
        return [source]
    path = folder / source
    if path.exists() or not any(mark in source for mark in "*?["):
        return [str(path.absolute())]
    root = Path(path.absolute().anchor)
    files = sorted(map(str, root.glob(str(path.absolute().relative_to(root)))))
    if not files:
        raise InputError(f"signals: '{source}': no file is called so in '{folder.absolute()}'")
    return files


def _held_out(entry: SignalEntry, folder: Path) -> tuple[str, ...]:
    if not isinstance(entry.held_out, str):
        return entry.held_out
    path = folder / entry.held_out
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise InputError(f"signal '{entry.source}': held_out '{path}': {reason}; expected a photo a line") from error
    return tuple(line.strip() for line in lines if line.strip())


def _check_options(type: str, options: Any, given: Mapping[str, Any]) -> None:
    from ..commands.fit import FitOptions

    shared = {one.name for one in dataclasses.fields(FitOptions)}
    known = [one.name for one in dataclasses.fields(options) if one.name not in shared | {"sources"}]
    unknown = sorted(given.keys() - set(known))
    if unknown:
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise InputError(f"options: a {type} is not read with '{unknown[0]}'; {has}")


def _has_sources(options: Any) -> bool:
    return any(one.name == "sources" for one in dataclasses.fields(options))


def _free_name(name: str, taken: set[str]) -> str:
    numbered = (name if count == 1 else f"{name}-{count}" for count in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)
