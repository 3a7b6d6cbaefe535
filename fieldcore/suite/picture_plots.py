"""Plots of pictures: fields beside their errors, cut along a diagonal, and spectra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from ..checkpoint import load_field
from ..evaluation import evaluate
from ..fields.field import Field
from ..filters import Gaussian
from ..grid import Grid
from ..measures import shown_values
from ..signals.signal import Signal
from ..spectrum import power_spectrum
from .signal_source import SignalSource
from .store import Store
from .truths import KeptTruth

_ERROR_COLOURS = "hot"


def picture_figures(store: Store) -> Iterator[tuple[str, Figure]]:
    """For each signal that is a picture: its fields and their errors, and spectra, by file name; of the first seed."""
    variances = store.resolved.plan.measure.variances
    for source in store.resolved.sources:
        fields = _fields(store, source)
        if not fields:
            continue
        with source.opened() as (_, signal):
            if not isinstance(signal, Signal):
                continue
            grid, truth = signal.measures.closing_grid(signal.facts), KeptTruth(signal, store.truths)
            true = {variance: truth.values(Gaussian(variance), grid) for variance in variances}
            found = {name: {v: _values(field, grid, v) for v in variances} for name, field in fields.items()}
            yield f"{source.name}-triangles", _triangles(signal, source.name, found, true)
            yield f"{source.name}-spectra", _spectra(source.name, found, true)


def _fields(store: Store, source: SignalSource) -> dict[str, Field]:
    """The fields of a signal that are there, by variant, if it has two axes."""
    found = {}
    for run in store.resolved.runs:
        path = store.run_folder(run.key).field
        if run.signal == source.name and run.seed == store.resolved.plan.seeds[0] and path.is_file():
            field = load_field(path)
            if field.dim == 2:
                found[run.variant] = field
    return found


def _values(field: Field, grid: Grid, variance: float) -> Float[np.ndarray, "h w c"] | None:
    """What a field shows; None where it refuses the filter."""
    filter = Gaussian(variance)
    if variance > 0 and field.refuses(filter) is not None:
        return None
    return evaluate(field, grid, filter).float().cpu().numpy()


Found = Mapping[str, Mapping[float, Float[np.ndarray, "h w c"] | None]]
"""Values by variant and variance."""

Truths = Mapping[float, Float[np.ndarray, "h w c"]]
"""Values by variance."""


def _triangles(signal: Signal, title: str, found: Found, true: Truths) -> Figure:
    """Above the diagonal the field, below it the mean absolute difference of its channels, from 0 (black) to 1."""
    height, width = next(iter(true.values())).shape[:2]
    figure = Figure(figsize=(2.4 * len(true), 2.4 * height / width * len(found) + 0.5), layout="constrained")
    axes = figure.subplots(len(found), len(true), squeeze=False)
    for row, (variant, values) in zip(axes, found.items(), strict=True):
        for axis, variance in zip(row, true, strict=True):
            shown = values[variance]
            if shown is not None:
                axis.imshow(_cut(shown_values(shown, signal.facts), shown_values(true[variance], signal.facts)))
            axis.set_xticks([], [])
            axis.set_yticks([], [])
            axis.set_title(f"{variance:g}", fontsize="small")
        row[0].set_ylabel(variant, fontsize="small")
    figure.suptitle(f"{title}: field and error by variance", fontsize="medium")
    return figure


def _cut(shown: Float[np.ndarray, "h w 3"], true: Float[np.ndarray, "h w 3"]) -> Float[np.ndarray, "h w 3"]:
    """The field in the upper left triangle, its error in the lower right one."""
    from matplotlib import colormaps

    height, width = shown.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    error = colormaps[_ERROR_COLOURS](np.abs(shown - true).mean(-1))[..., :3]
    is_error = (x + 0.5) / width + (y + 0.5) / height > 1
    return np.where(is_error[..., None], error, shown).astype(np.float32)


def _spectra(title: str, found: Found, true: Truths) -> Figure:
    """Power over frequency, at each variance, of every variant and of the truth."""
    figure = Figure(figsize=(3.2 * len(true), 3.2), layout="constrained")
    axes = figure.subplots(1, len(true), squeeze=False, sharey=True)[0]
    for axis, variance in zip(axes, true, strict=True):
        for number, (variant, values) in enumerate(found.items()):
            shown = values[variance]
            if shown is not None:
                spectrum = power_spectrum(shown)
                axis.plot(
                    spectrum.frequencies, spectrum.radial_log_power, color=f"C{number % 10}", label=variant, alpha=0.8
                )
        spectrum = power_spectrum(true[variance])
        axis.plot(spectrum.frequencies, spectrum.radial_log_power, "k--", label="truth", linewidth=1)
        axis.set(xscale="log", title=f"{variance:g}", xlabel="cycles per domain unit")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("log10 of power")
    axes[-1].legend(fontsize="small")
    figure.suptitle(f"{title}: spectra by variance", fontsize="medium")
    return figure
