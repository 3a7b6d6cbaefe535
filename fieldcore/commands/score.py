"""``fieldcore score``: a field beside the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import option
from ..progress_lines import note
from ..samples import MODELS, PICTURES, sample_names
from ..sources import check_source, local_file
from .common import ComputingOptions, as_written, json_line
from .field_files import check_fields, field_argument, opened_field
from .filtering import check_kernel_name, kernel_of

if TYPE_CHECKING:
    from ..fields.field import Field
    from ..measures import Column
    from ..scoring import Score
    from ..signals import Signal, SignalFacts

KERNEL_HALF_SIZES = (0.0, 0.005, 0.02, 0.1, 0.5)
"""In domain units."""


@dataclass(frozen=True, kw_only=True)
class ScoreCommand(ComputingOptions):
    """Compare a field with the truth at five variances and twenty covariances, or under a kernel of five half sizes.

    Three standard deviations at every border are left out, or what the kernel reaches.
    """

    examples: ClassVar[tuple[str, ...]] = (
        "fieldcore score photo.safetensors --signal photo.jpg",
        "fieldcore score statue.safetensors --signal statue.ply --json",
        "fieldcore score ackley.safetensors --signal ackley",
        "fieldcore score photo.safetensors --signal photo.jpg --kernel tent",
    )

    field: str = field_argument()
    signal: str = option(
        "What it was trained on: the picture, for a texture the model (or the picture given as --texture), for a shape "
        "the mesh, for a video the film or folder, or 'ackley'; also an address, -, or sample:NAME.",
        metavar="SIGNAL",
        more=lambda: f"Samples: {', '.join((*sample_names(MODELS), *sample_names(PICTURES)))}.",
    )

    kernel: str | None = option(
        "Instead, compare under this kernel, box, tent, quadratic or FILE.json, at half sizes 0 to 0.5.",
        default=None,
        metavar="NAME",
    )

    def run(self) -> None:
        """Score and print."""
        if self.kernel is not None:
            check_kernel_name(self.kernel)
        check_fields(self.field)
        if Path(self.signal).suffix:  # else it may be the name of a formula, which takes longer to find out
            check_source("signal", self.signal, folders=True)
        with opened_field(self.field, self.device) as checkpoint:
            field = checkpoint.field
        with _truth(field.facts, self.signal) as signal:
            note(*getattr(signal, "notices", ()))
            signal = signal.to(field.device)
            if self.kernel is not None:
                self._print_kernel_scores(field, signal, self.kernel)
                return
            result, columns = self._scored(field, signal)
        print(json_line(result) if self.json else _table(result, columns))

    def _print_kernel_scores(self, field: Field, signal: Signal, kernel: str) -> None:
        from ..errors import InputError
        from ..scoring import score
        from ..signals import same_signal

        filters = {size: kernel_of(kernel, size) for size in KERNEL_HALF_SIZES}
        largest = filters[KERNEL_HALF_SIZES[-1]]
        if (reason := field.refuses(largest)) is not None:
            raise InputError(f"--kernel: {reason}")
        found = {size: next(score(field, signal, [one])) for size, one in filters.items()}
        columns = {name: column for name, column in signal.measures.columns.items() if name != "lpips"}
        result = {
            "field": self.field,
            "kind": field.kind,
            "signal": signal.facts.name,
            "same_signal": same_signal(signal.facts, field.facts),
            "kernel": kernel,
            "half_sizes": [{"half_size": size, **_entries(one)} for size, one in found.items()],
        }
        print(json_line(result) if self.json else _kernel_table(result, columns))

    def _scored(self, field: Field, signal: Signal) -> tuple[dict[str, Any], Mapping[str, Column]]:
        from ..filter_sets import VARIANCES, covariance_filters, standard_filters
        from ..progress_lines import ProgressLine
        from ..scoring import score
        from ..signals import same_signal

        dim = len(signal.facts.smoothed_axes)
        variances = dict(zip(VARIANCES, standard_filters(), strict=True))
        filters = [*variances.values(), *covariance_filters(dim=dim)]
        scores: dict[int, Score] = {}  # by filter; one that the field refuses has none
        with ProgressLine("scoring", total=float(len(filters))) as line:
            for found in score(field, signal, filters):
                scores[id(found.filter)] = found
                line.show(float(len(scores)), note=f"{len(scores)} of {len(filters)} filters")
        isotropic = {variance: scores[id(one)] for variance, one in variances.items() if id(one) in scores}
        others = [scores[id(one)] for one in filters[len(variances) :] if id(one) in scores]
        measure = signal.measures.headline
        result = {
            "field": self.field,
            "kind": field.kind,
            "signal": signal.facts.name,
            "same_signal": same_signal(signal.facts, field.facts),
            "variances": [{"variance": variance, **_entries(one)} for variance, one in isotropic.items()],
            "covariances": [{"covariance": _covariance(one, dim), **_entries(one)} for one in others],
            f"mean_{measure}": _mean(list(isotropic.values()), measure),
            f"mean_covariance_{measure}": _mean(others, measure),
        }
        return result, {name: column for name, column in signal.measures.columns.items() if name != "lpips"}


@contextmanager
def _truth(facts: SignalFacts, source: str) -> Iterator[Signal]:
    from ..provenance import open_as_seen
    from ..signals import SIGNALS, signal_type

    if source in SIGNALS or source in signal_type(facts).sources(facts):  # the name of a formula
        yield open_as_seen(facts, source)
        return
    with local_file("signal", source, folders=True) as path:
        yield open_as_seen(facts, path)


def _covariance(one: Score, dim: int) -> list[list[float]]:
    rows = one.filter.second_moment(dim).tolist()
    return [[as_written(entry) for entry in row] for row in rows]


def _entries(one: Score) -> dict[str, Any]:
    return {**one.measures, "standard_error": one.standard_error, "border_px": one.border_px}


def _mean(scores: Sequence[Score], measure: str) -> float | None:
    """Of those that have the measure."""
    values = [value for one in scores if (value := one.measures[measure]) is not None]
    return sum(values) / len(values) if values else None


def _table(result: dict[str, Any], columns: Mapping[str, Column]) -> str:
    """The five variances in a table and the covariances' mean; the first column is the one that has means."""
    lines = _head(result, "3-sigma border cropped")
    lines += _rows("variance", result["variances"], columns, ".0e")
    measure, column = next(iter(columns.items()))
    lines.append(f"{'mean':>10} {_cell(result[f'mean_{measure}'], column.layout)}")
    mean = _cell(result[f"mean_covariance_{measure}"], column.layout).strip()
    lines.append(f"mean over {len(result['covariances'])} covariances: {mean} {column.title.split()[-1]}")
    return "\n".join(lines)


def _kernel_table(result: dict[str, Any], columns: Mapping[str, Column]) -> str:
    """A line a half size."""
    lines = _head(result, f"under {result['kernel']}, border within its reach cropped")
    return "\n".join(lines + _rows("half size", result["half_sizes"], columns, "g", "half_size"))


def _head(result: dict[str, Any], how: str) -> list[str]:
    lines = [f"{result['kind']} field '{result['field']}' against '{result['signal']}', {how}"]
    return lines if result["same_signal"] else [*lines, "(not the signal it was trained on)"]


def _rows(
    title: str, rows: Sequence[dict[str, Any]], columns: Mapping[str, Column], layout: str, entry: str = ""
) -> list[str]:
    """A line of titles, and one for each row: its entry of that title and its measures."""
    widths = {name: int(column.layout.split(".")[0]) for name, column in columns.items()}
    lines = [f"{title:>10} " + " ".join(f"{column.title:>{widths[name]}}" for name, column in columns.items())]
    for row in rows:
        cells = (_cell(row[name], column.layout) for name, column in columns.items())
        lines.append(f"{row[entry or title]:>10{layout}} " + " ".join(cells))
    return lines


def _cell(value: float | None, layout: str) -> str:
    return f"{'-':>{layout.split('.')[0]}}" if value is None else f"{value:{layout}}"
