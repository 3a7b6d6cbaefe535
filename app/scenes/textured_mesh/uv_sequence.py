"""UV sequences: frames that store texture coordinates, shaded by a field without the model that they are of.

A frame is a picture of 16 bits a channel, or an EXR: u, v (pointing up), anything, coverage; ``--passes uv`` writes
such frames, and the renderer of the scale-space paper does (N. Mujkanovic et al., Neural Gaussian Scale-Space Fields,
2024). Downsampled, a small picture without aliasing is made from a large frame: the texture coordinates are read at the
centres of the coarse pixels, and each footprint is that of a coarse pixel.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, UInt8

from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.filters import Gaussian
from fieldcore.images import quantised, read_image
from fieldcore.scoring import shown_values
from fieldcore.signals.texture import domain_from_uv
from fieldcore.version import version

from ...frame_size import Size
from ...record.frame import Frame
from ...record.frame_sequences import Destination, Extent, named_field, record_frames
from ...record.recording import Recording
from ...work.asking import EvaluateHere
from .controls import PixelFilter
from .field_shading import check_is_texture
from .footprint import footprint_covariances

SUFFIXES = (".png", ".exr")
FRAMES_PER_SECOND = 30.0
MOST_DOWNSAMPLE = 64


@dataclass(frozen=True, eq=False)
class UvFrame:
    """Texture coordinates of a frame, top row first.

    Attributes:
        uv: u to the right and v up in the texture, where covered.
        coverage: in [0, 1]; 0 where nothing is seen.
    """

    uv: Float[np.ndarray, "h w 2"]
    coverage: Float[np.ndarray, "h w"]

    @property
    def covered(self) -> Bool[np.ndarray, "h w"]:
        """Where something is seen."""
        return self.coverage > 0


@dataclass(frozen=True, eq=False)
class Footprints(UvFrame):
    """The same, with how texture coordinates change from pixel to pixel.

    Attributes:
        jacobian: d(u, v)/d(x, y), x to the right and y down, in pixels.
    """

    jacobian: Float[np.ndarray, "h w 2 2"]


def frames_in(folder: Path) -> list[Path]:
    """The frames of a sequence, in order of their names.

    Raises:
        InputError: there is no such folder, or no frame in it.
    """
    if not folder.is_dir():
        raise InputError(f"--uv-sequence '{folder}': no such folder")
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
    if not files:
        raise InputError(f"--uv-sequence '{folder}': expected frames ending in {' or '.join(SUFFIXES)}, found none")
    return files


@dataclass(frozen=True)
class UvSequence:
    """A sequence whose frames were all found to be good.

    Attributes:
        folder: where they are.
        files: in order.
        downsample: how many times smaller they are to come out.
        size: of the frames that they become, in pixels.
    """

    folder: Path
    files: tuple[Path, ...]
    downsample: int
    size: Size


def open_sequence(folder: Path, downsample: int = 1) -> UvSequence:
    """Find a sequence, and read all of its frames once, so that none is refused after hours of work.

    Raises:
        InputError: there is no such folder, or no frame in it; a frame is as ``read_uv_frame`` refuses it, or unlike
            the first one in size; or there are not so many pixels a side.
    """
    files = frames_in(folder)
    first, *others = files
    height, width = read_uv_frame(first).coverage.shape
    most = min(width, height, MOST_DOWNSAMPLE)
    if not 1 <= downsample <= most:
        raise InputError(f"--downsample: expected a whole number from 1 to {most}, got {downsample}")
    for file in others:
        rows, columns = read_uv_frame(file).coverage.shape
        if (rows, columns) != (height, width):
            raise InputError(
                f"'{file}': is {columns} x {rows}, unlike the first frame, {width} x {height}; all must be of one size"
            )
    return UvSequence(folder, tuple(files), downsample, (width // downsample, height // downsample))


def read_uv_frame(file: Path) -> UvFrame:
    """Read a frame.

    Raises:
        InputError: it cannot be read, has not four channels or too few bits, or holds NaN where it is covered.
    """
    values, encoding, *_ = read_image(file)
    if values.shape[2] != 4:
        raise InputError(f"'{file}': expected the four channels u, v, 0 and coverage, got {values.shape[2]}")
    uv, coverage = values[..., :2], values[..., 3].clip(0, 1)
    if not np.isfinite(values[..., 3]).all() or not np.isfinite(uv[coverage > 0]).all():
        raise InputError(f"'{file}': holds NaN or infinite texture coordinates; render the sequence again")
    if encoding == "display" and _has_8_bits(uv[coverage > 0]):
        raise InputError(f"'{file}': 8 bits a channel are too few for texture coordinates; write 16, or EXR")
    return UvFrame(uv, coverage)


def with_footprints(frame: UvFrame) -> Footprints:
    """Differences of texture coordinates between pixels side by side.

    Where a pixel's two neighbours along an axis agree, half the difference between them; else the smaller of the
    one-sided differences, so that neither the border of what is covered nor a seam is taken for a large footprint.
    """
    across = _differences(frame.uv, frame.covered)
    down = _differences(frame.uv.transpose(1, 0, 2), frame.covered.T).transpose(1, 0, 2)
    return Footprints(frame.uv, frame.coverage, np.stack([across, down], -1))


def downsampled(frame: Footprints, factor: int) -> Footprints:
    """A coarser frame: each pixel stands for ``factor`` squared, the remainder is cut off on the right and below.

    Coordinates are those at the coarse pixel's centre, carried there along the Jacobian from the covered pixel
    nearest to it; coverage is the mean.
    """
    if factor == 1:
        return frame
    rows, columns = (side // factor for side in frame.coverage.shape)
    coverage, uv, jacobian = (
        _blocks(part[: rows * factor, : columns * factor], factor)
        for part in (frame.coverage, frame.uv, frame.jacobian)
    )
    offset = (np.stack(np.meshgrid(np.arange(factor), np.arange(factor)), -1).reshape(-1, 2) - (factor - 1) / 2).astype(
        np.float32
    )
    away = np.where(coverage > 0, (offset**2).sum(1), np.inf)
    nearest = away.argmin(-1)
    row, column = np.indices(nearest.shape)
    uv, jacobian = uv[row, column, nearest], jacobian[row, column, nearest]
    uv = uv - np.einsum("hwij,hwj->hwi", jacobian, offset[nearest])
    return Footprints(uv, coverage.mean(-1), factor * jacobian)


def shaded(field: Field, frame: Footprints, pixel_filter: PixelFilter = "gaussian") -> Float[np.ndarray, "h w 4"]:
    """The field's colours, each filtered once over its pixel's footprint, display-encoded; and the coverage.

    Raises:
        InputError: the field is none of a texture, cannot be filtered so, or memory does not hold it.
    """
    facts = field.facts
    check_is_texture(facts)
    picture = np.concatenate([np.zeros((*frame.coverage.shape, 3), np.float32), frame.coverage[..., None]], -1)
    covered = frame.covered
    if covered.any():
        x = domain_from_uv(torch.from_numpy(frame.uv[covered]), facts)
        jacobian = torch.from_numpy(frame.jacobian[covered])
        gaussian = Gaussian.unchecked(footprint_covariances(jacobian, facts, pixel_filter))
        *_, values = EvaluateHere()(field, x, gaussian)
        assert values is not None
        picture[covered, :3] = shown_values(values.float().cpu().numpy()[None], facts)[0]
    return picture


def record_uv_sequence(
    sequence: UvSequence, field_file: Path, field: Field, folder: Path, video: Path | None, resume: bool = False
) -> Recording:
    """Shade all frames of a sequence into ``folder`` and ``video``, or go on with that, with a line of progress.

    Files hold colours, not multiplied, and coverage as alpha; videos show them on black.

    Raises:
        KeyboardInterrupt: Ctrl-C or SIGTERM came; the frames and the video so far are complete and were kept.
        InputError: a frame cannot be read, shaded or written; the frames so far are complete and were kept.
    """
    origin = {
        "fieldscope": version(),
        "uv_sequence": str(sequence.folder.absolute()),
        "downsample": sequence.downsample,
        "field": named_field(field_file, field),
        "size": list(sequence.size),
        "frames_per_second": FRAMES_PER_SECOND,
        "device": str(field.device),
        "renderer": f"torch on {field.device}",
    }
    return record_frames(
        {"": Destination(folder, video)},
        Extent(sequence.size, len(sequence.files), FRAMES_PER_SECOND, folder),
        origin,
        lambda first: _frames(sequence.files[first:], field, sequence.downsample),
        resume=resume,
    )


def _frames(files: Sequence[Path], field: Field, downsample: int) -> Iterator[list[Frame]]:
    for file in files:
        frame = read_uv_frame(file)
        started = time.perf_counter()
        picture = shaded(field, downsampled(with_footprints(frame), downsample))
        shaded_ms = 1e3 * (time.perf_counter() - started)
        on_black: UInt8[np.ndarray, "h w 3"] = quantised(picture[..., :3] * picture[..., 3:])
        yield [Frame(on_black, {"from": file.name}, {"shaded_ms": shaded_ms}, quantised(picture))]


def _has_8_bits(uv: Float[np.ndarray, "n 2"]) -> bool:
    levels = np.unique(uv * 255)
    return len(levels) > 2 and bool((np.abs(levels - levels.round()) < 1e-3).all())


def _differences(uv: Float[np.ndarray, "h w 2"], covered: Bool[np.ndarray, "h w"]) -> Float[np.ndarray, "h w 2"]:
    """By one pixel along the second axis; 0 where a pixel has no covered neighbour there."""
    both = covered[:, 1:] & covered[:, :-1]
    step = np.where(both[..., None], uv[:, 1:] - uv[:, :-1], np.inf).astype(np.float32)
    nothing = np.full_like(uv[:, :1], np.inf)
    before, after = np.concatenate([nothing, step], 1), np.concatenate([step, nothing], 1)
    length_before, length_after = np.abs(before).max(-1), np.abs(after).max(-1)
    smaller = np.where((length_before <= length_after)[..., None], before, after)
    least = np.minimum(length_before, length_after)
    with np.errstate(invalid="ignore"):
        agree = np.abs(before - after).max(-1) <= least  # false where either is infinite
        result = np.where(agree[..., None], (before + after) / 2, smaller)
    return np.where(np.isfinite(least)[..., None], result, 0).astype(np.float32)


def _blocks(values: Float[np.ndarray, "H W *c"], factor: int) -> Float[np.ndarray, "h w n *c"]:
    """The pixels of each coarse pixel, row by row."""
    rows, columns = values.shape[0] // factor, values.shape[1] // factor
    rest = values.shape[2:]
    blocks = values.reshape(rows, factor, columns, factor, *rest).swapaxes(1, 2)
    return blocks.reshape(rows, columns, factor * factor, *rest)
