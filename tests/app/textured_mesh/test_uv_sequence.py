"""UV sequences of planes, whose texture coordinates, footprints and filtered colours are known in closed form."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
import torch
from waves import Waves

from app.scenes.textured_mesh.uv_sequence import (
    UvFrame,
    downsampled,
    frames_in,
    open_sequence,
    read_uv_frame,
    record_uv_sequence,
    shaded,
    with_footprints,
)
from fieldcore.errors import InputError
from fieldcore.filters import Gaussian
from fieldcore.images import read_image, write_image

SIZE = (48, 32)


def plane(size=SIZE, by_x=(0.011, -0.002), by_y=(0.004, -0.013), origin=(0.2, 0.8)) -> UvFrame:
    """Texture coordinates that are linear in the frame: a wall seen head on, turned and sheared."""
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    uv = np.array(origin) + x[..., None] * np.array(by_x) + y[..., None] * np.array(by_y)
    return UvFrame(uv.astype(np.float32), np.ones(x.shape, np.float32))


def stored(frame: UvFrame) -> np.ndarray:
    channels = np.concatenate([frame.uv, np.zeros_like(frame.uv[..., :1]), frame.coverage[..., None]], -1)
    return (channels * 65535 + 0.5).astype(np.uint16)


def masked(frame: UvFrame, covered: np.ndarray) -> UvFrame:
    """Where nothing is seen, files hold zeros."""
    return UvFrame(np.where(covered[..., None], frame.uv, 0).astype(np.float32), covered.astype(np.float32))


EXPECTED = np.array([[0.011, 0.004], [-0.002, -0.013]])


def test_footprints_of_a_plane_are_its_slopes():
    np.testing.assert_allclose(
        with_footprints(plane()).jacobian, np.broadcast_to(EXPECTED, (32, 48, 2, 2)), atol=1e-6
    )  # fmt: skip


def test_the_border_of_what_is_covered_leaves_footprints_as_they_are():
    x, y = np.meshgrid(np.arange(48), np.arange(32))
    covered = (x - 24) ** 2 + (y - 16) ** 2 < 150
    jacobian = with_footprints(masked(plane(), covered)).jacobian
    inner = covered.copy()
    for axis, step in ((0, 1), (0, -1), (1, 1), (1, -1)):
        inner &= np.roll(covered, step, axis)
    has_neighbours = covered & (np.roll(covered, 1, 0) | np.roll(covered, -1, 0))
    has_neighbours &= np.roll(covered, 1, 1) | np.roll(covered, -1, 1)
    assert has_neighbours.sum() > inner.sum()
    np.testing.assert_allclose(
        jacobian[has_neighbours], np.broadcast_to(EXPECTED, (has_neighbours.sum(), 2, 2)), atol=1e-6
    )
    assert (jacobian[~covered] == 0).all()


def test_a_seam_is_not_taken_for_a_large_footprint():
    """A texture that repeats: u jumps back from 1 to 0 between two pixels."""
    frame = plane(origin=(0.7, 0.8))
    folded = UvFrame(np.stack([frame.uv[..., 0] % 1, frame.uv[..., 1]], -1).astype(np.float32), frame.coverage)
    assert (np.diff(folded.uv[..., 0], axis=1) < 0).any()
    np.testing.assert_allclose(
        with_footprints(folded).jacobian, np.broadcast_to(EXPECTED, (32, 48, 2, 2)), atol=1e-5
    )  # fmt: skip


def test_a_pixel_alone_has_a_finite_footprint():
    covered = np.zeros((32, 48), bool)
    covered[7, 9] = True
    assert (with_footprints(masked(plane(), covered)).jacobian == 0).all()


@pytest.mark.parametrize("factor", [2, 3, 4, 5])
def test_downsampled_is_the_same_plane_in_larger_pixels(factor: int):
    coarse = downsampled(with_footprints(plane()), factor)
    size = (48 // factor, 32 // factor)
    larger = plane(size, *(tuple(factor * np.array(step)) for step in ((0.011, -0.002), (0.004, -0.013))))
    np.testing.assert_allclose(coarse.uv, larger.uv, atol=1e-5)
    np.testing.assert_allclose(coarse.jacobian, np.broadcast_to(factor * EXPECTED, (*larger.uv.shape, 2)), atol=1e-5)
    assert (coarse.coverage == 1).all()


def test_coverage_downsampled_is_its_mean_and_a_corner_has_the_texture_of_what_covers_it():
    covered = np.ones((32, 48), bool)
    covered[:, 18:] = False
    coarse = downsampled(with_footprints(masked(plane(), covered)), 4)
    np.testing.assert_allclose(coarse.coverage[:, :6], np.broadcast_to([1, 1, 1, 1, 0.5, 0], (8, 6)))
    whole = downsampled(with_footprints(plane()), 4)
    np.testing.assert_allclose(coarse.uv[:, :5], whole.uv[:, :5], atol=1e-5)


@pytest.mark.parametrize("factor", [1, 4])
def test_colours_are_the_waves_damped_by_the_footprint(factor: int):
    frame = downsampled(with_footprints(plane()), factor)
    picture = shaded(Waves(), frame)
    x = torch.from_numpy(np.stack([2 * frame.uv[..., 0] - 1, 0.5 * (1 - 2 * frame.uv[..., 1])], -1).reshape(-1, 2))
    in_domain = torch.from_numpy(np.diag([2.0, -1.0]) @ (factor * EXPECTED)).float()
    with torch.no_grad():
        expected = Waves()(x, Gaussian(in_domain @ in_domain.T / 4))
    np.testing.assert_allclose(picture[..., :3].reshape(-1, 3), expected.clip(0, 1), atol=2e-4)
    assert (picture[..., 3] == 1).all()


def test_frames_are_read_back_as_they_were_stored(tmp_path: Path):
    frame = plane()
    write_image(tmp_path / "a.png", stored(frame))
    exr = np.concatenate([frame.uv, np.zeros_like(frame.uv[..., :1]), frame.coverage[..., None]], -1)
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION}, {"RGBA": exr}).write(str(tmp_path / "b.exr"))
    assert [file.name for file in frames_in(tmp_path)] == ["a.png", "b.exr"]
    for name, tolerance in (("a.png", 1 / 65535), ("b.exr", 0)):
        again = read_uv_frame(tmp_path / name)
        np.testing.assert_allclose(again.uv, frame.uv, atol=tolerance)
        assert (again.coverage == 1).all()


def test_a_sequence_becomes_frames_and_a_video(tmp_path: Path):
    (tmp_path / "uv").mkdir()
    (tmp_path / "field.safetensors").write_bytes(b"waves")
    for k in range(3):
        covered = np.ones((32, 48), bool)
        covered[:, : 8 * k] = False
        write_image(tmp_path / "uv" / f"frame_{k:06d}.png", stored(masked(plane(), covered)))
    field, out = Waves(), tmp_path / "out"
    recording = record_uv_sequence(
        open_sequence(tmp_path / "uv", 2), tmp_path / "field.safetensors", field, out, tmp_path / "out.mp4"
    )
    assert recording.frames == 3 and (tmp_path / "out.mp4").exists()
    report = json.loads((out / "frames.json").read_text())
    assert (report["state"], report["downsample"], report["size"]) == ("complete", 2, [24, 16])
    assert [frame["from"] for frame in report["frames"]] == [f"frame_{k:06d}.png" for k in range(3)]
    last = read_image(out / "frame_000002.png")[0]
    assert last.shape == (16, 24, 4) and (last[:, :8, 3] == 0).all() and (last[:, 8:, 3] == 1).all()
    expected = shaded(field, downsampled(with_footprints(plane()), 2))
    np.testing.assert_allclose(last[:, 8:, :3], expected[:, 8:, :3], atol=0.02)


def test_what_is_no_sequence_is_one_sentence(tmp_path: Path):
    def refused(sentence: str) -> None:
        with pytest.raises(InputError, match=sentence):
            open_sequence(tmp_path / "uv", 3)

    refused("no such folder")
    (tmp_path / "uv").mkdir()
    refused(r"expected frames ending in \.png or \.exr, found none")
    write_image(tmp_path / "uv" / "a.png", np.zeros((4, 4, 3), np.uint16))
    refused("expected the four channels u, v, 0 and coverage, got 3")
    write_image(tmp_path / "uv" / "a.png", (stored(plane()) >> 8).astype(np.uint8))
    refused("8 bits a channel are too few")
    write_image(tmp_path / "uv" / "a.png", stored(plane((2, 2))))
    refused("--downsample: expected a whole number from 1 to 2, got 3")
    write_image(tmp_path / "uv" / "a.png", stored(plane()))
    write_image(tmp_path / "uv" / "b.png", stored(plane((24, 32))))
    refused(r"b\.png': is 24 x 32, unlike the first frame, 48 x 32")
