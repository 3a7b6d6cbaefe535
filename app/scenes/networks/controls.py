"""What the scene of networks is asked to show."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from fieldcore.fields.networks import ACTIVATIONS, MAPPINGS, STARTS

from ...compare import COMPARISONS, Compare
from ...covariance import Covariance, isotropic
from ...entries import again, entry, file_entry
from ...path.entry_checks import number, one_of, whole_number
from ...path.tracks import Space
from ...plane.controls import PlaneControls, Words

if TYPE_CHECKING:
    from fieldcore.filters import Gaussian
    from fieldcore.signals import SignalFacts
else:  # they import torch, which a page of help should not wait for
    Gaussian = SignalFacts = Any

SAMPLE = "sample:"
MOST_NETWORKS = 9
MOST_PX = 2048
"""Of the longer side of a picture."""


Mode = Literal["desk", "race"]

_LOGARITHMS = Space(
    lambda value: _point(math.log(max(value, 1e-12))), lambda point: min(max(math.exp(float(point[0])), 1e-3), 1e6)
)


def _point(value: float) -> Any:
    import numpy as np

    return np.array([value])


def _named(names: tuple[str, ...]) -> Callable[[Any, str], Any]:
    return lambda value, where: one_of(value, where, names)


def networks_check(value: Any, where: str) -> str:
    """The names of a race: ``Declaration.check``."""
    from fieldcore.comparison.entry import parse_entries
    from fieldcore.errors import InputError

    try:
        entries = parse_entries(str(value))
    except InputError as error:
        raise InputError(str(error).replace("--networks", where, 1)) from error
    if not 2 <= len(entries) <= MOST_NETWORKS:
        raise InputError(f"{where}: expected from 2 to {MOST_NETWORKS} networks, got {len(entries)}")
    return str(value)


def _steps_check(value: Any, where: str) -> tuple[int, ...]:
    if not isinstance(value, list):
        whole_number(value, where, 0, 10**9)
    return tuple(whole_number(each, f"{where}[{index}]", 0, 10**9) for index, each in enumerate(value))


def _knows(name: str) -> Callable[[Any], str]:
    """Refuses a number that the activation has not."""

    def refusal(controls: NetworksControls) -> str:
        known = name in ACTIVATIONS[controls.activation].numbers
        return _of_desk(controls) or ("" if known else f"the activation '{controls.activation}' has none")

    return refusal


def _only_after(mapping: str) -> Callable[[Any], str]:
    def refusal(controls: NetworksControls) -> str:
        return _of_desk(controls) or ("" if controls.mapping == mapping else f"only for the mapping '{mapping}'")

    return refusal


def _of_desk(controls: NetworksControls) -> str:
    return "" if controls.show == "desk" else "only for the desk: in a race settings follow the names"


def _of_race(controls: NetworksControls) -> str:
    return "" if controls.show == "race" else "only for the race"


def _only_for_sines(controls: NetworksControls) -> str:
    return _of_desk(controls) or ("" if controls.suits_starts else "only for sines without a mapping")


def _network(*words: Any, refusal: Callable[[Any], str] = _of_desk, **facts: Any) -> Any:
    return entry(*words, group="Network", refusal=refusal, **facts)


def _whole(default: int, label: str, help: str, least: int, most: int, setting: str = "") -> Any:
    return _network(
        default, label, help, least=float(least), most=float(most), bounds=(float(least), float(most)), setting=setting
    )


_bias = partial(entry, group="Spectral bias", widget="log", space=_LOGARITHMS, above=0.0)


Output = Literal["field", "truth", "error", "other"]
"""What networks have learned, the picture, how far the one is from the other; and another network or picture."""


@dataclass(frozen=True, kw_only=True)
class NetworksControls(PlaneControls):
    """The state of the scene of networks.

    A frame shows what the networks are after the share ``trained`` of their training, from the seed: on one machine
    the same numbers give the same picture.

    Attributes:
        field: path of a picture, or of a coordinate network of one, which is shown as it is.
        show: one network, or a race.
        mapping, activation, width, layers: of the network on the desk; ``layers`` counts all hidden ones.
        first_weights: its ``start``, where it is one of sines without a mapping.
        omega_first, omega_hidden, first_bias, spread, frequency_variance: see ``CoordinateRecipe``.
        size: longer side of the picture that it learns, in pixels.
        steps: of its training.
        network_seed: of every random number.
        networks: of the race, as ``fieldcore compare`` takes them.
        race_seconds: that each of them is trained.
        whole: whether the network shown is the one that is asked for, not the small one on a small picture that
            answers first.
        trained: share of the training that is done.
        race_steps: steps that each network of a race has taken by then; without them all have taken the same.
    """

    judged = ("field",)
    former: ClassVar = {"comparison": COMPARISONS}

    left: Output = again(Compare, "left", "field")
    right: Output = again(Compare, "right", "truth")
    field: str = file_entry(
        f"the path of a picture, {SAMPLE}NAME, or the path of a coordinate network",
        required=True,
        is_no_file=lambda name: name.startswith(SAMPLE),
    )
    show: Mode = entry(
        "desk", "show", "desk: one network, looked into; race: several, trained for the same time", group="Network"
    )
    mapping: str = _network(
        "none", "mapping", "what the network sees of its coordinates", choices=tuple(MAPPINGS),
        check=_named(tuple(MAPPINGS)),
    )  # fmt: skip
    activation: str = _network(
        "finer", "activation", "what every layer ends with; its published numbers come with it",
        choices=tuple(ACTIVATIONS), check=_named(tuple(ACTIVATIONS)),
    )  # fmt: skip
    first_weights: str = _network(
        "published", "first weights", "what is done to them before the first step; for sines without a mapping",
        choices=tuple(STARTS), check=_named(tuple(STARTS)), refusal=_only_for_sines,
    )  # fmt: skip
    width: int = _whole(128, "width", "units of each hidden layer", 2, 1024)
    layers: int = _whole(3, "layers", "hidden layers, the first one included", 1, 16)
    size: int = _whole(
        256, "picture, px", "the longer side of the picture that is learned, in pixels", 4, MOST_PX, "picture-size"
    )
    steps: int = _whole(
        600, "training steps", "of the network at full size, over which its rate falls to zero", 1, 10**6,
        "network-steps",
    )  # fmt: skip
    network_seed: int = entry(
        0, "seed", "of every random number", group="Network", least=0.0, most=2.0**31 - 1, bounds=(0.0, 2.0**31 - 1)
    )
    omega_first: float = _bias(
        30.0, "omega first", "what z is multiplied by inside the sine of the first layer", bounds=(0.1, 300.0),
        refusal=_knows("omega_first"),
    )  # fmt: skip
    omega_hidden: float = _bias(
        30.0, "omega hidden", "the same of all other layers", bounds=(0.1, 300.0), refusal=_knows("omega_hidden")
    )
    first_bias: float = _bias(
        0.707, "k", "the first layer's biases are uniform within k: where FINER's sine begins", bounds=(0.01, 50.0),
        refusal=_knows("first_bias"),
    )  # fmt: skip
    spread: float = _bias(
        1.0, "spread", "s of the activation's Gaussian", bounds=(0.1, 300.0), refusal=_knows("spread")
    )
    frequency_variance: float = _bias(
        25.0, "Fourier variance", "of the frequencies of the mapping 'gaussian', in squared cycles per domain unit",
        bounds=(0.01, 1e4), refusal=_only_after("gaussian"),
    )  # fmt: skip
    networks: str = entry(
        "siren,finer,gauss,pemlp",
        "networks",
        "2 to 9 names with commas between, each with settings as in finer:first_bias=5, as in fieldcore compare",
        group="Race",
        check=networks_check,
        metavar="NAMES",
    )
    race_seconds: float = entry(
        10.0,
        "seconds each",
        "training time of each network",
        group="Race",
        widget="number",
        bounds=(0.1, 3600.0),
        above=0.0,
        refusal=_of_race,
    )
    whole: bool = entry(True, undone=False)
    trained: float = entry(1.0, undone=False, least=0.0, most=1.0, brief=lambda share: f"{100 * share:.0f} % trained")
    race_steps: tuple[int, ...] = entry((), undone=False, check=_steps_check)

    def filter_of(self, facts: SignalFacts) -> Gaussian:
        """See the base: networks are shown as they are."""
        from fieldcore.filters import Gaussian

        return Gaussian(0.0)

    @property
    def equivalent_covariance(self) -> Covariance:
        """See the base."""
        return isotropic(0.0, 2)

    @property
    def caption_words(self) -> Words:
        """See the base: the tiles say what they are."""
        return ()

    @property
    def described(self) -> dict[str, Any]:
        """See the base."""
        if self.show == "race":
            return {"networks": self.networks, "trained": self.trained, "race_steps": list(self.race_steps)}
        return {
            "activation": self.activation,
            "mapping": self.mapping,
            **({"first_weights": self.first_weights} if self.first_weights != "published" else {}),
            **self.numbers,
            "whole": self.whole,
            "trained": self.trained,
        }

    @property
    def suits_starts(self) -> bool:
        """Whether the network on the desk is one whose first weights may be others."""
        kind = ACTIVATIONS[self.activation]
        return self.mapping == "none" and kind.first_weights == "sine" and not kind.is_complex

    @property
    def numbers(self) -> dict[str, float]:
        """Those of the activation and the mapping, as settings of a recipe."""
        known = (*ACTIVATIONS[self.activation].numbers, *(["frequency_variance"] * (self.mapping == "gaussian")))
        return {name: number(getattr(self, name), name) for name in known if hasattr(self, name)}
