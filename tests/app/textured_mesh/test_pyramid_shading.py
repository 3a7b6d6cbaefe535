"""The pyramid in the fragment shader against the same field in torch."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace

import moderngl
import numpy as np
import pytest
import torch

from app.camera.camera import Camera
from app.gl.offscreen import offscreen
from app.scenes.textured_mesh.controls import TexturedMeshControls
from app.scenes.textured_mesh.edges import Look
from app.scenes.textured_mesh.footprint import footprint_covariances
from app.scenes.textured_mesh.geometry_pass import Geometry
from app.scenes.textured_mesh.pyramid_shading import PyramidShading
from fieldcore import build_field, preset_recipe
from fieldcore.errors import InputError
from fieldcore.fields.pyramid import Pyramid
from fieldcore.fields.trained_pyramid import TrainedPyramid
from fieldcore.filters import Gaussian
from fieldcore.signals import SignalFacts
from fieldcore.signals.texture import domain_from_uv

SIZE = (48, 40)


@pytest.fixture(scope="module")
def context() -> Iterator[moderngl.Context]:
    with offscreen((4, 4)) as surface:
        yield surface.context


def random_field(border="mirror", resolution=(64, 48), kind="pyramid", **recipe) -> Pyramid | TrainedPyramid:
    """With weights as large as trained ones, or larger, so that every part of the answer counts."""
    longer = max(resolution)
    half = tuple(n / longer for n in resolution)
    facts = SignalFacts("texture", "test", "0" * 64, half, 3, resolution, border=(border, border))
    preset = "texture" if kind == "pyramid" else "preview"
    field = build_field(replace(preset_recipe(kind, preset, facts), **recipe), facts).eval()
    assert isinstance(field, Pyramid | TrainedPyramid)
    generator = torch.Generator().manual_seed(3)
    if isinstance(field, Pyramid):
        field.solve(torch.rand(field.samples.shape, generator=generator))
        return field
    with torch.no_grad():
        for index, level in enumerate(field.levels):
            scale = 0.5 if index == 0 else 0.15
            level.values.copy_(scale * torch.randn(level.values.shape, generator=generator))
        for parameter in field.network.parameters():
            parameter.copy_(0.25 * torch.randn(parameter.shape, generator=generator))
    return field


def random_jacobians(longest=0.6) -> np.ndarray:
    """Footprints of every shape: of no size, of a line, round, thin; from far below a texel to most of the texture."""
    random = np.random.default_rng(1)
    width, height = SIZE
    major = longest * 10 ** random.uniform(-4, 0, (height, width))
    minor = major * 10 ** random.uniform(-3, 0, (height, width))
    minor[::5], major[::7, ::3] = 0, 0
    minor[major == 0] = 0
    turn, spin = random.uniform(0, 2 * np.pi, (2, height, width))

    def rotation(angle: np.ndarray) -> np.ndarray:
        rows = [np.stack([np.cos(angle), -np.sin(angle)], -1), np.stack([np.sin(angle), np.cos(angle)], -1)]
        return np.stack(rows, -2)

    scale = np.stack([major, minor], -1)[..., None] * np.eye(2)
    return (rotation(turn) @ scale @ rotation(spin)).astype(np.float32)


class Scene:
    """A geometry that no model has."""

    def __init__(self, context: moderngl.Context, jacobian: np.ndarray) -> None:
        width, height = SIZE
        random = np.random.default_rng(2)
        self.uv = random.uniform(0, 1, (height, width, 2)).astype(np.float32)
        self.jacobian = jacobian
        self.coverage = np.where(random.uniform(size=(height, width)) < 0.1, 0.0, 1.0).astype(np.float32)
        places = np.concatenate([self.uv, np.zeros_like(self.uv[..., :1]), self.coverage[..., None]], -1)
        uv = context.texture(SIZE, 4, np.ascontiguousarray(places), dtype="f4")
        by_pixel = context.texture(SIZE, 4, np.ascontiguousarray(jacobian.reshape(height, width, 4)), dtype="f4")
        for texture in (uv, by_pixel):
            texture.filter = moderngl.NEAREST, moderngl.NEAREST
        self.geometry = Geometry(uv, by_pixel, by_pixel, context.framebuffer([uv]), uv, uv, SIZE, Camera())

    def by_torch(self, field: Pyramid, controls: TexturedMeshControls) -> np.ndarray:
        x = domain_from_uv(torch.from_numpy(self.uv.reshape(-1, 2)), field.facts)
        jacobian = torch.from_numpy(self.jacobian.reshape(-1, 2, 2))
        covariance = footprint_covariances(jacobian, field.facts, controls.pixel_filter, controls.variance)
        with torch.no_grad():
            values = field(x, Gaussian.unchecked(covariance))
        return values.numpy().clip(0, 1).reshape(*self.uv.shape[:2], 3)


def by_shader(
    context: moderngl.Context, scene: Scene, shading: PyramidShading, controls: TexturedMeshControls
) -> np.ndarray:
    for _ in shading.look(Look(scene.geometry), controls):
        pass
    pixels = np.frombuffer(shading.looked.read(), np.float16).reshape(SIZE[1], SIZE[0], 4)
    return pixels.astype(np.float32)


@pytest.mark.parametrize("border", ["mirror", "repeat", "clamp"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"probes": 9},
        {"kind": "trained_pyramid", "width": 16, "extra_features": 0},
        {"kind": "trained_pyramid", "width": 30, "extra_features": 1, "probes": 9},
        {"kind": "trained_pyramid", "width": 16, "sharpness": 1.3, "kappa": 0.7},
    ],
)
def test_equals_torch_within_a_step_of_eight_bits(context, border, options):
    field, scene = random_field(border, **options), Scene(context, random_jacobians())
    for controls in (TexturedMeshControls(model=""), TexturedMeshControls(model="", pixel_filter="box", variance=1e-4)):
        shading = PyramidShading(context, field)
        pixels = by_shader(context, scene, shading, controls)
        seen = scene.coverage > 0
        expected = scene.by_torch(field, controls)
        assert np.abs(pixels[..., :3] - expected)[seen].max() < 1 / 255
        assert expected[seen].std() > 0.1  # not all clipped to black
        assert np.array_equal(pixels[..., 3], scene.coverage)
        assert not pixels[~seen].any()
        shading.release()


def test_a_point_is_not_filtered(context):
    field, scene = random_field(), Scene(context, np.zeros((*SIZE[::-1], 2, 2), np.float32))
    shading = PyramidShading(context, field)
    pixels = by_shader(context, scene, shading, TexturedMeshControls(model=""))
    x = domain_from_uv(torch.from_numpy(scene.uv.reshape(-1, 2)), field.facts)
    with torch.no_grad():
        expected = field(x).numpy().clip(0, 1).reshape(*scene.uv.shape[:2], 3)
    seen = scene.coverage > 0
    assert np.abs(pixels[..., :3] - expected)[seen].max() < 1 / 255
    shading.release()


def test_changed_weights_show_after_an_update_and_not_before(context):
    field, scene = random_field(), Scene(context, random_jacobians(0.05))
    shading, controls = PyramidShading(context, field), TexturedMeshControls(model="")
    before = by_shader(context, scene, shading, controls)
    with torch.no_grad():
        field.samples.mul_(0.5)
    assert np.array_equal(by_shader(context, scene, shading, controls), before)
    shading.update(field)
    after = by_shader(context, scene, shading, controls)
    expected = scene.by_torch(field, controls)
    assert np.abs(after[..., :3] - expected)[scene.coverage > 0].max() < 1 / 255
    assert np.abs(after - before).max() > 0.05
    shading.release()


def test_the_weights_of_another_field_show_too(context):
    """As of one in training, copied now and then: its grids are often the same and need not come again."""
    field, scene = random_field(kind="trained_pyramid"), Scene(context, random_jacobians(0.05))
    shading, controls = PyramidShading(context, field), TexturedMeshControls(model="")
    by_shader(context, scene, shading, controls)
    for name in ("network.4.bias", "levels.2.values"):
        field = copy.deepcopy(field)
        with torch.no_grad():
            field.get_parameter(name).add_(0.2)
        shading.update(field)
        after = by_shader(context, scene, shading, controls)
        expected = scene.by_torch(field, controls)
        assert np.abs(after[..., :3] - expected)[scene.coverage > 0].max() < 1 / 255
    shading.release()


def test_a_frame_given_up_while_weights_come_leaves_nothing_out(context):
    field, scene = random_field(resolution=(700, 600)), Scene(context, random_jacobians(0.05))
    shading, controls = PyramidShading(context, field), TexturedMeshControls(model="")
    for slices in (1, 3, 8):
        given_up = shading.look(Look(scene.geometry), controls)
        for _ in range(slices):
            next(given_up)
        given_up.close()
    pixels = by_shader(context, scene, shading, controls)
    assert np.abs(pixels[..., :3] - scene.by_torch(field, controls))[scene.coverage > 0].max() < 1 / 255
    shading.release()


def test_what_the_shader_cannot_be_is_refused_in_a_sentence(context):
    facts = SignalFacts("texture", "test", "0" * 64, (1.0, 1.0), 3, (32, 32))
    with pytest.raises(InputError, match="only a 2-D pyramid"):
        PyramidShading(context, build_field(preset_recipe("spectral", "preview", facts), facts))
    with pytest.raises(InputError, match="4 features a level, got 6"):
        PyramidShading(context, random_field(kind="trained_pyramid", extra_features=3))
    with pytest.raises(InputError, match="linear levels only"):
        PyramidShading(context, random_field(interpolation="cubic"))
    with pytest.raises(InputError, match="bytes of uniforms"):
        PyramidShading(context, random_field(kind="trained_pyramid", width=512))


def test_gives_everything_back(resources):
    with offscreen((4, 4)) as surface:
        before = resources.alive
        shading = PyramidShading(surface.context, random_field())
        assert resources.alive > before
        shading.release()
        assert resources.alive == before
