"""Curves and heat maps of a comparison."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from .contest import Probe

Curves = Mapping[str, Sequence[Probe]]
"""The probes of each network on one picture, by its label."""


_COLOURS, _LINES = 10, ("-", "--", ":")
"""Of curves: so many colours are told apart, then lines are broken."""


def csv_curves(curves: Mapping[tuple[str, str, int], Sequence[Probe]], octaves: Mapping[str, Sequence[str]]) -> str:
    """Every probe of every training, by (picture, network, seed); ``octaves`` names those of each picture."""
    most = max(octaves.values(), key=len, default=())
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = [f"error_{name}_cycles" for name in most]
    writer.writerow(["picture", "network", "seed", "step", "seconds", "loss", "psnr", *names])
    for (picture, network, seed), probes in sorted(curves.items()):
        for probe in probes:
            numbers = [f"{number:.6g}" for number in (probe.seconds, probe.loss, probe.psnr, *probe.octaves)]
            writer.writerow([picture, network, seed, probe.step, *numbers])
    return stream.getvalue()


def psnr_figure(curves: Curves, title: str) -> Figure:
    """PSNR over seconds and over steps."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for index, (label, probes) in enumerate(curves.items()):
        look = {"color": f"C{index % _COLOURS}", "linestyle": _LINES[index // _COLOURS % len(_LINES)]}
        psnrs = [probe.psnr for probe in probes]
        axes[0].plot([probe.seconds for probe in probes], psnrs, **look)
        axes[1].plot([probe.step for probe in probes], psnrs, **look, label=label)
    figure.suptitle(title, fontsize="medium")
    axes[0].set(xlabel="seconds of training", ylabel="PSNR, dB")
    axes[1].set(xlabel="steps")
    figure.legend(loc="outside right upper", fontsize="small")
    for axis in axes:
        axis.grid(alpha=0.3)
    return figure


def bands_figure(curves: Curves, octaves: Sequence[str], title: str) -> Figure:
    """For each network a heat map: the error in each octave over that of the picture, from step to step."""
    columns = min(3, len(curves))
    rows = -(-len(curves) // columns)
    figure = Figure(figsize=(4.2 * columns, 2.6 * rows + 0.4), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    drawn = None
    for axis, (label, probes) in zip(axes.flat, curves.items(), strict=False):
        errors = np.log10(np.maximum(np.array([probe.octaves for probe in probes]).T, 1e-3))
        drawn = axis.imshow(errors, aspect="auto", origin="lower", cmap="viridis", vmin=-2, vmax=0)
        axis.set_title(label, fontsize="small")
        axis.set_yticks(range(len(octaves)), octaves, fontsize="x-small")
        ticks = np.linspace(0, len(probes) - 1, min(5, len(probes))).astype(int)
        axis.set_xticks(ticks, [str(probes[k].step) for k in ticks], fontsize="x-small")
    for axis in list(axes.flat)[len(curves) :]:
        axis.axis("off")
    figure.suptitle(title, fontsize="medium")
    figure.supxlabel("step", fontsize="small")
    figure.supylabel("cycles along the longer side", fontsize="small")
    if drawn is not None:
        bar = figure.colorbar(drawn, ax=axes)
        bar.set_label("log10 of error / picture")
    return figure
