"""Kernels and maps as text."""

from __future__ import annotations

import pytest
import torch

from fieldcore import Grid, Profile
from fieldcore.errors import InputError
from fieldcore.kernel_names import check_kernel_name, drawn_profile, kernel_of
from fieldcore.size_map import parse_ramp


def test_an_edge_is_a_derivative_in_any_direction() -> None:
    """It makes the slope of a ramp along its direction, which turns towards the top."""
    smooth = Profile.quadratic()
    for angle in (0.0, 30.0, 90.0, -135.0):
        kernel = kernel_of(f"edge:{angle:g}", 0.1)
        turn = torch.deg2rad(torch.tensor(angle))
        scale = 2 * float(smooth.values(torch.zeros(())))
        along = [
            sum(profiles[axis].moment(1) * profiles[1 - axis].mass for profiles in kernel.terms) for axis in (0, 1)
        ]
        assert along == pytest.approx([-float(turn.cos()) / scale, float(turn.sin()) / scale], abs=1e-7)
        assert float(kernel.mass(2)) == 0


def test_a_difference_and_what_is_drawn() -> None:
    difference = kernel_of("difference:2", 0.1)
    assert float(difference.mass(2)) == pytest.approx(0, abs=1e-12) and difference.is_symmetric
    assert float(difference.second_moment(2)[0, 0]) == pytest.approx(0.01 * (1 / 4 - 1) / 9)
    drawn = drawn_profile([0.5, 1.0, -0.25])
    at_knots = drawn.values(drawn.knots)
    assert drawn.mass == pytest.approx(1) and (at_knots / at_knots[2]).tolist() == pytest.approx([0, 0.5, 1, -0.25, 0])
    assert drawn_profile([1.0, -1.0]).mass == 0  # its parts cancel


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("hat", "--kernel: expected one of box, tent, quadratic, edge, difference, drawn, FILE.json, got 'hat'"),
        ("edge:up", "kernel 'edge': expected an angle in degrees, 0 unless given, after a colon, got 'up'"),
        ("edge:1,2", "kernel 'edge': expected an angle"),
        ("difference:1", r"kernel 'difference': expected a ratio above 1 and up to 100, got 1"),
        ("difference:nan", "kernel 'difference': expected how many times wider"),
        ("drawn", "--kernel drawn: expected heights after a colon, as in drawn:0.5,1,0.5"),
        ("drawn:0,0", "kernel 'drawn': expected heights that are not all 0"),
        ("drawn:" + ",".join("1" * 64), "kernel 'drawn': expected 1 to 63 heights, got 64"),
        ("nothing.json", "kernel 'nothing.json': No such file"),
    ],
)
def test_what_is_no_kernel_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        check_kernel_name(text, "--kernel")
        kernel_of(text, 0.1)


def test_ramps_grow_from_a_focus() -> None:
    grid = Grid.covering((1.0, 1.0), 64)
    x = grid.points(0, grid.count)
    for text, away in (("linear:0,0.1,0,0.6,0.5", (x[:, 1] - 0.1).abs()), ("radial:0,0.1,0,0.6,0.5", None)):
        ramp = parse_ramp(text)
        assert ramp is not None and parse_ramp(ramp.as_text) == ramp
        distance = (x - torch.tensor([0.0, 0.1])).norm(dim=1) if away is None else away
        shares = ramp.shares_at(x)
        assert float(shares[distance < 0.25].max()) == 0 and float(shares[distance > 0.5].min()) == 1
        order = distance.argsort()
        assert bool((shares[order].diff() >= -1e-5).all())
    assert parse_ramp("mask.png") is None
    for wrong in ("linear:1,2,3", "radial:0,0,1,1,2", "linear:0,0,inf,1", "linear:a,b,c,d"):
        with pytest.raises(InputError, match=r"map: expected (linear|radial):X,Y,X,Y,FEATHER"):
            parse_ramp(wrong)
