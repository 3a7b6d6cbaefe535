"""A whole comparison: every network on every picture, kept as it goes, and what is written of it in the end."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..bands import octave_names
from ..checkpoint import save_field
from ..errors import InputError
from ..evaluation import evaluate
from ..fields.training_cells import cell_grid
from ..figure_file import write_figure
from ..files import write_text, written_whole
from ..fitting import Progress, Stop
from ..images import quantised, write_image
from ..measures import psnr, shown_values
from ..recipe import Recipe
from ..signals import Picture
from ..validation import dataclass_from_json
from ..videos.writing import film_file
from .contest import Probe, contest, final_measures, hold_out
from .entry import Entry
from .plots import bands_figure, csv_curves, psnr_figure
from .report import report_page
from .tables import Row, csv_table, latex_table, markdown_table
from .tiles import crops_picture, film_frames
from .tuning import on_pixels, tuned

FILM_RATE = 30.0
_FOLDER = "fields"


@dataclass(frozen=True)
class Plan:
    """What is compared.

    Attributes:
        entries: the networks.
        pictures: by the names that they have in the table.
        stop: each training's budget, in steps or in seconds.
        preset: of every network.
        seeds: 0, 1, ... up to so many.
        holdout: share of the pixels that no training sees.
        tune: search for each network's own settings too.
        filmed: make a film of the first picture's trainings with the first seed.
        out: folder.
        resume: take up what is there.
    """

    entries: Sequence[Entry]
    pictures: Mapping[str, Picture]
    stop: Stop
    preset: str
    seeds: int
    holdout: float
    tune: bool
    filmed: bool
    out: Path
    resume: bool = False


@dataclass
class _Trained:
    row: Row
    probes: list[Probe]
    picture: np.ndarray
    frames: list[np.ndarray]


class Comparison:
    """Trains what a plan says and writes the results.

    Args:
        plan: what is compared.
        note: told what a person should know, a sentence each.
        report: called after every step with what is trained and how far it is.
    """

    def __init__(
        self,
        plan: Plan,
        note: Callable[[str], None] = lambda sentence: None,
        report: Callable[[str, Progress], None] = lambda what, progress: None,
    ) -> None:
        self._plan, self._note, self._report = plan, note, report
        self._trained: dict[tuple[str, str, int], _Trained] = {}

    def run(self, command: str) -> list[Row]:
        """Train everything that is not there yet, write all results, and return the table's rows.

        Raises:
            InputError: a network cannot be built so, a file cannot be written, or, with ``resume``, what is there was
                made with other settings.
        """
        plan = self._plan
        for entry in plan.entries:  # all that can be refused is refused before the work
            for picture in plan.pictures.values():
                remarks = entry.recipe(plan.preset, picture.facts, 0).remarks(picture.facts)
                for remark in remarks:
                    self._note(f"{entry.label}: {remark}")
        for name, picture in plan.pictures.items():
            seen, held_out = hold_out(picture, plan.holdout)
            for entry in plan.entries:
                for rival in (entry, self._tuned(entry, name, seen)) if plan.tune else (entry,):
                    for seed in range(plan.seeds):
                        self._train(rival, name, seen, held_out, seed)
        rows = [trained.row for trained in self._trained.values()]
        self._write(rows, command)
        return rows

    def _tuned(self, entry: Entry, name: str, picture: Picture) -> Entry:
        """The entry with what a search finds, or has found in an earlier run."""
        path = self._plan.out / _FOLDER / f"{name}-{entry.file_stem}-search.json"
        made_with = self._made_with(self._recipe(entry, picture, 0), picture)
        kept = self._kept(path, made_with)
        if kept is None:
            stop = self._plan.stop

            def recipe_of(one: Entry, seed: int) -> Recipe:
                return self._recipe(one, picture, seed)

            found = tuned(entry, recipe_of, on_pixels(picture), stop, self._note)
            kept = {"made_with": made_with, "tuned": dict(found.tuned)}
            write_text(path, json.dumps(kept, sort_keys=True, indent=1))
        return Entry(entry.name, entry.changes, kept["tuned"])

    def _recipe(self, entry: Entry, picture: Picture, seed: int) -> Recipe:
        recipe = entry.recipe(self._plan.preset, picture.facts, seed)
        steps = self._plan.stop.steps
        return recipe if steps is None else dataclasses.replace(recipe, steps=steps)

    def _made_with(self, recipe: Recipe, picture: Picture) -> dict[str, Any]:
        plan = self._plan
        made = {"recipe": recipe.to_dict(), "stop": asdict(plan.stop), "holdout": plan.holdout}
        read: dict[str, Any] = json.loads(json.dumps({**made, "digest": picture.facts.digest}))
        return read

    def _kept(self, path: Path, made_with: dict[str, Any]) -> dict[str, Any] | None:
        """What an earlier run wrote, where it is to be taken up. Raises InputError if its settings were others."""
        if not self._plan.resume or not path.exists():
            return None
        try:
            kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            return None
        if kept.get("made_with") != made_with:
            raise InputError(
                f"--resume: '{path}' was made with other settings, another picture or another budget; repeat the same "
                "options, or choose another --out"
            )
        return kept

    def _train(self, entry: Entry, name: str, picture: Picture, held_out: Any, seed: int) -> None:
        plan = self._plan
        recipe = self._recipe(entry, picture, seed)
        made_with = self._made_with(recipe, picture)
        path = plan.out / _FOLDER / f"{name}-{entry.file_stem}-{seed}.json"
        filmed = plan.filmed and seed == 0 and name == next(iter(plan.pictures))
        kept = self._kept(path, made_with)
        if kept is not None and path.with_suffix(".npz").exists():
            trained = _read(kept, path.with_suffix(".npz"))
            if trained.frames or not filmed:
                self._trained[name, entry.label, seed] = trained
                return
        what = f"{entry.label} on {name}"
        outcome = contest(
            recipe, picture, plan.stop, filmed=filmed, report=lambda progress: self._report(what, progress)
        )
        if outcome.remark:
            self._note(f"{what}, seed {seed}: {outcome.remark}")
        field_path = path.with_suffix(".safetensors")
        save_field(field_path, outcome.field, outcome.training)
        timed = plan.stop.seconds is not None
        row = Row(
            picture=name,
            network=entry.label,
            settings=entry.settings,
            seed=seed,
            parameters=outcome.field.parameter_count,
            kilobytes=round(field_path.stat().st_size / 1000, 1),
            steps=outcome.training.steps,
            seconds=round(outcome.seconds, 3) if timed else None,
            ms_per_step=round(1e3 * outcome.seconds / outcome.training.steps, 3) if timed else None,
            remark=outcome.remark,
            **final_measures(outcome.field, picture, held_out),
        )
        values = _values(outcome.field, picture)
        trained = _Trained(row, outcome.probes, values, outcome.frames)
        _keep(trained, made_with, path)
        self._trained[name, entry.label, seed] = trained

    def _write(self, rows: Sequence[Row], command: str) -> None:
        plan, out = self._plan, self._plan.out
        octaves = {name: octave_names(picture.pixels.shape[:2]) for name, picture in plan.pictures.items()}
        probes = {key: trained.probes for key, trained in self._trained.items()}
        write_text(out / "table.csv", csv_table(rows))
        write_text(out / "table.md", markdown_table(rows))
        write_text(out / "table.tex", latex_table(rows))
        write_text(out / "curves.csv", csv_curves(probes, octaves))
        first, picture = next(iter(plan.pictures.items()))
        shown = {label: trained for (name, label, seed), trained in self._trained.items() if (name, seed) == (first, 0)}
        curves = {label: trained.probes for label, trained in shown.items()}
        write_figure(out / "psnr.svg", psnr_figure(curves, first))
        write_figure(out / "psnr.png", psnr_figure(curves, first))
        write_figure(out / "bands.png", bands_figure(curves, octaves[first], first))
        truth = quantised(shown_values(picture.pixels, picture.facts))
        write_image(out / "crops.png", crops_picture(truth, {label: one.picture for label, one in shown.items()}))
        film = self._write_film(truth, {label: one.frames for label, one in shown.items()}) if plan.filmed else None
        pictures = [out / name for name in ("psnr.png", "bands.png", "crops.png")]
        budget = f"{plan.stop.steps} steps" if plan.stop.steps else f"{plan.stop.seconds:g} seconds"
        title = f"{len(plan.entries)} networks on {len(plan.pictures)} pictures, {budget} each, preset {plan.preset}"
        write_text(out / "report.html", report_page(title, command, rows, pictures, film))

    def _write_film(self, truth: np.ndarray, films: Mapping[str, list[np.ndarray]]) -> Path:
        path = self._plan.out / "race.mp4"
        psnrs = {
            label: [psnr(frame / 255.0, truth / 255.0, (0.0, 1.0)) for frame in film] for label, film in films.items()
        }
        frames = film_frames(truth, films, psnrs)
        height, width = frames[0].shape[:2]
        with film_file(path, (width, height), FILM_RATE) as append:
            for frame in [*frames, *frames[-1:] * int(FILM_RATE)]:
                append(frame)
        return path


def _values(field: Any, picture: Picture) -> np.ndarray:
    return quantised(shown_values(evaluate(field, cell_grid(picture.facts)).float().cpu().numpy(), picture.facts))


def _keep(trained: _Trained, made_with: dict[str, Any], path: Path) -> None:
    """The pixels first, so that whoever finds the facts finds all."""
    with written_whole(path.with_suffix(".npz")) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, picture=trained.picture, frames=np.array(trained.frames, np.uint8))
    kept = {"made_with": made_with, "row": asdict(trained.row), "probes": [asdict(probe) for probe in trained.probes]}
    write_text(path, json.dumps(kept, sort_keys=True))


def _read(kept: dict[str, Any], pixels: Path) -> _Trained:
    with np.load(pixels, allow_pickle=False) as arrays:
        picture, frames = arrays["picture"], list(arrays["frames"])
    row = dataclass_from_json(Row, kept["row"], f"'{pixels}': row")
    probes = [Probe(**{**probe, "octaves": tuple(probe["octaves"])}) for probe in kept["probes"]]
    return _Trained(row, probes, picture, frames)
