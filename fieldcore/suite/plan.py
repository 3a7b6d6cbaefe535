"""Plans: what a suite trains and measures, as validated dataclasses."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..commands import FIT_OPTIONS
from ..errors import InputError
from ..fields import field_type
from ..fitting import Stop
from ..scoring import CROPS, Crop
from .targets import Targets

FORMAT, VERSION = "fieldscope-suite", 1

MOST_SEEDS, MOST_COVARIANCES = 1000, 10_000

_RESOLVED_TYPES = ("picture", "texture", "shape")
"""Signals that may be measured at another resolution than their own."""


def _require(name: str, holds: bool, expected: str, got: Any) -> None:
    if not holds:
        raise InputError(f"{name}: expected {expected}, got {got}")


@dataclass(frozen=True, kw_only=True)
class SignalEntry:
    """Signals of a plan.

    Attributes:
        source: a file, a pattern of files such as ``pictures/*.png``, a folder, ``sample:NAME`` or a formula's name.
        type: as after ``fieldcore fit``; where it is empty, what the name says.
        options: those of ``fieldcore fit TYPE`` by which it is read, such as ``{"size": 512}``.
        held_out: of a light stage: names of photos that are not trained on but judged, or a text file with one a line.
    """

    source: str
    type: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    held_out: tuple[str, ...] | str = ()

    def __post_init__(self) -> None:
        if not self.source:
            raise InputError("source: expected a file's name, got none")
        if self.type and self.type not in FIT_OPTIONS:
            raise InputError(f"type: expected one of {', '.join(FIT_OPTIONS)}, got '{self.type}'")


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A way of making fields.

    Attributes:
        name: in tables and plots.
        kind, preset: as of ``fieldcore fit``; an empty preset is the kind's own for the signal.
        changes: settings of the recipe by name.
        types: of signals that it is for; () is all.
    """

    name: str
    kind: str
    preset: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict)
    types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        kind = field_type(self.kind)
        if self.preset and self.preset not in kind.presets:
            raise InputError(f"preset: a {self.kind} field has {', '.join(kind.presets)}, got '{self.preset}'")
        usual = kind.presets[self.preset] if self.preset else next(iter(kind.presets.values()))
        usual.changed(self.changes, "picture")
        for type in self.types:
            if type not in FIT_OPTIONS:
                raise InputError(f"types: expected some of {', '.join(FIT_OPTIONS)}, got '{type}'")

    def is_for(self, type: str) -> bool:
        """Whether it is trained on signals of a type."""
        return not self.types or type in self.types


@dataclass(frozen=True, kw_only=True)
class Measure:
    """How fields are measured.

    Attributes:
        variances: of the Gaussians they are filtered by, in squared domain units.
        covariances: further Gaussians: ``{"seed": 0, "count": 100}`` draws them, ``{"file": "NAME"}`` reads matrices.
        resolution: cells along the longest side by type of signal, where its own are not wanted.
        metrics: names of measures; () is all that a signal has.
        crop: ``axes``, by what a filter reaches along each, or ``paper``, by its longest reach along all.
        samples: filter by so many samples a cell where a field refuses a filter; 0 leaves such a value missing.
    """

    variances: tuple[float, ...] = (0.0, 1e-4, 1e-3, 1e-2, 1e-1)
    covariances: Mapping[str, Any] = field(default_factory=dict)
    resolution: Mapping[str, int] = field(default_factory=dict)
    metrics: tuple[str, ...] = ()
    crop: Crop = "axes"
    samples: int = 0

    def __post_init__(self) -> None:
        _require("variances", all(0 <= v < math.inf for v in self.variances), "numbers from 0", self.variances)
        _require("variances", len(set(self.variances)) == len(self.variances), "each once", self.variances)
        measured = self.variances or self.covariances.get("file") or self.covariances.get("count")
        _require("variances", bool(measured), "at least one, or covariances", self.variances)
        _require("crop", self.crop in CROPS, f"one of {', '.join(CROPS)}", self.crop)
        _require("samples", 0 <= self.samples <= 1 << 20, "0 to 1048576", self.samples)
        for type, cells in self.resolution.items():
            _require("resolution", type in _RESOLVED_TYPES, f"types among {', '.join(_RESOLVED_TYPES)}", type)
            is_count = isinstance(cells, int) and not isinstance(cells, bool)
            _require(f"resolution: {type}", is_count and 16 <= cells <= 1 << 14, "16 to 16384 cells", cells)
        self._check_covariances()

    def _check_covariances(self) -> None:
        known = set(self.covariances)
        _require("covariances", known in (set(), {"file"}, {"seed", "count"}), "seed and count, or file", known)
        for name in known - {"file"}:
            number = self.covariances[name]
            most = MOST_COVARIANCES if name == "count" else 2**31 - 1
            is_count = isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= most
            _require(f"covariances: {name}", is_count, f"a whole number from 0 to {most}", number)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a suite trains and measures.

    Attributes:
        name: of the plan; a folder of results belongs to one name.
        about: a sentence for people.
        signals, variants, seeds: each variant is trained on each signal from each seed.
        options: those of ``fieldcore fit TYPE``, by type, for all signals of it.
        stop: when each training stops: one of the four rules, or none for the recipe's own steps.
        measure: how fields are measured.
        baseline: name of the variant that the others are held against.
        time_to_quality: measure the time until a target is reached instead, where there is one.

    Raises:
        InputError: naming the entry that no plan can have.
    """

    name: str
    signals: tuple[SignalEntry, ...]
    variants: tuple[Variant, ...]
    about: str = ""
    seeds: tuple[int, ...] = (0,)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stop: Stop = field(default_factory=Stop)
    measure: Measure = field(default_factory=Measure)
    baseline: str = ""
    time_to_quality: Targets | None = None

    def __post_init__(self) -> None:
        _require("name", bool(self.name), "a name", self.name)
        _require("signals", bool(self.signals), "at least one", self.signals)
        names = [variant.name for variant in self.variants]
        _require("variants", bool(names), "at least one", names)
        _require("variants", len(set(names)) == len(names), "names that differ", ", ".join(names))
        _require("seeds", bool(self.seeds) and len(set(self.seeds)) == len(self.seeds), "some that differ", self.seeds)
        _require("seeds", len(self.seeds) <= MOST_SEEDS, f"at most {MOST_SEEDS}", len(self.seeds))
        _require("seeds", all(0 <= seed < 2**31 for seed in self.seeds), "numbers in [0, 2^31)", self.seeds)
        _require("baseline", self.baseline in ("", *names), f"one of the variants {', '.join(names)}", self.baseline)
        for type in self.options:
            _require("options", type in FIT_OPTIONS, f"types among {', '.join(FIT_OPTIONS)}", type)
        rules = [name for name, value in dataclasses.asdict(self.stop).items() if value is not None]
        _require("stop", len(rules) <= 1, "one of the four rules", " and ".join(rules))
        if self.time_to_quality is not None:
            capped = self.stop.steps is not None or self.stop.seconds is not None
            _require("stop", capped, "steps or seconds, the cap of the time to quality", " ".join(rules) or "none")

    @property
    def is_timed(self) -> bool:
        """Whether what is reached depends on how fast the machine is."""
        return self.stop.seconds is not None or self.time_to_quality is not None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a file."""
        return {"format": FORMAT, "version": VERSION, **dataclasses.asdict(self)}
