"""Plans: what is refused, what a plan comes to, and the plans that come with the program."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from suite_plans import document, store_of, write_pictures

from fieldcore.errors import InputError
from fieldcore.fields import field_type
from fieldcore.samples import shipped_plans
from fieldcore.suite.plan_file import find_plan, plan_from_json, read_plan
from fieldcore.suite.resolved import resolved
from fieldcore.suite.store import Store

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"version": 2}, "it is of version 2, this program reads 1"),
    ({"format": "fieldscope-path"}, "expected the format 'fieldscope-suite'"),
    ({"colour": 1}, "unknown entry 'colour'"),
    ({"variants": [{"name": "a", "kind": "nerf"}]}, r"variants\[0\]: kind: expected one of"),
    ({"variants": [{"name": "a", "kind": "spectral", "preset": "huge"}]}, "preset: a spectral field has"),
    ({"variants": [{"name": "a", "kind": "spectral", "changes": {"depth": 3}}]}, "no such setting; it has"),
    ({"variants": [{"name": "a", "kind": "spectral"}] * 2}, "variants: expected names that differ"),
    ({"baseline": "c"}, "baseline: expected one of the variants spectral, trained"),
    ({"stop": {"steps": 2, "seconds": 3.0}}, "stop: expected one of the four rules"),
    ({"seeds": []}, "seeds: expected some that differ"),
    ({"seeds": 10**12}, "seeds: expected 1 to 1000, or a list of seeds, got 1000000000000"),
    ({"measure": {"variances": []}}, "measure: variances: expected at least one, or covariances"),
    ({"measure": {"covariances": {"seed": 0, "count": 10**9}}}, "count: expected a whole number from 0 to 10000"),
    ({"measure": {"covariances": {"count": 3}}}, "covariances: expected seed and count, or file"),
    ({"measure": {"resolution": {"video": 64}}}, "resolution: expected types among"),
    ({"time_to_quality": {"values": {}}, "stop": {"steps": 2}}, "expected targets by measure"),
]

REFUSED_WITH_SIGNALS: list[tuple[dict[str, Any], str]] = [
    ({"signals": ["*.tif"]}, "'\\*.tif': no file is called so"),
    ({"signals": ["three.png"]}, "three.png': no such file"),
    ({"signals": ["one.xyz"]}, "its name does not say what it is"),
    ({"options": {"picture": {"frames": "1:2"}}}, "a picture is not read with 'frames'; it has size"),
    ({"measure": {"metrics": ["chamfer"]}}, "metrics: these signals have psnr, ssim, flip, lpips, got 'chamfer'"),
    ({"variants": [{"name": "a", "kind": "relight"}], "baseline": ""}, "a relight field cannot be trained on 'one'"),
    ({"variants": [{"name": "a", "kind": "spectral", "types": ["shape"]}], "baseline": ""}, "no variant is for any"),
    ({"signals": [{"source": "one.png", "held_out": "gone.txt"}]}, "gone.txt': No such file"),
    ({"measure": {"covariances": {"file": "gone.json"}}}, "gone.json': No such file"),
]


def test_what_no_plan_can_have_is_refused(tmp_path: Path) -> None:
    for changes, sentence in REFUSED:
        with pytest.raises(InputError, match=sentence):
            plan_from_json(document(**changes), "plan 'p'")
    write_pictures(tmp_path)
    (tmp_path / "one.xyz").write_text("")
    for changes, sentence in REFUSED_WITH_SIGNALS:
        with pytest.raises(InputError, match=sentence):
            resolved(plan_from_json(document(**changes), "plan 'p'"), tmp_path)
    with pytest.raises(InputError, match="the plans that come with the program are"):
        find_plan("none")


def test_a_changed_plan_has_other_keys_and_a_renamed_signal_the_same(tmp_path: Path) -> None:
    def keys(**changes: Any) -> list[str]:
        return [run.key for run in resolved(plan_from_json(document(**changes), "plan"), tmp_path).runs]

    write_pictures(tmp_path)
    usual = keys()
    assert len(set(usual)) == 8
    changed: list[dict[str, Any]] = [{"stop": {"steps": 21}}, {"measure": {"crop": "paper"}}, {"seeds": [2, 3]}]
    for changes in changed:
        assert not set(keys(**changes)) & set(usual), changes
    (tmp_path / "one.png").rename(tmp_path / "renamed.png")
    assert keys(signals=["renamed.png", "two.png"]) == usual
    twice = resolved(plan_from_json(document(signals=["*.png", "two.png"]), "plan"), tmp_path)
    assert [run.key for run in twice.runs] == usual
    assert twice.notices == ("'two-2' is the same signal as 'two'; it is trained on once",)


def test_covariances_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "some.json").write_text(json.dumps([[[1e-2, 0], [0, 1e-3]], [[1, 0, 0], [0, 1, 0], [0, 0, 1]]]))
    store = store_of(tmp_path, measure={"covariances": {"file": "some.json"}})
    assert store.resolved.runs[0].covariances == (((1e-2, 0.0), (0.0, 1e-3)),)
    (tmp_path / "some.json").write_text(json.dumps([[[1, 2], [2, 1]]]))
    with pytest.raises(InputError, match="number 0: expected a symmetric matrix of variances"):
        store_of(tmp_path, "other", measure={"covariances": {"file": "some.json"}})


def test_results_belong_to_one_plan_and_are_read_again_as_they_were(tmp_path: Path) -> None:
    store = store_of(tmp_path)
    assert Store.open(store.plan_path).resolved == store.resolved
    store.run_folder(store.resolved.runs[0].key).path.mkdir(parents=True)
    assert store_of(tmp_path, stop={"steps": 3}).former() == 1
    with pytest.raises(InputError, match="it holds results of the plan 'tiny', not of 'other'"):
        store_of(tmp_path, name="other")
    with pytest.raises(InputError, match="it holds other files"):
        store_of(tmp_path, ".")
    with pytest.raises(InputError, match=r"there is no plan\.json"):
        Store.open(tmp_path)


def test_shipped_plans_are_read_and_paper_is_the_publications_presets() -> None:
    for name, path in shipped_plans().items():
        assert read_plan(path).name == name
    if "paper" not in shipped_plans():
        return
    for variant in read_plan(find_plan("paper")).variants:
        assert variant.preset in ("", "paper") and not variant.changes
        kind = field_type(variant.kind)
        if variant.preset:
            assert dataclasses.asdict(kind.presets["paper"].changed({}, "picture")) == dataclasses.asdict(
                kind.presets["paper"]
            )


def test_runs_beside_each_other_are_of_different_signals(tmp_path: Path) -> None:
    write_pictures(tmp_path)
    found = [(run.seed, run.variant, run.signal) for run in resolved(plan_from_json(document(), "plan"), tmp_path).runs]
    assert found[:3] == [(0, "spectral", "one"), (0, "spectral", "two"), (0, "trained", "one")]
    assert len(set(found)) == 8 and [seed for seed, *_ in found] == [0] * 4 + [1] * 4
