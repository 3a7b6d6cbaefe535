"""Where the sum of a light stage's photos is taken: in a fragment shader over a texture array, or in torch.

    python -m benchmarks.light_stage --parts sum memory

Also what is best kept in little memory: photos of half the size, or principal pictures of as many bytes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import moderngl
import numpy as np
import torch
import torch.nn.functional as F

import fieldcore as fc
from app.covariance import isotropic
from app.gl.handover import Handover
from app.gl.offscreen import offscreen
from app.plane.layers import Sources
from app.plane.renderer import PlaneRenderer
from app.scenes.light_stage.controls import LightStageControls
from app.work.asking import EvaluateHere
from benchmarks.light_stage_at_equal_time import VARIANCES, Trial, psnr_of_shown
from benchmarks.machine import fastest
from fieldcore.lights.photos import Photos, decoding
from fieldcore.lights.stage_facts import stage_grid

SIZE = 512
LAYERS = (8, 16, 50)
_MOST_LAYERS = 256

_VERTEX = """
#version 330
out vec2 at;
void main() {
    at = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(2.0 * at - 1.0, 0.0, 1.0);
}
"""
_SUM = """
#version 330
uniform sampler2DArray photos;
uniform float weights[256];
uniform int count;
in vec2 at;
out vec4 colour;
void main() {
    vec3 sum = vec3(0.0);
    for (int k = 0; k < count; k++)
        sum += weights[k] * texture(photos, vec3(at, float(k))).rgb;
    colour = vec4(sum, 1.0);
}
"""
_SHOW = """
#version 330
uniform sampler2D picture;
in vec2 at;
out vec4 colour;
void main() {
    colour = vec4(texture(picture, at).rgb, 1.0);
}
"""


Prepared = Callable[[moderngl.Context, Photos], Callable[[], object]]
"""From photos to what draws one frame of a drag."""


def compare_sums() -> None:
    """Print what a frame of a drag takes, by where photos are summed."""
    ways: dict[str, Prepared] = {
        "in a fragment shader, bytes as they are": lambda context, photos: _in_shader(context, photos, "f1"),
        "in a fragment shader, half precision": lambda context, photos: _in_shader(context, photos, "f2"),
        "in torch, uploaded and drawn": _in_torch,
    }
    rows = {name: [_measured(prepared, count) for count in LAYERS] for name, prepared in ways.items()}
    renderer = next(iter(rows.values()))[0][1]
    print(f"A frame of {SIZE} x {SIZE}, all photos counting; OpenGL: {renderer}; milliseconds:\n")
    print("| photos are summed | " + " | ".join(f"{count} photos" for count in LAYERS) + " |")
    print("|---|" + "---|" * len(LAYERS))
    for name, cells in rows.items():
        print(f"| {name} | " + " | ".join(f"{milliseconds:.1f}" for milliseconds, _ in cells) + " |")
    print(flush=True)


def time_frames(field: fc.Relight, sizes: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """Milliseconds of whole frames of the scene while the light is dragged: also disc, labels, and reading back.

    Args:
        field: of photos of ``SIZE`` pixels a side.
        sizes: variances of the light, by what they are called.
    """
    with offscreen((SIZE, SIZE)) as surface:
        renderer = PlaneRenderer(surface.context, Handover(surface.context, field.device), EvaluateHere())
        places = itertools.cycle(np.linspace([0.1, 0.2], [0.15, 0.2], 7).tolist())
        for name, variance in sizes.items():
            usual = LightStageControls(field="stage", covariance=isotropic(variance, 2))

            def frame(usual: LightStageControls = usual) -> None:
                u, v = next(places)
                for _ in renderer.render(Sources(field), replace(usual, light=(u, v)), surface.framebuffer):
                    pass

            yield name, 1e3 * fastest(frame, field.device, 5)
        renderer.release()


def _measured(prepared: Prepared, count: int) -> tuple[float, str]:
    """Milliseconds, and the name of the driver."""
    stored = np.random.default_rng(0).integers(0, 256, (count, SIZE, SIZE, 3), np.uint8)
    with offscreen((SIZE, SIZE)) as surface:
        surface.framebuffer.use()
        drawing = prepared(surface.context, Photos(torch.from_numpy(stored), decoding("srgb", "linear")))
        return 1e3 * fastest(drawing, torch.device("cpu"), 5), surface.renderer


def _in_shader(context: moderngl.Context, photos: Photos, dtype: str) -> Callable[[], object]:
    count, height, width, channels = photos.stored.shape
    values = photos.stored if dtype == "f1" else photos.values.half()
    layers = context.texture_array((width, height, count), channels, values.numpy().tobytes(), 1, dtype)
    layers.filter = moderngl.NEAREST, moderngl.NEAREST
    layers.use(0)
    summing = context.program(_VERTEX, _SUM)
    triangle = context.vertex_array(summing, [])
    summing["count"] = count

    def frame() -> None:
        summing["weights"] = (*_weights(count), *[0.0] * (_MOST_LAYERS - count))
        triangle.render(moderngl.TRIANGLES, vertices=3)
        context.finish()

    return frame


def _in_torch(context: moderngl.Context, photos: Photos) -> Callable[[], object]:
    count, height, width, channels = photos.stored.shape
    _ = photos.values
    picture = context.texture((width, height), channels, dtype="f4")
    picture.use(0)
    triangle = context.vertex_array(context.program(_VERTEX, _SHOW), [])

    def frame() -> None:
        picture.write(photos.weighted(list(_weights(count))).numpy().tobytes())
        triangle.render(moderngl.TRIANGLES, vertices=3)
        context.finish()

    return frame


def _weights(count: int) -> np.ndarray:
    weights = np.random.default_rng(0).random(count)
    found: np.ndarray = weights / weights.sum()
    return found


def compare_in_little_memory(trial: Trial, solved: Callable[..., fc.Field]) -> None:
    """Print how near a quarter of the bytes comes: by photos of half the size a side, or by principal pictures."""
    count = len(trial.stage.photos)
    few = max(2, count // 8)  # of two bytes a value, where photos have one
    fields: dict[str, tuple[fc.LightStage, int]] = {
        "all photos": (trial.stage, 0),
        "photos of half the size": (_halved(trial.stage), 0),
        f"{few} principal pictures": (trial.stage, few),
    }
    print(f"{trial.title}; mean PSNR in dB of what is shown, by what is kept:\n")
    print("| kept | share of the bytes | " + " | ".join(f"variance {variance:g}" for variance in VARIANCES) + " |")
    print("|---|---|" + "---|" * len(VARIANCES))
    for name, (stage, pictures) in fields.items():
        field = solved(stage, pictures=pictures)
        cells = [f"{np.mean(list(_psnrs(field, trial, variance))):.2f}" for variance in VARIANCES]
        print(f"| {name} | {'1' if name == 'all photos' else '1/4'} | {' | '.join(cells)} |", flush=True)
    print()


def _psnrs(field: fc.Field, trial: Trial, variance: float) -> Iterator[float]:
    """At each light, over all pixels of the stage itself."""
    facts = trial.stage.facts
    for number, light in enumerate(trial.lights):
        values = fc.evaluate(field, stage_grid(facts, light), fc.Gaussian(variance)).cpu().numpy()[0, 0]
        yield psnr_of_shown(values, trial.truth("linear", number, variance), facts, trial.stage.mask)


def _halved(stage: fc.LightStage) -> fc.LightStage:
    """The same with means of 2 x 2 pixels, of light."""
    values = F.avg_pool2d(stage.photos.values.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
    directions = np.array(stage.facts.light_directions).reshape(-1, 3)
    return fc.LightStage(values, directions, stage.facts.name, exposure_stops=stage.facts.exposure_stops)
