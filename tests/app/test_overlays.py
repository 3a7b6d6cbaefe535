from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.ft2font import FT2Font

from app.gl.canvas import (
    ACCENT,
    BACKING,
    QUIET_TEXT,
    SHEET,
    TEXT,
    Paint,
    balanced,
    canvas_of,
    font_of,
    shortened,
    wrapped,
)
from app.gl.colormap import diverging, magma
from app.gl.overlays import Tone, banner_image, divider_image, label_image, scale_image
from app.resources import font_path
from app.window.key_overlays import help_image, prompt_image

SECTIONS = (
    ("Look", (("drag", "move the picture"), ("+ −", "zoom in, out"), ("0", "the whole picture"))),  # noqa: RUF001
    ("Filter", (("Shift + wheel", "smooth more, less"), ("← →", "streak along x"), ("[ / ]", "turn the ellipse"))),
    ("Compare", (("T", "the truth"), ("W", "wipe against the truth"), ("< / >", "range of the error map"))),
    ("Record", (("K", "keep this view"), ("Space", "play the path"), ("H or ?", "this help"), ("Esc", "leave"))),
)
QUESTION = "Training of photo.png is not finished. Leave and keep what it has learned so far?"
CHOICES = (("Enter", "leave"), ("Esc", "stay"))
WIDE = (1280, 720)


def prompt(em: float, room: tuple[int, int] = WIDE) -> np.ndarray | None:
    return prompt_image(QUESTION, CHOICES, em, room)


MAKE: dict[str, Callable[[float], np.ndarray | None]] = {
    "label": lambda em: label_image("pyramid · photo.png", em),
    "scale": lambda em: scale_image("mean absolute error", "absolute", 0.1, em),
    "info": lambda em: banner_image("saved photo.safetensors", "info", em, (1600, 900)),
    "error": lambda em: banner_image("photo.exr is no picture. " * 12, "error", em, (1600, 900)),
    "recording": lambda em: banner_image("recording, 12 of 240 frames", "recording", em, (1600, 900)),
    "prompt": lambda em: prompt(em, (1600, 900)),
    "help": lambda em: help_image(SECTIONS, em, (2400, 1500)),
}
made = pytest.mark.parametrize("make", MAKE.values(), ids=MAKE.keys())


def over(image: np.ndarray, ground: float) -> np.ndarray:
    """The image over an even grey in [0, 1], as a display shows it."""
    premultiplied = image / 255
    return premultiplied[..., :3] + (1 - premultiplied[..., 3:]) * ground


def luminance(colours: np.ndarray) -> np.ndarray:
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def contrast(bright: float, dark: float) -> float:
    """The ratio of the Web Content Accessibility Guidelines."""
    return (bright + 0.05) / (dark + 0.05)


@made
@pytest.mark.parametrize("em", [9.0, 14.0, 27.4])
def test_colours_are_multiplied_by_alpha_and_letters_keep_off_the_border(
    make: Callable[[float], np.ndarray | None], em: float
) -> None:
    image = make(em)
    assert image is not None and image.dtype == np.uint8 and image.shape[2] == 4
    assert (image[..., :3] <= image[..., 3:]).all()
    bright = image[..., :3].max(-1) > 70
    rows, columns = np.nonzero(bright)
    edge = round(0.3 * em)
    assert rows.min() >= edge and rows.max() < image.shape[0] - edge
    assert columns.min() >= edge and columns.max() < image.shape[1] - edge


@made
def test_twice_the_em_is_twice_the_size(make: Callable[[float], np.ndarray | None]) -> None:
    small, large = make(14.0), make(28.0)
    assert small is not None and large is not None
    assert np.array(large.shape[:2]) == pytest.approx(2 * np.array(small.shape[:2]), rel=0.05)


@made
@pytest.mark.parametrize("ground", [0.0, 1.0])
def test_letters_can_be_read_over_black_and_over_white(
    make: Callable[[float], np.ndarray | None], ground: float
) -> None:
    image = make(28.0)
    assert image is not None
    light = luminance(over(image, ground))
    middle = light[2:-2, light.shape[1] // 4 : -light.shape[1] // 4]
    assert contrast(light[image[..., 3] == 255].max(), np.median(middle)) >= 7


@pytest.mark.parametrize("ground", [0.0, 1.0])
@pytest.mark.parametrize("canvas", [BACKING, SHEET], ids=["plate", "sheet"])
@pytest.mark.parametrize("paint", [TEXT, QUIET_TEXT, ACCENT], ids=["text", "quiet", "accent"])
def test_every_paint_of_letters_can_be_read(ground: float, canvas: Paint, paint: Paint) -> None:
    image = canvas_of(80, 80, 8.0, canvas)
    image.write("■", 10.0, 60, font_of(60), paint)
    light = luminance(over(image.pixels(), ground))
    assert contrast(light.max(), light[5, 40]) >= 7


def test_the_font_has_every_sign_that_is_drawn() -> None:
    signs = "…·×−←→↑↓⁻⁰¹²³⁴⁵⁶⁷⁸⁹\N{NO-BREAK SPACE}"  # noqa: RUF001
    known = FT2Font(str(font_path())).get_charmap()
    assert [sign for sign in signs if ord(sign) not in known] == []


def test_a_long_name_keeps_its_ends() -> None:
    room = 200
    long = label_image("pyramid · " + "a long name " * 9 + "2024.png", 14.0, room)
    assert 0.7 * room < long.shape[1] <= room
    name, font = "pyramid · abcdefghijklmnop.png", font_of(20)
    kept = "pyramid · abcd….png"
    width = math.ceil(font.getlength(kept))
    assert shortened(name, font, width, 4) == kept and len(shortened(name, font, width - 2, 4)) < len(kept)
    assert label_image("two\nlines", 14.0).shape == label_image("two lines", 14.0).shape


@pytest.mark.parametrize(("kind", "colours"), [("absolute", magma), ("signed", diverging)])
def test_the_scale_shows_the_map_from_end_to_end(kind: str, colours: Callable[[], np.ndarray]) -> None:
    image = scale_image("error", kind, 0.1, 28.0)
    row = image[round(0.48 * image.shape[0])]
    shades = row[row[:, 3] == 255][4:-4, :3] / 255
    expected = colours()[[0, 64, 128, 192, 255]]
    places = np.linspace(0, len(shades) - 1, 5).round().astype(int)
    np.testing.assert_allclose(shades[places], expected, atol=0.04)


def test_the_scale_says_its_title_and_range() -> None:
    said = (("error", "absolute"), ("distance", "absolute"), ("error", "signed"))
    pictures = {scale_image(*words, value, 14.0).tobytes() for words in said for value in (0.1, 0.05, 0.003, 1e-5)}
    assert len(pictures) == 12


@pytest.mark.parametrize("em", [9.0, 14.0, 23.0, 28.0])
def test_the_divider_is_symmetrical_and_seen_on_any_ground(em: float) -> None:
    image = divider_image(400, em).astype(int)
    height, width, _ = image.shape
    assert height == 400 and width == pytest.approx(2.3 * em, abs=2)
    np.testing.assert_allclose(image, image[:, ::-1], atol=2)
    for ground in (0.0, 1.0):
        line = luminance(over(image, ground))[10]
        ink = np.nonzero(image[10, :, 3])[0]
        assert contrast(line[width // 2], line[ink[0]]) >= 3.5, "a light line with dark edges"
        assert (np.diff(ink) == 1).all() and len(ink) < 0.5 * em
    handle = image[(height - width) // 2 : (height + width) // 2, :, 3] > 127
    assert handle.mean() == pytest.approx(np.pi / 4, abs=0.03)


@pytest.mark.parametrize("height", [1, 8, 20])
def test_a_low_frame_has_a_divider_of_its_height(height: int) -> None:
    assert divider_image(height, 14.0).shape[0] == height


def test_a_banner_has_three_lines_at_most() -> None:
    heights = []
    for count in (1, 10, 40, 400):
        image = banner_image("word " * count, "info", 14.0, (300, 400))
        assert image is not None and image.shape[1] <= 300
        heights.append(image.shape[0])
    assert heights[0] < heights[1] < heights[2] == heights[3]
    assert banner_image("word", "info", 14.0, (300, 10)) is None
    assert banner_image("word", "info", 14.0, (30, 300)) is None


@pytest.mark.parametrize(("tone", "is_red"), [("info", False), ("error", True), ("recording", True)])
def test_a_banner_is_marked_by_its_tone(tone: Tone, is_red: bool) -> None:
    image = banner_image("word", tone, 14.0, WIDE)
    assert image is not None
    left = image[:, :28].astype(int)
    assert (left[..., 0] - left[..., 2] > 120).any() == is_red


@pytest.mark.parametrize("room", [(1280, 720), (420, 300), (260, 260), (180, 220)])
def test_a_prompt_stays_in_its_room(room: tuple[int, int]) -> None:
    image = prompt(14.0, room)
    assert image is not None
    assert image.shape[1] <= room[0] and image.shape[0] <= room[1]


def test_a_prompt_that_has_no_room_is_none() -> None:
    assert prompt(14.0, (90, 400)) is None
    assert prompt(14.0, (400, 40)) is None


@pytest.mark.parametrize("room", [(2400, 1500), (1000, 600), (560, 330), (280, 500)])
def test_help_stays_in_its_room(room: tuple[int, int]) -> None:
    image = help_image(SECTIONS, 14.0, room)
    assert image is not None
    assert image.shape[1] <= room[0] and image.shape[0] <= room[1]


def test_help_that_has_no_room_is_none() -> None:
    assert help_image(SECTIONS, 14.0, (200, 120)) is None


@pytest.mark.parametrize("room", [(1280, 720), (280, 500)])
def test_help_shows_every_word_of_every_entry(room: tuple[int, int]) -> None:
    whole = help_image(SECTIONS, 14.0, room)
    assert whole is not None
    for section, (heading, entries) in enumerate(SECTIONS):
        others = [(heading.swapcase(), entries)]
        for place, (key, meaning) in enumerate(entries):
            for changed in ((key[:-1] + "@", meaning), (key, meaning[:-1] + "@")):
                others.append((heading, (*entries[:place], changed, *entries[place + 1 :])))
        for other in others:
            image = help_image((*SECTIONS[:section], other, *SECTIONS[section + 1 :]), 14.0, room)
            assert image is not None and image.tobytes() != whole.tobytes(), other


def test_joints_between_caps_are_no_caps_but_at_an_end_they_are() -> None:
    def lit(keys: str) -> int:
        """How many columns of the row of keys are caps' faces."""
        image = help_image((("", ((keys, ""),)),), 28.0, WIDE)
        assert image is not None
        red, blue = image[..., 0].astype(int), image[..., 2].astype(int)
        return int(((abs(red - 41) < 3) & (abs(blue - 50) < 3)).any(0).sum())

    one = lit("A")
    assert lit("A / B") == lit("A + B") == 2 * one
    assert lit("+ A") == lit("A B") == 2 * one
    assert lit("A + +") == 2 * one
    assert lit("A\N{NO-BREAK SPACE}B") < 2 * one


def test_lines_keep_every_letter_and_the_width() -> None:
    font, text = font_of(14), "Training of " + "averylongname" * 5 + " is not finished, leave it?"
    for lines in (wrapped(text, font, 150), balanced(text, font, 150)):
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        assert max(map(font.getlength, lines)) <= 150
    even = balanced(QUESTION, font, 420)
    widths = [font.getlength(line) for line in even]
    assert len(even) == len(wrapped(QUESTION, font, 420)) and min(widths) > 0.75 * max(widths)


@pytest.mark.parametrize(
    ("left", "top", "covered"), [(-2, -3, (2, 2)), (7, 5, (3, 3)), (20, 0, (0, 0)), (0, -9, (0, 0))]
)
def test_what_is_laid_beyond_a_canvas_is_cut_off(left: int, top: int, covered: tuple[int, int]) -> None:
    canvas = canvas_of(10, 8, 0.0, ((0.0, 0.0, 0.0), 1.0))
    canvas.lay(np.ones((5, 4), np.float32), left, top, ((1.0, 1.0, 1.0), 1.0))
    white = canvas.pixels()[..., 0] == 255
    assert (white.any(1).sum(), white.any(0).sum()) == covered
