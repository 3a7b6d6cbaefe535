"""Whether a driver's anisotropic filter goes by the footprint that it is given."""

from __future__ import annotations

import moderngl
import numpy as np

from ...gl.fullscreen_pass import FullscreenPass

MOST_ANISOTROPY = 16.0


def driver_anisotropy(context: moderngl.Context) -> float:
    """Samples that the driver takes along the longer side of a footprint at most, up to 16; 1 where it cannot.

    Also 1 where it measures footprints by the difference between neighbouring pixels, whatever gradients it is given,
    as Mesa's software driver does (seen in 22.3): at seams and silhouettes that gives wrong colours.
    """
    most = min(MOST_ANISOTROPY, float(context.max_anisotropy))
    return most if most >= 2 and _goes_by_gradients(context, most) else 1.0


def _goes_by_gradients(context: moderngl.Context, anisotropy: float) -> bool:
    halves = np.zeros((64, 64), np.uint8)
    halves[:, 32:] = 255
    sheet = context.texture((64, 64), 1, halves)
    sheet.build_mipmaps()
    sheet.filter, sheet.anisotropy = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR), anisotropy
    target = context.texture((2, 2), 1)
    framebuffer, trial = context.framebuffer([target]), FullscreenPass(context, "gradient_trial.frag")
    context.disable(moderngl.BLEND)
    framebuffer.use()
    sheet.use(0)
    trial.draw(sheet=0)
    black, white = framebuffer.read(components=1, alignment=1)[:2]
    for resource in (trial, framebuffer, target, sheet):
        resource.release()
    return black < 8 and white > 247
