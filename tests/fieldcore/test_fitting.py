"""Training: stopping, pausing, resuming bit for bit, reporting."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from clocks import Clock, Stopwatch

from fieldcore import fitting
from fieldcore.calibration import calibrate
from fieldcore.checkpoint import TrainingFacts, load_field, save_field, weights_digest
from fieldcore.errors import InputError
from fieldcore.fields import KINDS, build_field, default_preset, kinds_for, preset_recipe
from fieldcore.fields.spectral import Spectral, SpectralRecipe
from fieldcore.fitting import MONITOR_EVERY_STEPS, Stop, Training, _LossReader, fit
from fieldcore.signals import Ackley, Dataset, Picture, SignalFacts
from fieldcore.training_run import conclude


@pytest.fixture
def picture(smooth_pixels):
    return Picture(smooth_pixels)


TRAINED = [kind for kind in kinds_for(2) if not KINDS[kind].is_solved]


def new_field(picture, kind="trained_pyramid", seed=0, **changes):
    recipe = preset_recipe(kind, default_preset(kind, picture.facts.type), picture.facts, seed=seed)
    narrow = {"width": 32} if vars(recipe).get("width") else {}
    changes = {"points_per_step": 512, "steps": 60, **narrow, **changes}
    return build_field(replace(recipe, **changes), picture.facts)


@pytest.mark.parametrize("kind", TRAINED)
def test_same_seed_same_bits_and_another_seed_others(picture, kind):
    digests = []
    for seed in (1, 1, 2):
        field = new_field(picture, kind, seed)
        for _ in fit(field, picture, stop=Stop(steps=4)):
            pass
        digests.append(weights_digest(field))
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("kind", TRAINED)
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


@pytest.mark.parametrize("kind", TRAINED)
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


def test_the_learning_rate_follows_the_clock_where_that_is_what_stops(picture):
    field = new_field(picture, "spectral", learning_rate=1e-2, learning_rate_end=1e-2)
    progress = list(fit(field, picture, stop=Stop(seconds=0.2, steps=1000), clock=Clock(look_s=0.01)))
    elapsed = [0.01, *(p.elapsed for p in progress[:-1])]  # preparing took a look as well
    assert [p.learning_rate for p in progress] == pytest.approx([1e-2 * 1e-2 ** (s / 0.2) for s in elapsed])
    assert [p.share_done for p in progress] == pytest.approx([p.elapsed / 0.2 for p in progress])


def test_stop_rules(picture, monkeypatch):
    assert list(fit(new_field(picture), picture, stop=Stop(steps=3)))[-1].stopped_by == "steps"
    by_clock = list(fit(new_field(picture), picture, stop=Stop(seconds=0.195), clock=Clock(look_s=0.01)))
    assert by_clock[-1].stopped_by == "seconds" and all(p.stopped_by is None for p in by_clock[:-1])
    assert by_clock[-1].elapsed == pytest.approx(0.2) and len(by_clock) == 19, "preparing took a look as well"
    reached = list(fit(new_field(picture, steps=2000), picture, stop=Stop(target_psnr=15.0)))[-1]
    assert (reached.stopped_by, reached.psnr >= 15) == ("target", True)
    monkeypatch.setattr(Picture, "monitor", lambda self, field: lambda: 20.0)
    stuck = list(fit(new_field(picture, steps=2000), picture, stop=Stop(plateau=100)))[-1]
    assert (stuck.stopped_by, stuck.step) == ("plateau", MONITOR_EVERY_STEPS + 100)


def test_a_plateau_counts_from_before_an_interruption(tmp_path, picture, monkeypatch):
    monkeypatch.setattr(fitting, "MONITOR_EVERY_STEPS", 2)
    monkeypatch.setattr(Picture, "monitor", lambda self, field: lambda: 20.0)
    training = Training(new_field(picture, steps=2000))
    first = fit(training, picture, stop=Stop(plateau=10))
    for _ in range(5):
        next(first)
    training.save(tmp_path / "state.safetensors")
    again = Training.load(tmp_path / "state.safetensors")
    assert (again.best_psnr, again.best_step) == (20.0, 2)
    last = list(fit(again, picture, stop=Stop(plateau=10)))[-1]
    assert (last.stopped_by, last.step) == ("plateau", 12)


def test_pauses_are_not_counted(picture):
    clock = Clock(look_s=0.01)
    training = fit(new_field(picture), picture, clock=clock)
    first = next(training)
    clock.seconds += 300.0
    assert next(training).elapsed - first.elapsed == pytest.approx(0.01)


def test_a_preparation_longer_than_the_time_given_still_leaves_a_step(picture):
    field, stopwatch = new_field(picture), Stopwatch()

    def prepare(signal):
        stopwatch.seconds += 20.0

    field.prepare = prepare
    (progress,) = fit(field, picture, stop=Stop(seconds=10.0), clock=stopwatch)
    assert progress.step == 1 and progress.stopped_by == "seconds"
    assert progress.elapsed == pytest.approx(20.0)  # it counts


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
    field.forward = lambda x, filter: picture(x) + 0.1
    assert picture.monitor(field)() == pytest.approx(20.0, abs=1e-3)


def test_a_field_is_no_training_state(tmp_path, picture):
    save_field(tmp_path / "f.safetensors", new_field(picture), TrainingFacts())
    with pytest.raises(InputError, match=r"f.safetensors"):
        Training.load(tmp_path / "f.safetensors")


@pytest.mark.parametrize("rule", [{"steps": 0}, {"seconds": -1.0}, {"seconds": float("nan")}, {"plateau": -5}])
def test_senseless_stop_rules_are_refused(rule):
    with pytest.raises(InputError, match="expected a number above 0"):
        Stop(**rule)


@pytest.mark.parametrize("kind", kinds_for(2))
def test_a_field_does_not_train_on_a_signal_of_another_kind(picture, kind):
    grey = Picture(picture.pixels[..., :1])
    with pytest.raises(InputError, match="its channels is 3, but the field was made for 'picture' with 1"):
        next(fit(new_field(grey, kind), picture))
    tall = Picture(np.ascontiguousarray(picture.pixels.transpose(1, 0, 2)))
    with pytest.raises(InputError, match="its half extent is"):
        next(fit(new_field(picture, kind), tall))


def test_a_field_and_a_signal_on_two_devices_are_refused(picture):
    class Elsewhere(Ackley):
        device = torch.device("meta")

    field = new_field(Ackley(), "spectral")
    with pytest.raises(InputError, match="'ackley': it is on meta, but the field on cpu"):
        next(fit(field, Elsewhere()))


@pytest.mark.parametrize("kind", kinds_for(2))
@pytest.mark.parametrize("steps", [1, 49, 50])
def test_a_field_is_ready_after_every_step(picture, kind, steps):
    field = new_field(picture, kind)
    progress = fit(field, picture, stop=Stop(steps=60))
    for _ in range(steps):
        next(progress, None)
        assert not any(module.training for module in field.modules())
    progress.close()
    assert not field.training


def test_a_loss_that_fails_leaves_the_field_ready(picture):
    field = new_field(picture, "spectral")
    field.loss = lambda signal, generator: 1 / 0
    with pytest.raises(ZeroDivisionError):
        next(fit(field, picture))
    assert not field.training


def test_the_end_of_a_training_calibrates_and_leaving_early_does_not(picture):
    left = new_field(picture, "scale_space", steps=3, width=16)
    for progress in fit(left, picture):
        if progress.stopped_by is not None:
            break
    assert left.calibration_factor == 1
    finished = new_field(picture, "scale_space", steps=3, width=16)
    assert [p.step for p in fit(finished, picture)] == [1, 2, 3]
    calibrate(left, seed=left.recipe.seed)
    assert finished.calibration_factor == left.calibration_factor != 1


def test_a_training_that_has_ended_is_calibrated_once(picture, monkeypatch):
    calls = []
    monkeypatch.setattr("fieldcore.fitting.calibrate", lambda field, seed: calls.append(seed))
    training = Training(new_field(picture, "scale_space", steps=2, width=16, seed=5))
    list(fit(training, picture))
    conclude(training, picture, "steps", timed=False)
    assert calls == [5]
    list(fit(training, picture, stop=Stop(steps=3)))
    assert calls == [5, 5]


def test_facts_that_no_file_could_keep_are_refused_before_the_first_step(picture):
    field = new_field(picture, "spectral")
    object.__setattr__(field.facts, "name", object())  # as a caller could hand it over, types being no promise
    with pytest.raises(InputError, match="cannot be kept in a file"):
        next(fit(field, Picture(picture.pixels)))


def test_data_that_are_no_function_need_only_a_loss_and_a_monitor():
    """Posed photographs, for example: nothing of x to be asked, nothing to be smoothed."""

    class Photographs(Dataset):
        type = "photographs"
        facts = SignalFacts(type, "a room", "5eed", (1.0, 1.0, 1.0), 4)
        pixels = torch.linspace(0, 1, 32)

        def monitor(self, field):
            return lambda: field.brightness.item()

    class Radiance(Spectral):
        def __init__(self, recipe, facts):
            super().__init__(recipe, facts)
            self.brightness = torch.nn.Parameter(torch.zeros(()))

        def loss(self, data, generator):
            chosen = torch.randint(len(data.pixels), (8,), generator=generator)
            return (data.pixels[chosen] - self.brightness).square().mean()

    field = Radiance(SpectralRecipe(width=16, steps=100, learning_rate=0.05), Photographs.facts)
    training = Training(field)
    *_, last = fit(training, Photographs())
    assert last.psnr == pytest.approx(0.5, abs=0.1)
    facts = conclude(training, Photographs(), last.stopped_by, timed=False)
    assert facts.psnr == {"0": field.brightness.item()}


def test_paths_may_be_text(tmp_path, picture):
    path = str(tmp_path / "state.safetensors")
    for _ in fit(new_field(picture, "spectral"), picture, stop=Stop(steps=2), checkpoint=path, checkpoint_seconds=0.0):
        pass
    assert Training.load(path).step == 2
    Training.load(path).save(path)


def test_there_is_a_loss_from_the_first_step_on_a_device_that_runs_ahead(monkeypatch):
    """As on CUDA: later losses come some steps late, the first one is waited for."""

    class Event:
        def record(self):
            pass

        def synchronize(self):
            pass

    monkeypatch.setattr(torch.cuda, "Event", Event)
    reader = _LossReader(torch.device("cuda"))
    read = [reader.newest(torch.tensor(float(step))) for step in range(20)]
    assert read == [0.0] * 9 + [float(step) for step in range(1, 12)]


def test_a_state_that_cannot_be_written_is_told_and_the_training_goes_on(picture, tmp_path):
    (tmp_path / "folder").write_text("in the way")
    told, state = [], tmp_path / "folder" / "state"
    options = {"stop": Stop(steps=3), "checkpoint": state, "checkpoint_seconds": 0.0}
    steps = list(fit(new_field(picture, "spectral"), picture, checkpoint_failed=told.append, **options))
    assert len(steps) == 3 and len(told) == 3 and "folder" in str(told[0])
    with pytest.raises(InputError, match="folder"):
        list(fit(new_field(picture, "spectral"), picture, **options))
