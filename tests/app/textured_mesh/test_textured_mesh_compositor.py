from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from resources import Resources
from scenery import asymmetric_pixels, quad

from app.camera.camera import Camera, clip_from_view, view_from_world
from app.gl.colormap import magma
from app.gl.offscreen import Offscreen
from app.scenes.textured_mesh.compositor import Pane, TexturedMeshCompositor
from app.scenes.textured_mesh.controls import Shading, TexturedMeshControls
from app.scenes.textured_mesh.geometry_pass import Geometry, GeometryPass
from app.scenes.textured_mesh.shading import Shot
from app.scenes.textured_mesh.shading_set import Shadings
from fieldcore.models import TexturedModel

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = (120, 80)
CLOSE = Camera((0.0, 0.0, 1.5))
"""The quad of half 2 fills its frame."""
COLOURS: dict[Shading, tuple[float, float, float]] = {
    "single": (0.9, 0.1, 0.1),
    "mipmap": (0.1, 0.9, 0.1),
    "supersampled": (0.1, 0.1, 0.9),
    "neural": (0.9, 0.9, 0.1),
}


class Stage:
    """A scene, a model and panes of plain colours."""

    def __init__(self, surface: Offscreen, model: TexturedModel, camera: Camera) -> None:
        self.surface, self.camera = surface, camera
        self.scene = TexturedMeshCompositor(surface.context)
        self.geometry_pass = GeometryPass(surface.context, model)
        self._textures: list[Any] = []

    def geometry(self, size: tuple[int, int]) -> Geometry:
        return self.geometry_pass.draw(self.camera, size)

    def pane(self, colours: np.ndarray, label: str = "") -> Pane:
        """A pane of (h, w, 4) values, top row first."""
        height, width, _ = colours.shape
        texture = self.surface.context.texture(
            (width, height), 4, colours[::-1].astype(np.float16).tobytes(), dtype="f2"
        )
        self._textures.append(texture)
        return Pane(texture, self.geometry((width, height)), label)

    def plain(self, name: Shading, size: tuple[int, int], label: str = "") -> Pane:
        return self.pane(np.broadcast_to((*COLOURS[name], 1.0), (size[1], size[0], 4)), label)

    def drawn(self, panes: dict[Shading, Pane], **options: Any) -> np.ndarray:
        options = {"lit": False, "caption": False, "camera": self.camera, **options}
        self.scene.draw(self.surface.framebuffer, TexturedMeshControls(model="model", **options), panes)
        return self.surface.pixels() / 255

    def release(self) -> None:
        self.scene.release()
        self.geometry_pass.release()
        for texture in self._textures:
            texture.release()


@contextmanager
def staged(surface: Offscreen, camera: Camera = CLOSE, half: float = 2.0) -> Iterator[Stage]:
    stage = Stage(surface, quad(half=half), camera)
    yield stage
    stage.release()


def sizes_of(controls: TexturedMeshControls, size: tuple[int, int]) -> dict[Shading, tuple[int, int]]:
    return dict.fromkeys(controls.needed, controls.pane_size(size))


def test_unlit_it_is_the_albedo_top_row_first(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        values = np.ones((80, 120, 4))
        values[..., :3] = asymmetric_pixels(120, 80)
        assert np.abs(stage.drawn({"mipmap": stage.pane(values)}) - values[..., :3]).max() < 1.1 / 255


def test_coverage_mixes_with_the_backdrop(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        backdrop = stage.drawn({})
        values = np.broadcast_to((1.0, 0.0, 0.0, 0.25), (80, 120, 4))
        got = stage.drawn({"mipmap": stage.pane(values)})
        assert np.abs(got - (0.75 * backdrop + 0.25 * np.array([1.0, 0.0, 0.0]))).max() < 2 / 255
        assert backdrop.min() > 0.1 and backdrop.max() < 0.5
        assert (np.ptp(backdrop, axis=-1) < 0.04).all(), "neutral"
        assert backdrop[40, 60].mean() > backdrop[0, 0].mean() + 0.1


@pytest.mark.parametrize("layout", ["one", "two_up", "four"])
def test_panes_lie_where_they_should(surface_of: SurfaceOf, layout: Any) -> None:
    options: dict[str, Any] = {"layout": layout, "left": "neural", "right": "mipmap"}
    controls = TexturedMeshControls(model="model", **options)
    with staged(surface_of(*SIZE)) as stage:
        sizes = sizes_of(controls, SIZE)
        got = stage.drawn({name: stage.plain(name, size) for name, size in sizes.items()}, **options)
    order: dict[str, tuple[Shading, ...]] = {
        "one": ("neural",),
        "two_up": ("neural", "mipmap"),
        "four": ("single", "mipmap", "supersampled", "neural"),
    }
    for name, pane in zip(order[layout], controls.panes(SIZE), strict=True):
        left, top, width, height = pane.box
        inside = got[top : top + height, left : left + width]
        assert np.abs(inside - COLOURS[name]).max() < 1.1 / 255


def test_a_wipe_is_divided_where_the_divider_is(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        panes = {name: stage.plain(name, SIZE) for name in ("single", "mipmap")}
        got = stage.drawn(panes, layout="wipe", left="single", right="mipmap", divider=0.3)
    assert np.abs(got[:, :18] - COLOURS["single"]).max() < 1.1 / 255
    assert np.abs(got[:, 55:] - COLOURS["mipmap"]).max() < 1.1 / 255
    assert got[5, 36].min() > 0.9, "the divider's line"


def test_an_error_map_shows_mean_absolute_differences(surface_of: SurfaceOf) -> None:
    surface = surface_of(640, 400)
    with staged(surface) as stage:
        ramp = np.ones((400, 640, 4))
        ramp[..., :3] = 0.5
        ramp[..., 0] += np.linspace(-0.3, 0.3, 640)
        same = np.ones((400, 640, 4))
        same[..., :3] = 0.5
        panes: dict[Shading, Pane] = {"mipmap": stage.pane(ramp, "mipmap"), "supersampled": stage.pane(same, "judge")}
        got = stage.drawn(panes, left="error", right="mipmap", error_range=0.08)
        share = np.abs(ramp[..., :3] - 0.5).mean(-1) / 0.08
        expected = magma()[(share.clip(0, 1) * 255).round().astype(int)]
        assert np.abs(got - expected)[10:-10].max() < 0.02
        captioned = stage.drawn(panes, left="error", right="mipmap", error_range=0.08, caption=True)
        changed = np.abs(captioned - got).max(-1) > 0.1
        rows, columns = np.nonzero(changed)
        assert rows.max() > 380 and columns.max() > 600, "the colour bar is on the lower right"
        assert changed[:40, :200].any(), "the label on the upper left"
        assert not changed[60:300].any()


def test_light_falls_from_the_upper_left_and_leaves_detail(surface_of: SurfaceOf) -> None:
    angles = np.linspace(0, 2 * np.pi, 9)[:-1]
    with staged(surface_of(*SIZE)) as stage:
        brightness = []
        for angle in angles:
            lean = np.array([0.7 * np.cos(angle), 0.7 * np.sin(angle), 0.71])
            stage.geometry_pass.release()
            stage.geometry_pass = GeometryPass(stage.surface.context, quad(half=2.0, normals=np.tile(lean, (4, 1))))
            got = stage.drawn({"mipmap": stage.pane(np.full((80, 120, 4), (0.6, 0.6, 0.6, 1.0)))}, lit=True)
            brightness.append(got[40, 60].mean())
    brightest = angles[int(np.argmax(brightness))]
    assert np.pi / 2 <= brightest <= np.pi, "upper left"
    assert max(brightness) <= 0.6 * 1.12 and min(brightness) >= 0.6 * 0.5


def test_numbers_are_never_lit(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        pane = stage.pane(np.full((80, 120, 4), (0.6, 0.6, 0.6, 1.0)))
        assert np.abs(stage.drawn({"uv": pane}, left="uv", lit=True) - 0.6).max() < 1.1 / 255


def test_a_smaller_picture_is_magnified_smoothly(surface_of: SurfaceOf) -> None:
    with staged(surface_of(*SIZE)) as stage:
        values = np.ones((20, 30, 4))
        values[..., :3] = np.linspace(0.1, 0.9, 30)[None, :, None]
        got = stage.drawn({"mipmap": stage.pane(values)})
        steps = np.diff(got[40, :, 0])
        assert got[40, 2, 0] == pytest.approx(0.1, abs=0.01) and got[40, -2, 0] == pytest.approx(0.9, abs=0.01)
        assert steps.min() > -0.5 / 255 and steps.max() < 0.8 / 29 / 4 + 1.5 / 255
        # At its edge no black from where there is no model mixes in.
        values = np.zeros((20, 30, 4))
        values[:, 15:] = 1
        got = stage.drawn({"mipmap": stage.pane(values)})
        backdrop = stage.drawn({})
        assert (got >= backdrop - 2 / 255).all()
        assert ((got[40] > 0.55) & (got[40] < 0.95)).any(), "a soft edge"


def test_the_grid_lies_on_the_floor_behind_the_model(surface_of: SurfaceOf) -> None:
    camera = Camera.looking_at((0.0, -0.3, 0.0), (0.6, 0.5, 3.0))
    with staged(surface_of(480, 320), camera, half=0.5) as stage:
        geometry = stage.geometry((480, 320))
        shot = stage.pane(np.zeros((320, 480, 4)))
        covered = stage.geometry_pass and geometry is not None
        values = np.zeros((320, 480, 4))
        from app.scenes.textured_mesh.geometry_pass import read_geometry

        arrays = read_geometry(geometry)
        values[..., :3], values[..., 3] = 0.2, arrays.coverage
        pane = stage.pane(values)
        plain, gridded = stage.drawn({"mipmap": pane}), stage.drawn({"mipmap": pane}, grid=True)
        bare = stage.drawn({"mipmap": shot}, grid=True)
    assert covered
    gizmo = np.zeros((320, 480), bool)
    gizmo[200:, :120] = True
    changed = np.abs(gridded - plain).max(-1) > 2 / 255
    assert (changed & ~gizmo).sum() > 1500
    assert not (changed & (arrays.coverage == 1)).any(), "hidden by the model"
    assert ((np.abs(bare - gridded).max(-1) > 0.02) & (arrays.coverage == 1)).any(), "or it would be seen there"
    # Everything that changed is on the floor, y = -1, within its fade.
    world_from_clip = np.linalg.inv(clip_from_view(camera, (480, 320)) @ view_from_world(camera))
    rows, columns = np.nonzero(changed & ~gizmo)
    ends = np.stack([(columns + 0.5) / 240 - 1, 1 - (rows + 0.5) / 160, np.ones(len(rows)), np.ones(len(rows))])
    far = world_from_clip @ ends
    ray = (far[:3] / far[3]).T - camera.position
    assert (ray[:, 1] < 0).all()
    floor = np.array(camera.position) + ray * ((-1 - camera.position[1]) / ray[:, 1])[:, None]
    assert np.hypot(floor[:, 0], floor[:, 2]).max() < 5.1
    away = np.abs(floor[:, [0, 2]] / 0.25 - np.round(floor[:, [0, 2]] / 0.25)).min(-1)
    assert np.median(away) < 0.1, "on its lines"
    red = bare[..., 0] - bare[..., 2] > 0.2
    along_x = np.abs(floor[:, 1 + 1][red[rows, columns]])
    assert len(along_x) > 50 and np.median(along_x) < 0.05, "the red one is the x axis"


def test_the_gizmo_shows_where_the_axes_point(surface_of: SurfaceOf) -> None:
    with staged(surface_of(480, 320), Camera((0.0, -1.0, 3.0)), half=0.1) as stage:  # no floor in sight
        got = stage.drawn({}, grid=True)[200:, :140]

    def middle(strong: int, *weak: int) -> np.ndarray:
        there = np.ones(got.shape[:2], bool)
        for other in weak:
            there &= got[..., strong] > got[..., other] + 0.25
        assert there.sum() > 20
        return np.argwhere(there).mean(0)

    red, green, blue = middle(0, 1, 2), middle(1, 0, 2), middle(2, 0, 1)
    assert red[1] > blue[1] + 8 and abs(red[0] - blue[0]) < 6, "x to the right"
    assert green[0] < blue[0] - 8 and abs(green[1] - blue[1]) < 6, "y up, z towards us"


def test_labels_are_on_top_of_their_panes(surface_of: SurfaceOf) -> None:
    size = (800, 400)
    with staged(surface_of(*size)) as stage:
        for layout, corners in {
            "two_up": [(10, 10), (410, 10)],
            "four": [(10, 10), (410, 10), (10, 210), (410, 210)],
        }.items():
            options: dict[str, Any] = {"layout": layout, "left": "neural", "right": "mipmap"}
            sizes = sizes_of(TexturedMeshControls(model="model", **options), size)
            panes = {name: stage.plain(name, pane_px, f"{name} 84 ms") for name, pane_px in sizes.items()}
            changed = stage.drawn(panes, caption=True, **options) != stage.drawn(panes, **options)
            for left, top in corners:
                assert changed[top : top + 30, left : left + 150].any()
                changed[top : top + 40, left : left + 300] = False
            assert not changed.any()


def test_a_whole_shot_stands_upright(surface_of: SurfaceOf) -> None:
    surface = surface_of(*SIZE)
    pixels = np.zeros((8, 8, 3), np.float32)
    pixels[:4, :4] = (1, 0, 0)  # on top, left
    pixels[:4, 4:] = (0, 1, 0)
    pixels[4:, :4] = (0, 0, 1)
    model = Shadings(surface.context, quad(pixels=pixels))
    scene = TexturedMeshCompositor(surface.context)
    camera = Camera((0.0, 0.0, 3.0))
    for name in ("single", "mipmap", "anisotropic", "supersampled"):
        controls = TexturedMeshControls(model="model", camera=camera, left=name, caption=False, lit=False, samples=2)
        shot = Shot(model.geometry_pass, camera, SIZE)
        for _ in model[name].shade(shot, controls):
            pass
        scene.draw(surface.framebuffer, controls, {name: Pane(model[name].albedo, shot.geometry)})
        got = surface.pixels()
        assert got[25, 45].argmax() == 0 and got[25, 75].argmax() == 1 and got[55, 45].argmax() == 2
        assert got[25, 45].max() > 200
    scene.release()
    model.release()


def test_everything_is_given_back(surface_of: SurfaceOf, resources: Resources) -> None:
    surface = surface_of(*SIZE)
    before = resources.alive
    with staged(surface) as stage:
        panes = {name: stage.plain(name, SIZE, "label") for name in COLOURS}
        counts = []
        for _ in range(3):
            for layout, left in (("one", "mipmap"), ("wipe", "neural"), ("two_up", "error"), ("four", "error")):
                stage.drawn(panes, layout=layout, left=left, caption=True, grid=True, lit=True)
            counts.append(resources.alive)
        assert len(set(counts)) == 1
    assert resources.alive == before
