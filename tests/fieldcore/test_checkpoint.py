"""Files of fields: bit-equal round trips, and one sentence for every way a file can be wrong."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from fieldcore.checkpoint import TrainingFacts, load_checkpoint, load_field, save_field, weights_digest
from fieldcore.errors import InputError
from fieldcore.fields import KINDS, build_field, default_preset, kinds_for, preset_recipe
from fieldcore.fields.spectral import Spectral
from fieldcore.fields.weight_shapes import weight_shapes
from fieldcore.filters import Gaussian
from fieldcore.signals import Picture


@pytest.fixture
def facts(smooth_pixels):
    return Picture(smooth_pixels, "waves").facts


@pytest.fixture
def path(tmp_path, facts):
    path = tmp_path / "field.safetensors"
    save_field(path, build_field(preset_recipe("trained_pyramid", "preview", facts, seed=5), facts), TrainingFacts(7))
    return path


@pytest.mark.parametrize("kind", kinds_for(2))
def test_a_loaded_field_gives_bit_equal_output(tmp_path, facts, kind):
    field = build_field(preset_recipe(kind, default_preset(kind, facts.type), facts, seed=3), facts)
    save_field(tmp_path / "f.safetensors", field, TrainingFacts(steps=12, psnr={"0": 31.5}))
    loaded = load_checkpoint(tmp_path / "f.safetensors")
    x = torch.rand(100, 2) * 2 - 1
    with torch.no_grad():
        assert torch.equal(loaded.field(x, Gaussian(1e-3)), field(x, Gaussian(1e-3)))
    assert loaded.field.recipe == field.recipe
    assert loaded.field.facts == facts
    assert loaded.training == TrainingFacts(steps=12, psnr={"0": 31.5})
    assert weights_digest(loaded.field) == weights_digest(field)


def test_the_same_field_gives_the_same_bytes(tmp_path, facts):
    files = [tmp_path / "a.safetensors", tmp_path / "b.safetensors"]
    for file in files:
        save_field(file, build_field(preset_recipe("trained_pyramid", "preview", facts), facts), TrainingFacts())
    assert files[0].read_bytes() == files[1].read_bytes()


def edited(path, change):
    """The file with its description changed by ``change``."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        header = json.loads(file.metadata()["fieldscope"])
    change(header, tensors)
    save_file(tensors, path, {"fieldscope": json.dumps(header)})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda h, t: h.update(schema_version=4), "written by a newer Fieldscope"),
        (lambda h, t: h.update(schema_version="1"), "schema_version: expected a whole number"),
        (lambda h, t: h.pop("schema_version"), "its description is not readable"),
        (lambda h, t: h.update(kind="spectral"), "its recipe is missing or of another kind"),
        (lambda h, t: h["recipe"].pop("seed"), "entry 'seed' is missing"),
        (lambda h, t: h["recipe"].update(colour=1), "unknown entry 'colour'"),
        (lambda h, t: h["recipe"].update(width="64"), "width: expected int, got '64'"),
        (lambda h, t: h["recipe"].update(width=32), "its weights do not fit its recipe"),
        (
            lambda h, t: h["recipe"].update(precision="half"),
            r"expected Literal\['auto', 'float32', 'bfloat16'\], got 'half'",
        ),
        (lambda h, t: h["recipe"].update(width=10**6), "width"),
        (lambda h, t: h["signal"].pop("channels"), "signal: entry 'channels' is missing"),
        (lambda h, t: h["signal"].update(half_extent=[1.0, float("nan")]), "signal: half_extent"),
        (lambda h, t: h["signal"].update(resolution=[10**7, 10**7]), "signal: resolution"),
        (lambda h, t: h["signal"].update(channels="3"), "signal: channels"),
        (lambda h, t: h.pop("training"), "training: expected the entries"),
        (lambda h, t: t[min(t)].fill_(float("nan")), "NaN or infinite"),
        (lambda h, t: t.pop(min(t)), "its weights do not fit its recipe"),
    ],
)
def test_hand_edited_files_are_refused_with_a_sentence(path, change, expected):
    edited(path, change)
    with pytest.raises(InputError, match=expected) as error:
        load_field(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_truncated_foreign_and_missing_files_are_refused(tmp_path, path):
    whole = path.read_bytes()
    for length in (0, 5, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match="not a safetensors file, or truncated"):
            load_field(path)
    save_file({"a": torch.zeros(2)}, path)
    with pytest.raises(InputError, match="not one that Fieldscope wrote"):
        load_field(path)
    with pytest.raises(InputError, match="no such file"):
        load_field(tmp_path / "nothing.safetensors")


def test_random_damage_never_gives_another_kind_of_error(path):
    whole = bytearray(path.read_bytes())
    random = np.random.default_rng(0)
    header = 8 + int.from_bytes(whole[:8], "little")
    for _ in range(60):
        damaged = whole.copy()
        for position in random.integers(0, header, 3):
            damaged[position] = random.integers(0, 256)
        path.write_bytes(damaged)
        try:
            load_field(path)
        except InputError as error:
            assert str(path) in str(error)


FULL = OSError(28, "No space left on device"), SafetensorError("I/O error: No space left on device (os error 28)")


@pytest.mark.parametrize("error", FULL)
def test_a_failed_write_leaves_the_old_file_and_nothing_else(path, facts, monkeypatch, error):
    before = path.read_bytes()

    def full_disk(tensors, file, metadata):
        file.write_bytes(b"half")
        raise error

    monkeypatch.setattr("fieldcore.checkpoint.save_file", full_disk)
    field = build_field(preset_recipe("trained_pyramid", "preview", facts), facts)
    with pytest.raises(InputError, match="the disk is full"):
        save_field(path, field, TrainingFacts())
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_path_may_be_text_and_the_training_unknown(tmp_path, facts):
    field = build_field(preset_recipe("spectral", "preview", facts), facts)
    save_field(str(tmp_path / "f.safetensors"), field)
    loaded = load_checkpoint(str(tmp_path / "f.safetensors"))
    assert loaded.training == TrainingFacts()
    assert weights_digest(load_field(str(tmp_path / "f.safetensors"))) == weights_digest(loaded.field)


@pytest.mark.parametrize("kind", kinds_for(2))
def test_shapes_are_known_without_building_anything(facts, kind):
    for preset in KINDS[kind].presets:
        if "shape" in preset:
            continue
        recipe = preset_recipe(kind, preset, facts)
        expected = {name: tensor.shape for name, tensor in build_field(recipe, facts).state_dict().items()}
        assert weight_shapes(recipe, facts) == expected


@pytest.mark.parametrize("kind", kinds_for(2))
def test_a_small_file_that_claims_to_be_large_is_refused_before_memory_is_taken(tmp_path, facts, kind, monkeypatch):
    path = tmp_path / "f.safetensors"
    recipe = preset_recipe(kind, default_preset(kind, facts.type), facts)
    save_field(path, build_field(recipe, facts))
    large = {"width": 4096, "max_cells": 8192}

    def enlarge(header, tensors):
        header["recipe"].update({name: size for name, size in large.items() if name in header["recipe"]})
        header["signal"]["resolution"] = [65536, 65536]

    edited(path, enlarge)
    built = []
    monkeypatch.setattr("fieldcore.checkpoint.build_field", lambda *arguments: built.append(arguments))
    with pytest.raises(InputError, match="its weights do not fit its recipe"):
        load_field(path)
    assert built == []


def test_a_kind_that_looks_at_values_while_it_is_built_is_loaded_all_the_same(tmp_path, facts, monkeypatch):
    class Peeking(Spectral):
        def __init__(self, recipe, facts):
            super().__init__(recipe, facts)
            self.first = self.network[0].weight[0, 0].item()

    monkeypatch.setitem(KINDS, "spectral", Peeking)
    recipe = preset_recipe("spectral", "preview", facts)
    assert weight_shapes(recipe, facts) is None
    save_field(tmp_path / "f.safetensors", build_field(recipe, facts))
    assert isinstance(load_field(tmp_path / "f.safetensors"), Peeking)


def test_complex_weights_that_are_not_finite_are_refused(tmp_path, facts, monkeypatch):
    class Waves(Spectral):
        def __init__(self, recipe, facts):
            super().__init__(recipe, facts)
            self.phases = torch.nn.Parameter(torch.ones(3, dtype=torch.complex64))

    monkeypatch.setitem(KINDS, "spectral", Waves)
    field = build_field(preset_recipe("spectral", "preview", facts), facts)
    save_field(tmp_path / "f.safetensors", field)
    assert torch.equal(load_field(tmp_path / "f.safetensors").phases, field.phases)
    with torch.no_grad():
        field.phases[1] = complex(0, float("nan"))
    save_field(tmp_path / "f.safetensors", field)
    with pytest.raises(InputError, match="NaN or infinite"):
        load_field(tmp_path / "f.safetensors")


@pytest.mark.parametrize(
    "entry, value",
    [
        ("background", (float("nan"), 0.0, 0.0)),
        ("background", (2.0, 2.0, 2.0)),
        ("background", (-5.0, 0.0, 0.0)),
        ("value_range", (0.0, float("inf"))),
        ("value_scale", float("nan")),
        ("half_extent", (1.0, float("nan"))),
        ("source_center", (0.0, float("inf"))),
        ("resolution", (48,)),
        ("smooth_axes", (1, 0)),
        ("smooth_axes", (2,)),
    ],
)
def test_facts_that_no_signal_can_have_are_refused_at_once(facts, entry, value):
    with pytest.raises(InputError, match=f"{entry}: no signal has"):
        replace(facts, **{entry: value})


@pytest.mark.parametrize("entry, value", [("name", 5), ("digest", None), ("channels", 3.5)])
def test_nothing_is_written_that_could_not_be_read(tmp_path, facts, entry, value):
    field = build_field(preset_recipe("spectral", "preview", facts), facts)
    object.__setattr__(field.facts, entry, value)  # as a caller could hand it over, types being no promise
    with pytest.raises(InputError, match=f"{entry}: expected"):
        save_field(tmp_path / "f.safetensors", field)
    assert not list(tmp_path.iterdir())


def test_a_training_that_could_not_be_read_is_not_written(tmp_path, facts):
    field = build_field(preset_recipe("spectral", "preview", facts), facts)
    with pytest.raises(InputError, match="cannot be kept in a file"):
        save_field(tmp_path / "f.safetensors", field, TrainingFacts(psnr={"0": float("nan")}))
    with pytest.raises(InputError, match="training: steps: expected int"):
        training = TrainingFacts()
        object.__setattr__(training, "steps", "many")
        save_field(tmp_path / "f.safetensors", field, training)


def test_files_from_before_axes_could_be_chosen_are_read(path, facts):
    edited(path, lambda header, tensors: header["signal"].pop("smooth_axes"))
    assert load_field(path).facts == facts
