"""Pyramids in the fragment shader: their grids as one texture, a network, if any, in GLSL, nothing read back.

``shaders/pyramid.frag`` is ``fieldcore/fields/pyramid.py`` and ``trained_pyramid.py`` once more, and a test holds them
together.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import moderngl
import numpy as np
import torch
from jaxtyping import Float

from fieldcore.borders import Border
from fieldcore.errors import InputError
from fieldcore.fields.field import Field
from fieldcore.fields.grid_levels import DenseLevel
from fieldcore.fields.probe_lines import probe_line
from fieldcore.fields.pyramid import Pyramid
from fieldcore.fields.scale_weights import STEP, first_octave
from fieldcore.fields.trained_pyramid import TrainedPyramid
from fieldcore.signals.texture import domain_by_uv

from ...gl.fullscreen_pass import FullscreenPass
from ...gl.owner import Owner
from .controls import PIXEL_VARIANCE, TexturedMeshControls
from .edges import EdgedAlbedo, Look, looks
from .shading import Shot

_FEATURES = 4  # of a level that a texel holds
_BORDER_NUMBERS: dict[Border, int] = {"clamp": 0, "repeat": 1, "mirror": 2}
_UNIFORMS_UNIT, _GRIDS_UNIT = 0, 2

_NEVER = 1e30
"""Variance at which a level vanishes that does not."""

_SLICE_S = 0.012
"""How long a slice of the frame may take to draw, as far as can be foretold."""

_UPLOAD_ROWS = 256
_FIRST_PIXELS, _MOST_PIXELS_A_SLICE, _LEAST_ROWS = 1 << 13, 1 << 24, 4


class PyramidShading(Owner):
    """One filtered evaluation of a pyramid a visible pixel, and some more near edges, by OpenGL alone.

    Args:
        context: to draw with.
        field: of a texture, solved or trained: two coordinates, three colours.

    Raises:
        InputError: the field is of another kind or has more features a level, more levels or units than the driver
            takes.
    """

    def __init__(self, context: moderngl.Context, field: Field) -> None:
        _check(context, field)
        assert isinstance(field, Pyramid | TrainedPyramid)
        self.label = "pyramid, shader"
        self._context, self._field = context, field
        either_side = (field.recipe.probes - 1) // 2
        self._lines = _lines(either_side)
        grids = _grids(field)
        sizes = {"LEVELS": len(grids), "PROBES": either_side + 1}
        if isinstance(field, TrainedPyramid):
            sizes |= {"NETWORK": _network_vec4s(field), "HIDDEN": _hidden_vec4s(field)}
        else:
            sizes |= {"FADING": field.weights.shape[1]}
        defines = [f"{name} {size}" for name, size in sizes.items()]
        if field.facts.encoding == "linear":
            defines.append("VALUES_ARE_LINEAR")
        self._pass = self.own(FullscreenPass(context, "pyramid.frag", *defines))
        self._pass.bind_block("Pyramid", _UNIFORMS_UNIT)
        self._first_rows = np.cumsum([0, *(grid.size[1] for grid in grids)])
        columns = max(grid.size[0] for grid in grids)
        self._grids = self.own(context.texture((columns, int(self._first_rows[-1])), _FEATURES, dtype="f2"))
        self._grids.filter = moderngl.LINEAR, moderngl.LINEAR
        self._grids.repeat_x = self._grids.repeat_y = False
        self._uniforms = self.own(context.buffer(reserve=_block_bytes(field)))
        self._dampening = _dampening(field)
        self._albedo = self.own(EdgedAlbedo(context))
        self._uploaded: dict[int, tuple[torch.Tensor, int]] = {}
        self._updates, self._updates_uploaded = 1, 0
        self._pixels_a_slice = float(_FIRST_PIXELS)

    @property
    def albedo(self) -> moderngl.Texture:
        """See ``TextureShading``."""
        return self._albedo.texture

    @property
    def looked(self) -> moderngl.Texture:
        """What ``look`` has drawn."""
        return self._albedo.unfinished

    def update(self, field: Field) -> None:
        """Take the weights of a field, the same one or another of its recipe, as they are now, with the next frame."""
        assert isinstance(field, Pyramid | TrainedPyramid)
        self._field = field
        self._updates += 1

    def shade(self, shot: Shot, controls: TexturedMeshControls) -> Iterator[None]:
        """See ``TextureShading``."""
        yield from self._upload()
        yield from shot.draw_in_slices()
        for look in looks(shot):
            yield from self._draw(look, controls)
            self._albedo.add(look, shot.geometry.edges, controls.pixel_filter)
        self._albedo.finish_over(shot.geometry)

    def look(self, look: Look, controls: TexturedMeshControls) -> Iterator[None]:
        """Draw nothing but what one look sees, yielding between slices of work."""
        yield from self._upload()
        yield from self._draw(look, controls)

    def _draw(self, look: Look, controls: TexturedMeshControls) -> Iterator[None]:
        width, height = look.geometry.size
        row = 0
        while row < height:
            rows = min(max(_LEAST_ROWS, round(self._pixels_a_slice / width)), height - row)
            started = time.perf_counter()
            framebuffer = self._albedo.begin(look.geometry.size) if row == 0 else self._albedo.resume()
            framebuffer.scissor = (0, row, width, rows)
            look.geometry.uv.use(0)
            look.geometry.jacobian.use(1)
            self._grids.use(_GRIDS_UNIT)
            self._uniforms.bind_to_uniform_block(_UNIFORMS_UNIT)
            self._context.disable(moderngl.BLEND)
            self._pass.draw(**self._settings(look, controls))
            framebuffer.scissor = None  # type: ignore[assignment]
            self._context.finish()
            row += rows
            pace = _SLICE_S / max(time.perf_counter() - started, 1e-6)
            self._pixels_a_slice = min(self._pixels_a_slice * min(max(pace, 0.5), 2.0), _MOST_PIXELS_A_SLICE)
            yield

    def _settings(self, look: Look, controls: TexturedMeshControls) -> dict[str, object]:
        field, facts = self._field, self._field.facts
        return {
            "uv": 0,
            "jacobian": 1,
            "grids": _GRIDS_UNIT,
            "levels": len(self._first_rows) - 1,
            **({"hidden_vec4s": _hidden_vec4s(field)} if isinstance(field, TrainedPyramid) else {}),
            "most_either_side": (field.recipe.probes - 1) // 2,
            **self._dampening,
            "domain_by_uv": domain_by_uv(facts),
            "half_extent": facts.half_extent,
            "bounds": tuple(field.bounds.tolist()) if isinstance(field, TrainedPyramid) else facts.half_extent,
            "borders": tuple(_BORDER_NUMBERS[border] for border in facts.border),
            "pixel_variance": look.width**2 * PIXEL_VARIANCE[controls.pixel_filter],
            "extra_variance": controls.variance,
            "value_range": facts.value_range,
        }

    def _upload(self) -> Iterator[None]:
        """Bring what has changed of the weights to the driver; what a frame that is given up leaves, the next does."""
        if self._updates == self._updates_uploaded:
            return
        updates, field = self._updates, self._field
        grids = _grids(field)
        for index, grid in enumerate(grids):
            if not self._holds(index, grid.values):
                self._uploaded.pop(index, None)
                yield from self._upload_grid(grid, int(self._first_rows[index]))
            self._uploaded[index] = grid.values, grid.values._version
        texels = [_lattices(grids), _places(grids, self._first_rows), self._lines]
        if isinstance(field, TrainedPyramid):
            texels.append(_network(field))
        else:
            texels.append(_by_four(field.weights.cpu().numpy().reshape(1, -1)))
        self._uniforms.write(np.concatenate(texels).astype(np.float32).tobytes())
        self._updates_uploaded = updates

    def _holds(self, index: int, values: torch.Tensor) -> bool:
        """Whether the driver has these values of a level; those that are trained change unnoticed."""
        if values.requires_grad or index not in self._uploaded:
            return False
        held, version = self._uploaded[index]
        return held._version == version and (held is values or torch.equal(held, values))

    def _upload_grid(self, grid: _Grid, first_row: int) -> Iterator[None]:
        columns, count = grid.size
        values = grid.values.detach()
        for row in range(0, count, _UPLOAD_ROWS):
            part = values[:, row : row + _UPLOAD_ROWS].permute(1, 2, 0).cpu().numpy()
            texels = np.zeros((*part.shape[:2], _FEATURES), np.float16)
            texels[..., : part.shape[2]] = part
            self._grids.write(texels, viewport=(0, first_row + row, columns, len(texels)))
            yield


def _check(context: moderngl.Context, field: Field) -> None:
    """Raise InputError if the shader cannot be that field."""
    name = field.facts.name
    advice = "make one with --kind pyramid --preset texture"
    if not isinstance(field, Pyramid | TrainedPyramid) or field.dim != 2 or field.facts.channels != 3:
        raise InputError(f"field of '{name}': only a 2-D pyramid of three colours runs in the shader; {advice}")
    is_cubic = field.recipe.interpolation == "cubic" if isinstance(field, Pyramid) else field.recipe.cubic
    grids = _grids(field)
    if is_cubic or len(grids) < len(field.levels):
        raise InputError(f"field of '{name}': the shader knows linear levels only, none of them hashed; {advice}")
    features = max(len(grid.values) for grid in grids)
    if features > _FEATURES:
        raise InputError(f"field of '{name}': the shader takes {_FEATURES} features a level, got {features}; {advice}")
    size = _block_bytes(field)
    most = int(context.info["GL_MAX_UNIFORM_BLOCK_SIZE"])
    if size > most:
        raise InputError(
            f"field of '{name}': its network takes {size} bytes of uniforms, this driver has {most}; {advice}"
        )
    most_px = int(context.info["GL_MAX_TEXTURE_SIZE"])
    rows = sum(grid.size[1] for grid in grids)
    if max(rows, *(grid.size[0] for grid in grids)) > most_px:
        raise InputError(
            f"field of '{name}': its grids have {rows} rows together, this driver's textures at most {most_px}; "
            f"{advice}"
        )


@dataclass(frozen=True, eq=False)
class _Grid:
    """A level as the shader sees it.

    Attributes:
        values: at its vertices, (features, rows, columns).
        first: position of the first vertex.
        cell: from one vertex to the next.
        vanishing: the variance from which neither this level nor any finer one is left.
    """

    values: torch.Tensor
    first: tuple[float, float]
    cell: float
    vanishing: float

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows."""
        return self.values.shape[2], self.values.shape[1]


def _grids(field: Pyramid | TrainedPyramid) -> list[_Grid]:
    """The levels in the order of the field's weights."""
    if isinstance(field, Pyramid):
        seen = [(level.cell, *level.vertex_values) for level in field.levels]
        return [_Grid(values, (lines[0].first, lines[1].first), cell, _NEVER) for cell, lines, values in seen]
    return [
        _Grid(level.values[:, 0], tuple((level.centre - level.corner).tolist()), level.cell, vanishing)
        for level, vanishing in zip(field.levels, field.vanishing.tolist(), strict=True)
        if isinstance(level, DenseLevel)
    ]


def _block_bytes(field: Pyramid | TrainedPyramid) -> int:
    levels = len(field.levels)
    lines = (field.recipe.probes - 1) // 2 + 1
    return 16 * (2 * levels + lines + _network_vec4s(field) + _weights_vec4s(field))


def _weights_vec4s(field: Pyramid | TrainedPyramid) -> int:
    return -(-field.weights.numel() // 4) if isinstance(field, Pyramid) else 0


def _hidden_vec4s(field: TrainedPyramid) -> int:
    return -(-field.recipe.width // 4)


def _network_vec4s(field: Pyramid | TrainedPyramid) -> int:
    if isinstance(field, Pyramid):
        return 0
    hidden = _hidden_vec4s(field)
    return 5 * len(field.levels) * hidden + hidden + 4 * hidden**2 + hidden + 4 * hidden + 1


def _dampening(field: Pyramid | TrainedPyramid) -> dict[str, float]:
    if isinstance(field, TrainedPyramid):
        return {"sharpness": field.recipe.sharpness}
    return {"fading_start": first_octave(field.geometry.cell), "fading_step": STEP}


def _lattices(grids: list[_Grid]) -> Float[np.ndarray, "levels 4"]:
    return np.array([[*grid.first, grid.cell, grid.vanishing] for grid in grids])


def _places(grids: list[_Grid], first_rows: np.ndarray) -> Float[np.ndarray, "levels 4"]:
    sizes = np.array([grid.size for grid in grids])
    return np.column_stack([first_rows[:-1], sizes, [grid.cell for grid in grids]])


def _lines(most: int) -> Float[np.ndarray, "either_side 4"]:
    """By probes on either side: 1 / the sum of the weights, 1 / the standard deviation of the weighted indices."""
    rows = np.zeros((most + 1, 4))
    for either_side in range(most + 1):
        positions, weights = probe_line(either_side, torch.device("cpu"))
        rows[either_side, 0] = float(weights[either_side])  # the middle one's own weight is 1 before the division
        if either_side:
            rows[either_side, 1] = float(positions[-1]) / either_side
    return rows


def _network(field: TrainedPyramid) -> Float[np.ndarray, "vec4s 4"]:
    """Weights by input: units by four, padded with zeros.

    First of each level its four features and its weight, then the bias; of each hidden unit, then the bias; of each
    hidden unit the three colours, then their bias.
    """
    hidden = _hidden_vec4s(field)
    first, first_bias, second, second_bias, answer, answer_bias = (
        parameter.detach().float().cpu().numpy() for parameter in field.network.parameters()
    )
    levels, features = len(field.levels), field.facts.channels + field.recipe.extra_features
    by_level = np.zeros((levels, 5, 4 * hidden))
    width = len(first_bias)
    by_level[:, :features, :width] = first.T[: levels * features].reshape(levels, features, width)
    by_level[:, 4, :width] = first.T[levels * features :]
    parts = [
        by_level,
        first_bias,
        _padded(second.T, 4 * hidden),
        second_bias,
        _padded(answer.T, 4 * hidden),
        answer_bias,
    ]
    return np.concatenate([_by_four(part) for part in parts])


def _padded(rows: Float[np.ndarray, "n m"], count: int) -> Float[np.ndarray, "count m"]:
    return np.pad(rows, ((0, count - len(rows)), (0, 0)))


def _by_four(values: np.ndarray) -> Float[np.ndarray, "vec4s 4"]:
    """The last axis in vectors of four, padded with zeros."""
    width = values.shape[-1]
    wide = np.pad(values.reshape(-1, width), ((0, 0), (0, -width % 4)))
    return wide.reshape(-1, 4)
