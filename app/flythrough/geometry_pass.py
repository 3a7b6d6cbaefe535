"""The pass that all shading starts from: which point of the texture each pixel sees, and how large it is there."""

from __future__ import annotations

import math
import weakref
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import moderngl
import numpy as np
from jaxtyping import Bool, Float, Int

from fieldcore.errors import InputError
from fieldcore.models import TexturedModel, Wrap

from ..image_overlays import program
from ..view import Size
from .camera import NEAR, Camera, clip_from_view, view_from_world
from .planes import planes_of

_EDGE_OFFSETS_PX = ((-1 / 8, -3 / 8), (3 / 8, -1 / 8), (-3 / 8, 1 / 8), (1 / 8, 3 / 8))
"""Where in a pixel whose centre the model misses it is looked for: the usual places of four samples."""

_MOST_SAMPLES = 8
_NEARER_HALF, _FARTHER_HALF = -0.5, 0.5
_WRAP_NUMBERS: dict[Wrap, int] = {"clamp": 0, "repeat": 1, "mirror": 2}
_PLANES_UNIT, _MATERIALS_UNIT, _COVERAGE_UNIT = 0, 1, 2


@dataclass(eq=False)
class Geometry:
    """What a frame sees of the model, in textures of 32-bit floats, in OpenGL's order: bottom row first.

    It stays as it is for as long as anything refers to it; then its textures serve other frames.

    Attributes:
        uv: u and v in the sheet, wrapped into the material's box; the material's index; the share of the pixel that
            the model covers, 0 where nothing is seen.
        jacobian: du/dx, du/dy, dv/dx, dv/dy: sheet coordinates by pixel, x to the right, y down.
        surface: unit normal in the world, on the camera's side; distance along the view axis, 0 where nothing is seen.
        framebuffer: whose attachments these three are.
        materials: of each material, a row: its box in the sheet; how it continues along u and v, by number.
        size: of the frame.
        camera: that saw it.
    """

    uv: moderngl.Texture
    jacobian: moderngl.Texture
    surface: moderngl.Texture
    framebuffer: moderngl.Framebuffer
    materials: moderngl.Texture
    size: Size
    camera: Camera


@dataclass(frozen=True, eq=False)
class GeometryArrays:
    """The same on the host, top row first.

    Attributes:
        uv: u and v in the sheet.
        jacobian: d(u, v)/d(x, y).
        coverage: share of the pixel that the model covers.
        material: its index.
        normal: unit normal on the camera's side.
        distance: along the view axis.
    """

    uv: Float[np.ndarray, "h w 2"]
    jacobian: Float[np.ndarray, "h w 2 2"]
    coverage: Float[np.ndarray, "h w"]
    material: Int[np.ndarray, "h w"]
    normal: Float[np.ndarray, "h w 3"]
    distance: Float[np.ndarray, "h w"]

    @property
    def covered(self) -> Bool[np.ndarray, "h w"]:
        """Where the model is seen, if only in a part of the pixel."""
        return self.coverage > 0


class GeometryPass:
    """Draws a model's geometry.

    A pixel whose centre the model misses but which it covers in part sees what is at one of four places around its
    centre: so silhouettes have a texture up to their antialiased edge.

    Args:
        context: to draw with.
        model: what is drawn.

    Raises:
        InputError: the model has more triangles than the driver's textures and memory hold.
    """

    def __init__(self, context: moderngl.Context, model: TexturedModel) -> None:
        self._context = context
        self._box = model.vertices.min(0).astype(np.float64), model.vertices.max(0).astype(np.float64)
        self._samples = min(_MOST_SAMPLES, int(context.max_samples))
        try:
            self._planes = _planes_texture(context, model)
            self._materials = _materials_texture(context, model)
            attributes = np.concatenate([model.vertices, model.normals, model.uv], 1, dtype=np.float32)
            self._vertices = context.buffer(attributes.tobytes())
            self._triangles = context.buffer(np.ascontiguousarray(model.triangles, np.int32).tobytes())
        except moderngl.Error as error:
            raise InputError(
                f"model '{model.name}': the driver has no room for {len(model.triangles):,} triangles ({error}); "
                "simplify the model"
            ) from error
        self._coverage_mesh = self.mesh("coverage.frag")
        self._geometry_mesh = self.mesh("geometry_pass.frag")
        self._spare: list[_Targets] = []
        self._all: list[_Targets] = []

    def mesh(self, fragment_stage: str) -> Mesh:
        """The model to be drawn with another fragment shader, of which it sets what ``surface_hit.glsl`` needs."""
        return Mesh(program(self._context, "geometry_pass.vert", fragment_stage), self._vertices, self._triangles)

    def draw(self, camera: Camera, framebuffer_px: Size, shift_px: tuple[float, float] = (0.0, 0.0)) -> Geometry:
        """What a frame sees.

        Args:
            camera: who looks.
            framebuffer_px: size of the frame.
            shift_px: what is seen at this offset from a pixel's centre (right, down) comes to lie on the centre.
        """
        slices = self.draw_in_slices(camera, framebuffer_px, shift_px)
        while True:
            try:
                next(slices)
            except StopIteration as end:
                geometry: Geometry = end.value
                return geometry

    def draw_in_slices(
        self, camera: Camera, framebuffer_px: Size, shift_px: tuple[float, float] = (0.0, 0.0)
    ) -> Generator[None, None, Geometry]:
        """The same, yielding between slices of work, during which others may draw; returns the geometry."""
        targets = self._targets(framebuffer_px)
        geometry = targets.geometry_of(self._materials, camera)
        weakref.finalize(geometry, self._spare.append, targets).atexit = False
        self._context.enable_only(moderngl.NOTHING)
        targets.many_samples.use()
        targets.many_samples.clear()
        self.render(self._coverage_mesh, camera, framebuffer_px, shift_px)
        self._context.copy_framebuffer(targets.one_sample, targets.many_samples)
        self._context.finish()  # or the driver would put off all work to the end
        yield
        geometry.framebuffer.clear()
        self._render_geometry(targets, geometry, [shift_px], depth_offset=_NEARER_HALF, centre=1.0)
        self._context.finish()
        yield
        around = [(shift_px[0] + x, shift_px[1] + y) for x, y in _EDGE_OFFSETS_PX]
        self._render_geometry(targets, geometry, around, depth_offset=_FARTHER_HALF, centre=0.0)
        return geometry

    def _render_geometry(
        self, targets: _Targets, geometry: Geometry, shifts_px: Sequence[tuple[float, float]], **uniforms: float
    ) -> None:
        geometry.framebuffer.use()
        targets.coverage.use(_COVERAGE_UNIT)
        self._context.enable_only(moderngl.DEPTH_TEST)
        for shift_px in shifts_px:
            self.render(
                self._geometry_mesh,
                geometry.camera,
                geometry.size,
                shift_px,
                coverage=_COVERAGE_UNIT,
                samples=float(self._samples),
                **uniforms,
            )
        self._context.disable(moderngl.DEPTH_TEST)

    def render(
        self, mesh: Mesh, camera: Camera, framebuffer_px: Size, shift_px: tuple[float, float], **uniforms: object
    ) -> None:
        """Draw into the framebuffer in use; units from ``FIRST_FREE_UNIT`` on are left for other textures."""
        self._planes.use(_PLANES_UNIT)
        self._materials.use(_MATERIALS_UNIT)
        clip_from_world = _clip_from_view(camera, framebuffer_px, shift_px, self._box) @ view_from_world(camera)
        mesh.draw(
            clip_from_world=tuple(clip_from_world.T.flatten()),
            depth_offset=uniforms.pop("depth_offset", _NEARER_HALF),
            planes=_PLANES_UNIT,
            triangles_a_row=self._planes.width // 3,
            materials=_MATERIALS_UNIT,
            **rays(camera, framebuffer_px, shift_px),
            **uniforms,
        )

    def release(self) -> None:
        """Give everything back to the driver, also what geometry still refers to."""
        self._coverage_mesh.release()
        self._geometry_mesh.release()
        for targets in self._all:
            targets.release()
        for resource in (self._planes, self._materials, self._vertices, self._triangles):
            resource.release()
        self._all.clear()
        self._spare.clear()

    def _targets(self, framebuffer_px: Size) -> _Targets:
        """Targets that no geometry refers to, new ones if need be; those of another size are given back."""
        for targets in [spare for spare in self._spare if spare.size != framebuffer_px]:
            self._spare.remove(targets)
            self._all.remove(targets)
            targets.release()
        if self._spare:
            return self._spare.pop()
        targets = _Targets(self._context, framebuffer_px, self._samples)
        self._all.append(targets)
        return targets


FIRST_FREE_UNIT = 3
"""Of the texture units that a fragment shader of ``GeometryPass.mesh`` may use."""


class Mesh:
    """A model's buffers with one shader program."""

    def __init__(self, program: moderngl.Program, vertices: moderngl.Buffer, triangles: moderngl.Buffer) -> None:
        self._program = program
        self._names = set(program)
        context = program.ctx
        attributes = [name for name in ("in_position", "in_normal", "in_uv") if name in self._names]
        layout = " ".join(
            f"{size}f" if name in self._names else f"{size}x4"
            for name, size in (("in_position", 3), ("in_normal", 3), ("in_uv", 2))
        )
        self._array = context.vertex_array(program, [(vertices, layout, *attributes)], triangles)

    def draw(self, **uniforms: object) -> None:
        """Draw all triangles; uniforms that the program has no use for are left out."""
        for name in self._names.intersection(uniforms):
            self._program[name] = uniforms[name]
        self._array.render(moderngl.TRIANGLES)

    def release(self) -> None:
        """Give the program back to the driver; the buffers are the pass's."""
        self._array.release()
        self._program.release()


def read_geometry(geometry: Geometry) -> GeometryArrays:
    """Copy a frame's geometry to the host."""
    uv, jacobian, surface = (read_attachment(geometry, index)[::-1] for index in range(3))
    return GeometryArrays(
        uv=uv[..., :2],
        jacobian=jacobian.reshape(*jacobian.shape[:2], 2, 2),
        coverage=uv[..., 3],
        material=uv[..., 2].round().astype(np.int32),
        normal=surface[..., :3],
        distance=surface[..., 3],
    )


def read_attachment(geometry: Geometry, index: int) -> Float[np.ndarray, "h w 4"]:
    """One of ``uv``, ``jacobian``, ``surface`` (0, 1, 2), bottom row first."""
    width, height = geometry.size
    values = np.empty((height, width, 4), np.float32)
    geometry.framebuffer.read_into(values, components=4, attachment=index, dtype="f4")
    return values


class _Targets:
    """What one frame's geometry is drawn into."""

    def __init__(self, context: moderngl.Context, size: Size, samples: int) -> None:
        self.size = size
        self._textures = _float_texture(context, size), _float_texture(context, size), _float_texture(context, size)
        self._depth = context.depth_renderbuffer(size)
        self._framebuffer = context.framebuffer(self._textures, self._depth)
        self._many = context.renderbuffer(size, 1, samples=samples)
        self.many_samples = context.framebuffer([self._many])
        self.coverage = context.texture(size, 1)
        self.one_sample = context.framebuffer([self.coverage])

    def geometry_of(self, materials: moderngl.Texture, camera: Camera) -> Geometry:
        uv, jacobian, surface = self._textures
        return Geometry(uv, jacobian, surface, self._framebuffer, materials, self.size, camera)

    def release(self) -> None:
        for framebuffer in (self._framebuffer, self.many_samples, self.one_sample):
            framebuffer.release()
        for texture in (*self._textures, self._depth, self._many, self.coverage):
            texture.release()


def _float_texture(context: moderngl.Context, size: Size) -> moderngl.Texture:
    texture = context.texture(size, 4, dtype="f4")
    texture.filter = moderngl.NEAREST, moderngl.NEAREST
    texture.repeat_x = texture.repeat_y = False
    return texture


def table_size(triangles: int, most_px: int, name: str) -> tuple[int, int]:
    """Rows of a texture with three texels a triangle, about square, and triangles in a row.

    Raises:
        InputError: the model of that name has more than a texture of ``most_px`` a side holds.
    """
    in_a_row = min(most_px // 3, max(1, math.ceil(math.sqrt(triangles / 3))))
    rows = max(1, math.ceil(triangles / in_a_row))
    if rows > most_px:
        raise InputError(
            f"model '{name}': this driver draws at most {most_px // 3 * most_px:,} triangles, it has {triangles:,}; "
            "simplify the model"
        )
    return rows, in_a_row


def _planes_texture(context: moderngl.Context, model: TexturedModel) -> moderngl.Texture:
    """Three texels a triangle, in as many rows as it takes."""
    rows, in_a_row = table_size(len(model.triangles), int(context.info["GL_MAX_TEXTURE_SIZE"]), model.name)
    texels = np.zeros((rows * in_a_row, 3, 4), np.float32)
    texels[: len(model.triangles)] = planes_of(model.vertices, model.uv, model.triangles, model.materials)
    return _lookup_texture(context, texels.reshape(rows, 3 * in_a_row, 4))


def _materials_texture(context: moderngl.Context, model: TexturedModel) -> moderngl.Texture:
    texels = np.zeros((len(model.sheet.boxes), 2, 4), np.float32)
    texels[:, 0] = model.sheet.boxes
    texels[:, 1, :2] = [[_WRAP_NUMBERS[wrap] for wrap in wraps] for wraps in model.sheet.wraps]
    return _lookup_texture(context, texels)


def _lookup_texture(context: moderngl.Context, texels: Float[np.ndarray, "h w 4"]) -> moderngl.Texture:
    texture = context.texture((texels.shape[1], texels.shape[0]), 4, texels, dtype="f4")
    texture.filter = moderngl.NEAREST, moderngl.NEAREST
    return texture


def _clip_from_view(
    camera: Camera, framebuffer_px: Size, shift_px: tuple[float, float], box: tuple[np.ndarray, np.ndarray]
) -> Float[np.ndarray, "4 4"]:
    """The camera's projection with the depth buffer spent on the box of the model alone."""
    forward, middle, half = camera.axes[2], (box[0] + box[1]) / 2, (box[1] - box[0]) / 2
    away, reach = forward @ (middle - np.array(camera.position)), np.abs(forward) @ half
    near = max(NEAR, 0.99 * (away - reach))
    far = max(1.01 * (away + reach), 2 * near)
    return clip_from_view(camera, framebuffer_px, shift_px, (near, far))


def rays(
    camera: Camera, framebuffer_px: Size, shift_px: tuple[float, float] = (0.0, 0.0)
) -> dict[str, tuple[float, ...]]:
    """How pixels look into the world, as the uniforms ``eye``, ``ray_*`` of ``surface_hit.glsl`` say it."""
    right, up, forward = camera.axes
    width, height = framebuffer_px
    by_pixel = 2 * math.tan(math.radians(camera.fov_deg) / 2) / height
    return {
        "eye": camera.position,
        "ray_forward": tuple(forward),
        "ray_right": tuple(by_pixel * right),
        "ray_up": tuple(by_pixel * up),
        "ray_origin": (width / 2 - shift_px[0], height / 2 + shift_px[1]),
    }
