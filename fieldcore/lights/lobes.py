"""A Lambertian and a specular lobe for each pixel, found by robust photometric stereo.

    lobes(pixel, light) = albedo max(0, n . light) + strength profile(light . mirror),    mirror = 2 (n . z) n - z

with one profile for the whole stage. Shadows and highlights are left out of the normals: where a photo is far darker or
brighter than the normal says, it does not count. Filtered over the light, both profiles are smoothed as functions on
the sphere (legendre.py); what the lobes leave of the photos is the basis' to interpolate.

Source: R. J. Woodham, Photometric Method for Determining Surface Orientation from Multiple Images, Optical Engineering
19(1), 1980; the weights are those of iteratively reweighted least squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from scipy.optimize import isotonic_regression
from torch import Tensor

from ..filters.filter import Numbers
from .legendre import COSINES, smoothed_profile

LAMBERT = np.maximum(COSINES, 0.0)
_ROUNDS, _PROFILE_ROUNDS = 12, 4
_DARK, _BRIGHT = 0.5, 1.35
"""Shares of what the normal says, below and above which a photo shows a shadow or a highlight."""

_LEAST_LIGHT = 1e-3


@dataclass(frozen=True)
class Lobes:
    """What was found.

    Attributes:
        pixels: (p, 4 + c): unit normals, strengths of the specular lobe, and albedo, linear.
        profile: (m) of the specular lobe over the cosine to the mirror direction, at most 1.
    """

    pixels: Float[Tensor, "p k"]
    profile: Float[np.ndarray, "m"]

    def at(self, direction: Numbers, time: float = 0.0) -> Float[Tensor, "p c"]:
        """Their sum in one light, or in one light each (p, 3), after so much heat."""
        ways = torch.as_tensor(np.asarray(direction)).to(self.pixels).expand(len(self.pixels), 3)
        normals, strength, albedo = self.pixels[:, :3], self.pixels[:, 3:4], self.pixels[:, 4:]
        matte = _looked_up(smoothed_profile(LAMBERT, time), (normals * ways).sum(1))
        gloss = _looked_up(smoothed_profile(self.profile, time), (mirrored(normals) * ways).sum(1))
        return albedo * matte[:, None] + strength * gloss[:, None]


def mirrored(normals: Float[Tensor, "p 3"]) -> Float[Tensor, "p 3"]:
    """Where the camera's direction is mirrored to."""
    mirror = 2 * normals[:, 2:] * normals
    return mirror - torch.tensor([0.0, 0.0, 1.0], device=normals.device, dtype=normals.dtype)


def found_lobes(
    values: Float[Tensor, "l p c"], directions: Float[np.ndarray, "l 3"], profile: Float[np.ndarray, "m"] | None = None
) -> Lobes:
    """The lobes of some pixels.

    Args:
        values: linear, of the pixels in each photo.
        directions: unit, of the photos' lights.
        profile: of the whole stage, where it is known already.
    """
    lights = torch.from_numpy(directions).float().to(values.device)
    grey = values.mean(2)
    normals = _normals(grey, lights)
    cosines = lights @ normals.T
    albedo = _albedo(values, cosines, _lit(grey, cosines))
    rest = grey - albedo.mean(1) * cosines.clamp_min(0)
    strength, found = _specular(rest, lights, normals, cosines, profile)
    return Lobes(torch.cat([normals, strength[:, None], albedo], 1), found)


def _normals(grey: Float[Tensor, "l p"], lights: Float[Tensor, "l 3"]) -> Float[Tensor, "p 3"]:
    """Least squares over the photos that show neither shadow nor highlight, of each pixel."""
    weights = torch.ones_like(grey)
    # at first the darkest quarter and the brightest tenth of each pixel do not count
    low, high = torch.quantile(grey, torch.tensor([0.25, 0.9], device=grey.device), dim=0)
    weights *= ((grey >= low) & (grey <= high)).float() + 1e-3
    scaled = torch.zeros(grey.shape[1], 3, device=grey.device)
    for _ in range(_ROUNDS):
        products = torch.einsum("lp,li,lj->pij", weights, lights, lights)
        products += 1e-6 * torch.eye(3, device=grey.device)
        right = torch.einsum("lp,lp,li->pi", weights, grey, lights)
        scaled = torch.linalg.solve(products, right)
        said = lights @ scaled.T
        share = grey / said.clamp_min(_LEAST_LIGHT)
        lit = (said > 0) & (share > _DARK) & (share < _BRIGHT)
        spread = (grey - said).abs() / said.clamp_min(_LEAST_LIGHT)
        weights = torch.where(lit, 1 / (1 + (spread / 0.1).square()), torch.full_like(grey, 1e-4))
    length = scaled.norm(dim=1, keepdim=True)
    up = torch.tensor([0.0, 0.0, 1.0], device=grey.device)
    return torch.where(length > 1e-6, scaled / length.clamp_min(1e-6), up)


def _lit(grey: Float[Tensor, "l p"], cosines: Float[Tensor, "l p"]) -> Bool[Tensor, "l p"]:
    """Which photos show a pixel in plain light."""
    ratio = grey / cosines.clamp_min(0.05)
    ratio = torch.where(cosines > 0.1, ratio, torch.nan)
    middle = torch.nanmedian(ratio, dim=0).values.nan_to_num(0.0)
    return (cosines > 0.1) & (ratio > _DARK * middle) & (ratio < _BRIGHT * middle)


def _albedo(
    values: Float[Tensor, "l p c"], cosines: Float[Tensor, "l p"], lit: Bool[Tensor, "l p"]
) -> Float[Tensor, "p c"]:
    weight = (lit * cosines.clamp_min(0)).float()
    above = torch.einsum("lp,lpc->pc", weight, values)
    return above / (weight * cosines.clamp_min(0)).sum(0).clamp_min(1e-6)[:, None]


def _specular(
    rest: Float[Tensor, "l p"],
    lights: Float[Tensor, "l 3"],
    normals: Float[Tensor, "p 3"],
    cosines: Float[Tensor, "l p"],
    known: Float[np.ndarray, "m"] | None,
) -> tuple[Float[Tensor, "p"], Float[np.ndarray, "m"]]:
    """One profile for all pixels, and how strong it is in each: alternating least squares, nothing below 0."""
    place = ((lights @ mirrored(normals).T).clamp(-1, 1) + 1) / 2 * (len(COSINES) - 1)
    cell = place.round().long()
    counted = (cosines > 0.05) & (rest > 0)  # a shadow says nothing of the profile
    rest = rest.clamp_min(0)
    strength = rest.amax(0)
    profile = torch.zeros(len(COSINES), device=rest.device)
    for _ in range(_PROFILE_ROUNDS if known is None else 1):
        if known is None:
            weight = counted * strength
            above = torch.zeros_like(profile).index_add_(0, cell.flatten(), (weight * rest).flatten())
            below = torch.zeros_like(profile).index_add_(0, cell.flatten(), (weight * strength).flatten())
            profile = torch.from_numpy(_rising(above.cpu().numpy(), below.cpu().numpy())).to(rest)
        else:
            profile = torch.from_numpy(known).to(rest)
        of_light = profile[cell] * counted
        strength = (of_light * rest).sum(0) / of_light.square().sum(0).clamp_min(1e-9)
    most = float(profile.max().clamp_min(1e-9))
    return strength * most, (profile / most).double().cpu().numpy()


def _rising(above: Float[np.ndarray, "m"], below: Float[np.ndarray, "m"]) -> Float[np.ndarray, "m"]:
    """The weighted means of cells as a profile that never falls towards the mirror direction."""
    known = below > 0
    if not known.any():
        return np.zeros_like(above)
    fitted = isotonic_regression(above[known] / below[known], weights=below[known]).x
    found: np.ndarray = np.interp(COSINES, COSINES[known], fitted)
    found -= found[: len(found) // 2].mean()  # what is there from behind is no gloss
    return found.clip(0)


def _looked_up(profile: Float[np.ndarray, "m"], cosine: Float[Tensor, "p"]) -> Float[Tensor, "p"]:
    """A profile at cosines, linear in between."""
    table = torch.from_numpy(np.asarray(profile)).to(cosine)
    place = ((cosine.clamp(-1, 1) + 1) / 2 * (len(table) - 1)).clamp(0, len(table) - 1)
    first = place.floor().long().clamp_max(len(table) - 2)
    return torch.lerp(table[first], table[first + 1], place - first)
