"""Reading the pixels of a photograph: straight lines, premultiplied colours, its mask as alpha."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Float, UInt8

from ..errors import InputError
from ..images import Image, composited, display_from_linear, linear_from_display, read_image
from ..images.orientation import as_stored
from .background import mask_from_background
from .camera import Camera
from .description import Distortion, Photograph

_BLACK = (0.0, 0.0, 0.0)


def camera_of_pixels(photograph: Photograph, size: int | None) -> Camera:
    """The camera of the pixels that ``read_pixels`` gives with that ``size``."""
    camera = straightened(photograph.camera, photograph.distortion)
    return camera.resized(*shrunk_size((camera.width, camera.height), size))


def recentred(photograph: Photograph) -> Photograph:
    """A photograph whose principal point is its picture's centre."""
    camera = photograph.camera
    return replace(photograph, camera=replace(camera, cx=camera.width / 2, cy=camera.height / 2))


def shrunk_size(actual: tuple[int, int], size: int | None) -> tuple[int, int]:
    """Width and height of a picture whose longer side has at most ``size`` pixels."""
    longer = max(actual)
    if size is None or longer <= size:
        return actual
    width, height = (max(1, round(side * size / longer)) for side in actual)
    return width, height


def read_pixels(photograph: Photograph, size: int | None, from_background: bool = False) -> UInt8[np.ndarray, "h w 4"]:
    """The pixels of a photograph: display-encoded colours times alpha, and alpha, which is 1 where it has no mask.

    Args:
        photograph: as a scene describes it.
        size: the longer side has at most so many pixels; None keeps the file's own. It is shrunk in linear light.
        from_background: make its mask from its background, which is of one colour.

    Raises:
        InputError: its picture or its mask cannot be read, the mask is of another size, or the background of many
            colours.
    """
    image = read_image(photograph.path)
    values = _rgba(image)
    if photograph.as_stored:
        values = as_stored(values, photograph.header.orientation)
    if from_background:
        values[..., 3:] = mask_from_background(values[..., :3], str(photograph.path))
    elif photograph.mask is not None:
        values[..., 3:] = read_mask(photograph.mask, values.shape[:2], photograph.path.name)
    height, width = values.shape[:2]
    wanted = shrunk_size((width, height), size)
    if wanted != (width, height):
        values[..., :3] = _linear(values[..., :3])
    values[..., :3] *= values[..., 3:]
    if photograph.distortion:
        values = _straight(values, photograph.camera, photograph.distortion)
    if wanted != (width, height):
        values = _shrunk(values, wanted)
    return (values.clip(0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)


def read_mask(path: object, shape: tuple[int, ...], picture: str) -> Float[np.ndarray, "h w 1"]:
    """A mask's values from 0 to 1: its alpha, where that is not 1 everywhere, else its brightness.

    Raises:
        InputError: it cannot be read, or is of another size than ``shape``, the picture's height and width.
    """
    image = read_image(str(path))
    height, width = image.values.shape[:2]
    if (height, width) != tuple(shape):
        raise InputError(
            f"mask '{path}': it is {width} x {height} pixels, and its picture '{picture}' is {shape[1]} x {shape[0]}"
        )
    if image.alpha != "none" and bool((image.values[..., -1] < 1).any()):
        return image.values[..., -1:].clip(0, 1)
    colours = composited(image, _BLACK)
    return colours.mean(2, keepdims=True).clip(0, 1)


def straightened(camera: Camera, distortion: Distortion) -> Camera:
    """The camera of a straightened picture, of as many pixels, that shows only what the lens has seen."""
    if not distortion:
        return camera
    import cv2

    matrix, size = _matrix(camera), (camera.width, camera.height)
    new, _ = cv2.getOptimalNewCameraMatrix(matrix, _coefficients(distortion), size, 0.0, size)
    return Camera(
        *size,
        fx=float(new[0, 0]),
        fy=float(new[1, 1]),
        cx=float(new[0, 2]) + 0.5,
        cy=float(new[1, 2]) + 0.5,
        world_from_camera=camera.world_from_camera,
    )


def _straight(values: Float[np.ndarray, "h w 4"], camera: Camera, distortion: Distortion) -> Float[np.ndarray, "h w 4"]:
    import cv2

    size = (camera.width, camera.height)
    matrix, new = _matrix(camera), _matrix(straightened(camera, distortion))
    maps = cv2.initUndistortRectifyMap(matrix, _coefficients(distortion), None, new, size, cv2.CV_32FC1)
    return cv2.remap(values, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _matrix(camera: Camera) -> Float[np.ndarray, "3 3"]:
    """A camera's matrix for OpenCV, where a pixel's centre is at whole numbers."""
    return np.array([[camera.fx, camera.skew, camera.cx - 0.5], [0, camera.fy, camera.cy - 0.5], [0, 0, 1]])


def _coefficients(distortion: Distortion) -> Float[np.ndarray, "4"]:
    return np.array([distortion.k1, distortion.k2, distortion.p1, distortion.p2])


def _rgba(image: Image) -> Float[np.ndarray, "h w 4"]:
    """Display-encoded colours that are not multiplied, and alpha."""
    values = image.values
    alpha = values[..., -1:] if image.alpha != "none" else np.ones((*values.shape[:2], 1), np.float32)
    colours = values[..., :-1] if image.alpha != "none" else values
    if image.alpha == "premultiplied":
        colours = colours / np.maximum(alpha, np.float32(1e-6))
    if image.encoding == "linear":
        colours = display_from_linear(np.nan_to_num(colours))
    colours = colours[..., :3] if colours.shape[2] >= 3 else colours[..., :1].repeat(3, 2)
    return np.concatenate([colours.clip(0, 1), alpha.clip(0, 1)], 2).astype(np.float32, copy=False)


_STEPS = 4095
_LINEAR = linear_from_display(np.linspace(0, 1, _STEPS + 1, dtype=np.float32))


def _linear(colours: Float[np.ndarray, "h w 3"]) -> Float[np.ndarray, "h w 3"]:
    """Display-encoded colours in [0, 1] as linear light, to 12 bits: a tenth of the time of the curve itself."""
    return _LINEAR[(colours * np.float32(_STEPS) + np.float32(0.5)).astype(np.uint16)]


def _shrunk(values: Float[np.ndarray, "h w 4"], size: tuple[int, int]) -> Float[np.ndarray, "H W 4"]:
    """Means over what each new pixel covers, of linear light times alpha and of alpha; colours are display-encoded."""
    import cv2

    small = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:]
    small[..., :3] = display_from_linear((small[..., :3] / np.maximum(alpha, np.float32(1e-6))).clip(0, 1)) * alpha
    return small
