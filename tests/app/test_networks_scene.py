"""Networks in a session: trained at once, in a race, looked into, and rendered again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from driving import CPU, DrivenSession, ask_for_all, driven, picture_file, put_nonsense

from app.actions import actions_in, press
from app.cli import understood
from app.opening import opened_scenes
from app.path.keyframes import keyframe_of
from app.program_options import given_settings
from app.scenes.networks import training
from app.scenes.networks.commands import fit_command, race_command, window_command
from app.scenes.networks.controls import NetworksControls
from app.scenes.networks.exporting import PLOTS, write_plot
from app.scenes.networks.rendering import Trainees
from app.scenes.networks.state import NetworksState, networks
from app.scenes.networks.tiles import tile_panes, tile_stages
from app.setting import NUMBERS
from app.settings import BY_NAME, SETTINGS
from fieldcore import train
from fieldcore.checkpoint import TrainingFacts, load_checkpoint, save_field
from fieldcore.comparison.contest import Contestant
from fieldcore.comparison.entry import parse_entries
from fieldcore.comparison.race import Race
from fieldcore.errors import InputError
from fieldcore.fields import preset_recipe
from fieldcore.fields.networks import ACTIVATIONS
from fieldcore.fitting import Stop
from fieldcore.signals import Picture

PIXELS = np.random.default_rng(3).random((20, 24, 3)).astype(np.float32)
SMALL_STEPS = 5
QUICK = {"width": 8, "layers": 2, "network-steps": 4, "picture-size": 24, "race-seconds": 0.1}


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return picture_file(tmp_path, PIXELS, "photo.png")


@pytest.fixture
def session(tmp_path: Path, photo: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DrivenSession]:
    """Small networks on a small picture, trained for some steps."""
    monkeypatch.setattr(training, "SMALL_STEPS", SMALL_STEPS)
    with driven(tmp_path) as session:
        session.show_scene("networks")
        put_all(session, **QUICK)
        session.open([str(photo)])
        yield session


def put_all(session: DrivenSession, **values: Any) -> None:
    for name, value in values.items():
        BY_NAME[name].set(session, value)


def at_rest(session: DrivenSession, whole: bool = True) -> NetworksState:
    """The state once what is asked for is trained and seen."""
    state = networks(session)

    def there() -> bool:
        race = state.race
        if race is None or state.is_running or state._wanted != training.asked_networks(state.controls):
            return False
        if state._next is not None or not race.ended:
            return False
        is_whole = state.controls.whole or state.controls.show == "race" or not whole
        return is_whole and bool(state.rested_s)

    session.until(there)
    return state


class Ticking:
    """A clock that goes on by so much at every look."""

    def __init__(self, seconds: float) -> None:
        self.now, self._seconds = 0.0, seconds

    def __call__(self) -> float:
        self.now += self._seconds
        return self.now


def test_a_race_gives_every_network_the_same_time() -> None:
    picture = Picture(PIXELS)
    costs = {"siren": 0.002, "finer": 0.0034, "wire": 0.0086}
    racing = [
        Contestant(
            entry.recipe("preview", picture.facts, 0).changed({"width": 6}, "picture"),
            picture, Stop(seconds=0.2), name=entry.label, clock=Ticking(costs[entry.name]),
        )
        for entry in parse_entries(",".join(costs))
    ]  # fmt: skip
    race = Race(racing)
    for number, progress in enumerate(race.steps(), 1):
        seconds = [one.seconds for one in racing]
        assert max(seconds) - min(seconds) <= 2 * max(costs.values()) and progress.step == number
    assert race.ended and progress.stopped_by == "seconds"
    assert max(seconds) / min(seconds) <= 1.05
    assert [one.training.step for one in racing] == sorted((one.training.step for one in racing), reverse=True)


@pytest.mark.long
def test_a_network_that_diverges_is_out_with_its_best_state_and_the_others_go_on(session: DrivenSession) -> None:
    put_all(session, **{"race-seconds": 600.0}, show="race", networks="siren,finer:learning_rate=1e6")
    state = networks(session)
    session.until(lambda: len(state.contestants) == 2 and state.contestants[1].ended)
    tame, wild = state.contestants
    assert "diverged at step" in wild.remark
    assert all(bool(torch.isfinite(value).all()) for value in wild.field.state_dict().values())
    steps = tame.training.step
    session.until(lambda: tame.training.step > steps and any(wild.remark in told for told in session.told))
    press(session, "S")
    session.until(lambda: not state.is_running)
    assert not tame.remark and state.race is not None and not state.race.ended


@pytest.mark.long
def test_the_small_network_answers_first_and_the_whole_one_follows(session: DrivenSession) -> None:
    state = networks(session)
    session.until(lambda: state.race is not None)
    assert not state.controls.whole and state.race is not None
    assert state.contestants[0].field.recipe.steps == SMALL_STEPS
    state = at_rest(session)
    recipe: Any = state.contestants[0].field.recipe
    assert (recipe.width, recipe.hidden_layers, recipe.steps) == (8, 1, 4) and state.controls.trained == 1.0
    assert not list((session.training.folder).glob("*")), "nobody has asked for a file"
    session.keep_shown()
    session.until(lambda: not session.background.pending)
    kept = next(session.training.folder.glob("*.safetensors"))
    assert load_checkpoint(kept, CPU).training.steps == 4


@pytest.mark.long
def test_the_latest_of_many_slider_values_wins_and_the_same_seed_gives_the_same_network(session: DrivenSession) -> None:
    state = at_rest(session)
    before = weights(state)
    for value in (5.0, 50.0, 12.0):
        put_all(session, **{"omega-first": value})
        session.step()
    state = at_rest(session)
    assert state.contestants[0].field.recipe.omega_first == 12.0 and not same(weights(state), before)
    put_all(session, **{"omega-first": 30.0})
    assert same(weights(at_rest(session)), before)
    BY_NAME["network-seed"].set(session, 1)
    assert not same(weights(at_rest(session)), before)


def weights(state: NetworksState) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in state.contestants[0].field.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return all(torch.equal(value, other[name]) for name, value in one.items())


def test_another_activation_brings_its_published_numbers_and_refuses_what_it_has_not(session: DrivenSession) -> None:
    BY_NAME["activation"].set(session, "gauss")
    controls = networks(session).controls
    assert controls.spread == 30.0 and "has none" in BY_NAME["omega-first"].refusal(session)
    BY_NAME["activation"].set(session, "sine")
    assert networks(session).controls.omega_first == 30.0
    assert not BY_NAME["omega-first"].refusal(session) and "none" in BY_NAME["spread"].refusal(session)


def test_a_network_that_begins_otherwise_does_so_on_the_desk_too() -> None:
    picture = Picture(np.random.default_rng(0).random((16, 24, 3)).astype(np.float32))
    for name, start in (("tuner", "frequency_grid"), ("winner", "centroid_noise"), ("siren", "published")):
        recipe: Any = parse_entries(name)[0].recipe("preview", picture.facts, 0)
        shown = training.with_network(NetworksControls(), recipe)
        assert training.desk_recipe(shown, picture.facts).start == start
        relu = training.with_published(shown, "relu")
        assert training.desk_recipe(relu, picture.facts).start == "published" and not relu.suits_starts


def test_a_network_of_each_activation_is_asked_for_again_by_the_desk_that_opens_it() -> None:
    picture = Picture(PIXELS)
    for activation in ACTIVATIONS:
        start: Any = preset_recipe("coordinate", "preview", picture.facts)
        recipe = start.changed({"activation": activation, "width": 12}, "picture")
        desk = training.with_network(NetworksControls(steps=recipe.steps), recipe)
        again = training.desk_recipe(desk, picture.facts)
        numbers = ("activation", "width", "hidden_layers", *recipe.activation_type.numbers)
        known = [name for name in numbers if hasattr(desk, name) or name == "hidden_layers"]
        assert [getattr(again, name) for name in known if getattr(recipe, name) is not None] == [
            getattr(recipe, name) for name in known if getattr(recipe, name) is not None
        ], activation


def test_bad_networks_are_refused_with_a_sentence(session: DrivenSession) -> None:
    for text, said in (
        ("siren", "from 2 to 9"), ("siren,nonsense", "nonsense"), ("siren,finer:width=x", "width"), ("", "least one"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=said):
            BY_NAME["networks"].set(session, text)
    put_all(session, show="race", networks="siren,wire:width=1")
    session.until(lambda: any("width" in told for told in session.told))
    assert not session.messages.errors


@pytest.mark.long
def test_a_click_takes_a_network_to_the_desk_and_the_race_is_there_again_afterwards(session: DrivenSession) -> None:
    put_all(session, show="race", networks="siren,finer:first_bias=3,pemlp")
    state = at_rest(session)
    race = state.race
    assert len(tile_panes(state.controls, 3, (64, 48))) == 3
    x, y, width, height = tile_panes(state.controls, 3, (64, 48))[1].box
    state.press_button((x + width / 2, y + height / 2))
    state.release_button()
    assert (state.controls.show, state.controls.activation, state.controls.first_bias) == ("desk", "finer", 3.0)
    at_rest(session, whole=False)
    press(session, "B")
    session.until(lambda: state.race is race)
    x, y, *_ = tile_panes(state.controls, 3, (64, 48))[2].box
    state.press_button((x + 5.0, y + 5.0))
    state.move((x + 15.0, y + 9.0))
    state.release_button()
    assert state.controls.show == "race" and state.controls.center != (0.0, 0.0), "it was dragged"


@pytest.mark.long
def test_comparisons_act_on_all_tiles(session: DrivenSession) -> None:
    put_all(session, show="race", networks="siren,finer")
    state = at_rest(session)
    for key, comparison, names in (("G", "truth", {"truth"}), ("E", "error", {"0", "1", "truth"})):
        press(session, key)
        at_rest(session)
        assert state.controls.left == comparison and state.evaluated is not None
        assert set(state.evaluated.stage.layers) == names
        press(session, key)
    assert "desk" in state.compare_refusal("wipe") and "desk" in state.compare_refusal("two_up")


@pytest.mark.long
def test_all_actions_and_settings_can_be_tried(session: DrivenSession) -> None:
    at_rest(session)
    own = [action for action in actions_in("networks") if action.name in ("race", "again", "fit", "compare-error")]
    ask_for_all(session, own)
    at_rest(session)
    mine = [setting for setting in SETTINGS if setting.scenes == ("networks",) and setting.widget in NUMBERS]
    for setting in mine:
        before = setting.get(session)
        put_nonsense(session, [setting], [-1e9, "nonsense", None])
        setting.set(session, before)


@pytest.mark.long
def test_a_field_of_networks_opens_on_the_desk_and_a_slider_trains_anew(tmp_path: Path, photo: Path) -> None:
    field = train("coordinate", Picture.open(photo), steps=2, width=8, activation="sine")
    file = tmp_path / "net.safetensors"
    save_field(file, field, TrainingFacts(2, psnr={"0": 12.0}))
    assert opened_scenes([str(file)]) == ("networks",) and opened_scenes([str(photo)]) == ("picture",)
    assert opened_scenes([str(file), str(photo)]) == ("picture",)
    with driven(tmp_path) as session:
        session.show_scene("networks")
        session.open([str(file)])
        state = networks(session)
        session.until(lambda: state.rested_s)
        assert state.race is None and state.network is not None and state.controls.activation == "sine"
        assert "truth is not known" in state.compare_refusal("truth")
        put_all(session, **{"omega-first": 9.0})
        session.until(lambda: any("drop it to train" in told for told in session.told))
        put_all(session, **QUICK)
        session.open([str(photo)])
        assert at_rest(session).contestants[0].field.recipe.omega_first == 9.0


def test_settings_of_networks_say_which_scene_opens_a_picture(photo: Path) -> None:
    for words, scene in ((["--show", "race"], "networks"), (["--omega-first", "5"], "networks"), ([], "picture")):
        options = understood([str(photo), *words])
        assert opened_scenes(options.sources, given_settings(options))[0] == scene


def test_commands_can_be_understood_and_name_what_is_shown(session: DrivenSession, photo: Path) -> None:
    state = at_rest(session)
    assert "--width 8" in fit_command(session) and "--activation finer" in fit_command(session)
    put_all(session, show="race", networks="siren,finer:first_bias=5")
    line = race_command(session)
    assert "siren:width=64:hidden_layers=2,finer:width=64:hidden_layers=2:first_bias=5" in line and str(photo) in line
    assert understood(window_command(session).split()[1:]).show == "race"
    assert state.controls.show == "race"


@pytest.mark.long
def test_every_plot_is_exported_as_png_svg_and_csv(session: DrivenSession, tmp_path: Path) -> None:
    state = at_rest(session)
    for name in ("first layer", "kernel", "spectrum", "neurons"):
        session.until(lambda name=name: state.instruments.ask(name) is not None)
    for name in PLOTS:
        written = write_plot(state, name, tmp_path / "plots")
        assert written.name == f"{name}-001.png"
        assert (tmp_path / f"plots/{name}-001.svg").read_text().count("<svg") == 1
        lines = (tmp_path / f"plots/{name}-001.csv").read_text().splitlines()
        assert len(lines) > 3 and len({line.count(",") for line in lines}) == 1
    assert write_plot(state, "kernel", tmp_path / "plots").name == "kernel-002.png"


def test_a_frame_of_a_path_is_the_same_however_it_was_come_to(photo: Path) -> None:
    few = NetworksControls(field=str(photo), width=8, layers=2, steps=6, size=24)
    race = NetworksControls(
        field=str(photo), show="race", networks="siren:width=6,finer:width=6", race_seconds=1.0, race_steps=(8, 4)
    )
    for controls in (few, race):
        stepwise, at_once = Trainees(str(photo), CPU), Trainees(str(photo), CPU)
        for share, steps in ((0.5, (4, 2)), (1.0, (8, 4))):
            keyed = {"race_steps": steps} if controls.show == "race" else {}
            list(stepwise.at(replaced(controls, trained=share, **keyed)))
        list(at_once.at(replaced(controls, trained=1.0)))
        for one, other in zip(stepwise.tiles, at_once.tiles, strict=True):
            assert same(one.field.state_dict(), other.field.state_dict()) and one.share == 1.0
        list(stepwise.at(replaced(controls, trained=0.0, race_steps=())))
        assert stepwise.tiles[0].psnr is None, "earlier: begun anew"


def test_another_picture_stands_beside_a_network_and_errors_are_told_by_flip(
    session: DrivenSession, tmp_path: Path, photo: Path
) -> None:
    state = at_rest(session, whole=False)
    dark = picture_file(tmp_path, PIXELS / 2, "dark.png")
    state.open_source(str(dark))
    session.until(lambda: len(state.documents) == 2)
    state.show_beside(str(photo))
    assert state.controls.shown == ("field", "other") and state.controls.other == str(photo)
    session.until(lambda: state.evaluated is not None and "other" in state.evaluated.stage.layers)
    found = state.evaluated.stage.layers["other"]
    assert found.label == "photo.png" and float(np.mean(found.values)) == pytest.approx(PIXELS.mean(), abs=0.1)
    state.change(layout="two_up", left="field", right="error", metric="flip")
    session.until(lambda: "flip" in state.evaluated.stage.layers)
    assert state.histograms is not None and state.histograms.error is not None
    state.show_opened(str(photo))
    assert (state.controls.other, state.controls.layout) == ("", "one"), "nothing stands beside itself"
    state.show_mode("race")
    state.show_beside(str(dark))
    assert "is for the desk" in session.told[-1]


def test_frames_show_what_stands_beside(photo: Path) -> None:
    shown = NetworksControls(field=str(photo), width=8, layers=2, size=24, other=str(photo), layout="two_up")
    shown = replaced(shown, right="other", trained=0.0)
    subject = Trainees(str(photo), CPU, str(photo))
    list(subject.at(shown))
    *_, stage = tile_stages(shown, subject.tiles, None, (96, 40), beside=subject.beside)
    other = np.asarray(stage.layers["other"].values)
    assert (
        other.mean() == pytest.approx(PIXELS.mean(), abs=0.05) and stage.layers["0"].grid == stage.layers["other"].grid
    )


def replaced(controls: NetworksControls, **values: Any) -> NetworksControls:
    from dataclasses import replace

    return replace(controls, **values)


@pytest.mark.long
def test_a_live_network_and_a_path_of_it_are_the_same(session: DrivenSession) -> None:
    state = at_rest(session)
    again = Trainees(state.controls.field, CPU)
    list(again.at(state.controls))
    x = torch.rand(50, 2, generator=torch.Generator().manual_seed(0)) - 0.5
    torch.testing.assert_close(again.tiles[0].field(x), state.contestants[0].field(x), atol=1e-3, rtol=0)


def test_a_path_renders_without_a_window(tmp_path: Path, photo: Path) -> None:
    from app.cli import run

    path = {
        "format": "fieldscope-path", "version": 1, "scene": "networks", "field": photo.name, "frames_per_second": 2,
        "keyframes": [
            {"time": 0, "trained": 0, "width": 8, "layers": 2, "steps": 6, "size": 24, "activation": "sine"},
            {"time": 1, "trained": 1, "omega_first": 20, "comparison": "error"},
        ],
    }  # fmt: skip
    file = tmp_path / "path.json"
    file.write_text(json.dumps(path))
    out = tmp_path / "frames"
    assert run(["--render-path", str(file), "--out", str(out), "--size", "64x48", "--quiet"]) == 0
    said = json.loads((out / "frames.json").read_text())["frames"]
    assert [round(frame["trained"], 3) for frame in said] == [0.0, 0.5, 1.0]
    path["keyframes"][1]["comparison"] = "two_up"  # type: ignore[index]
    file.write_text(json.dumps(path))
    assert run(["--render-path", str(file), "--out", str(out), "--quiet"]) == 2


@pytest.mark.long
def test_a_recording_is_of_what_is_seen_and_its_path_says_how_far_the_training_was(session: DrivenSession) -> None:
    at_rest(session)
    press(session, "R")
    for _ in range(20):
        session.step()
    press(session, "R")
    session.until(lambda: session.recording.running is None)
    assert session.seen and all(frame.controls.trained == 1.0 for frame in session.seen)
    assert keyframe_of(session.seen[0].controls, 0.0).trained == 1.0
