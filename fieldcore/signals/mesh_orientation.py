"""Which way triangles face, made right before an inside is looked for.

The winding number tells inside from outside where triangles that belong together face the same way. Files do not always
keep to that: triangles are turned at random, stand there twice facing both ways, or a whole body is inside out. Here
neighbours are made to agree and bodies to face outward, and what was done is said.

A body within another one is a cavity only if the file says so: both were consistent, and faced opposite ways. A surface
that is not closed has no volume to go by, so that what counts is which of its sides is seen from far away.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from .mesh_bodies import Bodies, Cones
from .mesh_patches import Distinct, Patches, Sides, distinct, welded
from .mesh_views import Viewer, Views

_CONSISTENT = 0.9
"""Share of a body's area that must agree for its file to mean the way it faces."""

_SEEN = 0.1  # openness that decides
_SEEN_FOR_SURE = 0.5  # where the file is consistent, and may be right though it looks wrong
_ENCLOSED = 0.25  # outwardness that decides
_TRIAL_PLACES, _TRIAL_SHARE = 512, 0.95
_PLACES, _MOST_BODIES, _FEWEST, _ENOUGH = 1 << 14, 1 << 15, 2, 64
"""How many rays look around from: about in all, of how many bodies, and of each at least and at most."""


@dataclass(frozen=True, eq=False)
class Oriented:
    """Triangles that agree with one another.

    Attributes:
        triangles: (t, 3) indices of the same vertices; the very array that was given if nothing was to be done.
        remarks: what was done, a sentence each.
        open_share: of the area, what belongs to surfaces that are not closed, or enclose no volume.
    """

    triangles: Int[np.ndarray, "t 3"]
    remarks: tuple[str, ...]
    open_share: float


def oriented(vertices: Float[np.ndarray, "v 3"], triangles: Int[np.ndarray, "t 3"]) -> Oriented:
    """Triangles turned so that neighbours agree and bodies face outward; of those that coincide one is left.

    Args:
        vertices: finite positions.
        triangles: indices, at least one; each triangle has an area.
    """
    corners = welded(vertices)[triangles]
    once = distinct(corners)
    kept = triangles[once.kept]
    whole = len(kept) == len(triangles)
    sides = Sides.of(corners if whole else corners[once.kept])
    cones = Cones.of(vertices, kept)
    patches = Patches.of(sides, cones.areas)
    if whole and _one_good_body(sides, patches):
        return Oriented(triangles, (), 0.0 if cones.enclose else 1.0)
    agreeing, cones = _turned(kept, patches.turn), cones.turned(patches.turn)
    bodies = Bodies.of(vertices, agreeing, cones, sides, patches, once.two_sided)
    facing = Facing.of(bodies)
    remarks = tuple(_remarks(once, patches, bodies, facing))
    open_share = float(bodies.area[~bodies.closed].sum() / bodies.area.sum())
    wall, sheet = facing.wall[bodies.label], facing.sheet[bodies.label] & once.two_sided
    turn = np.where(sheet, 1, patches.turn * facing.turn[bodies.label])
    if len(kept) + int(sheet.sum()) == len(triangles) and (turn > 0).all() and not wall.any():
        return Oriented(triangles, remarks, open_share)
    result = np.concatenate([_turned(kept, turn)[~wall], triangles[once.opposed[sheet]]])
    return Oriented(np.ascontiguousarray(result), remarks, open_share)


def _one_good_body(sides: Sides, patches: Patches) -> bool:
    """Whether all triangles agree as they are, and form one closed surface."""
    alone = len(patches.share) == 1 and bool((patches.turn > 0).all()) and not patches.one_sided.any()
    return alone and bool((sides.count == 2).all())


@dataclass(frozen=True, eq=False)
class Facing:
    """What is to be done with bodies.

    Attributes:
        turn: of each, -1 if it must be turned, else 1.
        sheet: what encloses nothing and stood there facing both ways; so it stays.
        wall: what lies within something closed, and has no volume itself.
        inverted: those that the file has inside out.
        filled: bodies within others that are solid only because the file does not say that they are cavities.
    """

    turn: Int[np.ndarray, "b"]
    sheet: Bool[np.ndarray, "b"]
    wall: Bool[np.ndarray, "b"]
    inverted: Bool[np.ndarray, "b"]
    filled: Bool[np.ndarray, "b"]

    @classmethod
    def of(cls, bodies: Bodies) -> Facing:
        """Decide it: by volume for what is closed, by what is seen for what is not."""
        trusted = (bodies.share >= _CONSISTENT) & (bodies.two_sided <= 1 - _CONSISTENT)
        faces = np.where(bodies.closed, np.sign(bodies.volume), 0).astype(np.int64)
        sheet, wall = np.zeros((2, bodies.count), bool)
        both_ways = ~bodies.closed & (bodies.two_sided > 0.5)
        if both_ways.any() or (bodies.count > 1 and not bodies.closed.all()):
            seen, wall = _seen(bodies, trusted)
            faces[~bodies.closed] = seen[~bodies.closed]
            sheet = both_ways & (faces == 0) & ~wall
        turn, filled = _nested(bodies, trusted, faces)
        return cls(turn, sheet, wall, (turn < 0) & trusted & ~wall, filled)


def _seen(bodies: Bodies, trusted: Bool[np.ndarray, "b"]) -> tuple[Int[np.ndarray, "b"], Bool[np.ndarray, "b"]]:
    """Which way open bodies face: 1 outward, -1 inward, 0 where it cannot be told; and which are walls."""
    viewer = Viewer(bodies.vertices, bodies.triangles)
    opens = np.flatnonzero(~bodies.closed)
    opens = opens[np.argsort(-bodies.area[opens], kind="stable")]
    faces, wall = np.zeros(bodies.count, np.int64), np.zeros(bodies.count, bool)
    if trusted[opens].all() and (alike := _alike(bodies, viewer, opens)):
        faces[opens] = alike
        return faces, wall
    opens = opens[:_MOST_BODIES]
    each = min(max(_PLACES // len(opens), _FEWEST), _ENOUGH)
    chosen = bodies.places(opens, each)
    views = viewer.views(chosen.ravel(), np.repeat(np.arange(len(opens)), each), len(opens))
    faces[opens] = _told(views, trusted[opens])
    doubtful = ~trusted[opens] | bodies.meets[opens] | (bodies.two_sided[opens] > 0.5)
    wall[opens] = doubtful & (faces[opens] == 0) & (np.minimum(views.inside_front, views.inside_back) > 0.5)
    return faces, wall & ~wall.all()


def _alike(bodies: Bodies, viewer: Viewer, opens: Int[np.ndarray, "n"]) -> int:
    """1 or -1 if nearly all that is open faces outward or inward, as far as a few places tell, else 0."""
    shares = bodies.area[opens] / bodies.area[opens].sum()
    asked = opens[np.random.default_rng(0).choice(len(opens), _TRIAL_PLACES, p=shares)]
    chosen = bodies.places(asked, 1).ravel()
    openness = viewer.views(chosen, np.arange(len(chosen)), len(chosen)).openness
    decided = np.sign(openness[np.abs(openness) > 0.5])
    if len(decided) < len(chosen) / 4 or abs(decided.mean()) < 2 * _TRIAL_SHARE - 1:
        return 0
    return int(np.sign(decided.mean()))


def _told(views: Views, trusted: Bool[np.ndarray, "n"]) -> Int[np.ndarray, "n"]:
    by_openness = np.abs(views.openness) > np.where(trusted, _SEEN_FOR_SURE, _SEEN)
    by_enclosure = ~trusted & (np.abs(views.outwardness) > _ENCLOSED)
    return np.where(by_openness, np.sign(views.openness), by_enclosure * np.sign(views.outwardness)).astype(np.int64)


def _nested(
    bodies: Bodies, trusted: Bool[np.ndarray, "b"], faces: Int[np.ndarray, "b"]
) -> tuple[Int[np.ndarray, "b"], Bool[np.ndarray, "b"]]:
    """How bodies are to be turned so that solid ones face outward and cavities inward; which are filled."""
    wanted, filled = np.ones(bodies.count, np.int64), np.zeros(bodies.count, bool)
    cavities = trusted & bodies.closed & (faces < 0)
    doubtful = bodies.count > 1 and (bodies.closed & ~trusted).any()
    if doubtful or (cavities.any() and (trusted & (faces > 0)).any()):
        parent = bodies.parents()
        for body in np.argsort(-np.abs(bodies.volume), kind="stable"):
            around = parent[body]
            if around < 0:
                continue
            if trusted[body] and trusted[around] and faces[body] == -faces[around]:
                wanted[body] = -wanted[around]
            else:
                filled[body] = not (trusted[body] and trusted[around])
    turn = faces * wanted
    # What cannot be told goes with the rest of the file.
    rest = 1 if float((bodies.area * turn * trusted).sum()) >= 0 else -1
    turn = np.where(turn == 0, rest, turn)
    # All turned at once has the same inside, so the greater part stays as it is.
    return (turn if float((bodies.area * turn).sum()) >= 0 else -turn), filled


def _turned(triangles: Int[np.ndarray, "t 3"], turn: Int[np.ndarray, "t"]) -> Int[np.ndarray, "t 3"]:
    return triangles if (turn > 0).all() else np.where(turn[:, None] < 0, triangles[:, ::-1], triangles)


def _remarks(once: Distinct, patches: Patches, bodies: Bodies, facing: Facing) -> Iterator[str]:
    wall, sheet = facing.wall[bodies.label], facing.sheet[bodies.label]
    twice, again = int((once.two_sided & ~wall & ~sheet).sum()), int(once.alike.sum())
    walls, turned = int(wall.sum()), int(((patches.turn < 0) & ~wall & ~sheet).sum())
    inverted, filled = int(facing.inverted.sum()), int(facing.filled.sum())
    if twice:
        yield f"{_triangles(twice)} stood there facing both ways; one of each pair is kept"
    if walls:
        yield f"{_triangles(walls)} of walls within its bodies left out"
    if again:
        yield f"{_triangles(again)} left out that stood there already"
    if turned:
        yield f"{_triangles(turned)} that faced the other way than their neighbours turned"
    if inverted:
        yield f"{inverted} of its {bodies.count} bodies, which faced the other way than the rest, turned"
    if filled:
        yield (
            f"{filled} of its {bodies.count} bodies, which lie within others, are taken for solid: that they are "
            "cavities could only be told from triangles that all face the same way"
        )
    if patches.one_sided.any():
        yield "it has a surface with only one side, as of a Moebius strip, where inside and outside cannot be told"


def _triangles(count: int) -> str:
    return "1 triangle" if count == 1 else f"{count} triangles"
