"""Volumes as blocks of a page: whole steps of a distance, packed as differences between neighbours."""

from __future__ import annotations

import gzip

import numpy as np
from jaxtyping import Float, Int16

from .blocks import Block

_MOST_ORDER = 3
_LEVEL, _TRIAL_LEVEL = 6, 1  # of gzip


def volumes_block(volumes: Float[np.ndarray, "n d d d"], step: float) -> Block:
    """Volumes rounded to multiples of ``step``.

    Where values are smooth, differences of neighbours along all three axes are small whole numbers, which gzip packs
    well; of each volume they are taken so many times as makes it smallest.

    Args:
        volumes: their values, by z, y, x; at most 32767 steps from 0.
        step: of what is kept.

    Example:
        >>> block = volumes_block(np.linspace(-1, 1, 64).reshape(1, 4, 4, 4), 1e-3)
        >>> block.facts["cells"], bool(abs(block.values[0, 0, 0, 0] + 1) < 1e-3)
        (4, True)
    """
    steps = np.rint(volumes / step).astype(np.int16)
    packed = [_smallest(volume) for volume in steps]
    differences = np.concatenate([volume.reshape(-1) for _, volume in packed]).astype("<i2")
    data = gzip.compress(differences.reshape(-1, 1).view(np.uint8).T.tobytes(), _LEVEL, mtime=0)
    facts = {
        "mime": "application/gzip",
        "cells": volumes.shape[1],
        "step": step,
        "orders": [order for order, _ in packed],
    }
    return Block(facts, data, steps.astype(np.float32) * np.float32(step), "whole steps, gzip")


def _smallest(volume: Int16[np.ndarray, "d d d"]) -> tuple[int, Int16[np.ndarray, "d d d"]]:
    """How often its differences are best taken, and these."""
    ways = [(0, volume)]
    for order in range(1, _MOST_ORDER + 1):
        ways.append((order, _differences(ways[-1][1])))
    return min(ways, key=lambda way: len(gzip.compress(way[1].reshape(-1, 1).view(np.uint8).T.tobytes(), _TRIAL_LEVEL)))


def _differences(volume: Int16[np.ndarray, "d d d"]) -> Int16[np.ndarray, "d d d"]:
    """Along each axis, the first value as it is; too large ones go round, and come back when they are summed."""
    for axis in range(3):
        first = np.zeros_like(np.take(volume, [0], axis))
        volume = np.diff(volume, axis=axis, prepend=first)
    return volume
