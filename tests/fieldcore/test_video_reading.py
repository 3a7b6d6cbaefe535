"""Reading videos of every kind: the right frames, or one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from film_files import ffmpeg, moving_frames, write_animation, write_clip
from PIL import Image

from fieldcore import InputError
from fieldcore.images import write_image
from fieldcore.videos import film_file, read_clip
from fieldcore.videos.film_header import header_in

FRAMES = moving_frames()


def near(one: np.ndarray, other: np.ndarray, levels: float = 3) -> bool:
    """Whether frames agree but for what a conversion to YUV and back rounds."""
    return one.shape == other.shape and float(np.abs(one.astype(int) - other).mean()) < levels


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".webm", ".avi", ".mkv"])
def test_films_of_the_usual_kinds_have_their_frames(tmp_path: Path, suffix: str) -> None:
    clip = read_clip(write_clip(tmp_path / f"a:b{suffix}", FRAMES))
    assert near(clip.frames, FRAMES) and clip.notices == ()
    assert clip.frames_per_second == pytest.approx(10) and clip.source_resolution == (48, 36, 6)


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_animated_pictures_have_their_frames(tmp_path: Path, suffix: str) -> None:
    clip = read_clip(write_animation(tmp_path / f"a{suffix}", FRAMES))
    assert near(clip.frames, FRAMES, 8 if suffix == ".gif" else 1) and clip.frames_per_second == pytest.approx(10)


def test_a_folder_is_read_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    for number, frame in zip((1, 2, 10, 9), FRAMES, strict=False):
        write_image(tmp_path / f"frame{number}.png", frame)
    write_image(tmp_path / "poster.png", FRAMES[5])
    (tmp_path / "notes1.txt").write_text("no picture")
    clip = read_clip(tmp_path)
    assert np.array_equal(clip.frames, FRAMES[[0, 1, 3, 2]]) and clip.frames_per_second == 25
    assert len(clip.notices) == 1 and "1 pictures in it have no number" in clip.notices[0]


def test_the_first_picture_of_another_size_is_named(tmp_path: Path) -> None:
    for number, frame in enumerate((FRAMES[0], FRAMES[1], FRAMES[2, :30])):
        write_image(tmp_path / f"{number}.png", frame)
    with pytest.raises(InputError, match=r"'2.png' is 48 x 30 pixels, the first, '0.png', 48 x 36"):
        read_clip(tmp_path)


def test_grey_deep_and_transparent_pictures_become_colours_of_8_bits(tmp_path: Path) -> None:
    grey = FRAMES[..., 0].astype(np.uint16) * 257
    alpha = np.concatenate([FRAMES[0], np.zeros_like(FRAMES[0][..., :1])], 2)
    write_image(tmp_path / "1.png", alpha)
    write_image(tmp_path / "2.png", grey[1])
    clip = read_clip(tmp_path)
    assert (clip.frames[0] == 255).all() and np.array_equal(clip.frames[1, ..., 2], FRAMES[1, ..., 0])
    assert any("white" in notice for notice in clip.notices)


def test_start_stop_and_size_choose(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.avi", FRAMES)
    clip = read_clip(path, start=2, stop=5, max_size=24)
    assert clip.frames.shape == (3, 18, 24, 3) and clip.first == 2
    assert near(clip.frames, FRAMES[2:5].reshape(3, 18, 2, 24, 2, 3).mean((2, 4)).round().astype(np.uint8), 1.5)
    gif = read_clip(write_animation(tmp_path / "a.png", FRAMES), start=4)
    assert np.array_equal(gif.frames, FRAMES[4:])


def test_what_does_not_fit_is_refused_with_what_to_do_or_shrunk(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.avi", FRAMES)
    with pytest.raises(InputError, match=r"at most 1e-05 are read; read fewer frames \(--frames 0:300\) or smaller"):
        read_clip(path, most_bytes=10_000)
    clip = read_clip(path, most_bytes=10_000, shrink=True)
    assert clip.frames.nbytes <= 10_000 and "shrunk from 48 x 36 to" in clip.notices[0]


def test_a_film_that_a_camera_turned_is_upright(tmp_path: Path) -> None:
    flat = write_clip(tmp_path / "flat.mp4", FRAMES)
    turned = tmp_path / "turned.mp4"
    ffmpeg("-display_rotation", 90, "-i", flat, "-c", "copy", turned)
    clip = read_clip(turned)
    assert clip.source_resolution[:2] == (36, 48)
    assert near(clip.frames, np.rot90(FRAMES, 1, (1, 2)))


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path) -> None:
    clip = read_clip(write_clip(tmp_path / "wide.mp4", FRAMES, "-vf", "setsar=2"))
    assert clip.frames.shape == (6, 36, 96, 3) and clip.source_resolution == (96, 36, 6)


def test_odd_sizes_are_kept(tmp_path: Path) -> None:
    frames = FRAMES[:, :35, :47]
    assert near(read_clip(write_clip(tmp_path / "odd.avi", frames)).frames, frames, 1)


def test_a_varying_rate_is_made_even_and_said(tmp_path: Path) -> None:
    late = "setpts='if(lt(N,3),N,3*N-6)/10/TB+0.1'"  # the last three frames are shown three times as long
    clip = read_clip(write_clip(tmp_path / "late.mkv", FRAMES, "-vf", late, "-fps_mode", "passthrough"))
    assert near(clip.frames[:10], FRAMES[[0, 1, 2, 3, 3, 3, 4, 4, 4, 5]])
    uneven = "settb=1/1000,setpts='100*N+17*mod(N,3)*N'"
    uneven_options = ("-vf", uneven, "-fps_mode", "passthrough", "-enc_time_base", "1:1000")
    clip = read_clip(write_clip(tmp_path / "uneven.mp4", FRAMES, *uneven_options))
    assert any("rate varies" in notice for notice in clip.notices)
    assert len(clip.frames) / clip.frames_per_second == pytest.approx(0.75, abs=0.2)
    gif = read_clip(write_animation(tmp_path / "late.png", FRAMES, [100, 100, 100, 300, 300, 300]))
    assert "different times" in gif.notices[0] and len(gif.frames) == 6
    assert np.array_equal(gif.frames[-1], FRAMES[-1]) and gif.frames_per_second == pytest.approx(5)


def test_transparency_is_said(tmp_path: Path) -> None:
    see_through = np.concatenate([FRAMES, np.zeros_like(FRAMES[..., :1])], 3)
    gif = read_clip(write_animation(tmp_path / "a.webp", see_through))
    assert (gif.frames == 255).all() and "put on white" in gif.notices[0]
    film = write_clip(tmp_path / "a.mov", FRAMES)
    ffmpeg("-i", film, "-c:v", "qtrle", "-pix_fmt", "argb", tmp_path / "b.mov")
    assert any("transparency is left out" in notice for notice in read_clip(tmp_path / "b.mov").notices)


def test_a_film_cut_short_is_read_as_far_as_it_goes_or_refused(tmp_path: Path) -> None:
    frames = moving_frames(40)
    path = write_clip(tmp_path / "a.mp4", frames, "-movflags", "+faststart", "-g", 5)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    clip = read_clip(path)
    assert 2 <= len(clip.frames) < 38 and "cut short or damaged" in clip.notices[0]
    end = write_clip(tmp_path / "end.mp4", frames)
    end.write_bytes(end.read_bytes()[:-200])
    with pytest.raises(InputError, match="cannot be read as a video: the file is cut short or damaged"):
        read_clip(end)


def refused(path: Path, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_clip(path)
    assert "\n" not in str(caught.value)


def test_what_is_no_video_is_refused_in_a_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    refused(tmp_path / "none.mp4", "no such file or folder")
    (tmp_path / "empty.mp4").touch()
    refused(tmp_path / "empty.mp4", r"the file is empty \(0 bytes\)")
    (tmp_path / "text.txt").write_text("Once upon a time there was a film. " * 40)
    refused(tmp_path / "text.txt", "no film")
    (tmp_path / "list.m3u8").write_text("#EXTM3U\n#EXTINF:1,\nhttp://localhost/a.ts\n")
    refused(tmp_path / "list.m3u8", "no film")
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    refused(tmp_path / "noise.mp4", "cut short or damaged")
    ffmpeg("-f", "lavfi", "-i", "sine=duration=1", tmp_path / "sound.mp4")
    refused(tmp_path / "sound.mp4", "no moving pictures")
    Image.fromarray(FRAMES[0]).save(tmp_path / "still.png")
    refused(tmp_path / "still.png", "one frame, which is a picture")
    Image.fromarray(FRAMES[0]).save(tmp_path / "still.jpg")
    refused(tmp_path / "still.jpg", "no film")
    refused(write_clip(tmp_path / "one.mp4", FRAMES[:1]), "one frame, which is a picture")
    (tmp_path / "bare").mkdir()
    refused(tmp_path / "bare", "no numbered pictures")
    (tmp_path / "cut.webp").write_bytes(write_animation(tmp_path / "a.webp", FRAMES).read_bytes()[:900])
    refused(tmp_path / "cut.webp", "cut short or damaged")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("start", "stop"), [(-1, None), (3, 4), (5, 2)])
def test_ranges_of_fewer_than_two_frames_are_refused(tmp_path: Path, start: int, stop: int | None) -> None:
    with pytest.raises(InputError, match="expected at least two"):
        read_clip(tmp_path, start=start, stop=stop)


def test_a_range_beyond_the_end_says_what_there_is(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.avi", FRAMES)
    with pytest.raises(InputError, match="of its frames there are 0 from number 10 on"):
        read_clip(path, start=10)
    assert len(read_clip(path, start=3, stop=300).frames) == 3


def test_headers_are_understood() -> None:
    header = header_in(
        "Input #0, mov, from 'file:a.mov':\n"
        "  Metadata:\n    title           : Stream #0:0: Video: 3x3\n"
        "  Duration: 01:00:02.50, start: 0.000000, bitrate: 1 kb/s\n"
        "  Stream #0:0: Audio: aac\n"
        "  Stream #0:1(und): Video: hevc (Main 10) (hvc1 / 0x31637668), yuv420p10le(tv, bt2020nc/bt2020/arib-std-b67), "
        "1920x1080 [SAR 1:1 DAR 16:9], 8000 kb/s, 29.98 fps, 120 tbr, 600 tbn (default)\n"
        "    Side data:\n      displaymatrix: rotation of -90.00 degrees\n"
    )
    assert header.size == (1080, 1920) and header.seconds == 3602.5 and header.frames_per_second == 29.98
    assert header.varies and not header.has_alpha and header.is_hdr and header.matrix == ""


def test_a_film_that_is_written_can_be_read(tmp_path: Path) -> None:
    with film_file(tmp_path / "a.mp4", (47, 35), 12.5) as append:
        for frame in FRAMES[:, :35, :47]:
            append(frame)
    clip = read_clip(tmp_path / "a.mp4")
    assert clip.frames.shape == (6, 36, 48, 3) and clip.frames_per_second == pytest.approx(12.5)
    assert near(clip.frames[:, :35, :47], FRAMES[:, :35, :47], 5)
