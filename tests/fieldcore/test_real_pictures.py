"""Real photographs, text and HDR, where the shared data lies beside the checkout."""

from dataclasses import replace

import pytest

from fieldcore.fields import build_field, preset_recipe
from fieldcore.fitting import Stop, fit
from fieldcore.scoring import psnr_at_points
from fieldcore.signals import Picture


@pytest.mark.parametrize(
    ("name", "encoding", "resolution"),
    [
        ("div2k_00.png", "display", (512, 512)),
        ("text_00.png", "display", (512, 512)),
        ("fox.jpg", "display", (512, 512)),
        ("albert.exr", "linear", (1024, 1024)),
    ],
)
def test_a_short_training_learns_every_scale(shared_pictures, name, encoding, resolution):
    picture = Picture.open(shared_pictures / name, max_size=64)
    assert picture.facts.encoding == encoding
    assert picture.facts.source_resolution == resolution
    recipe = replace(preset_recipe("trained_pyramid", "preview", picture.facts), points_per_step=2048)
    field = build_field(recipe, picture.facts)
    for _ in fit(field, picture, stop=Stop(steps=150)):
        pass
    assert min(psnr_at_points(field, picture).values()) > 27
