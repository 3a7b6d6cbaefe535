"""A covariance in space as people set it: a size along each of three axes, and how the three are turned."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np
from jaxtyping import Float, Int

from ...camera.camera import Vector
from ...covariance import Covariance, covariance_entries, covariance_matrix
from ...principal_axes import LEAST_LOG10_VARIANCE, MOST_LOG10_VARIANCE

_SAME = 1e-8
"""Difference of two log10 variances below which their axes have no directions of their own."""

_UPRIGHT = 1e-9
"""Cosine of a pitch at which yaw and roll turn about the same axis."""


@dataclass(frozen=True)
class PrincipalAxes3:
    """A Gaussian's sizes and directions.

    The axes x, y and z turn as a camera does that looks along -z: rolled about z, then pitched about x, then turned
    about the vertical axis.

    Attributes:
        log10_variances: along the first, second and third axis; at the least along all of them, it is none.
        yaw_deg: turn about the vertical axis, positive turns left.
        pitch_deg: upward tilt, in [-90, 90].
        roll_deg: turn about the third axis, counter-clockwise as seen from its tip.
    """

    log10_variances: Vector = (LEAST_LOG10_VARIANCE,) * 3
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0

    @property
    def axes(self) -> Float[np.ndarray, "3 3"]:
        """The three axes, as columns."""
        (cy, sy), (cp, sp), (cr, sr) = (
            (math.cos(turn), math.sin(turn))
            for turn in map(math.radians, (self.yaw_deg, self.pitch_deg, self.roll_deg))
        )
        yaw = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
        pitch = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
        roll = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
        return yaw @ pitch @ roll

    @property
    def covariance(self) -> Covariance:
        """The entries xx, xy, xz, yy, yz, zz."""
        if max(self.log10_variances) <= LEAST_LOG10_VARIANCE:
            return (0.0,) * 6
        variances = [10.0**size for size in self.log10_variances]
        if len(set(variances)) == 1:
            return (variances[0], 0.0, 0.0, variances[0], 0.0, variances[0])
        return covariance_entries(self.axes * np.array(variances) @ self.axes.T)

    @classmethod
    def of(cls, covariance: Covariance, near: PrincipalAxes3 | None = None) -> PrincipalAxes3:
        """The axes of any covariance, with sizes that a person can set.

        The same covariance has its axes in any order and of either sign, and round ones in any direction. Of all these
        turns, the one closest to that of ``near`` is given.

        Args:
            covariance: the entries xx, xy, xz, yy, yz, zz.
            near: the axes that were there before; what is not turned if None. They come back as they are if they are
                those of the covariance.
        """
        near = near or cls()
        if covariance == near.covariance:
            return near
        variances, directions = np.linalg.eigh(covariance_matrix(covariance))
        if variances[-1] <= 10.0**LEAST_LOG10_VARIANCE:
            return replace(near, log10_variances=(LEAST_LOG10_VARIANCE,) * 3)
        sizes = np.log10(variances.clip(10.0**LEAST_LOG10_VARIANCE, 10.0**MOST_LOG10_VARIANCE))
        groups = np.cumsum(np.diff(sizes, prepend=sizes[0]) > _SAME)
        turns = {order: _closest_axes(order, groups, directions, near.axes) for order in permutations(groups.tolist())}
        closest = max(turns, key=lambda order: float((turns[order] * near.axes).sum()))
        x, y, z = (float(sizes[groups == group].mean()) for group in closest)
        return cls((x, y, z), *_angles_deg(turns[closest]))


def turned_towards(axes: PrincipalAxes3, index: int, way: Float[np.ndarray, "3"]) -> PrincipalAxes3:
    """The same, turned on the shortest way so that one of the axes points somewhere.

    Args:
        axes: with their sizes, which stay.
        index: of the axis.
        way: of any length but 0; where it is 0, nothing is turned.
    """
    length = float(np.linalg.norm(way))
    if length < 1e-12:
        return axes
    start, end = axes.axes[:, index], way / length
    half = start + end
    if float(half @ half) < 1e-12:  # the other way round: the other end points there
        return axes
    # Two mirrors one after the other are a turn: the first through the start, the second through the middle between.
    turn = _mirror(half / np.linalg.norm(half)) @ _mirror(start)
    yaw_deg, pitch_deg, roll_deg = _angles_deg(turn @ axes.axes)
    return replace(axes, yaw_deg=yaw_deg, pitch_deg=pitch_deg, roll_deg=roll_deg)


def _mirror(normal: Float[np.ndarray, "3"]) -> Float[np.ndarray, "3 3"]:
    return np.eye(3) - 2 * np.outer(normal, normal)


def _closest_axes(
    order: tuple[int, ...],
    groups: Int[np.ndarray, "3"],
    directions: Float[np.ndarray, "3 3"],
    near: Float[np.ndarray, "3 3"],
) -> Float[np.ndarray, "3 3"]:
    """The turn closest to ``near`` that puts directions (columns, with their groups of equal size) into an order.

    Of all bases of a space, the polar factor is the closest to given vectors; a mirror image becomes a turn by
    mirroring the direction that agrees least (the orthogonal Procrustes problem, group by group).
    """
    axes, mirrors = np.empty((3, 3)), []
    for group in sorted(set(order)):
        slots = np.array(order) == group
        left, agreement, right = np.linalg.svd(directions[:, groups == group].T @ near[:, slots])
        outer = directions[:, groups == group] @ left
        axes[:, slots] = outer @ right
        mirror = np.zeros((3, 3))
        mirror[:, slots] = -2 * np.outer(outer[:, -1], right[-1])
        mirrors.append((float(agreement[-1]), mirror))
    return axes if np.linalg.det(axes) > 0 else axes + min(mirrors, key=lambda pair: pair[0])[1]


def _angles_deg(axes: Float[np.ndarray, "3 3"]) -> tuple[float, float, float]:
    """Yaw, pitch and roll that turn the coordinate axes into these."""
    level = math.hypot(axes[0, 2], axes[2, 2])
    pitch = math.atan2(-axes[1, 2], level)
    if level < _UPRIGHT:
        return math.degrees(math.atan2(-axes[2, 0], axes[0, 0])), math.degrees(pitch), 0.0
    yaw, roll = math.atan2(axes[0, 2], axes[2, 2]), math.atan2(axes[1, 0], axes[1, 1])
    return math.degrees(yaw), math.degrees(pitch), math.degrees(roll)
