"""A field as one web page: what is in the file, and what is refused. tests/fieldcore/test_web_browser.py opens it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

import fieldcore as fc
from fieldcore.cli import command_of
from fieldcore.errors import InputError
from fieldcore.filter_sets import VARIANCES
from fieldcore.measures import psnr
from fieldcore.web.page_files import page_file, page_shaders, window_shader
from fieldcore.web.page_size import page_within
from fieldcore.web.pages import PageSettings, page_of

HOSTILE = "</script><img src=x onerror=alert(1)>&\"'$title.png"


class Elements(HTMLParser):
    """Elements of a page by their names, with their attributes and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs), []))

    def handle_data(self, data):
        if self.found:
            self.found[-1][2].append(data)

    def texts(self, tag: str, **attributes: str) -> list[str]:
        return [
            "".join(text) for name, given, text in self.found if name == tag and attributes.items() <= given.items()
        ]


def run(words: str) -> None:
    command_of(shlex.split(words)).run()


def solved(pixels: np.ndarray, name: str = "picture", **facts) -> fc.Pyramid:
    field = fc.train("pyramid", fc.Picture(pixels, name=name, **facts), device="cpu")
    assert isinstance(field, fc.Pyramid)
    return field


@pytest.fixture
def bytes_picture(smooth_pixels: np.ndarray) -> np.ndarray:
    return np.rint(255 * smooth_pixels).astype(np.uint8)


def test_what_comes_from_a_file_is_escaped_and_nothing_lies_outside(bytes_picture):
    text = page_of(solved(bytes_picture, HOSTILE)).document.html()
    elements = Elements(text)
    assert [tag for tag, *_ in elements.found].count("img") == 1, "the page's own"
    assert elements.texts("h1") == [HOSTILE + "\n"] or elements.texts("h1") == [HOSTILE]
    assert json.loads(elements.texts("script", id="header")[0])["title"] == HOSTILE
    addresses = [value for _, given, _ in elements.found for name, value in given.items() if name in ("src", "href")]
    assert addresses == ["data:,"] and not re.search(r"https?:|eval\(|\bfetch\(|XMLHttp|import\(", text)


def test_the_policy_allows_this_script_and_this_style_alone(bytes_picture):
    text = page_of(solved(bytes_picture)).document.html()
    elements = Elements(text)
    policy = next(given["content"] for tag, given, _ in elements.found if "http-equiv" in given)
    script = text[text.rindex("<script>") + 8 : text.rindex("</script>")]
    style = text[text.index("<style>") + 7 : text.index("</style>")]
    for content, directive in ((script, "script-src"), (style, "style-src")):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy


@pytest.mark.parametrize("body", ["picture", "integral", "stage", "mesh", "shape"])
def test_every_control_is_named_for_those_who_do_not_see_it(body):
    text = page_file(f"{body}.html")
    without_labels = re.sub(r"<label.*?</label>", "", text, flags=re.DOTALL)
    assert "<input" in text and not re.search("<(input|select)", without_labels), "each lies in its label"
    assert all(re.search(r"\w", words) for words in re.findall("<button[^>]*>(.*?)</button>", text, flags=re.DOTALL))
    for handle in re.findall('<[^>]*tabindex="0"[^>]*>', text):
        assert 'role="' in handle and 'aria-label="' in handle, handle


def test_shaders_are_the_windows_but_for_their_first_line():
    shared = ("fullscreen.vert", "picture.frag")
    shaders = page_shaders(shared, (), "VALUES_ARE_LINEAR")
    for name in shared:
        desktop = window_shader(name).partition("\n")
        web = shaders[name].split("#define VALUES_ARE_LINEAR\n")
        assert desktop[0] == "#version 330 core" and web[0].startswith("#version 300 es\n")
        assert web[1:] == [desktop[2]]


def test_samples_are_packed_without_loss_or_as_told(bytes_picture):
    field = solved(bytes_picture)
    page = page_of(field)
    assert page.facts["packed"].startswith("lossless WebP") and min(page.facts["dB"].values()) == 200
    np.testing.assert_array_equal(page.document.blocks["samples"].values, bytes_picture / np.float32(255))
    lossy = page_of(field, PageSettings(lossy=True))
    assert 30 < min(lossy.facts["dB"].values()) < 200 and "JPEG" in lossy.facts["packed"]
    bright = solved(bytes_picture.astype(np.float32) ** 2, encoding="linear")
    assert "16 bits" in page_of(bright).facts["packed"] and "small" in page_of(bright).document.blocks
    assert "VALUES_ARE_LINEAR" in page_of(bright).document.shaders["picture.frag"]


def test_a_lossy_page_loses_what_exact_smoothing_makes_of_its_jpegs_errors(bytes_picture):
    page = page_of(solved(bytes_picture), PageSettings(lossy=True))
    grid = fc.Grid.covering((1.0, 32 / 48), 48)
    exact, jpeg = fc.Picture(bytes_picture).truth(), fc.Picture(page.document.blocks["samples"].values).truth()
    for variance in VARIANCES:
        lost = psnr(jpeg.values(variance, grid), exact.values(variance, grid), (0.0, 1.0))
        assert abs(page.facts["dB"][f"{variance:g}"] - lost) < 2.5, variance


def test_a_truth_is_there_once(bytes_picture, tmp_path):
    fc.write_image(tmp_path / "photo.png", bytes_picture.astype(np.float32) / 255)
    page = page_of(solved(bytes_picture), PageSettings(truth=str(tmp_path / "photo.png")))
    assert set(page.document.blocks) == {"samples"} and page.document.header["truth"] == "samples"
    assert page.facts["compared with"] == "the truth" and min(page.facts["dB"].values()) > 60
    fc.write_image(tmp_path / "other.png", bytes_picture[::-1].astype(np.float32) / 255)
    other = page_of(solved(bytes_picture), PageSettings(truth=str(tmp_path / "other.png")))
    assert set(other.document.blocks) == {"samples", "truth"} and other.facts["dB"]["0"] < 30
    fc.write_image(tmp_path / "small.png", bytes_picture[:8].astype(np.float32) / 255)
    with pytest.raises(InputError, match="expected a picture of 48 x 32 pixels and 3 channels"):
        page_of(solved(bytes_picture), PageSettings(truth=str(tmp_path / "small.png")))


def test_too_large_a_page_is_refused_with_what_fits():
    noise = np.random.default_rng(0).integers(0, 256, (96, 128, 3)).astype(np.uint8)
    field = solved(noise)
    _, text = page_within(field, PageSettings(), 1.0)
    most = 0.8 * len(text) / 1e6
    with pytest.raises(InputError, match=r"would take .* MB, more than --max-mb .*; --size \d+ fits") as refusal:
        page_within(field, PageSettings(), most)
    size = int(re.findall(r"--size (\d+)", str(refusal.value))[0])
    page, smaller = page_within(field, PageSettings(size=size), most)
    assert len(smaller) <= most * 1e6 and max(page.facts["samples"]) == size
    with pytest.raises(InputError, match="allow more with --max-mb"):
        page_within(field, PageSettings(), 0.01)


def test_the_command_writes_the_same_bytes_again(bytes_picture, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    fc.save_field("photo.safetensors", solved(bytes_picture, "photo.png"))
    run("export photo.safetensors --to web --out photo.html --json")
    facts = json.loads(capsys.readouterr().out)
    assert facts["format"] == "web" and facts["dB"]["0.001"] == 200
    stated = Elements(Path("photo.html").read_text(encoding="utf-8")).texts("footer")[0]
    size = f"{Path('photo.html').stat().st_size / 1e6:.2f} MB"
    for words in ("Field: photo.safetensors, pyramid, 48 x 32 samples, 8 levels", "variance 0.001: equal", size):
        assert words in stated
    run("export photo.safetensors --to web --out again.html --embed")
    assert '<iframe src="again.html" title="photo.png"' in capsys.readouterr().out
    run("export photo.safetensors --to web --out twice.html")
    assert Path("photo.html").read_bytes() == Path("twice.html").read_bytes() != Path("again.html").read_bytes()


def test_what_is_refused(bytes_picture, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fc.save_field("photo.safetensors", solved(bytes_picture))
    fc.save_field("net.safetensors", fc.train("spectral", bytes_picture, steps=1, width=16, device="cpu"))
    for words, sentence in {
        "photo.safetensors --to web -o a.png": "a page's file ends in .html",
        "photo.safetensors --to web --lossy --exact -o a.html": "--lossy or --exact, not both",
        "photo.safetensors --to web --truth no.png -o a.html": "no.png",
        "photo.safetensors --to web --size 1 -o a.html": "--size: expected from 16",
        "photo.safetensors --to web --max-mb 0 -o a.html": "--max-mb: expected a number above 0",
        "photo.safetensors --to web --quality 80 -o a.html": "--quality: has no effect on the format web",
        "photo.safetensors --to ptm --lossy -o a.ptm": "--lossy: has no effect on the format ptm",
        "photo.safetensors --to pdf -o a.pdf": "--to: expected one of web, numpy",
        "net.safetensors --to web -o a.html": "a spectral field of a picture; solve one: fieldcore fit picture PHOTO",
        "net.safetensors --to numpy -o a.d": "only pyramids in 2-D have levels to write",
        "none.safetensors --to web -o a.html": "no such file",
    }.items():
        with pytest.raises(InputError, match=re.escape(sentence)):
            run(f"export {words}")
        assert not list(tmp_path.glob("a.*"))


def test_a_repeating_texture_keeps_its_border(bytes_picture):
    field = solved(bytes_picture)
    tiled = replace(field.facts, border=("repeat", "repeat"))
    repeating = fc.Pyramid(field.recipe, tiled)
    repeating.samples.copy_(field.samples)
    lines = page_of(repeating).document.header["levels"][0]["lines"]
    assert [line["border"] for line in lines] == ["repeat", "repeat"]


def test_levels_are_written_for_other_programs(bytes_picture, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    fc.save_field("photo.safetensors", field := solved(bytes_picture))
    for to in ("numpy", "png-levels", "exr"):
        run(f"export photo.safetensors --to {to} --out {to}")
        described = json.loads(Path(to, "levels.json").read_text())
        assert len(described["levels"]) == len(field.levels) == len(list(Path(to).iterdir())) - 1
    level, line = described["levels"][2], field.levels[2].lines[0]
    assert level["axes"][0] == vars(line) and level["variance"] == field.levels[2].variance
    values = np.load("numpy/level_02.npy")
    np.testing.assert_array_equal(values, field.levels[2].vertex_values[1].permute(1, 2, 0).numpy())
    again = fc.image(field, level["variance"])
    assert abs(values[7:-7, 7:-7].mean() - again.mean()) < 0.02
    first = fc.Picture.open("png-levels/level_00.png").pixels
    np.testing.assert_allclose(first, bytes_picture / 255, atol=1e-4)
    with pytest.raises(InputError, match=re.escape("levels.json' exists")):
        run("export photo.safetensors --to exr --out exr")


def test_a_notebook_shows_the_page_in_a_frame(bytes_picture):
    text = solved(bytes_picture, HOSTILE)._repr_html_()
    frame = Elements(text)
    assert [tag for tag, *_ in frame.found] == ["iframe"]
    page = Elements(frame.found[0][1]["srcdoc"])
    assert page.texts("h1")[0].strip() == HOSTILE
