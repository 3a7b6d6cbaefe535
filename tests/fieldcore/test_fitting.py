"""Training: stopping, pausing, resuming bit for bit, reporting."""

import time
from dataclasses import replace

import pytest
import torch

from fieldcore.checkpoint import TrainingFacts, load_field, save_field, weights_digest
from fieldcore.errors import InputError
from fieldcore.fields import KINDS, build_field, preset_recipe
from fieldcore.fitting import MONITOR_EVERY_STEPS, Stop, Training, fit
from fieldcore.signals import Picture


@pytest.fixture
def picture(smooth_pixels):
    return Picture(smooth_pixels)


def new_field(picture, kind="pyramid", seed=0, **changes):
    recipe = preset_recipe(kind, "preview", picture.facts, seed=seed)
    changes = {"points_per_step": 512, "steps": 60, **changes}
    return build_field(replace(recipe, **changes), picture.facts)


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_bits_and_another_seed_others(picture, kind):
    digests = []
    for seed in (1, 1, 2):
        field = new_field(picture, kind, seed)
        for _ in fit(field, picture, stop=Stop(steps=4)):
            pass
        digests.append(weights_digest(field))
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("kind", KINDS)
def test_resuming_from_a_file_continues_bit_for_bit(tmp_path, picture, kind):
    whole = new_field(picture, kind)
    losses = [progress.loss for progress in fit(whole, picture, stop=Stop(steps=8))]

    training = Training(new_field(picture, kind))
    first = fit(training, picture, stop=Stop(steps=8))
    resumed_losses = [next(first).loss for _ in range(3)]
    training.save(tmp_path / "state.safetensors")
    del training, first

    again = Training.load(tmp_path / "state.safetensors")
    assert again.step == 3
    resumed_losses += [progress.loss for progress in fit(again, picture, stop=Stop(steps=8))]
    assert resumed_losses == losses
    assert weights_digest(again.field) == weights_digest(whole)


@pytest.mark.parametrize("kind", KINDS)
def test_evaluating_in_between_never_leaves_stale_weights(tmp_path, picture, kind):
    """What a trained field answers is what its saved copy answers, although it was asked while it trained."""
    field = new_field(picture, kind)
    x = torch.rand(50, 2, generator=torch.Generator().manual_seed(0))
    for _ in fit(field, picture, stop=Stop(steps=3)):
        field.eval()(x)
    save_field(tmp_path / "f.safetensors", field, TrainingFacts())
    assert torch.equal(field.eval()(x), load_field(tmp_path / "f.safetensors")(x))


def test_training_lowers_the_loss_and_reports_it(picture):
    progress = list(fit(new_field(picture, steps=200), picture))
    assert [p.step for p in progress] == list(range(1, 201))
    assert progress[-1].loss < 0.2 * progress[0].loss
    assert progress[-1].psnr > progress[MONITOR_EVERY_STEPS - 1].psnr > 10
    assert progress[0].psnr is None
    assert progress[-1].share_done == 1.0
    assert progress[-1].stopped_by == "steps"
    assert all(p.stopped_by is None for p in progress[:-1])
    rate = 200 * 512 / progress[-1].elapsed
    assert progress[-1].points_per_second == pytest.approx(rate, rel=1e-6)


def test_the_learning_rate_follows_the_recipe(picture):
    field = new_field(picture, "spectral", steps=10, learning_rate=1e-2, learning_rate_end=1e-2)
    rates = [p.learning_rate for p in fit(field, picture)]
    assert rates == pytest.approx([1e-2 * 1e-2 ** (k / 10) for k in range(10)])
    assert [group["lr"] for group in Training(field).optimizer.param_groups] == [1e-2]


def test_stop_rules(picture, monkeypatch):
    assert list(fit(new_field(picture), picture, stop=Stop(steps=3)))[-1].stopped_by == "steps"
    by_clock = list(fit(new_field(picture), picture, stop=Stop(seconds=0.2)))[-1]
    assert by_clock.stopped_by == "seconds"
    assert by_clock.elapsed >= 0.2
    reached = list(fit(new_field(picture, steps=2000), picture, stop=Stop(target_psnr=15.0)))[-1]
    assert (reached.stopped_by, reached.psnr >= 15) == ("target", True)
    monkeypatch.setattr(Picture, "monitor", lambda self, field: lambda: 20.0)
    stuck = list(fit(new_field(picture, steps=2000), picture, stop=Stop(plateau=100)))[-1]
    assert (stuck.stopped_by, stuck.step) == ("plateau", MONITOR_EVERY_STEPS + 100)


def test_pauses_are_not_counted(picture):
    training = fit(new_field(picture), picture)
    first = next(training)
    time.sleep(0.3)
    assert next(training).elapsed - first.elapsed < 0.3


def test_a_preparation_longer_than_the_time_given_still_leaves_a_step(picture):
    field = new_field(picture)
    field.prepare = lambda signal: time.sleep(0.02)
    (progress,) = fit(field, picture, stop=Stop(seconds=0.01))
    assert progress.step == 1 and progress.stopped_by == "seconds"
    assert progress.elapsed > 0.02  # it counts


def test_checkpoints_are_written_while_it_runs(tmp_path, picture):
    state = tmp_path / "state.safetensors"
    steps = fit(new_field(picture), picture, checkpoint=state, checkpoint_seconds=1e-9)
    next(steps)
    next(steps)
    loaded = Training.load(state)
    assert loaded.step == 2
    assert loaded.elapsed > 0


def test_the_monitor_measures_the_unfiltered_error(picture):
    field = new_field(picture)
    field.forward = lambda x: picture(x) + 0.1
    assert picture.monitor(field)() == pytest.approx(20.0, abs=1e-3)


def test_a_field_is_no_training_state(tmp_path, picture):
    save_field(tmp_path / "f.safetensors", new_field(picture), TrainingFacts())
    with pytest.raises(InputError, match=r"f.safetensors"):
        Training.load(tmp_path / "f.safetensors")


@pytest.mark.parametrize("rule", [{"steps": 0}, {"seconds": -1.0}, {"seconds": float("nan")}, {"plateau": -5}])
def test_senseless_stop_rules_are_refused(rule):
    with pytest.raises(InputError, match="expected a number above 0"):
        Stop(**rule)
