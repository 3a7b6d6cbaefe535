"""What OpenGL makes of a texture, against closed forms and a slow supersampler."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import moderngl
import numpy as np
import pytest
from resources import Resources
from scenery import asymmetric_pixels, cylinder, plane_seen, quad

from app.camera.camera import Camera
from app.gl.offscreen import Offscreen
from app.scenes.textured_mesh.controls import Shading, TexturedMeshControls
from app.scenes.textured_mesh.footprint import sample_offsets_px
from app.scenes.textured_mesh.geometry_pass import read_geometry
from app.scenes.textured_mesh.shading import Shot
from app.scenes.textured_mesh.shading_set import Shadings
from fieldcore.errors import InputError
from fieldcore.models import TexturedModel

SurfaceOf = Callable[[int, int], Offscreen]
SIZE = (96, 64)
AT_AN_ANGLE = Camera.looking_at((0.0, 0.1, 0.0), (1.0, 0.5, 1.6))
ALL: tuple[Shading, ...] = ("single", "mipmap", "anisotropic", "supersampled", "uv")


def read(texture: moderngl.Texture) -> np.ndarray:
    """An albedo, top row first."""
    width, height = texture.size
    return np.frombuffer(texture.read(), np.float16).reshape(height, width, 4)[::-1].astype(np.float64)


@contextmanager
def shading(surface: Offscreen, model: TexturedModel) -> Iterator[Shadings]:
    shadings = Shadings(surface.context, model)
    yield shadings
    shadings.release()


def shaded(
    surface: Offscreen, model: TexturedModel, name: Shading, camera: Camera, size=SIZE, **options: Any
) -> np.ndarray:
    with shading(surface, model) as shadings:
        shot = Shot(shadings.geometry_pass, camera, size)
        for _ in shadings[name].shade(shot, TexturedMeshControls(model="model", **options)):
            pass
        return read(shadings[name].albedo)


def fitting_camera(rows: int) -> Camera:
    """Sees [-1, 1] in y, from one row's edge to the other."""
    return Camera((0.0, 0.0, 1 / np.tan(np.radians(20))))


def noise(width: int = 64, height: int = 64) -> np.ndarray:
    return (np.random.default_rng(3).integers(0, 256, (height, width, 3)) / 255).astype(np.float32)


@pytest.mark.parametrize("name", ["single", "mipmap", "anisotropic"])
def test_a_texel_a_pixel_is_the_texture_itself(surface_of: SurfaceOf, name: Shading) -> None:
    pixels = asymmetric_pixels(16, 16)
    got = shaded(surface_of(8, 8), quad(pixels=pixels), name, fitting_camera(16), (16, 16))
    assert (got[..., 3] == 1).all()
    assert np.abs(got[..., :3] - pixels).max() < 2e-3


@pytest.mark.parametrize("name", ["mipmap", "anisotropic", "supersampled"])
def test_a_footprint_as_large_as_the_texture_gives_its_mean(surface_of: SurfaceOf, name: Shading) -> None:
    pixels = noise()
    model = quad(pixels=pixels, uv=((0, 0), (24, 0), (24, 24), (0, 24)))
    got = shaded(surface_of(8, 8), model, name, fitting_camera(16), (16, 16), samples=16)
    tolerance = 0.06 if name == "supersampled" else 0.01
    assert np.abs(got[2:-2, 2:-2, :3] - pixels.mean((0, 1))).max() < tolerance


def test_one_sample_of_such_a_footprint_is_some_texel(surface_of: SurfaceOf) -> None:
    pixels = noise()
    model = quad(pixels=pixels, uv=((0, 0), (24, 0), (24, 24), (0, 24)))
    got = shaded(surface_of(8, 8), model, "single", fitting_camera(16), (16, 16))[..., :3]
    nearest = np.abs(got[:, :, None] - pixels.reshape(1, 1, -1, 3)).max(-1).min(-1)
    assert nearest.max() < 1e-3


def test_anisotropic_filtering_stays_sharp_across_where_mipmaps_blur(surface_of: SurfaceOf) -> None:
    stripes = np.zeros((256, 256, 3), np.float32)
    stripes[:, (np.arange(256) // 8) % 2 == 0] = 1  # that run away from the camera
    camera = Camera.looking_at((0.0, 0.6, 0.0), (0.0, -1.3, 0.16))
    spread = {
        name: shaded(surface_of(8, 8), quad(pixels=stripes), name, camera, (200, 120))
        for name in ("mipmap", "anisotropic", "supersampled")
    }
    seen = spread["mipmap"][..., 3] == 1
    error = {
        name: np.abs(spread[name] - spread["supersampled"])[seen][:, :3].mean() for name in ("mipmap", "anisotropic")
    }
    assert error["anisotropic"] < 0.7 * error["mipmap"]


def test_anisotropic_filtering_is_right_at_seams(surface_of: SurfaceOf) -> None:
    pixels = np.ones((64, 512, 3), np.float32) * np.linspace(0, 1, 512, dtype=np.float32)[None, :, None]
    got = shaded(surface_of(8, 8), cylinder(256, pixels=pixels), "anisotropic", Camera((0.0, 0.0, 3.0)))
    row = got[32, :, 0][got[32, :, 3] == 1]
    middle = np.abs(np.diff(row)).argmax()
    assert np.abs(np.diff(row))[middle] > 0.3
    away = np.delete(row, range(middle - 2, middle + 4))
    assert ((away < 0.35) | (away > 0.65)).all(), "no grey from across the seam"


@pytest.mark.parametrize("samples", [1, 3, 8])
def test_supersampling_a_constant_gives_the_constant(surface_of: SurfaceOf, samples: int) -> None:
    pixels = np.full((4, 4, 3), (0.2, 0.6, 1.0), np.float32)
    got = shaded(surface_of(8, 8), quad(pixels=pixels), "supersampled", AT_AN_ANGLE, samples=samples)
    seen = got[..., 3] > 0
    assert seen.sum() > 1000
    assert np.abs(got[seen][:, :3] - (0.2, 0.6, 1.0)).max() < 1e-3


def test_supersampling_a_linear_ramp_gives_its_value_at_the_centre(surface_of: SurfaceOf) -> None:
    ramp = (np.arange(256) + 0.5) / 256
    pixels = np.broadcast_to(ramp[None, :, None], (8, 256, 3))
    camera, size = fitting_camera(32), (48, 48)
    got = shaded(surface_of(8, 8), quad(pixels=pixels, wraps=(("clamp", "clamp"),)), "supersampled", camera, size)
    expected = (plane_seen(camera, size)[..., 0] + 1) / 2
    assert np.abs(got[..., 0] - expected)[:, 3:-3].max() < 1e-3


@pytest.mark.parametrize("pixel_filter", ["gaussian", "box"])
def test_supersampling_is_the_mean_of_shifted_bilinear_samples(surface_of: SurfaceOf, pixel_filter) -> None:
    pixels, size, samples = noise(32, 48), (40, 30), 4
    options = {"samples": samples, "pixel_filter": pixel_filter}
    got = shaded(surface_of(8, 8), quad(pixels=pixels), "supersampled", AT_AN_ANGLE, size, **options)
    total = np.zeros((size[1], size[0], 3))
    inside = got[..., 3] == 1
    for y in sample_offsets_px(samples, pixel_filter):
        for x in sample_offsets_px(samples, pixel_filter):
            place = (plane_seen(AT_AN_ANGLE, size, (x, y)) + 1) / 2
            inside &= (np.abs(place - 0.5) < 0.5).all(-1)
            total += bilinear(pixels, place)
    assert inside.sum() > 400
    assert np.abs(got[..., :3] - total / samples**2)[inside].max() < 2e-3


def bilinear(pixels: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """A repeated texture at coordinates whose v points up."""
    height, width, _ = pixels.shape
    x, y = uv[..., 0] * width - 0.5, (1 - uv[..., 1]) * height - 0.5
    column, row = np.floor(x).astype(int), np.floor(y).astype(int)
    along, down = (x - column)[..., None], (y - row)[..., None]

    def at(r: np.ndarray, c: np.ndarray) -> np.ndarray:
        return pixels[r % height, c % width]

    upper = (1 - along) * at(row, column) + along * at(row, column + 1)
    lower = (1 - along) * at(row + 1, column) + along * at(row + 1, column + 1)
    return (1 - down) * upper + down * lower


@pytest.mark.parametrize("name", ALL)
def test_all_have_the_coverage_of_the_geometry(surface_of: SurfaceOf, name: Shading) -> None:
    with shading(surface_of(8, 8), quad()) as shadings:
        shot = Shot(shadings.geometry_pass, AT_AN_ANGLE, SIZE)
        expected = read_geometry(shot.geometry)
        for _ in shadings[name].shade(shot, TexturedMeshControls(model="model", samples=2)):
            pass
        got = read(shadings[name].albedo)
        assert np.abs(got[..., 3] - expected.coverage).max() < 1e-3
        assert (got[~expected.covered] == 0).all()
        assert ((expected.coverage > 0) & (expected.coverage < 1)).sum() > 0


def test_edges_have_the_colour_of_the_texture(surface_of: SurfaceOf) -> None:
    pixels = np.full((4, 4, 3), (0.9, 0.5, 0.1), np.float32)
    for name in ALL[:-1]:
        got = shaded(surface_of(8, 8), quad(pixels=pixels), name, AT_AN_ANGLE, samples=2)
        assert np.abs(got[got[..., 3] > 0][:, :3] - (0.9, 0.5, 0.1)).max() < 1e-3, name


def test_the_uv_pass_shows_u_red_and_v_green(surface_of: SurfaceOf) -> None:
    got = shaded(surface_of(8, 8), quad(), "uv", AT_AN_ANGLE)
    expected = (plane_seen(AT_AN_ANGLE, SIZE) + 1) / 2
    inside = got[..., 3] == 1
    assert np.abs(got[..., :2] - expected)[inside].max() < 1e-3
    assert (got[inside][:, 2] == 0).all(), "8 x 4 texels are larger than pixels"
    fine = shaded(surface_of(8, 8), quad(pixels=noise(1024, 1024)), "uv", fitting_camera(64), (64, 64))
    assert fine[32, 32, 2] == pytest.approx(np.log2(1024 / 64) / 8, abs=2e-3)


def test_a_picture_stays_until_the_next_is_finished(surface_of: SurfaceOf) -> None:
    with shading(surface_of(8, 8), quad()) as shadings:
        judge = shadings["supersampled"]
        controls = TexturedMeshControls(model="model", samples=2)
        for _ in judge.shade(Shot(shadings.geometry_pass, AT_AN_ANGLE, SIZE), controls):
            pass
        shown = judge.albedo
        before = read(shown)
        work = judge.shade(Shot(shadings.geometry_pass, fitting_camera(64), SIZE), controls)
        for _ in range(4):
            next(work)
        assert judge.albedo is shown and (read(shown) == before).all()
        slices = 4 + sum(1 for _ in work)
        assert slices == 3 + 2 * 2, "the geometry, the samples"
        assert judge.albedo is not shown and (read(judge.albedo) != before).any()


def test_memory_grows_neither_with_samples_nor_with_frames_and_sizes(
    surface_of: SurfaceOf, resources: Resources
) -> None:
    surface = surface_of(8, 8)
    before = resources.alive
    with shading(surface, quad(pixels=noise())) as shadings:
        counts = []
        for samples in (1, 2, 5):
            for size in ((40, 30), (30, 40)):
                shot = Shot(shadings.geometry_pass, AT_AN_ANGLE, size)
                for way in shadings.of_model.values():
                    for _ in way.shade(shot, TexturedMeshControls(model="model", samples=samples)):
                        pass
                counts.append(resources.alive)
        assert len(set(counts[1:])) == 1
    assert resources.alive == before


def test_a_texture_larger_than_the_driver_allows_is_refused(surface_of: SurfaceOf) -> None:
    context = surface_of(8, 8).context
    most = context.info["GL_MAX_TEXTURE_SIZE"]
    with pytest.raises(InputError, match=f"'test': its texture has {most + 1} x 2 pixels, this driver holds at most"):
        Shadings(context, quad(pixels=np.zeros((2, most + 1, 3), np.float32)))
