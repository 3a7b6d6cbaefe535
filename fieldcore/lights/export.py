"""Polynomial texture maps for other viewers: RelightLab's web folder, and the ``.ptm`` files of older ones.

A viewer computes ``sum_k c_k p_k(lx, ly)`` of display-encoded values with ``p = 1, lx, ly, lx^2, lx ly, ly^2`` (the
order of RelightLab) or ``lx^2, ly^2, lx ly, lx, ly, 1`` (that of ``.ptm``), and ``c_k = (byte / 255 - bias) scale``.

Source: T. Malzbender et al., Polynomial Texture Map (.ptm) File Format, HP Labs 2001; RelightLab's ``info.json``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, UInt8

from ..errors import InputError
from ..fields.relight import Relight
from ..files import written_whole
from ..images import display_from_linear
from .basis import BASES
from .stage_facts import chart_scale, stage_lights

_ORDER_OF_FILES = (3, 5, 4, 1, 2, 0)
"""Of the six functions, in a ``.ptm``."""


def ptm_pictures(field: Relight) -> Float[np.ndarray, "6 h w 3"]:
    """Six pictures fitted to what a field shows at its photos' lights, display-encoded, exposure included.

    Raises InputError where the lights do not determine polynomials.
    """
    lights = stage_lights(field.facts)
    mix = BASES["ptm"](lights, chart_scale(field.facts)).mix()
    found: torch.Tensor | None = None
    for light, weights in zip(lights, mix.T, strict=True):
        shown = torch.from_numpy(shown_picture(field, light))
        part = torch.from_numpy(weights).float()[:, None, None, None] * shown
        found = part if found is None else found.add_(part)
    assert found is not None, "a stage has photos"
    return found.numpy()


def shown_picture(field: Relight, light: Float[np.ndarray, "2"]) -> Float[np.ndarray, "h w 3"]:
    """Display-encoded values in [0, 1] of the picture in one light."""
    values = field.lit(light).cpu().numpy() / field.facts.value_range[1]
    if field.facts.encoding == "linear":
        values = display_from_linear(values)
    clipped: np.ndarray = np.repeat(values, 3 // values.shape[2], axis=2).clip(0, 1).astype(np.float32)
    return clipped


def write_relight(folder: Path, pictures: Float[np.ndarray, "6 h w 3"], quality: int = 95) -> None:
    """Write ``info.json`` and a JPEG for each picture, whose channels are three planes."""
    planes, scale, bias = _quantised(pictures)
    height, width = pictures.shape[1:3]
    folder.mkdir(parents=True, exist_ok=True)
    for number, plane in enumerate(planes):
        with written_whole(folder / f"plane_{number}.jpg") as temporary:
            from PIL import Image

            Image.fromarray(plane).save(temporary, "JPEG", quality=quality, subsampling=0)
    info = {
        **{"width": width, "height": height, "format": "jpg", "type": "ptm", "colorspace": "rgb"},
        **{"nplanes": 18, "quality": quality},
        "materials": [{"scale": scale.ravel().tolist(), "bias": bias.ravel().tolist()}],
    }
    with written_whole(folder / "info.json") as temporary:
        temporary.write_text(json.dumps(info, indent=1))


def read_relight(folder: Path) -> Float[np.ndarray, "6 h w 3"]:
    """The pictures that ``write_relight`` wrote, as a viewer computes them. Raises InputError of another folder."""
    from ..images import read_image

    try:
        info = json.loads((folder / "info.json").read_text())
        material = info["materials"][0]
        scale, bias = (np.array(material[name], np.float32).reshape(6, 3) for name in ("scale", "bias"))
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise InputError(f"'{folder}': expected a folder of polynomials with an info.json ({error})") from error
    planes = np.stack([read_image(folder / f"plane_{number}.jpg").values for number in range(6)])
    found: np.ndarray = (planes - bias[:, None, None]) * scale[:, None, None]
    return found


def write_ptm(path: Path, pictures: Float[np.ndarray, "6 h w 3"]) -> None:
    """Write a ``.ptm`` of version 1.2 in format PTM_FORMAT_RGB: bytes, last row first, one channel after the other."""
    ordered = 255 * pictures[list(_ORDER_OF_FILES)]
    low, high = (getattr(ordered, name)(axis=(1, 2, 3)) for name in ("min", "max"))
    scale = np.maximum((high - low) / 255, 1e-6)
    bias = np.clip(np.round(-low / scale), 0, 255)
    bytes_ = np.clip(np.round(ordered / scale[:, None, None, None] + bias[:, None, None, None]), 0, 255).astype(
        np.uint8
    )
    height, width = pictures.shape[1:3]
    head = ["PTM_1.2", "PTM_FORMAT_RGB", str(width), str(height)]
    head += [" ".join(f"{value:.6f}" for value in scale), " ".join(str(int(value)) for value in bias)]
    with written_whole(path) as temporary, temporary.open("wb") as file:
        file.write(("\n".join(head) + "\n").encode())
        for channel in range(3):
            file.write(np.ascontiguousarray(bytes_[:, ::-1, :, channel].transpose(1, 2, 0)).tobytes())


def _quantised(
    pictures: Float[np.ndarray, "6 h w 3"],
) -> tuple[UInt8[np.ndarray, "6 h w 3"], Float[np.ndarray, "6 3"], Float[np.ndarray, "6 3"]]:
    """Bytes with the scale and bias of each plane: value = (byte / 255 - bias) scale."""
    low, high = pictures.min((1, 2)), pictures.max((1, 2))
    scale = np.maximum(high - low, 1e-6)
    bias = -low / scale
    shares = (pictures - low[:, None, None]) / scale[:, None, None]
    return np.round(255 * shares).astype(np.uint8), scale, bias
