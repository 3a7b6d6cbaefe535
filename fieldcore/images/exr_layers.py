"""Layers of an EXR file: which channels belong together, and which of them a person means.

Channels are named ``layer.channel`` (openexr.com, "Technical introduction"); those of the base layer have no dot. A
file may also be of several parts, each with a name and channels of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .faults import Refused


@dataclass(frozen=True)
class Layer:
    """Channels that make one picture.

    Attributes:
        part: number of the part that holds them.
        label: how a person calls it; "" for the base layer of a file of one part.
        channels: full names by their last component.
        base: its channels' names have no dot.
        plane: it is a single channel that a person asked for by its full name.
    """

    part: int
    label: str
    channels: dict[str, str]
    base: bool = False
    plane: bool = False

    @property
    def coloured(self) -> bool:
        """Whether it has what makes a picture: R, G or B, or luminance, which beside X is a direction's Y."""
        luminance = "Y" in self.channels and "X" not in self.channels
        return luminance or any(name in self.channels for name in ("R", "G", "B"))

    def roles(self) -> dict[str, str]:
        """Full names of R, G, B, Y, RY, BY and A, as far as there are any; of another single channel as Y."""
        found = {name: full for name, full in self.channels.items() if name in ("R", "G", "B", "A", "Y", "RY", "BY")}
        if self.plane or not self.coloured:
            return {"Y": next(iter(self.channels.values()))}
        return found

    def left_out(self) -> list[str]:
        """Full names of channels that its picture does not show."""
        shown = set(self.roles().values())
        return [full for full in self.channels.values() if full not in shown]


def layers_of(parts: Sequence[tuple[str, Iterable[str]]]) -> list[Layer]:
    """All layers of a file from the name and the channels of each part, in the file's order."""
    layers: list[Layer] = []
    for number, (part, channels) in enumerate(parts):
        groups: dict[str, dict[str, str]] = {}
        for full in channels:
            prefix, _, last = full.rpartition(".")
            groups.setdefault(prefix, {})[_STANDARD.get(last, last)] = full
        named = part if len(parts) > 1 else ""
        for prefix, group in groups.items():
            layers.append(Layer(number, ".".join(filter(None, (named, prefix))), group, base=not prefix))
    return layers


def chosen(layers: Sequence[Layer], asked: str | None) -> Layer:
    """The layer that a person asks for by its name, or by the full name of one channel; without a name the usual one.

    Raises:
        Refused: there is none of that name, or there are several and no name; the sentence lists them.
    """
    if asked is not None:
        return _named(layers, asked)
    coloured = [layer for layer in layers if layer.coloured]
    candidates = [layer for layer in coloured if layer.base][:1] or coloured or list(layers)
    if len(candidates) == 1 and (candidates[0].coloured or len(candidates[0].channels) == 1):
        return candidates[0]
    raise Refused(f"which of its layers is meant is not clear; it has the channels {_listed(layers)}; {_HOW}")


def _named(layers: Sequence[Layer], asked: str) -> Layer:
    same = [layer for layer in layers if layer.label == asked]
    if not same:  # without the part's name, if that is enough
        same = [layer for layer in layers if layer.label.endswith(f".{asked}")]
    if same:
        return same[0]
    for layer in layers:
        for last, full in layer.channels.items():
            if asked in (full, f"{layer.label}.{last}".lstrip(".")):
                return Layer(layer.part, full, {last: full}, plane=True)
    raise Refused(f"it has no layer or channel '{asked}'; its channels are {_listed(layers)}; {_HOW}")


_STANDARD = {
    written: name
    for name, word in {"R": "red", "G": "green", "B": "blue", "A": "alpha"}.items()
    for written in (name.lower(), word, word.capitalize())
}
"""Other ways in which programs write the names of channels."""

_HOW = "choose one by the name before the last dot, or a single channel by its whole name (--layer NAME, layer='NAME')"


def _listed(layers: Sequence[Layer]) -> str:
    names = []
    for layer in layers:
        parted = layer.label
        for last, full in layer.channels.items():
            shown = (
                full if not parted or full.startswith(f"{parted}.") else f"{parted}.{full.rpartition('.')[2] or last}"
            )
            names.append(shown)
    return ", ".join(names)
