"""The scene of light stages: opened, lit, dragged, compared with photos, and rendered without a window."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import CPU, DrivenSession, driven, field_file, picture_file
from PIL import Image
from resources import Resources

import app.cli
import fieldcore as fc
from app.actions import press, release
from app.gl.offscreen import Offscreen
from app.opening import opened_scenes
from app.plane.layers import Sources, evaluate_layers
from app.scene_names import scene_named
from app.scenes.light_stage import opening
from app.scenes.light_stage.controls import LightStageControls
from app.scenes.light_stage.disc import Disc
from app.scenes.light_stage.disc_image import disc_image
from app.scenes.light_stage.opening import check_is_stage, open_stage
from app.scenes.light_stage.state import NUDGE, LightStageState, light_stages
from app.settings import BY_NAME
from fieldcore.errors import InputError
from fieldcore.lights.export import shown_picture
from fieldcore.lights.synthetic import spread_directions

SurfaceOf = Callable[[int, int], Offscreen]
COUNT, HEIGHT, WIDTH = 9, 24, 32


def write_stage(folder: Path) -> Path:
    """Photos of smooth colours with an .lp."""
    folder.mkdir(exist_ok=True)
    y, x = np.mgrid[:HEIGHT, :WIDTH] / HEIGHT
    lines = [str(COUNT)]
    for number, light in enumerate(spread_directions(COUNT, 30.0)):
        shade = np.stack([0.5 + 0.4 * np.sin(3 * x * light[0] + phase + 4 * y * light[1]) for phase in (0, 1, 2)], -1)
        Image.fromarray((255 * shade).astype(np.uint8)).save(folder / f"{number}.png")
        lines.append(f"{number}.png {' '.join(map(str, light))}")
    (folder / "lights.lp").write_text("\n".join(lines))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_stage(tmp_path / "stage")


@pytest.fixture
def session(tmp_path: Path, folder: Path) -> Iterator[DrivenSession]:
    """The stage is shown."""
    with driven(tmp_path) as session:
        session.open([str(folder)])
        session.until(lambda: light_stages(session).rested_s)
        yield session


def seen(session: DrivenSession) -> LightStageState:
    """The state once the whole of what is shown has arrived."""
    session.until(lambda: light_stages(session).rested_s)
    return light_stages(session)


def test_a_folder_with_lights_is_a_stage_and_one_of_numbered_pictures_a_video(folder: Path, tmp_path: Path) -> None:
    assert opened_scenes([str(folder)]) == opened_scenes([str(folder / "lights.lp")]) == ("light_stage",)
    field = fc.train("relight", fc.LightStage.open(folder))
    fc.save_field(tmp_path / "stage.safetensors", field)
    assert opened_scenes([str(tmp_path / "stage.safetensors")]) == ("light_stage",)
    document = open_stage(tmp_path / "stage.safetensors", CPU)
    assert document.signal_source == str(folder), "the photos beside a field are its truth"
    (folder / "lights.lp").rename(tmp_path / "lights.lp")
    assert opened_scenes([str(folder)]) == ("video",)
    with pytest.raises(InputError, match="shows fields of light stages, got a ackley in 2-D"):
        check_is_stage(fc.Ackley().facts)


def test_the_light_is_dragged_in_its_disc_and_a_dot_is_that_photos(session: DrivenSession) -> None:
    state = seen(session)
    disc = state.disc
    assert disc is not None
    state.press_button((disc.middle[0] + 0.31 * disc.radius, disc.middle[1] - 0.2 * disc.radius))
    assert state.controls.light == pytest.approx((0.31, -0.2))
    state.move((disc.middle[0], disc.middle[1] + 3 * disc.radius))
    assert state.controls.light == pytest.approx((0.0, 1.0)), "not beyond the horizon"
    state.release_button()
    assert state.facts is not None
    u, v = fc.lights.stage_facts.stage_lights(state.facts)[4]
    state.press_button((disc.middle[0] + u * disc.radius + 0.3, disc.middle[1] + v * disc.radius))
    assert state.controls.light == (u, v) and state.nearest.startswith("4.png, 0.0")
    state.release_button()
    state.press_button((5.0, 5.0))
    before = state.controls.center
    state.move((15.0, 5.0))
    assert state.controls.center != before and state.controls.light == (u, v), "elsewhere the picture moves"


def test_with_shift_the_light_is_dragged_on_the_picture_and_arrows_nudge_it(session: DrivenSession) -> None:
    state = seen(session)
    press(session, "Shift")
    width, height = session.framebuffer_px
    state.press_button((width / 2, height / 2))
    state.move((width / 2 + 0.25 * min(width, height), height / 2))
    assert state.controls.light[0] > 0.3 and state.controls.light[1] == pytest.approx(0)
    state.release_button()
    release(session, "Shift")
    state.set_light((0.0, 0.0))
    press(session, "Up")
    press(session, "Right", repeated=True)
    assert state.controls.light == pytest.approx((NUDGE, -NUDGE))
    BY_NAME["light-azimuth"].set(session, 90.0)
    BY_NAME["light-elevation"].set(session, 60.0)
    assert state.angles_deg == pytest.approx((90, 60))
    assert state.controls.light[1] < 0, "the top of the photo"
    assert state.beyond_deg == 0
    state.set_light((0.0, 0.95))
    assert state.beyond_deg > 5


def test_the_nearest_photo_takes_the_place_of_the_truth(session: DrivenSession, folder: Path) -> None:
    state = seen(session)
    press(session, "J")
    assert seen(session).controls.nearest and state.controls.layout == "wipe"
    assert state.evaluated is not None
    layer = state.evaluated.stage.layers["truth"]
    name, angle = state.nearest.split(", ")
    assert layer.label == f"photo {name}, {angle} away"
    stage = fc.LightStage.open(folder)
    photo = stage.photo(stage.facts.photos.index(name)).numpy()
    assert np.abs(np.asarray(layer.values).mean((0, 1)) - photo.mean((0, 1))).max() < 0.02
    press(session, "J")
    assert not seen(session).controls.nearest
    assert state.evaluated.stage.layers["truth"].label == "truth"


def test_a_light_is_a_gaussian_and_training_makes_a_field_that_suits(session: DrivenSession) -> None:
    state = seen(session)
    press(session, "+")
    assert state.controls.covariance[0] > 0
    with pytest.raises(InputError, match="a light is a Gaussian"):
        state.choose_kernel("box")
    press(session, "T")
    session.until(lambda: session.training.state == "idle" and len(state.documents) == 2)
    assert state.document is not None and state.document.field.kind == "relight"


def test_the_next_basis_is_solved_for_and_lobes_bring_normals(session: DrivenSession) -> None:
    state = seen(session)
    assert state.basis == "photos" and state.compare_refusal("normals").startswith("there are no normals")
    for basis in ("photos as shown", "kriging", "ptm", "lobes"):
        if basis == "lobes":  # nine lights do not determine sixteen functions: said, and passed over
            press(session, "N")
            session.until(lambda: session.messages.errors)
            message = session.messages.shown(session.now)
            assert message is not None and "basis" in message.text
            session.messages.dismiss()
        press(session, "N")
        session.until(lambda basis=basis: state.basis == basis and session.training.state == "idle")
    press(session, "I")
    assert seen(session).controls.left == "normals" and state.evaluated is not None
    layer = state.evaluated.stage.layers["normals"]
    assert layer.label == "normals" and layer.facts.encoding == "display"
    of_domain = 2 * np.asarray(layer.values) - 1
    assert np.median(np.linalg.norm(of_domain, axis=-1)) == pytest.approx(1, abs=0.02)
    press(session, "N")
    assert state.basis == "photos" and state.controls.left == "field", "what is not there gives way"


def test_principal_pictures_stand_for_more_photos_than_a_gpu_holds(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = HEIGHT * WIDTH * 3
    monkeypatch.setattr(opening, "free_bytes", lambda device: 5 * 6 * values / 0.8)
    with driven(tmp_path) as session:
        session.open([str(folder)])
        state = seen(session)
        assert state.document is not None and state.document.truth is not None
        assert (state.basis, state.basis_words) == ("photos", "photos, 5 principal pictures")
        assert state.document.field.samples.shape[0] == 5  # type: ignore[union-attr]
        message = session.messages.shown(session.now)
        assert message is not None and "does not hold all 9 photos: 5 principal pictures stand for them" in message.text
        press(session, "N")
        session.until(lambda: state.basis_words == "kriging, 5 principal pictures")
    stage = fc.LightStage.open(folder)
    bytes_of_all = COUNT * values * 5 / 0.8
    for free, expected in ((bytes_of_all, 0), (0.99 * bytes_of_all, 7), (0.0, 2), (float("inf"), 0)):
        assert opening.pictures_that_fit(stage, free) == expected


def test_photos_seen_from_afar_are_averaged_and_not_sampled() -> None:
    photos = np.zeros((3, 60, 80, 3), np.float32)
    photos[:, :, ::4] = 1.0
    stage = fc.LightStage(photos, spread_directions(3))
    field = fc.train("relight", stage)
    controls = LightStageControls(field="f", layout="wipe", light=tuple(stage.lights[0].tolist()))
    (evaluated,) = evaluate_layers(controls, Sources(field, stage.truth()), (20, 15))
    for name in ("field", "truth"):
        layer = evaluated.layers[name]
        assert np.asarray(layer.values).shape == (15, 20, 3)
        np.testing.assert_allclose(layer.values, 0.25, atol=1e-6)
    stages = list(evaluate_layers(controls, Sources(field, stage.truth()), (20, 15), factors=(4, 1)))
    assert [one.layers["truth"].grid.resolution for one in stages] == [(5, 4), (20, 15)]


@pytest.mark.long
def test_a_hundred_changes_of_scene_leave_as_many_textures(
    session: DrivenSession, surface_of: SurfaceOf, resources: Resources, tmp_path: Path
) -> None:
    surface = surface_of(96, 72)
    session.framebuffer_px = (96, 72)
    picture = picture_file(tmp_path, np.random.default_rng(0).random((24, 32, 3)).astype(np.float32))
    states: dict[str, Any] = {name: session.state_of(name) for name in ("picture", "light_stage")}
    session.open([str(field_file(tmp_path, picture)), str(picture)])
    session.until(lambda: states["picture"].document is not None and states["picture"].document.truth is not None)
    presenters = {name: scene_named(name).presenter(surface.context, session, state) for name, state in states.items()}
    counts = []
    for change in range(100):
        name = tuple(states)[change % 2]
        layouts = ("one", "wipe", "beside", "cut", "four")
        session.show_scene(name)
        insets = "spectrum,filter" if name == "picture" else "spectrum,filter,light"
        states[name].change(insets=insets, layout=layouts[change // 2 % 5], center=(0.001 * (change % 7), 0.0))
        session.until(lambda name=name: states[name].rested_s)
        presenters[name].advance(1.0)
        while presenters[name].busy(seen=True):
            presenters[name].advance(1.0)
        presenters[name].draw(surface.framebuffer)
        counts.append(resources.alive)
    round_of = 2 * len(layouts)
    assert max(counts[-round_of:]) <= max(counts[4 * round_of : 5 * round_of]), "nothing is left behind"
    for presenter in presenters.values():
        presenter.release()


@pytest.fixture
def render(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture) -> Callable[..., tuple[int, str]]:
    def run(keyframes: Any, *arguments: str, **entries: Any) -> tuple[int, str]:
        head = {"format": "fieldscope-path", "version": 1, "scene": "light_stage", "field": "stage"}
        path = {**head, "frames_per_second": 1, "keyframes": keyframes, **entries}
        (tmp_path / "path.json").write_text(json.dumps(path))
        given = ["--render-path", str(tmp_path / "path.json"), "--out", str(tmp_path / "out")]
        code = app.cli.run([*given, "--size", f"{WIDTH}x{HEIGHT}", "--device", "cpu", *arguments])
        return code, "".join(capsys.readouterr())

    return run


@pytest.mark.long
def test_frames_without_a_window_are_what_the_field_says(
    render, surface_of: SurfaceOf, folder: Path, tmp_path: Path
) -> None:
    surface_of(8, 8)
    keyframes = [
        {"time": 0, "light": [0.1, -0.2], "variance": 0, "exposure": 0.5},
        {"time": 1, "light": [0.3, 0.1], "variance": 1e-2},
    ]
    code, said = render(keyframes, "--passes", "field,truth", "--report", caption=False, disc=False)
    assert code == 0, said
    stage = fc.LightStage.open(folder)
    field = fc.train("relight", stage)
    assert isinstance(field, fc.Relight)
    for number, (light, variance) in enumerate((([0.1, -0.2], 0.0), ([0.3, 0.1], 1e-2))):
        values = field.lit(light, variance).numpy() * 2**0.5
        expected = fc.images.display_from_linear(values).clip(0, 1)
        for name in ("field", "truth"):
            frame = fc.read_image(tmp_path / "out" / name / f"frame_{number:06d}.png").values
            inner = np.abs(frame - expected)[1:-1, 1:-1]  # the border has a line around it
            assert inner.max() <= 1.01 / 255, (name, number)
    assert shown_picture(field, np.array([0.1, -0.2])).max() <= 1


@pytest.mark.long
def test_passes_are_the_nearest_photo_and_both_side_by_side(
    render, surface_of: SurfaceOf, folder: Path, tmp_path: Path
) -> None:
    surface_of(8, 8)
    stage = fc.LightStage.open(folder)
    light = (stage.lights[3] + [0.01, 0.0]).tolist()
    keyframes = [{"time": 0, "light": light, "variance": 1e-2}]
    code, said = render(keyframes, "--passes", "nearest,side_by_side", caption=False, insets="none")
    assert code == 0, said
    nearest, both = (
        fc.read_image(tmp_path / "out" / name / "frame_000000.png").values for name in ("nearest", "side_by_side")
    )
    photo = fc.read_image(folder / "3.png").values
    assert np.abs(nearest - photo)[1:-1, 1:-1].max() <= 1.01 / 255, "as it was taken, whatever the filter"
    half = WIDTH // 2
    inner = slice(HEIGHT // 2 - 4, HEIGHT // 2 + 4), slice(1, half - 1)
    left, right = (both[:, side][inner] for side in (slice(0, half), slice(WIDTH - half, WIDTH)))
    assert np.abs(left - right).max() <= 1.01 / 255, "the photos' own weights are the truth's"


def test_what_paths_of_it_may_not_say(render) -> None:
    code, said = render([{"time": 0, "light": [0.1]}])
    assert code == 2 and "light: expected a list of 2 numbers" in said, said


def test_lights_move_straight_and_normals_are_no_light_that_is_exposed() -> None:
    from app.path.keyframes import KeyframePath
    from app.path.timeline import Keyframe

    keyframes = (Keyframe(0.0, light=(0.0, 0.2)), Keyframe(2.0, light=(0.4, -0.2)))
    path = KeyframePath(LightStageControls(field="stage"), keyframes)
    assert path.at(1.0).light == pytest.approx((0.2, 0.0))
    exposed = LightStageControls(field="stage", exposure=2.0)
    assert exposed.is_toned and exposed.is_light("field") and not exposed.is_light("normals")


def test_the_disc_shows_lights_where_they_are() -> None:
    image = disc_image(((0.0, 0.0), (0.5, -0.5)), 1.0, (-0.5, 0.5), (1e-2, 0.0, 1e-2), 200, "")
    assert image.shape == (200, 200, 4)
    disc = Disc((100.0, 100.0), 0.44 * 200, 200)

    def brightness(u: float, v: float) -> int:
        x, y = round(disc.middle[0] + u * disc.radius), round(disc.middle[1] + v * disc.radius)
        return int(image[y, x, :3].max())

    assert brightness(0.5, -0.5) > 140 and brightness(-0.5, 0.5) > 240 and brightness(0.25, 0.6) < 60
    assert brightness(-0.5 + 0.1, 0.5) > 80, "one standard deviation"
    warned = disc_image(((0.0, 0.0),), 1.0, (0.0, 0.0), (0.0,) * 3, 96, "7° beyond")
    assert warned.shape == (96, 96, 4) and warned[-8, 48, 0] > 150
