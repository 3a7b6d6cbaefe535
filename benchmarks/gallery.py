"""The screenshots of docs/gallery.md: the real program in every mode, on the screen that ``DISPLAY`` names.

    xvfb-run -a -s "-screen 0 1600x1000x24" python -m benchmarks.gallery [--out docs/images/gallery]

Needs ImageMagick's ``import`` to read the screen.
"""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import torch
import tyro

import app.cli
from app.action import perform
from app.actions import ACTIONS
from app.camera.apart import CameraApart
from app.camera.camera import Camera
from app.explain.topic import Topic
from app.layout_file import Layout
from app.resources import asset_path
from app.scenes.light_stage.state import light_stages
from app.scenes.networks.state import networks as network_state
from app.scenes.picture.state import pictures as picture_state
from app.scenes.radiance.state import radiance_fields
from app.scenes.shape.state import shapes as shape_state
from app.scenes.textured_mesh.state import textured_meshes as mesh_state
from app.session import Session
from app.setting import put
from app.settings import BY_NAME
from app.window.instrument import Instrument, leave_a_core_to_the_window, open_instrument, open_session
from benchmarks.radiance import balls_on_a_floor
from fieldcore.checkpoint import TrainingFacts, save_field
from fieldcore.fitting import Stop
from fieldcore.training import train
from fieldcore.views.formats import FORMATS
from fieldcore.views.views import Views
from fieldcore.views.written import WrittenScene, WrittenView

BY_ACTION = {action.name: action for action in ACTIONS}


SceneOfGallery = Literal[
    "picture",
    "inspection",
    "habits",
    "insets",
    "kernel",
    "networks",
    "flight",
    "shape",
    "space",
    "path",
    "surface",
    "radiance",
    "light_stage",
]


@dataclass(frozen=True)
class Options:
    """Take the screenshots."""

    out: Path = Path("docs/images/gallery")
    """Folder to write to."""
    scenes: tuple[SceneOfGallery, ...] = get_args(SceneOfGallery)
    """Whose pictures to take."""


def main() -> None:
    """Go through the modes and take a picture of each."""
    options = tyro.cli(Options)
    out = options.out
    out.mkdir(parents=True, exist_ok=True)
    leave_a_core_to_the_window()
    layout = Layout(view_window=(0, 0, 1120, 1000), panel_window=(1130, 0, 470, 1000))
    with (
        tempfile.TemporaryDirectory() as folder,
        open_session(layout, torch.device("cpu"), Path(folder)) as session,
        open_instrument(session) as instrument,
    ):
        session.recording.settings = replace(session.recording.settings, folder=folder)
        instrument.open([])
        rest(
            instrument,
            lambda: len(picture_state(session).documents) == 3 and picture_state(session).agreement is not None,
        )
        if "picture" in options.scenes:
            pictures(instrument, out)
        if "habits" in options.scenes:
            habits(instrument, out)
        if "inspection" in options.scenes:
            inspection(instrument, out)
        if "insets" in options.scenes:
            insets(instrument, out)
        if "kernel" in options.scenes:
            kernels(instrument, out)
        if "networks" in options.scenes:
            networks(instrument, out)
        if "flight" in options.scenes:
            flight(instrument, out)
        if "shape" in options.scenes:
            shapes(instrument, out)
        if "space" in options.scenes:
            space(instrument, out, Path(folder))
        if "path" in options.scenes:
            path(instrument, out)
        if "surface" in options.scenes:
            surface(instrument, out, Path(folder))
        if "radiance" in options.scenes:
            radiance(instrument, out, Path(folder))
        if "light_stage" in options.scenes:
            light_stage(instrument, out)


def pictures(instrument: Instrument, out: Path) -> None:
    """Go through the modes of the picture scene."""
    session = instrument.session
    for name, change in MODES.items():
        change(session)
        instrument.panel.unfold("Filter", "Compare", "Spectrum")
        rest(instrument)
        photograph(out / f"{name}.jpg")
    training(instrument, out / "training.jpg")


def be(*actions: str, **settings: object) -> Callable[[Session], None]:
    """Set settings, then perform actions."""

    def change(session: Session) -> None:
        for name in actions:
            perform(BY_ACTION[name], session)
        for name, value in settings.items():
            put(BY_NAME[name.replace("_", "-")], session, value)

    return change


MODES: dict[str, Callable[[Session], None]] = {
    "first-run": be(),
    "smooth": be(variance=1e-3),
    "streak": be(covariance="2e-2,1.8e-2,2e-2"),
    "truth": be("compare-truth", variance=1e-4),
    "error": be("compare-error", error_range=0.05),
    "wipe": be("compare-wipe", variance=3e-4, divider=0.45),
    "two-up": be("compare-two-up"),
    "foveated": be("compare-two-up", "foveated", variance=0.0),
    "help": be("foveated", "help"),
}


def rest(instrument: Instrument, there: Callable[[], bool] = lambda: True, timeout: float = 120.0) -> None:
    """Let the program run until the picture is final, judged, and nothing more is said."""
    session, deadline = instrument.session, time.perf_counter() + timeout
    since = time.perf_counter()
    while time.perf_counter() < deadline:
        instrument.window.wait(instrument.step())
        evaluated = picture_state(session).evaluated
        is_final = (
            evaluated is not None
            and evaluated.stage.final
            and evaluated.request.controls == picture_state(session).controls
            and not session.background.pending
        )
        if is_final and there() and time.perf_counter() - since > 2.0:
            for _ in range(5):  # until the panel says so, too
                instrument.window.wait(instrument.step())
            return
    raise RuntimeError("the picture did not come to rest")


def habits(instrument: Instrument, out: Path) -> None:
    """What is the same in all scenes: explanations, the search of the help, several documents, another look."""
    session, state = instrument.session, picture_state(instrument.session)
    usual = session.layout.look
    instrument.panel.unfold("Source", "Filter")

    def take(name: str) -> None:
        rest(instrument)
        photograph(out / f"{name}.jpg")

    be(variance=1e-3)(session)
    variance = BY_NAME["log10-variance"]
    session.explaining.point_at(Topic(variance.name, variance.label, variance.meaning))
    session.explaining.toggle()
    take("explain")
    session.explaining.toggle()
    be("help")(session)
    session.search.take("/")
    for letter in "SMOOTH":
        session.search.take(letter)
    take("help-search")
    be("help", variance=1e-4)(session)
    state.show_beside(list(state.documents)[2])
    take("several")
    state.show_alone(next(iter(state.documents)))
    be(theme="light", font_size=17.0, panel_side="left")(session)
    take("light")
    session.layout = replace(session.layout, look=usual)
    be(variance=0.0)(session)
    rest(instrument)


def training(instrument: Instrument, file: Path) -> None:
    """Train for some seconds, and take the picture in the middle of it."""
    session = instrument.session
    be("help", kind="trained_pyramid")(session)
    be("train")(session)
    instrument.panel.unfold("Training")
    run(instrument, 12.0)
    photograph(file)
    perform(BY_ACTION["stop-training"], session)
    rest(instrument, lambda: session.training.state == "idle")


def _of_another_field(session: Session) -> None:
    picture_state(session).show_opened(str(asset_path("spectral.safetensors")))
    be("filter-in-hand", "compare-error", metric="flip", flip_range=0.3, variance=1e-4)(session)


INSPECTION: dict[str, Callable[[Session], None]] = {
    "in-hand": be("filter-in-hand", covariance="1.2e-2,-9e-3,9e-3"),
    "error-flip": _of_another_field,
}


def inspection(instrument: Instrument, out: Path) -> None:
    """What is told of what is shown: the filter in the hand, metrics and histograms, and points of surfaces."""
    session = instrument.session
    for name, change in INSPECTION.items():
        change(session)
        instrument.panel.unfold(*(("Filter",) if name == "in-hand" else ("Compare", "Histogram")))
        session.cursor = (560.0, 420.0)
        rest(instrument)
        photograph(out / f"{name}.jpg")
    be("compare-error", metric="difference", variance=0.0)(session)
    picture_state(session).show_opened(str(asset_path("pyramid.safetensors")))
    session.open([str(asset_path("shape.safetensors"))])
    run(instrument, 30.0, lambda: session.scene == "shape" and shape_state(session).document is not None)
    be("filter-in-hand", "inspector", "parallel", "grid")(session)
    shape_state(session).set_axes(log10_variances=(-1.8, -2.6, -3.2), yaw_deg=30.0, pitch_deg=20.0)
    instrument.panel.unfold("Camera", "Filter")
    session.cursor = (420.0, 640.0)
    run(instrument, 60.0, lambda: shape_state(session).baker.settled is not None)
    run(instrument, 5.0)
    photograph(out / "shape-in-hand.jpg")
    be("filter-in-hand", "inspector", "parallel", "grid", "filter-off")(session)


INSETS: dict[str, Callable[[Session], None]] = {
    "insets": be("compare-beside", insets="spectrum,filter", covariance="2e-3,1.6e-3,2e-3"),
    "insets-foveated": be("compare-beside", "foveated", variance=0.0, falloff=0.2, divider=0.5),
}


def insets(instrument: Instrument, out: Path) -> None:
    """Spectra and filters in the frame."""
    for name, change in INSETS.items():
        change(instrument.session)
        instrument.panel.unfold("Filter", "Compare", "View")
        rest(instrument)
        photograph(out / f"{name}.jpg")
    be("foveated", insets="none", falloff=0.14)(instrument.session)


KERNELS: dict[str, Callable[[Session], None]] = {
    "tilt-shift": be(
        kernel="quadratic", half_size="0.15", half_size_map="linear", map_focus="0,-0.3", map_whole="0,0.3"
    ),
    "difference": be(half_size_map="", kernel="difference", half_size="0.02", gain=4.0),
    "streak-box": be(kernel="box", half_size="0.2,0", gain=1.0),
}


def kernels(instrument: Instrument, out: Path) -> None:
    """Kernels on the field that is made for them."""
    for name, change in KERNELS.items():
        change(instrument.session)
        instrument.panel.unfold("Filter", "Diracs", "Compare")
        run(instrument, 15.0)
        photograph(out / f"{name}.jpg")
    be(kernel="gaussian", half_size="0", variance=0.0)(instrument.session)


def networks(instrument: Instrument, out: Path) -> None:
    """A network on the desk, and a race, on the picture that is open."""
    session = instrument.session
    session.show_scene("picture")
    perform(BY_ACTION["next-scene"], session)
    instrument.panel.unfold("Network", "Spectral bias", "Kernel", "Bands")
    run(instrument, 20.0)
    photograph(out / "networks-desk.jpg")
    perform(BY_ACTION["race"], session)
    instrument.panel.unfold("Race", "Bands")
    run(instrument, 30.0)
    photograph(out / "networks-race.jpg")
    perform(BY_ACTION["race"], session)
    state = network_state(session)
    before = state.opened_shown
    session.open(["sample:coffee"])
    run(instrument, 30.0, lambda: len(state.documents) == 2)
    state.show_opened(before)
    state.show_beside(next(path for path in state.documents if path != before))
    instrument.panel.unfold("Source", "Network")
    run(instrument, 25.0)
    photograph(out / "networks-beside.jpg")


FROM_BEHIND = Camera.looking_at((0.0, -0.05, 0.0), (-1.9, 0.6, -2.9))


def space(instrument: Instrument, out: Path, folder: Path) -> None:
    """What is inspected of what a camera sees: errors by FLIP and histograms, the filter in the hand, two views."""
    session = instrument.session
    session.open([str(asset_path("fish.glb"))])
    run(instrument, 15.0)
    run(instrument, 90.0, lambda: session.training.state == "idle")
    state = mesh_state(session)
    state.arrange(replace(state.controls, layout="two_up", left="mipmap", right="error"))
    be("inspector", metric="flip", flip_range=0.3)(session)
    instrument.panel.unfold("Compare", "Histogram")
    session.cursor = (800.0, 520.0)
    run(instrument, 20.0, lambda: state.histograms is not None and state.inspected is not None)
    run(instrument, 4.0)
    photograph(out / "fly-flip.jpg")
    be("inspector", metric="difference")(session)
    state.arrange(replace(state.controls, layout="one", left="neural"))
    be("filter-in-hand", log10_variance=-3.4)(session)
    instrument.panel.unfold("Source", "Filter")
    run(instrument, 20.0)
    photograph(out / "fly-in-hand.jpg")
    be("filter-in-hand", "filter-off")(session)
    copied = folder / "from behind.safetensors"
    copied.write_bytes(asset_path("shape.safetensors").read_bytes())
    session.open([str(asset_path("shape.safetensors")), str(copied)])
    run(instrument, 60.0, lambda: len(shape_state(session).opened) == 2)
    shapes_open = shape_state(session)
    shapes_open.show_opened(str(asset_path("shape.safetensors")))
    shapes_open.show_beside(str(copied))
    be(linked_views=False)(session)
    shapes_open.change(apart=CameraApart.of(FROM_BEHIND))
    instrument.panel.unfold("Source", "Camera")
    run(instrument, 25.0)
    photograph(out / "shape-apart.jpg")
    be(linked_views=True)(session)
    shapes_open.show_alone(shapes_open.opened_shown)


PATH_SEEN_FROM = Camera.looking_at((0.0, 0.3, 0.0), (4.6, 3.6, 6.8), 44.0)


def path(instrument: Instrument, out: Path) -> None:
    """The shipped turntable on the timeline and in space, while its film is rendered."""
    session = instrument.session
    session.open([str(asset_path("turntable.json"))])
    run(instrument, 20.0)
    session.step_keyframe(1)
    run(instrument, 6.0)
    session.path.ease(1, "both")
    session.state.change(camera=PATH_SEEN_FROM)
    instrument.panel.unfold("Path", "Film")
    be(film_size="960x540", shutter=0.5)(session)
    run(instrument, 12.0)
    session.path_film.render()
    run(instrument, 120.0, lambda: session.film.made >= 12)
    photograph(out / "path.jpg")
    session.film.stop()
    run(instrument, 30.0, lambda: not session.film.under_way)
    session.path.forget()


THROUGH_VIEWS: dict[str, Callable[[Session], None]] = {
    "surface-photograph": be("compare-wipe"),
    "surface-outline": be("compare-wipe", left="outline"),
    "surface-agreement": be(left="agreement"),
}


def surface(instrument: Instrument, out: Path, folder: Path) -> None:
    """A surface from photographs of the shipped fish: in its colours, smoothed, and beside these photographs.

    And in the appearance of another one.
    """
    session = instrument.session
    fish, other = (_surface_of(name, folder) for name in ("fish.glb", "ammonite.ply"))
    session.open([str(fish)])
    run(instrument, 8.0)
    for name, change in {
        "surface": be(cells="256"),
        "surface-smooth": be(log10_variance=-3.5),
    }.items():
        change(session)
        instrument.panel.unfold("Source", "Filter", "Surface")
        run(instrument, 12.0)
        photograph(out / f"{name}.jpg")
    session.next_scene()
    run(instrument, 6.0)
    be("next-view", "next-view")(session)
    instrument.panel.unfold("Camera", "Compare")
    for name, change in THROUGH_VIEWS.items():
        change(session)
        run(instrument, 12.0)
        photograph(out / f"{name}.jpg")
    session.open([str(other)])
    state = radiance_fields(session)
    run(instrument, 20.0, lambda: len(state.documents) == 2)
    state.show_opened(str(fish))
    be(left="colour")(session)
    state.borrow(str(other))
    run(instrument, 15.0)
    photograph(out / "surface-borrowed.jpg")


def _surface_of(model: str, folder: Path) -> Path:
    """The file of a surface from photographs that are drawn of a shipped model."""
    scene = folder / Path(model).stem
    if app.cli.run(["--render-views", str(asset_path(model)), "--out", str(scene)]):
        raise SystemExit(2)
    file = scene.with_suffix(".safetensors")
    save_field(file, train("surface", Views.open(scene), Stop(steps=900)), TrainingFacts(steps=900))
    return file


def radiance(instrument: Instrument, out: Path, folder: Path) -> None:
    """A radiance field of balls on a floor among the cameras of its photographs, and through one of these."""
    session, scene = instrument.session, folder / "balls"
    views = [
        WrittenView(f"{number:03d}", view.camera, view.stored.bytes.numpy())
        for number, view in enumerate(balls_on_a_floor(200).views)
    ]
    FORMATS["transforms"].write(scene, WrittenScene(views, has_masks=False, centre=(0.0, 0.0, 0.0), radius=1.0))
    field = train("radiance", Views.open(scene), Stop(steps=1500))
    save_field(folder / "balls.safetensors", field, TrainingFacts(steps=1500))
    session.open([str(folder / "balls.safetensors")])
    state = radiance_fields(session)
    run(instrument, 20.0, lambda: state.document is not None and state.views is not None)
    state.change(camera=BALLS_SEEN_FROM)
    be("frusta")(session)
    instrument.panel.unfold("Source", "Camera", "Scale")
    run(instrument, 15.0)
    photograph(out / "radiance.jpg")
    be("frusta", "next-view", "compare-wipe")(session)
    instrument.panel.unfold("Camera", "Compare")
    run(instrument, 15.0)
    photograph(out / "radiance-photograph.jpg")


BALLS_SEEN_FROM = Camera.looking_at((0.0, -0.1, 0.0), (2.4, 2.2, 3.6), 50.0)


LIGHT_STAGE: dict[str, Callable[[Session], None]] = {
    "light-point": be(light_azimuth=140.0, light_elevation=45.0),
    "light-area": be("compare-wipe", log10_variance=-1.5),
    "light-nearest": be("compare-wipe", "compare-two-up", "nearest-photo", variance=0.0),
    "light-strip": be("nearest-photo", "compare-beside", covariance="2e-1,0,1e-5", insets="light,filter"),
}


def light_stage(instrument: Instrument, out: Path) -> None:
    """The shipped stage under lights of several sizes, beside what it is compared with, and by other bases."""
    session = instrument.session
    session.open([str(asset_path("ammonite_stage"))])
    run(instrument, 8.0)

    def take(name: str, change: Callable[[Session], None]) -> None:
        change(session)
        instrument.panel.unfold("Filter", "Light", "Compare")
        run(instrument, 6.0)
        photograph(out / f"{name}.jpg")

    for name, change in LIGHT_STAGE.items():
        take(name, change)
    next_basis(instrument, "kriging")
    take("light-cut", be("compare-cut", variance=1e-3, insets="light,filter,spectrum"))
    next_basis(instrument, "lobes")
    take("light-normals", be("compare-cut", "normals", variance=0.0, insets="light"))


def next_basis(instrument: Instrument, basis: str) -> None:
    """Go round until the light stage's field has that basis."""
    session = instrument.session
    while (before := light_stages(session).basis) != basis:
        be("next-field")(session)
        run(instrument, 60.0, lambda: light_stages(session).basis != before and session.training.state == "idle")
    run(instrument, 60.0, lambda: not session.background.pending)
    run(instrument, 8.0)  # until nothing is said of it any more


TEXTURED_MESH: dict[str, Callable[[Session], None]] = {
    "fly": be("measure"),
    "fly-four": be("compare-four"),
    "fly-wipe": be("compare-wipe"),
    "fly-error": be("compare-error"),
    "fly-uv": be("compare-error", "uv", "grid"),
    "fly-help": be("uv", "grid", "help"),
}


def flight(instrument: Instrument, out: Path) -> None:
    """Switch to the fly-through, let the fish's texture be trained, and take its pictures."""
    session = instrument.session
    session.open([str(asset_path("fish.glb"))])
    instrument.panel.unfold("Source", "Shading")
    run(instrument, 15.0)
    run(instrument, 90.0, lambda: session.training.state == "idle")
    for name, change in TEXTURED_MESH.items():
        change(session)
        run(instrument, 8.0)
        run(instrument, 120.0, lambda: not mesh_state(session).measure_asked)
        run(instrument, 8.0)
        photograph(out / f"{name}.jpg")


SHAPES: dict[str, Callable[[Session], None]] = {
    "shape": be(),
    "shape-smooth": be(log10_variance=-2.5),
    "shape-wipe": be("compare-wipe", divider=0.45),
    "shape-error": be("compare-error"),
    "shape-slice": be("compare-error", slice="z", log10_variance=-3.0),
    "shape-curvature": be(slice="none", colouring="curvature"),
    "shape-help": be("help", colouring="material"),
}


def shapes(instrument: Instrument, out: Path) -> None:
    """Switch to the shapes and take their pictures."""
    session = instrument.session
    session.open([str(asset_path("shape.safetensors"))])
    run(instrument, 30.0, lambda: session.scene == "shape" and shape_state(session).document is not None)
    run(instrument, 180.0, lambda: shape_state(session).agreement is not None)  # once, the truth takes its time
    instrument.panel.unfold("Source", "Filter", "Surface")
    for name, change in SHAPES.items():
        change(session)
        run(instrument, 15.0)
        run(instrument, 60.0, lambda: not session.background.pending)
        run(instrument, 5.0)
        photograph(out / f"{name}.jpg")


def run(instrument: Instrument, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
    """Let the program run for so long, or until something has come to be."""
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline and not until():
        instrument.window.wait(instrument.step())


def photograph(file: Path) -> None:
    """What is on the screen."""
    subprocess.run(["import", "-window", "root", "-quality", "88", str(file)], check=True)
    print(file)


if __name__ == "__main__":
    main()
