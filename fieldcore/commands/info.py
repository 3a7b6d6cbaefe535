"""``fieldcore info``: what a field's file holds."""

from __future__ import annotations

import dataclasses
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from ..sources import local_file
from .common import GeneralOptions, json_line, shown
from .field_files import ADVICE, check_fields, field_argument

if TYPE_CHECKING:
    from ..checkpoint import Checkpoint

_NAME_COLUMNS, _COLUMNS = 20, 80
_OF_TIME = ("duration_seconds", "first_frame")  # of a signal
_OF_LIGHT = ("light_directions", "light_disc", "photo_numbers", "exposure_stops")
_OF_VIEWS = ("held_out_views", "longest_side_px", "masks", "recentred")
_DIGEST_LETTERS = 16  # shown to people; all of them with --json


@dataclass(frozen=True, kw_only=True)
class Info(GeneralOptions):
    """Say what a field's file holds."""

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore info photo.safetensors",
        "fieldcore info *.safetensors --json",
    )

    fields: tuple[str, ...] = field_argument("Fields' files")

    def run(self) -> None:
        """Print the facts; of several fields one after the other, as JSON a line each."""
        from ..checkpoint import load_checkpoint

        check_fields(*self.fields)
        for index, source in enumerate(self.fields):
            with local_file("field", source, ADVICE) as path:
                facts = {"field": source, "bytes": path.stat().st_size, **_facts(load_checkpoint(path))}
            if self.json:
                print(json_line(facts))
            else:
                print(("\n" if index else "") + _text(facts))


def _facts(checkpoint: Checkpoint) -> dict[str, Any]:
    from ..checkpoint import weights_digest
    from ..float32_products import float32_products

    field = checkpoint.field
    return {
        "kind": field.kind,
        "preset": field.recipe.preset,
        "parameters": field.parameter_count,
        "weights_digest": weights_digest(field),
        "filters": [supported.__name__ for supported in field.filters],
        "calibration": field.calibration_factor,
        "float32_products_here": float32_products(),
        "signal": dataclasses.asdict(field.facts),
        "training": dataclasses.asdict(checkpoint.training),
        "recipe": field.recipe.to_dict(),
    }


def _text(facts: Mapping[str, Any]) -> str:
    """For people: a line an entry, in groups; the recipe's many in running text, what all kinds share first."""
    from ..recipe import Recipe

    shared = [one.name for one in dataclasses.fields(Recipe)]
    recipe = {name: value for name, value in facts["recipe"].items() if name not in ("kind", "preset")}
    psnr = facts["training"]["psnr"]
    groups = {
        f"field '{facts['field']}'": {name: value for name, value in facts.items() if not isinstance(value, dict)},
        "signal": _of_signal(facts["signal"]),
        "training": {name: value for name, value in facts["training"].items() if name != "psnr"},
        "PSNR in dB by variance": {name: f"{value:.2f}" for name, value in psnr.items()},
        "recipe": {
            "training": _running({name: value for name, value in recipe.items() if name in shared}),
            facts["kind"]: _running({name: value for name, value in recipe.items() if name not in shared}),
        },
    }
    return "\n".join(line for heading, entries in groups.items() if entries for line in _lines(heading, entries))


def _of_signal(entries: Mapping[str, Any]) -> dict[str, Any]:
    """What there is to say of a signal: lights and names of photos are too many to read."""
    left_out = {"light_directions", "source_axes"}
    left_out |= set() if entries["duration_seconds"] > 0 else set(_OF_TIME)
    left_out |= set() if entries["photos"] else set(_OF_LIGHT)
    left_out |= set() if entries["views"] else set(_OF_VIEWS)
    counted = {"photos": "photos", "views": "views", "held_out_views": "views"}
    shortened = {name: f"{len(entries[name])} {what}" for name, what in counted.items() if entries[name]}
    return {name: value for name, value in {**entries, **shortened}.items() if name not in left_out}


def _lines(heading: str, entries: Mapping[str, Any]) -> list[str]:
    lines = [heading]
    for name, value in entries.items():
        if name == "field" or value in ((), [], None, ""):
            continue
        text = shown(value)
        text = text[:_DIGEST_LETTERS] if name.endswith("digest") else text
        label = f"  {name.replace('_', ' '):{_NAME_COLUMNS}}"
        lines.append(textwrap.fill(text, _COLUMNS, initial_indent=label, subsequent_indent=" " * len(label)))
    return lines


def _running(entries: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {shown(value)}" for name, value in entries.items())
