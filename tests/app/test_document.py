"""Opening fields and the pictures they were trained on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from driving import CPU, document_of, field_file, picture_file
from waves import COLOUR_FACTS, GREY_FACTS, Waves

from app.document import open_document, trained_on
from app.plane.agreement import judged, spectrum_of
from app.scenes.picture.controls import Controls
from app.scenes.picture.state import open_picture
from fieldcore.errors import InputError
from fieldcore.evaluation import Grid
from fieldcore.filters import Gaussian
from fieldcore.scoring import score
from fieldcore.signals import Picture


def test_a_field_finds_its_picture_among_those_it_is_given(tmp_path: Path, smooth_pixels: np.ndarray) -> None:
    picture = picture_file(tmp_path, smooth_pixels)
    other = picture_file(tmp_path, smooth_pixels[::-1], "other.png")
    renamed = picture_file(tmp_path, smooth_pixels, "renamed.png")
    field = field_file(tmp_path, picture)
    for candidates, found in (
        ([str(other), str(picture)], str(picture)),
        ([str(tmp_path / "gone.png"), str(renamed)], str(renamed)),
        ([str(other)], ""),
    ):
        document = open_document(field, CPU, candidates)
        assert document.signal_source == found and (document.truth is None) == (not found)
    assert document.name == "trained_pyramid · picture.png"


def test_a_field_finds_its_picture_in_the_size_it_saw_it_in(tmp_path: Path, smooth_pixels: np.ndarray) -> None:
    picture = picture_file(tmp_path, smooth_pixels)
    field = field_file(tmp_path, picture, max_size=24)
    document = open_document(field, CPU, [str(picture)])
    assert document.signal is not None and document.signal.facts.resolution == (24, 16)
    another = document_of(Waves(replace(COLOUR_FACTS, background=(1.0, 1.0, 1.0))))
    told = trained_on([document, another], str(picture), CPU)
    assert list(told) == [document] and told[document].facts.resolution == (24, 16)


def test_documents_are_themselves_however_alike() -> None:
    field = Waves()
    assert document_of(field) != document_of(field) and len({document_of(field), document_of(field)}) == 2


def test_attaching_a_picture_makes_it_the_truth(smooth_pixels: np.ndarray) -> None:
    document, picture = document_of(Waves()), Picture(smooth_pixels)
    document.attach(picture, "here.png")
    assert document.truth is not None and document.signal_source == "here.png"
    assert (
        np.abs(document.truth.values(Gaussian(0.0), Grid((48, 32), (-1.0, -2 / 3), (1.0, 2 / 3))) - smooth_pixels).max()
        < 1e-6
    )
    document.attach(None, "gone.png")
    assert document.truth is None and document.signal_source == ""


def test_what_cannot_be_shown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        open_picture(str(tmp_path / "missing.png"), CPU)
    with pytest.raises(InputError, match="no such file"):
        open_document(tmp_path / "missing.safetensors", CPU, [])


def test_the_agreement_is_what_scoring_says(tmp_path: Path, smooth_pixels: np.ndarray) -> None:
    picture = picture_file(tmp_path, smooth_pixels)
    document = open_document(field_file(tmp_path, picture), CPU, [str(picture)])
    assert document.signal is not None
    for covariance in ((1e-3, 0.0, 1e-3), (1e-2, 0.0, 1e-4)):
        controls = Controls(covariance=covariance)
        (expected,) = score(document.field, document.signal, [controls.filter])
        found = judged(document, controls)
        assert found is not None and found.standard_error == 0
        assert found.psnr == pytest.approx(expected.psnr, abs=0.01)
        assert found.ssim == pytest.approx(expected.ssim, abs=1e-3)
    assert judged(document, controls, lambda: True) is None


def test_the_spectrum_is_that_of_the_unfiltered_field() -> None:
    document = document_of(Waves(GREY_FACTS))
    spectrum = spectrum_of(document)
    assert spectrum is not None and spectrum.f_max == 16.0
    # The waves of 5 and of hypot(2, 3) cycles are the strongest below 8; nothing is between 8 and hypot(11, 4).
    strong, weak = (np.abs(spectrum.frequencies - f).argmin() for f in (5.0, 9.0))
    assert spectrum.radial_log_power[strong] > spectrum.radial_log_power[weak] + 2
    assert spectrum_of(document, lambda: True) is None
