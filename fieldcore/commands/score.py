"""``fieldcore score``: a field beside the truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ..arguments import option
from ..errors import InputError
from ..kernel_names import check_kernel_name, kernel_of
from ..progress_lines import note
from ..samples import MODELS, PICTURES, sample_names
from ..sources import check_source, local_file
from .common import ComputingOptions, as_written, json_line, require_between
from .field_files import check_fields, field_argument, opened_field

if TYPE_CHECKING:
    from ..fields.field import Field
    from ..light_stage_scoring import LightScore
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
        "fieldcore score stage.safetensors --signal stage/ --held-out 5",
        "fieldcore score fish.safetensors --signal fish-views/ --truth fish.ply",
    )

    field: str = field_argument()
    signal: str = option(
        "What it was trained on: the picture, for a texture the model (or the picture given as --texture), for a shape "
        "the mesh, for a video the film, for a light stage or photographs the folder, or 'ackley'; an address, -, or "
        "sample:NAME.",
        metavar="SIGNAL",
        more=lambda: f"Samples: {', '.join((*sample_names(MODELS), *sample_names(PICTURES)))}.",
    )

    kernel: str | None = option(
        "Instead, compare under this kernel, box, tent, quadratic or FILE.json, at half sizes 0 to 0.5.",
        default=None,
        metavar="NAME",
    )

    held_out: int | None = option(
        "Of a light stage, instead: hold out each photo once, in so many folds, and say how near the others come.",
        default=None,
        metavar="FOLDS",
        group="light stages",
    )
    unseen: str | None = option(
        "Of a light stage, instead: compare with the photos of this stage, the same view under other lights.",
        default=None,
        metavar="STAGE",
        group="light stages",
    )

    truth: str | None = option(
        "Of a surface from photographs: compare it with this mesh, in the scene's own units, as well.",
        default=None,
        metavar="MESH",
        group="photographs",
    )
    masks: str | None = option(
        "Of photographs: the folder of their masks, where it is not found.",
        default=None,
        metavar="FOLDER",
        group="photographs",
    )

    def __post_init__(self) -> None:
        require_between("--held-out", self.held_out, 2, 100)
        given = [f"--{name}" for name in ("kernel", "held_out", "unseen") if getattr(self, name) is not None]
        if len(given) > 1:
            raise InputError(f"give {' or '.join(given).replace('_', '-')}, not both")

    def run(self) -> None:
        """Score and print."""
        if self.kernel is not None:
            check_kernel_name(self.kernel, "--kernel")
        check_fields(self.field)
        if Path(self.signal).suffix:  # else it may be the name of a formula, which takes longer to find out
            check_source("signal", self.signal, folders=True)
        with opened_field(self.field, self.device) as checkpoint:
            field = checkpoint.field
        if field.facts.type == "views":
            self._print_views_score(field)
            return
        for name in ("truth", "masks"):
            if getattr(self, name) is not None:
                raise InputError(f"--{name}: is for fields of photographs; '{self.field}' is of a {field.facts.type}")
        with _truth(field.facts, self.signal) as signal:
            note(*getattr(signal, "notices", ()))
            signal = signal.to(field.device)
            if self.kernel is not None:
                self._print_kernel_scores(field, signal, self.kernel)
                return
            if self.held_out is not None or self.unseen is not None:
                self._print_light_score(field, signal)
                return
            result, columns = self._scored(field, signal)
        print(json_line(result) if self.json else _table(result, columns))

    def _print_views_score(self, field: Field) -> None:
        """Photographs that were held out, and the true mesh."""
        from .score_views import views_result, views_table

        for name in ("kernel", "held_out", "unseen"):
            if getattr(self, name) is not None:
                raise InputError(f"--{name.replace('_', '-')}: has no effect on a field of photographs; leave it out")
        if self.truth is not None:
            check_source("mesh", self.truth)
        result = views_result(field, self.field, self.signal, self.masks, self.truth)
        print(json_line(result) if self.json else views_table(result))

    def _print_kernel_scores(self, field: Field, signal: Signal, kernel: str) -> None:
        from ..scoring import score
        from ..signals import same_signal

        filters = {size: kernel_of(kernel, size, len(field.facts.smoothed_axes)) for size in KERNEL_HALF_SIZES}
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

    def _print_light_score(self, field: Field, signal: Signal) -> None:
        """Photos that a field, or one made like it of the others, has not seen."""
        from ..light_stage_scoring import held_out_score, unseen_score
        from ..provenance import open_as_seen
        from ..signals import LightStage

        if not isinstance(signal, LightStage):
            raise InputError(f"--held-out, --unseen: '{self.field}' is of a {field.facts.type}, not of a light stage")
        if self.unseen is not None:
            others = open_as_seen(field.facts, self.unseen)
            assert isinstance(others, LightStage)
            found, how = unseen_score(field, others.to(field.device)), f"the photos of '{self.unseen}'"
        else:
            assert self.held_out is not None, "one of the two is given"
            found = held_out_score(signal, field.recipe, self.held_out)
            how = f"photos held out in {self.held_out} folds"
        result = {"field": self.field, "kind": field.kind, "signal": signal.facts.name, **asdict(found)}
        print(json_line(result) if self.json else _light_table(field, how, found))

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


def _light_table(field: Field, how: str, found: LightScore) -> str:
    """A line a measure: its mean over the lights and the mean's standard error."""
    from ..light_stage_scoring import LightStageMeasures

    lines = [f"{field.kind} field against {how}: mean over {found.lights} lights, inside the mask, as shown"]
    for name, column in LightStageMeasures.columns.items():
        mean, error = found.means[name], found.standard_errors[name]
        digits = column.layout.split(".")[1]
        spread = "" if error is None else f" +- {error:.{digits}}"
        lines.append(f"{column.title:>10} {_cell(mean, column.layout)}{spread}")
    return "\n".join(lines)


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
