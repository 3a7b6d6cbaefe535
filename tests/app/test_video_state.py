"""Videos in a session: opened, played, stepped, scrubbed, fitted and recorded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from driving import CPU, DrivenSession, driven
from PIL import Image
from screen import Program, lay_out, rendered_again
from test_video_scene import COUNT, moving

from app.actions import press
from app.opening import opened_scenes
from app.scenes.video.opening import open_video
from app.scenes.video.scene import Video
from app.scenes.video.state import VideoState, videos
from app.settings import BY_NAME
from fieldcore import train
from fieldcore.checkpoint import TrainingFacts, save_field

SECONDS_A_FRAME = 0.1
SECONDS = COUNT * SECONDS_A_FRAME


def write_gif(file: Path, frames: np.ndarray) -> Path:
    pictures = [Image.fromarray(frame) for frame in frames]
    pictures[0].save(file, save_all=True, append_images=pictures[1:], duration=1000 * SECONDS_A_FRAME, loop=0)
    return file


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_gif(tmp_path / "clip.gif", moving())


@pytest.fixture
def session(tmp_path: Path, clip: Path) -> Iterator[DrivenSession]:
    """The clip is shown."""
    with driven(tmp_path) as session:
        session.open([str(clip)])
        session.until(lambda: videos(session).rested_s)
        yield session


def seen(session: DrivenSession) -> VideoState:
    """The state once the whole of what is shown has arrived."""
    session.until(lambda: videos(session).rested_s)
    return videos(session)


def test_what_moves_is_a_video_and_what_does_not_is_a_picture(tmp_path: Path, clip: Path) -> None:
    still, frames, empty = tmp_path / "still.gif", tmp_path / "frames", tmp_path / "empty"
    Image.fromarray(moving()[0]).save(still)
    for folder in (frames, empty):
        folder.mkdir()
    Image.fromarray(moving()[0]).save(frames / "001.png")
    for source, scene in ((clip, "video"), (still, "picture"), (frames, "video"), (tmp_path / "missing.mp4", "video")):
        assert opened_scenes([str(source)]) == (scene,), source
    assert not Video().can_open(str(empty))


def test_the_clip_itself_is_shown_and_is_its_own_truth(session: DrivenSession, clip: Path) -> None:
    state = seen(session)
    assert session.scene == "video" and state.controls.field == str(clip) and state.facts is not None
    assert state.facts.duration_seconds == pytest.approx(SECONDS) and state.compare_refusal("wipe") == ""
    assert state.compare_refusal("two_up") == "" and "nothing to show beside it" in state.compare_refusal("other")
    assert state.named.truth == ""
    press(session, "X")
    assert seen(session).controls.layout == "wipe"


def test_frames_are_stepped_through_and_the_position_is_dragged(session: DrivenSession) -> None:
    state = seen(session)
    press(session, ".")
    assert state.controls.moment == pytest.approx(1.5 * SECONDS_A_FRAME)
    press(session, ",")
    press(session, ",")
    assert state.controls.moment == pytest.approx(SECONDS - SECONDS_A_FRAME / 2), "from the first to the last"
    BY_NAME["loop"].set(session, False)
    press(session, ".")
    assert state.controls.moment == pytest.approx(SECONDS - SECONDS_A_FRAME / 2), "unless it is no loop"
    for share, moment in ((0.5, SECONDS / 2), (1.0, SECONDS - SECONDS_A_FRAME / 2), (0.0, 0.0)):
        BY_NAME["position-in-clip"].set(session, share)
        assert state.controls.moment == pytest.approx(moment)
    BY_NAME["log10-variance"].set(session, -3.0)
    BY_NAME["time-deviation"].set(session, 0.2)
    assert (state.controls.covariance[0], state.controls.time_deviation) == (pytest.approx(1e-3), 0.2)


def test_it_is_played_round_and_round_or_to_its_end(session: DrivenSession) -> None:
    state, moments = seen(session), []
    press(session, "V")
    for _ in range(2 * COUNT):
        session.until(lambda: not moments or state.controls.moment != moments[-1])
        moments.append(state.controls.moment)
    assert state.running and state.under_way and max(moments) < SECONDS
    press(session, "V")
    assert not state.running
    BY_NAME["loop"].set(session, False)
    press(session, "V")
    session.until(lambda: not state.running)
    assert state.controls.moment == SECONDS
    press(session, "V")
    assert state.running and state.controls.moment == 0.0, "from its beginning again"


def test_a_path_that_is_played_takes_the_moment_over(session: DrivenSession) -> None:
    state = seen(session)
    for moment in (0.0, 0.5):
        state.change(moment=moment)
        session.add_keyframe()
    press(session, "V")
    session.toggle_playing()
    session.until(lambda: not session.path.playing)
    assert not state.running and state.controls.moment == pytest.approx(0.5)


def test_a_field_of_the_clip_is_made_and_shown_instead(session: DrivenSession) -> None:
    press(session, "T")
    session.until(lambda: session.training.state == "idle" and len(videos(session).documents) == 2)
    state = seen(session)
    assert state.document is not None and state.document.field.kind == "pyramid"
    session.until(lambda: state.agreement is not None)
    assert state.agreement is not None and state.agreement.psnr > 60, "of the frame shown, as of a picture"
    assert state.document.truth is not None and state.compare_refusal("two_up") == ""


def test_a_clip_is_the_truth_of_a_field_that_is_open(tmp_path: Path, clip: Path) -> None:
    signal = open_video(clip, CPU).signal
    assert signal is not None
    save_field(tmp_path / "field.safetensors", train("pyramid", signal), TrainingFacts())
    for order in ((clip, tmp_path / "field.safetensors"), (tmp_path / "field.safetensors", clip)):
        with driven(tmp_path / order[0].stem) as session:
            session.open([str(file) for file in order])
            session.until(lambda: videos(session).rested_s and not session.background.pending)
            state = videos(session)
            assert state.document is not None and state.document.field.kind == "pyramid"
            assert state.document.truth is not None and state.named.truth == str(clip)


def test_the_last_session_is_gone_on_with(session: DrivenSession, tmp_path: Path) -> None:
    seen(session).change(moment=0.35, time_deviation=0.1, layout="wipe")
    write_gif(tmp_path / "other.gif", moving()[::-1])
    videos(session).open_beside(tmp_path / "other.gif")
    session.until(lambda: len(videos(session).documents) == 2)
    left = session.left
    with driven(tmp_path / "next") as following:
        following.last = left
        following.restore()
        following.until(lambda: videos(following).rested_s and len(videos(following).documents) == 2)
        assert videos(following).controls == seen(session).controls and following.scene == "video"


@pytest.mark.long
def test_it_is_played_and_recorded_in_the_window_and_rendered_again(display: str, tmp_path: Path, clip: Path) -> None:
    size = (200, 150)
    lay_out(tmp_path, size)
    program = Program(display, tmp_path, str(clip), "--time-deviation", "0.05")
    try:
        ready: dict[str, Any] = program.wait_for("ready")
        assert {"time", "loop", "position-in-clip", "play-video"} <= set(ready["widgets"])
        program.shown_at_first(moment=0.0, time_deviation=0.05)
        program.key("r", "v")
        program.wait_for_frames(5)
        program.key("r")
        for recorded, rendered in rendered_again(program, tmp_path, size, least=5):
            assert np.array_equal(recorded, rendered)
    finally:
        program.kill()
