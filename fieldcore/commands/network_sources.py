"""Networks as the input of a command: a field's file, or an untrained one made of options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..arguments import argument
from ..errors import InputError
from ..sources import check_source
from .common import ComputingOptions
from .field_files import ADVICE, opened_field
from .network_options import NetworkOptions

if TYPE_CHECKING:
    from ..fields.coordinate import Coordinate
    from ..signals import SignalFacts

_USUAL_ACTIVATION = "finer"


@dataclass(frozen=True, kw_only=True)
class NetworkSource(NetworkOptions, ComputingOptions):
    """What commands take that look into a network."""

    field: str = argument(
        "A coordinate network's file (.safetensors); without one, an untrained network of the options is looked at.",
        default="",
        metavar="FIELD",
    )

    def check_source(self) -> None:
        """Raise InputError, before anything heavy is imported, for what cannot be."""
        changes = self.network_changes()
        if self.field and changes:
            raise InputError("give a field or what a network is made of, not both: a field has its settings already")
        if self.field:
            check_source("field", self.field, ADVICE)

    def network(self, dim: int, seed: int = 0) -> Coordinate:
        """The field, or an untrained one of three channels for so many coordinates.

        Raises:
            InputError: the file holds another kind of field.
        """
        from ..devices import choose_device
        from ..fields import build_field, preset_recipe

        if self.field:
            with opened_field(self.field, self.device) as checkpoint:
                return _coordinate(checkpoint.field, self.field)
        facts = untrained_facts(dim)
        recipe: Any = preset_recipe("coordinate", "paper", facts, seed=seed)
        recipe = recipe.changed({"activation": _USUAL_ACTIVATION, **self.network_changes()}, facts.type)
        return _coordinate(build_field(recipe, facts).to(choose_device(self.device)), "")


def untrained_facts(dim: int) -> SignalFacts:
    """Of no signal: a box of so many coordinates, three channels."""
    from ..signals import SignalFacts

    return SignalFacts("none", name="untrained", digest="", half_extent=(1.0,) * dim, channels=3)


def _coordinate(field: Any, source: str) -> Coordinate:
    from ..fields.coordinate import Coordinate

    if not isinstance(field, Coordinate):
        raise InputError(f"field '{source}': expected a coordinate network, got a {field.kind} field")
    return field
