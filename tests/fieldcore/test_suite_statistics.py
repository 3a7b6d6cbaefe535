"""Statistics and tables of results made by hand, against numbers worked by hand."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from suite_plans import store_of

from fieldcore.suite.records import records
from fieldcore.suite.statistics import cell, differences, holm
from fieldcore.suite.store import Store
from fieldcore.suite.table import tables
from fieldcore.suite.table_formats import FORMATS


def test_means_are_over_signals_and_deviations_over_seeds() -> None:
    found = cell({("a", 0): [10.0, 20.0], ("a", 1): [17.0], ("b", 0): [30.0], ("b", 1): [32.0]})
    # a: (15 + 17) / 2 = 16, b: 31; seed 0: (15 + 30) / 2 = 22.5, seed 1: (17 + 32) / 2 = 24.5
    assert found.mean == 23.5 and found.deviation == pytest.approx(2**0.5)
    assert (found.complete, found.signals) == (2, 2)
    missing = cell({("a", 0): [10.0, None], ("b", 0): [None], ("c", 0): [30.0]})
    assert (missing.mean, missing.deviation, missing.complete, missing.signals) == (20.0, None, 1, 3)
    assert cell({("a", 0): [None]}).mean is None


def test_differences_are_paired_and_corrected_by_holm() -> None:
    base = {(f"s{k}", seed): [10.0 * k] for k in range(5) for seed in (0, 1)}
    better = {place: [values[0] + 1] for place, values in base.items()}
    mixed = {place: [values[0] + (-1) ** int(place[0][1])] for place, values in base.items()}
    found = differences(base, {"better": better, "mixed": mixed})
    one, other = found["better"], found["mixed"]
    assert (one.mean, one.low, one.high, one.p, one.adjusted_p, one.is_starred) == (1.0, 1.0, 1.0, 0.0, 0.0, True)
    # The mean of +1, -1, +1, -1, +1 is 0.2; of five drawn from them two or fewer are +1 in this share of the cases:
    assert other.mean == pytest.approx(0.2) and not other.is_starred
    binomial = [5, 10, 10, 5, 1]  # ways of 1 to 5
    share = [0.4**5, *(ways * 0.6**k * 0.4 ** (5 - k) for k, ways in enumerate(binomial, 1))]
    assert other.p == pytest.approx(2 * sum(share[:3]), abs=0.03)
    few = {place: values for place, values in better.items() if place[0] != "s4"}
    assert not differences(base, {"few": few})["few"].is_starred
    one_seed = {place: values for place, values in better.items() if place[1] == 0}
    assert not differences(base, {"one": one_seed})["one"].is_starred
    assert differences(base, {"none": {("other", 0): [1.0]}}) == {}


def test_holm_keeps_its_order() -> None:
    # Sorted and times 4, 3, 2 and 1 that is 0.04, 0.06, 0.06, 0.04; none falls below its forerunner.
    assert holm({"d": 0.04, "a": 0.01, "c": 0.03, "b": 0.02}) == {"a": 0.04, "b": 0.06, "c": 0.06, "d": 0.06}
    assert holm({"a": 0.9, "b": 0.8}) == {"b": 1.0, "a": 1.0}


@pytest.fixture
def by_hand(tmp_path: Path) -> Store:
    """Results whose values are 10, 20, ... by run, the last one failed."""
    store = store_of(tmp_path)
    *done, failed = sorted(store.resolved.runs, key=lambda run: (run.signal, run.variant, run.seed))
    for number, run in enumerate(done, start=1):
        scores = [{"variance": 0.0, "measures": {"psnr": 10.0 * number}}]
        scores += [{"variance": 0.01, "measures": {"psnr": None}}, {"covariance": 0, "measures": {"psnr": 1.0}}]
        store.run_folder(run.key).write_result({"scores": scores})
    store.run_folder(failed.key).write_failure("the disk is full")
    return store


def _table(store: Store, format: str, rows: str = "variance") -> str:
    return FORMATS[format](tables(store, records(store), rows))


def test_tables_of_results_made_by_hand(by_hand: Store) -> None:
    # one: spectral 10, 20, trained 30, 40; two: spectral 50, 60, trained 70, and a run that failed
    rows = {(row["row"], row["column"]): row for row in csv.DictReader(io.StringIO(_table(by_hand, "csv")))}
    spectral, trained = rows["0", "spectral"], rows["0", "trained"]
    assert (spectral["mean"], spectral["complete_signals"], spectral["signals"]) == ("35", "2", "2")
    assert float(spectral["deviation_over_seeds"]) == pytest.approx(np.std([30, 40], ddof=1))
    assert (trained["mean"], trained["complete_signals"], trained["signals"]) == ("52.5", "1", "2")
    assert trained["difference"] == "20" and trained["star"] == "no" and spectral["difference"] == ""
    assert rows["0.01", "spectral"]["mean"] == "" and rows["0.01", "spectral"]["complete_signals"] == "0"
    text = _table(by_hand, "markdown")
    assert "| 0 | 35.00 ± 7.07 | 52.50 ± 7.07 (1 of 2) [+20.00, +20.00] |" in text
    assert "1 of 8 runs have no result, 1 of them because they failed" in text
    assert "no stars: of the signals there are 2" in text
    (read,) = json.loads(_table(by_hand, "json", rows="signal"))
    assert read["rows"] == ["one", "two"] and read["baseline"] == "spectral"


def test_latex_compiles_where_a_compiler_is(by_hand: Store, tmp_path: Path) -> None:
    text = _table(by_hand, "latex")
    assert r"\toprule" in text and text.count(r"\begin{tabular}{lrr}") == 1
    assert _latex_of(by_hand, "a_b & 50%") == r"a\_b \& 50\%"
    if (compiler := shutil.which("pdflatex")) is None:
        pytest.skip("there is no pdflatex")
    page = "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n" + text + "\\end{document}\n"
    (tmp_path / "page.tex").write_text(page)
    subprocess.run([compiler, "-interaction=nonstopmode", "page.tex"], cwd=tmp_path, check=True, capture_output=True)


def _latex_of(store: Store, text: str) -> str:
    from fieldcore.suite.table_formats import _escaped

    return _escaped(text)
