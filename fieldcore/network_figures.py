"""Plots that explain coordinate networks: tangent kernels, neurons, activations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from matplotlib.figure import Figure

from .fields.activations import Activation
from .first_layer import FirstLayer
from .neurons import Neurons
from .tangent_kernel import KernelSpectrum, kernel_profile

_SHOWN_EIGENVECTORS = 16


def kernel_figure(kernel: Float[np.ndarray, "n n"], title: str) -> Figure:
    """The kernel as a heat map."""
    figure = Figure(figsize=(5.2, 4.4), layout="constrained")
    axis = figure.subplots()
    drawn = axis.imshow(kernel, cmap="inferno")
    axis.set(title=title, xlabel="point", ylabel="point")
    figure.colorbar(drawn, ax=axis, label="kernel")
    return figure


def profile_figure(kernel: Float[np.ndarray, "n n"], x: Float[np.ndarray, "n d"], title: str) -> Figure:
    """The kernel over the distance of two points: its mean and where nine tenths of it lie."""
    middle, low, mean, high = kernel_profile(kernel, x)
    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axis = figure.subplots()
    axis.fill_between(middle, low, high, alpha=0.25, label="nine tenths")
    axis.plot(middle, mean, label="mean")
    axis.set(title=title, xlabel="distance, domain units", ylabel="kernel")
    axis.legend(fontsize="small")
    axis.grid(alpha=0.3)
    return figure


def spectrum_figure(spectrum: KernelSpectrum, title: str, shares: Float[np.ndarray, "n"] | None = None) -> Figure:
    """Eigenvalues over their sum, and the share of a picture in the first of their vectors."""
    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axis = figure.subplots()
    count = np.arange(1, len(spectrum.eigenvalues) + 1)
    total = spectrum.eigenvalues.sum()
    axis.loglog(count, np.maximum(spectrum.eigenvalues / total, 1e-12), label="eigenvalue / sum")
    axis.set(title=title, xlabel="eigenvalue", ylabel="share")
    if shares is not None:
        axis.loglog(count, np.maximum(shares, 1e-4), label="picture in the first so many")
    axis.legend(fontsize="small")
    axis.grid(alpha=0.3)
    return figure


def eigenvector_figure(spectrum: KernelSpectrum, shape: Sequence[int]) -> Figure:
    """The first 16 eigenvectors, as pictures where the points are a grid, else as curves."""
    figure = Figure(figsize=(7, 7), layout="constrained")
    axes = figure.subplots(4, 4)
    for k, axis in enumerate(axes.flat):
        if k >= min(_SHOWN_EIGENVECTORS, spectrum.eigenvectors.shape[1]):
            axis.axis("off")
            continue
        vector = spectrum.eigenvectors[:, k]
        if len(shape) == 2:
            most = np.abs(vector).max()
            axis.imshow(vector.reshape(tuple(shape)), cmap="RdBu", vmin=-most, vmax=most)
        else:
            axis.plot(vector, linewidth=0.8)
        axis.set_title(f"{k + 1}", fontsize="x-small")
        axis.set_xticks([])
        axis.set_yticks([])
    return figure


def curve_figure(times: Float[np.ndarray, "t"], errors: Float[np.ndarray, "t"], title: str) -> Figure:
    """The error that the kernel predicts for gradient descent."""
    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axis = figure.subplots()
    axis.loglog(times, np.maximum(errors, 1e-12))
    axis.set(title=title, xlabel="steps x learning rate", ylabel="mean squared error")
    axis.grid(alpha=0.3)
    return figure


def neurons_figure(neurons: Neurons, title: str) -> Figure:
    """Neurons as tiles with one colour range, each with its frequency."""
    count = len(neurons.pictures)
    columns = int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    figure = Figure(figsize=(0.62 * columns + 1, 0.74 * rows + 0.6))
    axes = figure.subplots(
        rows, columns, squeeze=False, gridspec_kw={"wspace": 0.06, "hspace": 0.3, "left": 0.01, "right": 0.88}
    )
    most = float(np.abs(neurons.pictures).max()) or 1.0
    drawn = None
    for axis in axes.flat:
        axis.axis("off")
    for axis, picture, frequency in zip(axes.flat, neurons.pictures, neurons.frequencies, strict=False):
        drawn = axis.imshow(picture, cmap="viridis", vmin=-most, vmax=most)
        axis.set_title(f"{frequency:.1f}", fontsize=5, pad=1)
    figure.suptitle(title, fontsize="small")
    if drawn is not None:
        figure.colorbar(drawn, cax=figure.add_axes((0.9, 0.15, 0.015, 0.7)))
    return figure


def activations_figure(activations: Mapping[str, Activation], reach: float = 1.0) -> Figure:
    """Each activation over ``z``, of complex ones the real and the imaginary part."""
    columns = 3
    rows = -(-len(activations) // columns)
    figure = Figure(figsize=(4 * columns, 2.4 * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False)
    z = torch.linspace(-reach, reach, 2001, dtype=torch.float64)[:, None]
    for axis, (label, one) in zip(axes.flat, activations.items(), strict=False):
        values = replace(one, is_first=True)(one.fold * z)
        for column, name in zip(values.T, ("real", "imaginary"), strict=False):
            axis.plot(z[:, 0], column, linewidth=0.8, label=name)
        if values.shape[1] > 1:
            axis.legend(fontsize="x-small", loc="upper right")
        axis.set_title(label, fontsize="small")
        axis.grid(alpha=0.3)
    for axis in list(axes.flat)[len(activations) :]:
        axis.axis("off")
    return figure


def first_layer_figure(first: FirstLayer, title: str) -> Figure:
    """The activation over the ``z`` that the first layer sees, and how often it sees each."""
    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    for part, label in zip(first.values.T, ("real", "imaginary"), strict=False):
        above.plot(first.z, part, linewidth=0.9, label=label)
    if first.values.shape[1] > 1:
        above.legend(fontsize="x-small")
    above.set(title=title, ylabel="activation")
    below.fill_between(first.z, first.density, step="mid", alpha=0.6)
    below.set(xlabel="z of the first layer", ylabel="how often")
    return figure


def bias_figure(omega: float, biases: Sequence[float], samples: int = 20_000) -> Figure:
    """FINER over the ``z`` that the first layer sees with each range of its biases, with the histogram of ``z``."""
    from .fields.activations import Finer

    generator = torch.Generator().manual_seed(0)
    one = Finer(omega)
    figure = Figure(figsize=(3.4 * len(biases), 4.4), layout="constrained")
    axes = figure.subplots(2, len(biases), squeeze=False)
    for column, bias in enumerate(biases):
        z = torch.linspace(-bias - 1, bias + 1, 4001, dtype=torch.float64)
        axes[0, column].plot(z, one(one.fold * z[:, None])[:, 0], linewidth=0.6)
        axes[0, column].set_title(f"k = {bias:g}, omega = {omega:g}", fontsize="small")
        x, weights, shift = (2 * torch.rand(2, samples, generator=generator) - 1 for _ in range(3))
        seen = (0.5 * weights * x).sum(0) + bias * shift[0]
        axes[1, column].hist(omega * (2 * seen.abs() + 1).numpy(), bins=60)
        axes[1, column].set(xlabel="frequency, radians a unit of z", yticks=[])
    return figure
