"""From what is asked for to networks in training."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from fieldcore.comparison.contest import PROBES, Contestant
from fieldcore.comparison.entry import Entry, parse_entries
from fieldcore.errors import InputError
from fieldcore.fields import preset_recipe
from fieldcore.fields.coordinate import Coordinate
from fieldcore.fields.coordinate_recipe import CoordinateRecipe
from fieldcore.fitting import Stop
from fieldcore.signals import Picture, SignalFacts

from .controls import NetworksControls
from .tiles import network_name

SMALL_PX, SMALL_WIDTH, SMALL_LAYERS = 128, 64, 3
"""Of the network that answers first, and of all that race: what two cores train while a person looks."""

SMALL_STEPS, _SMALL_POINTS, _SMALL_PROBES = 120, 1760, 8
_WIDE = 192  # from there on the rates of ``preview`` are too high


def open_picture(source: str, size: int, device: torch.device) -> Picture:
    """Read a picture, a file or ``sample:NAME``, with at most so many pixels along the longer side."""
    picture = Picture.open(source, max_size=size)
    if picture.facts.channels not in (1, 3):
        raise InputError(f"picture '{Path(source).name}': expected 1 or 3 channels, got {picture.facts.channels}")
    return picture.to(device)


def size_of(controls: NetworksControls) -> int:
    """Pixels of the picture that is learned."""
    return controls.size if controls.show == "desk" and controls.whole else min(controls.size, SMALL_PX)


def race_entries(controls: NetworksControls) -> list[Entry]:
    """Who races: small networks, unless their own settings say otherwise."""
    small = {"width": SMALL_WIDTH, "hidden_layers": SMALL_LAYERS - 1}
    return [Entry(one.name, {**small, **one.changes}) for one in parse_entries(controls.networks)]


def desk_recipe(controls: NetworksControls, facts: SignalFacts) -> CoordinateRecipe:
    """Of the network on the desk. Raises InputError for numbers that no network has."""
    width = controls.width if controls.whole else min(controls.width, SMALL_WIDTH)
    layers = controls.layers if controls.whole else min(controls.layers, SMALL_LAYERS)
    changes: dict[str, Any] = {
        "mapping": controls.mapping,
        "start": controls.first_weights if controls.suits_starts else "published",
        "width": width,
        "hidden_layers": layers - 1,
        "steps": controls.steps if controls.whole else SMALL_STEPS,
        **({} if controls.whole else {"points_per_step": _SMALL_POINTS}),
        **controls.numbers,
    }
    preset = "standard" if width >= _WIDE else "preview"
    start = preset_recipe("coordinate", preset, facts, seed=controls.network_seed)
    recipe: Any = start.changed({"activation": controls.activation}, facts.type).changed(changes, facts.type)
    return recipe


_OF_NETWORKS = ("show", "network_seed", "size")
_OF_DESK = ("mapping", "activation", "first_weights", "width", "layers", "steps")
_OF_RACE = ("networks", "race_seconds")


def asked_networks(controls: NetworksControls) -> NetworksControls:
    """The part of the controls that says which networks there are, without how they are looked at and how far they are
    trained."""
    own = (*_OF_DESK, *controls.numbers) if controls.show == "desk" else _OF_RACE
    return replace(NetworksControls(), **{name: getattr(controls, name) for name in (*_OF_NETWORKS, *own)})


def contestants(
    controls: NetworksControls,
    picture: Picture,
    clocks: Callable[[int], Callable[[], float]] = lambda index: time.perf_counter,
    hurried: Callable[[], bool] = lambda: False,
) -> list[Contestant]:
    """The networks that are asked for, before their first step; ``clocks`` are theirs. Raises InputError."""
    if controls.show == "desk":
        recipe = desk_recipe(controls, picture.facts)
        name = network_name(recipe)
        stop, probes = Stop(steps=recipe.steps), PROBES if controls.whole else _SMALL_PROBES
        return [Contestant(recipe, picture, stop, name=name, probes=probes, clock=clocks(0), hurried=hurried)]
    stop = Stop(seconds=controls.race_seconds)
    return [
        Contestant(
            own.recipe("preview", picture.facts, controls.network_seed), picture, stop,
            name=named.label, clock=clocks(index), hurried=hurried,
        )
        for index, (own, named) in enumerate(zip(race_entries(controls), parse_entries(controls.networks), strict=True))
    ]  # fmt: skip


def with_network(controls: NetworksControls, recipe: CoordinateRecipe) -> NetworksControls:
    """The controls that ask for the network of a recipe on the desk."""
    bias: dict[str, Any] = {} if recipe.first_bias is None else {"first_bias": recipe.first_bias}
    return replace(
        controls,
        show="desk",
        mapping=recipe.mapping,
        first_weights=recipe.start,
        activation=recipe.activation,
        width=recipe.width,
        layers=recipe.hidden_layers + 1,
        omega_first=recipe.omega_first,
        omega_hidden=recipe.omega_hidden,
        spread=recipe.spread,
        frequency_variance=recipe.frequency_variance,
        network_seed=recipe.seed,
        **bias,
    )


def with_published(controls: NetworksControls, activation: str) -> NetworksControls:
    """The controls with another activation and its published numbers."""
    known = Coordinate.numbers_of("preview", activation, "picture")
    bias = known["first_bias"] if known.get("first_bias") is not None else 0.707
    numbers: dict[str, Any] = {name: known[name] for name in ("omega_first", "omega_hidden", "spread") if name in known}
    return replace(controls, activation=activation, first_bias=bias, **numbers)
