"""Triangles that face this way and that: what a person expects to be inside is, and what was done is said."""

from __future__ import annotations

import re

import numpy as np
import pytest
import trimesh
from broken_solids import (
    FIN,
    OTHER_HALVES,
    SHEET,
    Raw,
    ball,
    block,
    both,
    half_block,
    moebius,
    shuffled,
    soup,
    torn,
    turned,
    twice,
    two_sided,
    without,
)

from fieldcore.evaluation import Grid
from fieldcore.meshing import surface_of_volume
from fieldcore.signals import Shape
from fieldcore.signals.mesh_file import Mesh, cleaned_mesh
from fieldcore.signals.mesh_orientation import oriented
from fieldcore.signals.mesh_patches import Sides, distinct, welded

BALL = ball()
CAVE = both(ball(1), turned(ball(0.5)))
ISLAND = both(ball(1), turned(ball(0.7)), ball(0.3))
EDGE_TO_EDGE = both(block(), block(at=(1, 1, 0)))
FACE_TO_FACE = both(block(), block(at=(1, 0, 0)))
PARTED = both(half_block(-1), half_block(1), SHEET)
OPEN = without(BALL, 12)
SHEETS = both(SHEET, (SHEET[0] + [0.5, 0, 0], SHEET[1]))


def shape_of(solid: Raw) -> Shape:
    return Shape(Mesh(*solid, name="solid.ply"))


def assert_inside(shape: Shape, expected: list[tuple[tuple[float, float, float], bool]]) -> None:
    """Places in the mesh's own units, and whether they are inside."""
    places = np.array([place for place, _ in expected], np.float64)
    inside = shape.distance((places - shape.facts.source_center) / shape.facts.value_scale) < 0
    assert dict(zip(map(tuple, places.tolist()), inside.tolist(), strict=True)) == dict(expected)


def ball_places(radius: float = 1.0, hollow: float = 0.0) -> list[tuple[tuple[float, float, float], bool]]:
    """On rays through and between the middles of triangles, from the centre outward."""
    rays = np.random.default_rng(0).standard_normal((60, 3))
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    radii = np.random.default_rng(1).uniform(0.02, 1.3 * radius, 60)
    clear = (np.abs(radii - 0.97 * radius) > 0.06) & (np.abs(radii - 0.97 * hollow) > 0.06)
    return [(tuple((r * ray).tolist()), hollow < r < radius) for r, ray in zip(radii[clear], rays[clear], strict=True)]


@pytest.mark.parametrize(
    ("solid", "said"),
    [
        (BALL, ""),
        (turned(BALL), ""),
        (OPEN, ""),
        (torn(BALL), ""),
        (turned(BALL, slice(None, None, 2)), "160 triangles that faced the other way than their neighbours turned"),
        (turned(BALL, slice(5, 6)), ": 1 triangle that faced the other way than their neighbours turned"),
        (shuffled(BALL), "faced the other way"),
        (shuffled(soup(BALL)), "faced the other way"),
        (shuffled(OPEN), "faced the other way"),
        (shuffled(torn(BALL)), r"\d+ of its 320 bodies, which faced the other way than the rest, turned"),
        (two_sided(BALL), "320 triangles stood there facing both ways; one of each pair is kept"),
        (soup(two_sided(BALL)), "320 triangles stood there facing both ways"),
        (two_sided(OPEN), "308 triangles stood there facing both ways"),
        (two_sided(torn(BALL)), "320 triangles stood there facing both ways"),
        (shuffled(twice(twice(BALL))), "stood there facing both ways"),
        (twice(BALL), "320 triangles left out that stood there already"),
        (soup(twice(BALL)), "320 triangles left out that stood there already"),
        (shuffled(both(ball(1), ball(0.5))), "1 of its 2 bodies, which lie within others, are taken for solid"),
        (two_sided(both(ball(1), ball(0.5))), "1 of its 2 bodies, which lie within others, are taken for solid"),
        (both(ball(1), ball(0.5)), ""),
    ],
)
def test_a_ball_is_solid_whatever_its_file_did_to_it(solid: Raw, said: str) -> None:
    shape = shape_of(solid)
    assert_inside(shape, ball_places())
    assert re.search(said, " ".join(shape.notices)) if said else shape.notices == ()
    assert all(notice.startswith("mesh 'solid.ply': ") for notice in shape.notices)


@pytest.mark.parametrize("change", [lambda s: s, turned, soup, lambda s: shuffled(s, 0.03), twice])
def test_a_cavity_stays_where_the_file_says_that_it_is_one(change) -> None:
    assert_inside(shape_of(change(CAVE)), ball_places(hollow=0.5))
    assert_inside(
        shape_of(change(ISLAND)),
        [((0, 0, 0.1), True), ((0, 0, 0.5), False), ((0, 0, 0.85), True), ((0, 0, 1.2), False)],
    )


@pytest.mark.parametrize("change", [lambda s: s, shuffled, lambda s: turned(s, slice(320, None)), two_sided])
def test_bodies_that_overlap_are_one_solid(change) -> None:
    places = [
        ((-0.2, 0, 0.1), True),
        ((0.5, 0, 0.1), True),
        ((1.2, 0, 0.1), True),
        ((0.5, 0, 0.95), False),
        ((2.2, 0, 0), False),
    ]
    assert_inside(shape_of(change(both(BALL, ball(at=(1, 0, 0))))), places)


@pytest.mark.parametrize("change", [lambda s: s, lambda s: turned(s, slice(12, None)), shuffled])
@pytest.mark.parametrize(("solid", "second"), [(EDGE_TO_EDGE, (1, 1, 0)), (FACE_TO_FACE, (1, 0, 0))])
def test_bodies_that_touch_are_both_solid(change, solid: Raw, second: tuple[float, float, float]) -> None:
    x, y, z = second
    places = [((0.1, 0.2, 0.1), True), ((-0.4, 0.4, 0.4), True), ((0.45, -0.3, 0.3), True), ((0.9, -0.9, 0), False)]
    beside = [((x + a, y + b, z + 0.2), True) for a in (-0.45, 0.1) for b in (-0.3, 0.4)]
    assert_inside(shape_of(change(solid)), [*places, *beside, ((-0.7, 0, 0), False), ((0, 0, 0.7), False)])


@pytest.mark.parametrize("change", [lambda s: s, shuffled, turned, two_sided])
@pytest.mark.parametrize("solid", [PARTED, both(block(), FIN)])
def test_walls_and_fins_change_no_inside(change, solid: Raw) -> None:
    near_wall = [((side * x, 0.1, 0.1), True) for side in (-1, 1) for x in (0.02, 0.2, 0.45)]
    beyond = [((0.7, 0.75, 0), False), ((1, 1, 0.3), False), ((-0.7, 0, 0), False), ((0, 0.1, 0.7), False)]
    assert_inside(shape_of(change(solid)), near_wall + beyond)


@pytest.mark.parametrize(
    "solid",
    [SHEET, two_sided(SHEET), both(SHEET, OTHER_HALVES)],
    ids=["sheet", "two-sided", "two-sided, cut differently"],
)
def test_what_encloses_nothing_is_told(solid: Raw) -> None:
    shape = shape_of(solid)
    assert "encloses next to nothing, so that distances are positive nearly everywhere" in shape.notices[-1]
    x = np.random.default_rng(0).uniform(-1, 1, (200, 3))
    assert (shape.distance(x) > 0).mean() > 0.98


@pytest.mark.parametrize("solid", [BALL, OPEN, block((1, 1, 1e-5)), CAVE, torn(BALL)])
def test_what_encloses_something_is_not(solid: Raw) -> None:
    assert shape_of(solid).notices == ()


def test_a_moebius_strip_is_told() -> None:
    assert any("a surface with only one side" in notice for notice in shape_of(moebius()).notices)


def test_two_layers_cut_along_different_diagonals_are_one_solid() -> None:
    angle, height = np.meshgrid(np.linspace(0, 2 * np.pi, 16, endpoint=False), np.linspace(-1, 1, 5))
    ring = np.stack([np.cos(angle), np.sin(angle), height], -1).reshape(-1, 3)
    vertices = np.concatenate([ring, [[0, 0, -1], [0, 0, 1]]])
    quads = np.array([(16 * i + j, 16 * i + (j + 1) % 16) for i in range(4) for j in range(16)])
    a, b, c, d = quads[:, 0], quads[:, 1], quads[:, 1] + 16, quads[:, 0] + 16
    outer = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
    inner = np.concatenate([np.stack([b, a, d], -1), np.stack([b, d, c], -1)])
    j = np.arange(16)
    caps = np.concatenate(
        [np.stack([(j + 1) % 16, j, 0 * j + 80], -1), np.stack([64 + j, 64 + (j + 1) % 16, 0 * j + 81], -1)]
    )
    shape = shape_of((vertices, np.concatenate([outer, inner, caps, caps[:, ::-1]])))
    assert_inside(shape, [((0, 0, z), True) for z in (-0.9, 0, 0.5)] + [((0.8, 0.3, 0.2), True), ((1.1, 0, 0), False)])


@pytest.mark.parametrize("change", [shuffled, two_sided, soup])
def test_the_surface_of_what_was_made_right_is_one_body_of_its_volume(change) -> None:
    shape = shape_of(change(BALL))
    grid = Grid((40,) * 3, (-1.2,) * 3, (1.2,) * 3)
    values = shape(grid.points(0, grid.count)).reshape(40, 40, 40).numpy()
    mesh = surface_of_volume(values, grid)
    assert mesh is not None and mesh.watertight
    solid = trimesh.Trimesh(mesh.vertices, mesh.triangles)
    assert solid.body_count == 1
    assert solid.volume == pytest.approx(trimesh.Trimesh(*BALL).volume, rel=0.01)


def test_what_is_right_stays_as_it_is() -> None:
    for vertices, triangles in (
        BALL,
        CAVE,
        FACE_TO_FACE,
        OPEN,
        PARTED,
        SHEET,
        two_sided(SHEET),
        both(block(), FIN),
        SHEETS,
    ):
        assert oriented(vertices, triangles).triangles is triangles
    mesh = cleaned_mesh(*shuffled(BALL))
    assert Shape(mesh).facts.digest == mesh.digest, "the signal's digest is that of its file"


def test_vertices_that_differ_by_rounding_are_one_place() -> None:
    vertices, triangles = soup(both(BALL, ball(at=(3, 0, 0))))
    moved = vertices + 1e-9 * np.random.default_rng(0).standard_normal(vertices.shape)
    assert len(np.unique(welded(moved))) == 2 * len(BALL[0])
    sides = Sides.of(welded(moved)[triangles])
    assert (sides.count == 2).all() and sides.sign.sum() == 0


def test_triangles_are_the_same_from_whichever_corner_they_start() -> None:
    once = distinct(np.array([[3, 1, 2], [1, 2, 3], [0, 1, 2], [3, 2, 1], [2, 3, 1], [1, 0, 2], [1, 3, 2]]))
    assert once.kept.tolist() == [0, 2]
    assert once.alike.tolist() == [2, 0]
    assert once.opposed.tolist() == [3, 5]
