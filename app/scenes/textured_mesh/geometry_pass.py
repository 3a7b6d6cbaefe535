"""The pass that all shading starts from: which point of the texture each pixel sees, and how large it is there."""

from __future__ import annotations

import weakref
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass

import moderngl
import numpy as np
from jaxtyping import Bool, Float, Int

from fieldcore.errors import InputError
from fieldcore.models import TexturedModel

from ...camera.camera import NEAR, Camera, clip_from_view, rays, view_from_world
from ...frame_size import Size
from ...gl.fullscreen_pass import FullscreenPass
from ...gl.image_overlays import program
from ...gl.owner import Owner, Target
from ...work.slices import completed
from .mesh import Mesh
from .model_tables import materials_texture, planes_texture

_EDGE_OFFSETS_PX = ((-1 / 8, -3 / 8), (3 / 8, -1 / 8), (-3 / 8, 1 / 8), (1 / 8, 3 / 8))
"""Where in a pixel whose centre the model misses it is looked for: the usual places of four samples."""

_MOST_SAMPLES = 8
_NEARER_HALF, _FARTHER_HALF = -0.5, 0.5
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
        edges: 1 where a pixel's eight neighbours do not see what its footprint foretells: where surfaces meet; else 0.
        materials: of each material, a row: its box in the sheet; how it continues along u and v, by number.
        size: of the frame.
        camera: that saw it.
    """

    uv: moderngl.Texture
    jacobian: moderngl.Texture
    surface: moderngl.Texture
    framebuffer: moderngl.Framebuffer
    edges: moderngl.Texture
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


class GeometryPass(Owner):
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
            self._planes = self.own(planes_texture(context, model))
            self._materials = self.own(materials_texture(context, model))
            attributes = np.concatenate([model.vertices, model.normals, model.uv], 1, dtype=np.float32)
            self._vertices = self.own(context.buffer(attributes.tobytes()))
            self._triangles = self.own(context.buffer(np.ascontiguousarray(model.triangles, np.int32).tobytes()))
        except moderngl.Error as error:
            raise InputError(
                f"model '{model.name}': the driver has no room for {len(model.triangles):,} triangles ({error}); "
                "simplify the model"
            ) from error
        self._coverage_mesh = self.own(self.mesh("coverage.frag"))
        self._geometry_mesh = self.own(self.mesh("geometry_pass.frag"))
        self._find_edges = self.own(FullscreenPass(context, "edges.frag"))
        self._clear_near_edges = self.own(FullscreenPass(context, "near_edges.frag"))
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
        return completed(self.draw_in_slices(camera, framebuffer_px, shift_px))

    def draw_in_slices(
        self, camera: Camera, framebuffer_px: Size, shift_px: tuple[float, float] = (0.0, 0.0)
    ) -> Generator[None, None, Geometry]:
        """The same, yielding between slices of work, during which others may draw; returns the geometry."""
        geometry, targets = self._room(camera, framebuffer_px)
        self._context.enable_only(moderngl.NOTHING)
        targets.many_samples.use()
        targets.many_samples.clear()
        self.render(self._coverage_mesh, camera, framebuffer_px, shift_px)
        self._context.copy_framebuffer(targets.one_sample, targets.many_samples)
        self._context.finish()  # or the driver would put off all work to the end
        yield
        geometry.framebuffer.clear()
        coverage = {"coverage": _COVERAGE_UNIT, "samples": float(self._samples)}
        targets.coverage.use(_COVERAGE_UNIT)
        self._render_geometry(geometry, [shift_px], depth_offset=_NEARER_HALF, centre=1.0, **coverage)
        self._context.finish()
        yield
        around = [(shift_px[0] + x, shift_px[1] + y) for x, y in _EDGE_OFFSETS_PX]
        targets.coverage.use(_COVERAGE_UNIT)
        self._render_geometry(geometry, around, depth_offset=_FARTHER_HALF, centre=0.0, **coverage)
        targets.edge_framebuffer.use()
        for unit, texture in enumerate((geometry.uv, geometry.jacobian, self._materials)):
            texture.use(unit)
        self._find_edges.draw(uv=0, jacobian=1, materials=2)
        return geometry

    def draw_again(
        self, geometry: Geometry, shifts_px: Sequence[tuple[float, float]], near_edges: bool = True
    ) -> Iterator[Geometry]:
        """What the same frame sees at each of some offsets from its pixels' centres, and nothing beside these places.

        Args:
            geometry: of the frame.
            shifts_px: to the right and down.
            near_edges: draw only the pixels at edges and their neighbours; the others see nothing.

        Returns:
            an iterator of one geometry, which is drawn anew for every offset; its coverage is 1 where anything is seen.
        """
        again, _ = self._room(geometry.camera, geometry.size)
        for shift_px in shifts_px:
            if near_edges:
                self._clear_near(geometry.edges, again)
            else:
                again.framebuffer.clear()
            self._render_geometry(again, [shift_px], depth_offset=_NEARER_HALF, centre=1.0, samples=0.0)
            yield again

    def _clear_near(self, edges: moderngl.Texture, geometry: Geometry) -> None:
        """Clear a geometry so that what is drawn next shows near edges only."""
        geometry.framebuffer.use()
        self._context.enable_only(moderngl.DEPTH_TEST)
        self._context.depth_func = "1"
        edges.use(0)
        self._clear_near_edges.draw(edges=0)
        self._context.depth_func = "<"

    def _room(self, camera: Camera, framebuffer_px: Size) -> tuple[Geometry, _Targets]:
        """Somewhere to draw, which is free again as soon as nothing refers to the geometry."""
        targets = self._targets(framebuffer_px)
        geometry = targets.geometry_of(self._materials, camera)
        weakref.finalize(geometry, self._spare.append, targets).atexit = False
        return geometry, targets

    def _render_geometry(
        self, geometry: Geometry, shifts_px: Sequence[tuple[float, float]], **uniforms: object
    ) -> None:
        geometry.framebuffer.use()
        self._context.enable_only(moderngl.DEPTH_TEST)
        for shift_px in shifts_px:
            self.render(self._geometry_mesh, geometry.camera, geometry.size, shift_px, **uniforms)
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
        super().release()
        for targets in self._all:
            targets.release()
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


class _Targets(Owner):
    """What one frame's geometry is drawn into."""

    def __init__(self, context: moderngl.Context, size: Size, samples: int) -> None:
        self.size = size
        self._geometry = self.own(Target(context, size, "f4", "f4", "f4", depth=True))
        many = self.own(context.renderbuffer(size, 1, samples=samples))
        self.many_samples = self.own(context.framebuffer([many]))
        self.coverage = self.own(context.texture(size, 1))
        self.one_sample = self.own(context.framebuffer([self.coverage]))
        self._edges = self.own(context.texture(size, 1))
        self.edge_framebuffer = self.own(context.framebuffer([self._edges]))

    def geometry_of(self, materials: moderngl.Texture, camera: Camera) -> Geometry:
        (uv, jacobian, surface), framebuffer = self._geometry.textures, self._geometry.framebuffer
        return Geometry(uv, jacobian, surface, framebuffer, self._edges, materials, self.size, camera)


def _clip_from_view(
    camera: Camera, framebuffer_px: Size, shift_px: tuple[float, float], box: tuple[np.ndarray, np.ndarray]
) -> Float[np.ndarray, "4 4"]:
    """The camera's projection with the depth buffer spent on the box of the model alone."""
    forward, middle, half = camera.axes[2], (box[0] + box[1]) / 2, (box[1] - box[0]) / 2
    away, reach = forward @ (middle - np.array(camera.position)), np.abs(forward) @ half
    near = max(NEAR, 0.99 * (away - reach))
    far = max(1.01 * (away + reach), 2 * near)
    return clip_from_view(camera, framebuffer_px, shift_px, (near, far))
