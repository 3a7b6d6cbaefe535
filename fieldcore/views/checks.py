"""What people should know of a scene's cameras and masks before they train on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Bool, UInt8
from torch import Tensor

from ..sampling import sobol
from .camera import Camera
from .carving import listed
from .description import Photograph
from .silhouettes import INSIDE

_MANY_HOLES = 12
_BORDER_SHARE = 0.01
_SEEN_WITHIN_DEGREES = 45.0
_DIRECTIONS = 4096
INEXACT = 0.95
"""Of a mask the hull should cover this share."""


def described_notices(where: str, photographs: Sequence[Photograph], recentred: bool) -> tuple[str, ...]:
    """On the sizes of pictures and what was made of them."""
    notices = []
    sizes = {(each.camera.width, each.camera.height) for each in photographs}
    points = {(round(each.camera.cx, 2), round(each.camera.cy, 2)) for each in photographs}
    if len(sizes) > 1 and len(points) == 1 and not recentred:
        ((cx, cy),) = points
        notices.append(
            f"{where}: pictures are of {len(sizes)} sizes, but all cameras have one principal point "
            f"({cx:g}, {cy:g}), off the centre of most; try --recentre, which moves each to its picture's centre"
        )
    rescaled = [each for each in photographs if each.rescaled]
    if rescaled:
        width, height = rescaled[0].camera.width, rescaled[0].camera.height
        notices.append(
            f"{where}: {len(rescaled)} pictures have another number of pixels ({width} x {height}) than their cameras "
            "were described for; the cameras are scaled to them"
        )
    misfits = [each for each in photographs if each.described is not None]
    if misfits and not recentred:
        name, camera, described = misfits[0].name, misfits[0].camera, misfits[0].described
        assert described is not None
        notices.append(
            f"{where}: {_of([each.name for each in misfits], len(photographs))} have another shape ({name}: "
            f"{camera.width} x {camera.height}) than their cameras were described for ({described[0]} x "
            f"{described[1]}); they are taken for cut off at the right and below: try --recentre"
        )
    notices += _on_partial_masks(where, photographs)
    turned = [each for each in photographs if each.header.orientation != 1]
    if turned:
        said = "read as stored, as the cameras see them" if turned[0].as_stored else "read upright"
        notices.append(f"{where}: {len(turned)} pictures are marked as turned (EXIF); they are {said}")
    return tuple(notices)


def _on_partial_masks(where: str, photographs: Sequence[Photograph]) -> list[str]:
    """On pictures of which some have masks and others none."""
    without = [each.name for each in photographs if not each.has_mask]
    if not 0 < len(without) < len(photographs):
        return []
    return [
        f"{where}: {_of(without, len(photographs))} have no mask, so those of the others are not used; give a folder "
        "with a mask for each (--masks DIR)"
    ]


def mask_notices(where: str, names: Sequence[str], pixels: Sequence[UInt8[Tensor, "_ _ 4"]]) -> tuple[str, ...]:
    """On masks that pictures cut off, and ragged ones."""
    insides = [(stored[..., 3] > 255 * INSIDE).numpy() for stored in pixels]
    cut = [name for name, inside in zip(names, insides, strict=True) if _border_share(inside) > _BORDER_SHARE]
    notices = []
    if cut:
        notices.append(
            f"{where}: the masks of {_of(cut, len(names))} touch their pictures' border; the object goes on beyond it, "
            "or the mask is wrong there" + ("; are they bright where the object is?" if len(cut) == len(names) else "")
        )
    holes = [_holes(inside) for inside in insides]
    ragged = [name for name, count in zip(names, holes, strict=True) if count > _MANY_HOLES]
    if ragged:
        notices.append(
            f"{where}: the masks of {_of(ragged, len(names))} have many holes (up to {max(holes)}); every hole is "
            "carved through the object"
        )
    return tuple(notices)


def unseen_notice(where: str, cameras: Sequence[Camera]) -> tuple[str, ...]:
    """On objects that are seen from one side only; cameras are those of domain coordinates."""
    share = covered_share(cameras)
    if share >= 0.5:
        return ()
    return (
        f"{where}: the cameras see {share:.0%} of all directions (to {_SEEN_WITHIN_DEGREES:g} degrees); what is on the "
        "other sides is only bounded by the silhouettes",
    )


def covered_share(cameras: Sequence[Camera]) -> float:
    """The share of all directions from the domain's origin that are within 45 degrees of a camera."""
    noise = sobol(_DIRECTIONS, 2, 0).double()
    height, angle = 2 * noise[:, 0] - 1, 2 * torch.pi * noise[:, 1]
    around = (1 - height**2).sqrt()
    directions = torch.stack([around * angle.cos(), height, around * angle.sin()], 1)
    centres = torch.nn.functional.normalize(torch.stack([camera.centre for camera in cameras]), dim=1)
    nearest = (directions @ centres.T).amax(1)
    return float((nearest > np.cos(np.radians(_SEEN_WITHIN_DEGREES))).double().mean())


def hull_notices(
    where: str, names: Sequence[str], agreement: Sequence[float], dissenter: Callable[[], tuple[int, float] | None]
) -> tuple[str, ...]:
    """On cameras or masks that do not agree to the pixel.

    Args:
        where: the scene, as messages begin.
        names: of the views.
        agreement: of each, the share of its mask that the hull covers.
        dissenter: finds the view that alone takes much away, if there is one; asked where they do not agree.
    """
    mean = float(np.mean(agreement))
    if mean >= INEXACT:
        return ()
    found = dissenter()
    if found is not None:
        number, share = found
        return (
            f"{where}: view {names[number]} alone takes away {share:.0%} of what the other masks allow; its camera or "
            "its mask does not belong to the others",
        )
    worst = int(np.argmin(agreement))
    return (
        f"{where}: seen from its cameras the hull covers {mean:.3f} of the masks (view {names[worst]}: "
        f"{agreement[worst]:.3f}); the cameras or masks are inexact: try --refine-cameras",
    )


def _of(names: Sequence[str], count: int) -> str:
    return f"all {count} views" if len(names) == count else f"{len(names)} of {count} views ({listed(names)})"


def _border_share(inside: Bool[np.ndarray, "h w"]) -> float:
    return float(np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]]).mean())


def _holes(inside: Bool[np.ndarray, "h w"]) -> int:
    """Regions of background that do not reach the border."""
    import cv2

    count, labels = cv2.connectedComponents((~inside).astype(np.uint8), connectivity=4)
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return int(count - 1 - (border > 0).sum())
