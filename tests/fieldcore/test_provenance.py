"""Finding a field's signal again, from the facts that its file keeps."""

import numpy as np
import pytest

from fieldcore.errors import InputError
from fieldcore.images import write_image
from fieldcore.provenance import find_signal, matching_signal, open_as_seen
from fieldcore.signals import Ackley, Picture


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 4)).astype(np.uint8)
    write_image(tmp_path / "photo.png", pixels)
    return tmp_path / "photo.png"


@pytest.mark.parametrize(
    "seen",
    [
        {},
        {"max_size": 16},
        {"encoding": "linear"},
        {"background": (0.0, 0.5, 1.0)},
        {"max_size": 23, "encoding": "linear", "background": (1.0, 0.0, 0.0)},
    ],
)
def test_a_picture_is_found_as_the_field_saw_it(photo, seen):
    picture = Picture.open(photo, **seen)
    found = find_signal(picture.facts, [photo])
    assert found.facts == picture.facts
    assert np.array_equal(found.pixels, picture.pixels)


def test_only_the_very_picture_is_accepted(photo, tmp_path):
    facts = Picture.open(photo).facts
    other = tmp_path / "other.png"
    write_image(other, np.zeros((30, 40, 3), np.uint8))
    (tmp_path / "broken.png").write_bytes(b"no picture")
    hopeless = [other, "missing.png", tmp_path, str(tmp_path / "broken.png"), "sample:nothing", "x" * 5000]
    assert find_signal(facts, hopeless) is None
    assert find_signal(facts) is None
    assert matching_signal(facts, other) is None
    assert find_signal(facts, [*hopeless, str(photo)]).facts == facts


def test_samples_of_scikit_image_are_found_by_name():
    facts = Picture.open("sample:coffee", max_size=40).facts
    assert find_signal(facts).facts == facts
    assert find_signal(facts, ["sample:coffee"]).facts == facts


def test_a_formula_needs_no_candidate(photo):
    assert isinstance(find_signal(Ackley().facts, [photo]), Ackley)
    with pytest.raises(InputError, match="was trained on ackley, not on a picture"):
        open_as_seen(Ackley().facts, photo)
