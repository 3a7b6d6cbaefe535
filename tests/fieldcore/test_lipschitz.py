"""The orthogonal maps and the bound they give the network."""

import math

import pytest
import torch
from scipy.stats import kstest

from fieldcore.fields.lipschitz import ORTHOGONAL_MAPS, LipschitzNetwork, cayley

MAPS = pytest.mark.parametrize("name", ORTHOGONAL_MAPS)


def network(name: str = "cayley", width: int = 32, channels: int = 3) -> LipschitzNetwork:
    return LipschitzNetwork(width, channels, name, torch.Generator().manual_seed(0))


def disturbed(name: str) -> LipschitzNetwork:
    """A network as after a long training: large entries everywhere, singular values pressed to 1."""
    built = network(name)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in built.parameters():
            parameter.add_(2 * torch.randn(parameter.shape, generator=generator))
        built.s.add_(8)
    return built


def plane_rotation(angle: float) -> tuple[torch.Tensor, torch.Tensor]:
    skew = torch.tensor([[0.0, angle], [-angle, 0.0]], dtype=torch.float64)
    cosine, sine = math.cos(angle), math.sin(angle)
    return skew, torch.tensor([[cosine, sine], [-sine, cosine]], dtype=torch.float64)


@MAPS
@pytest.mark.parametrize("angle", [0.0, 0.3, -1.0])
def test_small_plane_rotations_are_the_exponentials(name, angle):
    skew, rotation = plane_rotation(angle)
    torch.testing.assert_close(ORTHOGONAL_MAPS[name](skew), rotation, atol=0.025 * abs(angle) ** 3, rtol=0)


@pytest.mark.parametrize("angle", [0.5, 2.0, math.pi, 3.4])
def test_cayley_turns_by_its_stated_angle(angle):
    stated = 4 * math.atan(angle / 4)
    torch.testing.assert_close(cayley(plane_rotation(angle)[0]), plane_rotation(stated)[1])


def test_cayley_has_the_exact_gradient():
    entries = 0.5 * torch.randn(2, 4, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    assert torch.autograd.gradcheck(lambda E: cayley(E - E.mT), entries.requires_grad_())


@MAPS
def test_factors_are_orthogonal_even_after_a_long_training(name):
    for factor in disturbed(name).orthogonal_factors():
        identity = torch.eye(32).expand_as(factor)
        torch.testing.assert_close(factor @ factor.mT, identity, atol=1e-5, rtol=0)


def test_start_is_rotations_in_pairs_of_axes():
    U, _ = network("matrix_exp").orthogonal_factors()
    blocks = torch.block_diag(*[torch.ones(2, 2)] * 16).bool()
    assert (U[:, ~blocks].abs() < 1e-6).all()
    angles = torch.atan2(U[:, 0::2, 1::2].diagonal(dim1=1, dim2=2), U[:, 0::2, 0::2].diagonal(dim1=1, dim2=2))
    assert angles.abs().max() > 2.9  # of 48 in (-pi, pi)
    assert angles.abs().min() < 0.3


def test_start_has_singular_values_of_every_size():
    built = LipschitzNetwork(512, 3, "cayley", torch.Generator().manual_seed(0))
    assert kstest((built.s.detach() / 10 + 0.5).flatten().numpy(), "uniform").statistic < 0.05
    for parameter in (built.bias, built.output_weight):
        assert kstest((parameter.detach() * 512**0.5 / 2 + 0.5).flatten().numpy(), "uniform").statistic < 0.05


@MAPS
def test_singular_values_are_sigmoid_of_s(name):
    built = disturbed(name)
    W, W_output = built.weights()
    expected = built.s.sigmoid().sort(dim=1, descending=True).values
    torch.testing.assert_close(torch.linalg.svdvals(W), expected, atol=1e-5, rtol=0)
    assert (W_output.norm(dim=1) <= 1 + 1e-6).all()


@MAPS
def test_no_output_changes_more_than_the_input(name):
    built = disturbed(name).eval()
    generator = torch.Generator().manual_seed(2)
    a, b = torch.randn(2, 500, 32, generator=generator)
    with torch.no_grad():
        change = (built(a) - built(b)).abs().amax(1)
    assert (change <= (a - b).norm(dim=1) * (1 + 1e-5)).all()


def test_short_output_rows_are_left_as_they_are():
    built = network()
    assert torch.equal(built.weights()[1], built.output_weight)


def test_evaluation_computes_the_weights_once_and_after_every_change():
    built = network().eval()
    first = built.weights()[0]
    assert built.weights()[0] is first
    with torch.no_grad():
        built.s.add_(1)
    assert not torch.equal(built.weights()[0], first)
    changed = built.weights()[0]
    built.load_state_dict(network().state_dict())
    torch.testing.assert_close(built.weights()[0], first)
    built.load_state_dict(
        {name: value.clone() for name, value in disturbed("cayley").state_dict().items()}, assign=True
    )
    assert not torch.equal(built.weights()[0], changed)
    assert built.double().weights()[0].dtype == torch.float64


def test_an_optimizer_step_between_two_evaluations_is_seen():
    built = network()
    optimizer = torch.optim.Adam(built.parameters(), lr=1e-2, fused=True)
    x = torch.ones(4, 32)
    before = built.eval()(x)
    built.train()(x).square().sum().backward()
    optimizer.step()
    assert not torch.equal(built.eval()(x), before)


def test_gradients_reach_every_parameter_while_training():
    built = network()
    built(torch.randn(64, 32, generator=torch.Generator().manual_seed(0))).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in built.parameters())
