"""Real photographs with real cameras, where the shared data lies beside the checkout: what matches lies on one ray."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import fieldcore as fc


@pytest.fixture
def scenes(shared_pictures: Path) -> Path:
    return shared_pictures.parent / "views"


def epipolar_px(views: fc.Views, first: int, second: int) -> float:
    """How far what is seen in one view lies from its ray as the other sees it: the median over matching points."""
    import cv2

    sift = cv2.SIFT_create(1000)
    found = []
    for number in (first, second):
        colours = (views.views[number].pixels().numpy()[..., :3] * 255).astype(np.uint8)
        found.append(sift.detectAndCompute(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), None))
    pairs = cv2.BFMatcher().knnMatch(found[0][1], found[1][1], k=2)
    best = [one for one, other in pairs if one.distance < 0.7 * other.distance]
    assert len(best) > 50
    # OpenCV counts from the first pixel's centre.
    here = torch.tensor([found[0][0][match.queryIdx].pt for match in best], dtype=torch.float64) + 0.5
    there = torch.tensor([found[1][0][match.trainIdx].pt for match in best], dtype=torch.float64) + 0.5
    origins, directions = views.views[first].camera.rays(here)
    near, far = (views.views[second].camera.project(origins + way * directions)[0] for way in (1.0, 3.0))
    line = torch.nn.functional.normalize(far - near, dim=1)
    return float((line[:, 0] * (there - near)[:, 1] - line[:, 1] * (there - near)[:, 0]).abs().median())


@pytest.mark.long
def test_a_telephones_photographs_agree_with_their_cameras(scenes: Path) -> None:
    """Bent by their lens, cameras of COLMAP in a transforms.json, 17 of 67 pictures not there, no masks."""
    views = fc.Views.open(scenes / "fox", size=480)
    assert len(views.views) == 50 and not views.has_masks
    assert "17 of its 67 pictures are not there" in views.notices[0]
    assert epipolar_px(views, 10, 11) < 0.3
    with pytest.raises(fc.InputError, match="these views have no masks"):
        views.hull()


@pytest.mark.long
def test_pictures_of_many_sizes_with_one_principal_point(scenes: Path) -> None:
    """Moved to the pictures' centres it fits: what matches comes from 10 pixels to less than one."""
    views, given = (fc.Views.open(scenes / "idr_dummy", size=540, recentre=recentre) for recentre in (True, False))
    said = " ".join(given.notices)
    for warning in ("try --recentre", "touch their pictures' border", "have many holes", "% of all directions"):
        assert warning in said
    assert epipolar_px(given, 0, 1) > 5 and epipolar_px(views, 0, 1) < 1
    assert np.mean(views.hull().agreement) > np.mean(given.hull().agreement)
