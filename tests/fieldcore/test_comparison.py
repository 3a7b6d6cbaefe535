"""Comparisons: what entries may be, that runs are alike and fair, what is written, and what goes wrong."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from fieldcore.cli import run
from fieldcore.comparison.contest import contest, final_measures, hold_out
from fieldcore.comparison.entry import Entry, parse_entries
from fieldcore.comparison.names import check_names
from fieldcore.comparison.tables import Row, latex_table, markdown_table
from fieldcore.comparison.tuning import candidates, on_pixels, tuned
from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.fields.networks import NETWORKS, PUBLICATION
from fieldcore.fitting import Stop
from fieldcore.images import write_image
from fieldcore.signals import Picture


@pytest.fixture
def picture(smooth_pixels) -> Picture:
    return Picture(smooth_pixels[:16, :20])


@pytest.fixture
def photo(smooth_pixels, tmp_path):
    path = tmp_path / "waves.png"
    write_image(path, smooth_pixels[:16, :20])
    return path


def test_entries_are_names_with_settings():
    assert [entry.name for entry in parse_entries("publication")] == list(PUBLICATION)
    assert [entry.name for entry in parse_entries("all")] == list(NETWORKS)
    plain, own = parse_entries("siren,finer:first_bias=5:omega=10:width=32:mapping_identity=no")
    assert (plain.settings, own.settings) == ("published", "own")
    assert own.changes == {
        "first_bias": 5.0, "omega_first": 10.0, "omega_hidden": 10.0, "width": 32, "mapping_identity": False,
    }  # fmt: skip
    assert own.label == "finer first_bias=5 omega_first=10 omega_hidden=10 width=32 mapping_identity=False"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("siren,tanh", "network: expected one of siren, finer"),
        ("", "expected at least one of siren"),
        ("siren,siren", "'siren' is named twice"),
        ("finer:first_bias", "'finer:first_bias': expected key=value after the name"),
        ("finer:bias=3", "expected one of .*first_bias.*, got 'bias'"),
        ("finer:width=many", "width: expected a whole number, got 'many'"),
        ("finer:batch_norm=true", "batch_norm: expected yes or no, got 'true'"),
    ],
)
def test_entries_that_cannot_be_are_refused_with_a_sentence(text, message):
    with pytest.raises(InputError, match=message):
        parse_entries(text)
    if "tanh" in text:
        with pytest.raises(InputError, match=r"--networks: expected all, publication, or some of .*, got 'tanh'"):
            check_names(text)


def test_a_contest_is_watched_on_the_way_and_filmed(picture):
    outcome = contest(Entry("siren").recipe("preview", picture.facts, 0), picture, Stop(steps=40), filmed=True)
    assert outcome.probes[-1].step == 40 and not outcome.remark
    assert [probe.step for probe in outcome.probes] == sorted(probe.step for probe in outcome.probes)
    assert outcome.probes[-1].psnr > outcome.probes[0].psnr
    assert len(outcome.frames) == 91 and outcome.frames[0].shape == (16, 20, 3)
    measures = final_measures(outcome.field, picture)
    assert measures["psnr"] == pytest.approx(outcome.probes[-1].psnr)
    assert measures["held_out_psnr"] is None and measures["between_psnr"] > 10


def test_a_training_that_diverges_ends_with_its_best_state(picture):
    recipe = replace(Entry("finer").recipe("preview", picture.facts, 0), learning_rate=1e6)
    outcome = contest(recipe, picture, Stop(steps=50))
    assert "diverged at step" in outcome.remark and outcome.training.stopped_by == "diverged"
    assert all(bool(torch.isfinite(one).all()) for one in outcome.field.state_dict().values())


def test_held_out_pixels_are_out_of_reach(picture):
    seen, held_out = hold_out(picture, 0.1)
    assert len(held_out) == 32 and len(seen.training_cells) == 288
    assert not set(held_out.tolist()) & set(seen.training_cells.tolist())
    assert picture.training_cells is None and hold_out(picture, 0.0) == (picture, None)
    changed = picture.pixels.copy().reshape(-1, 3)
    changed[held_out.numpy()] = 0.5
    other = Picture(changed.reshape(picture.pixels.shape))
    other.training_cells = seen.training_cells
    recipe = Entry("siren").recipe("preview", picture.facts, 0)
    one, two = (contest(recipe, each, Stop(steps=5)).field.state_dict() for each in (seen, other))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_a_search_tries_eight_settings_and_does_not_look_at_held_out_pixels(picture):
    seen, held_out = hold_out(picture, 0.2)

    def recipe_of(entry, seed):
        return replace(entry.recipe("preview", picture.facts, seed), width=8, steps=8)

    for name, searched in (("siren", "omega_first"), ("gauss", "spread"), ("fourier", "frequency_variance")):
        tried = candidates(Entry(name), recipe_of(Entry(name), 0))
        assert len({tuple(one.tuned.values()) for one in tried}) == 8 and searched in tried[0].tuned
    found = tuned(Entry("siren"), recipe_of, on_pixels(seen), Stop(steps=8))
    assert (found.label, found.settings) == ("siren tuned", "tuned")
    changed = picture.pixels.copy().reshape(-1, 3)
    changed[held_out.numpy()] = 0.0
    other = Picture(changed.reshape(picture.pixels.shape))
    other.training_cells = seen.training_cells
    assert tuned(Entry("siren"), recipe_of, on_pixels(other), Stop(steps=8)).tuned == found.tuned


def row(network: str, psnr: float | None, **changes) -> Row:
    usual = {"settings": "published", "seed": 0, "parameters": 9, "kilobytes": 1.0, "steps": 3}
    rest = {"seconds": None, "ms_per_step": None, "ssim": 0.5, "flip": 0.1, "held_out_psnr": None, "between_psnr": 9.0}
    return Row(picture="p", network=network, psnr=psnr, **{**usual, **rest, **changes})


def test_tables_hold_means_with_the_best_first_and_only_columns_that_have_numbers():
    rows = [row("a_b", 20.0), row("a_b", 22.0, seed=1), row("c", 30.0), row("d", None)]
    lines = markdown_table(rows).splitlines()
    assert lines[0] == "| network | settings | parameters | kB | steps | PSNR | SSIM | FLIP | between pixels |"
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| c", "| a_b", "| d"]
    assert "| 21.00 |" in lines[3] and "| - |" in lines[4]
    assert r"a\_b & published" in latex_table(rows)


def compare(photo, out, *words):
    return run(["compare", str(photo), "--out", str(out), "--size", "16", *words])


@pytest.mark.long
def test_everything_is_written_alike_whatever_the_order_and_taken_up_again(photo, tmp_path, capsys):
    words = ("--steps", "12", "--seeds", "2", "--holdout", "0.1")
    assert compare(photo, tmp_path / "one", *words, "--networks", "siren,pemlp", "--film") == 0
    assert "| siren | published |" in capsys.readouterr().out
    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {
        *("table.csv", "table.md", "table.tex", "curves.csv", "psnr.svg", "psnr.png", "bands.png", "crops.png"),
        *("race.mp4", "report.html", "fields"),
    }
    assert compare(photo, tmp_path / "two", *words, "--networks", "pemlp,siren", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert len(result["rows"]) == 4 and result["failed"] == {}
    one, two = ((tmp_path / name / "table.csv").read_bytes() for name in ("one", "two"))
    assert one == two
    rows = list(csv.DictReader(one.decode().splitlines()))
    assert {row["seconds"] for row in rows} == {""} and all(float(row["held_out_psnr"]) > 0 for row in rows)
    report = (tmp_path / "one" / "report.html").read_text(encoding="utf-8")
    assert "data:image/png;base64," in report and "data:video/mp4" in report and "src='http" not in report

    fields = sorted((tmp_path / "one" / "fields").glob("*.safetensors"))
    before = [path.stat().st_mtime_ns for path in fields]
    fields[0].with_suffix(".json").unlink()  # as if it had been killed before
    assert compare(photo, tmp_path / "one", *words, "--networks", "siren,pemlp", "--resume", "--film") == 0
    changed = [path.stat().st_mtime_ns != stamp for path, stamp in zip(fields, before, strict=True)]
    assert changed == [True, False, False, False]
    assert (tmp_path / "one" / "table.csv").read_bytes() == one
    capsys.readouterr()
    assert compare(photo, tmp_path / "one", "--steps", "13", "--networks", "siren", "--resume") == 2
    assert "was made with other settings" in capsys.readouterr().err


def test_a_broken_picture_among_others_is_left_out(photo, tmp_path, capsys):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno")
    words = ["--steps", "1", "--size", "8", "--networks", "relu", "--json"]
    assert run(["compare", str(broken), str(photo), "--out", str(tmp_path / "out"), *words]) == 0
    result = json.loads(capsys.readouterr().out)
    assert list(result["failed"]) == [str(broken)] and len(result["rows"]) == 1
    assert run(["compare", str(broken), "--out", str(tmp_path / "other"), *words]) == 2
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--networks", "tanh"], "--networks: expected all, publication, or some of"),
        (["--steps", "0"], "--steps: expected a number above 0"),
        (["--steps", "3", "--seconds", "3"], "give --seconds or --steps, not both"),
        (["--holdout", "1"], "--holdout: expected from 0 to 0.9"),
        (["--size", "1"], "--size: expected at least 2 pixels"),
        (["--preset", "large"], "--preset: expected one of preview, standard, paper, toy"),
        (["--networks", "finer:width=0"], "width: expected from 1 to 16384, got 0"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_a_sentence(words, message, photo, tmp_path, capsys):
    assert compare(photo, tmp_path / "out", *words) == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_holds_a_table_is_not_written_over(photo, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "table.csv").write_text("mine")
    assert compare(photo, tmp_path / "out") == 2
    assert "exists; add --resume to go on, --overwrite" in capsys.readouterr().err
    assert compare(photo, photo) == 2
    assert "that is a file; give the name of a folder" in capsys.readouterr().err


def test_fields_of_a_comparison_are_fields(photo, tmp_path):
    from fieldcore.checkpoint import load_field

    assert compare(photo, tmp_path / "out", "--steps", "2", "--networks", "wire_finer") == 0
    (path,) = (tmp_path / "out" / "fields").glob("*.safetensors")
    field = load_field(path)
    assert isinstance(field, Field) and np.isfinite(field([[0.0, 0.0]]).detach().numpy()).all()
