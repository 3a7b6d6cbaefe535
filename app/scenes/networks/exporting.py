"""Plots of networks as files: PNG, SVG, and their numbers as CSV."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

from fieldcore.bands import octave_names
from fieldcore.comparison.plots import bands_figure, csv_curves, psnr_figure
from fieldcore.errors import InputError
from fieldcore.figure_file import write_figure
from fieldcore.files import check_writable_folder, written_whole
from fieldcore.network_figures import (
    first_layer_figure,
    kernel_figure,
    neurons_figure,
    profile_figure,
    spectrum_figure,
)

from .state import NetworksState

Rows = Iterable[Sequence[Any]]


def _curves(state: NetworksState) -> dict[str, Any]:
    return {one.name: list(one.watch.probes) for one in state.contestants}


def _octaves(state: NetworksState) -> list[str]:
    return octave_names(state.contestants[0].picture.pixels.shape[:2])


def _title(state: NetworksState) -> str:
    return state.tiles[0].name if len(state.tiles) == 1 else state.contestants[0].picture.facts.name


def _probe_rows(state: NetworksState) -> Rows:
    name, seed = state.contestants[0].picture.facts.name, state.controls.network_seed
    curves = {(name, network, seed): probes for network, probes in _curves(state).items()}
    return csv.reader(csv_curves(curves, {name: _octaves(state)}).splitlines())


def _first_layer_rows(state: NetworksState) -> Rows:
    first = state.instruments.found["first layer"]
    yield "z", *("real", "imaginary")[: first.values.shape[1]], "density"
    for z, values, density in zip(first.z, first.values, first.density, strict=True):
        yield z, *values, density


def _profile_rows(state: NetworksState) -> Rows:
    yield "distance", "low", "mean", "high"
    yield from zip(*state.instruments.found["kernel"].profile, strict=True)


def _spectrum_rows(state: NetworksState) -> Rows:
    yield "number", "eigenvalue"
    yield from enumerate(state.instruments.found["spectrum"].eigenvalues, 1)


def _neuron_rows(state: NetworksState) -> Rows:
    neurons = state.instruments.found["neurons"]
    yield "neuron", "cycles"
    yield from zip(neurons.index, neurons.frequencies, strict=True)


_FOUND: dict[str, tuple[str, Callable[[Any, str], Any], Callable[[NetworksState], Rows]]] = {
    "first-layer": ("first layer", first_layer_figure, _first_layer_rows),
    "kernel": (
        "kernel", lambda kernel, title: kernel_figure(kernel.matrix, title),
        lambda state: state.instruments.found["kernel"].matrix,
    ),
    "profile": (
        "kernel", lambda kernel, title: profile_figure(kernel.matrix, kernel.points, title), _profile_rows
    ),
    "spectrum": ("spectrum", spectrum_figure, _spectrum_rows),
    "neurons": ("neurons", neurons_figure, _neuron_rows),
}  # fmt: skip
_WATCHED: dict[str, Callable[[NetworksState], Any]] = {
    "bands": lambda state: bands_figure(_curves(state), _octaves(state), _title(state)),
    "psnr": lambda state: psnr_figure(_curves(state), _title(state)),
}
PLOTS = (*_FOUND, *_WATCHED)
"""By the names of their files."""


def plot_of(state: NetworksState, name: str) -> tuple[Callable[[], Any], Callable[[], Rows]]:
    """What draws a plot and what gives its numbers. Raises InputError where there is nothing to draw yet."""
    if name in _FOUND:
        instrument, draw, rows = _FOUND[name]
        found = state.instruments.found.get(instrument)
        if found is None:
            raise InputError(f"{name}: nothing is known of it yet; wait until it is drawn")
        return lambda: draw(found, _title(state)), lambda: rows(state)
    if not any(one.watch.probes for one in state.contestants):
        raise InputError(f"{name}: nothing was measured yet; train a network first")
    return lambda: _WATCHED[name](state), lambda: _probe_rows(state)


def write_plot(state: NetworksState, name: str, folder: Path) -> Path:
    """Write a plot as PNG, SVG and CSV under one new name; returns the first. Raises InputError."""
    draw, rows = plot_of(state, name)
    folder.mkdir(parents=True, exist_ok=True)
    check_writable_folder(folder)
    stems = (folder / f"{name}-{number:03d}" for number in count(1))
    stem = next(stem for stem in stems if not any(stem.with_suffix(suffix).exists() for suffix in _SUFFIXES))
    figure = draw()
    for suffix in _SUFFIXES[:2]:
        write_figure(stem.with_suffix(suffix), figure)
    with (
        written_whole(stem.with_suffix(".csv")) as temporary,
        temporary.open("w", newline="", encoding="utf-8") as file,
    ):
        csv.writer(file, lineterminator="\n").writerows(rows())
    return stem.with_suffix(_SUFFIXES[0])


_SUFFIXES = (".png", ".svg", ".csv")
