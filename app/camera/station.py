"""A station: where a person stands in a scene in space, with a camera that keys, mouse and paths move.

It knows neither OpenGL nor a window. Keys and mouse come as plain calls, time as seconds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..document import Document
from ..entries import Controls, Entry, with_values
from ..frame_size import Size
from ..host import Host
from ..path.editor import PathEditor
from ..path.keyframes import KeyframePath, with_keyed
from ..path.timeline import Keyframe
from .camera import Camera, Vector
from .piloting import HELD, TURNING, dollied, flown, looked, orbited, sped

MIDDLE: Vector = (0.0, 0.0, 0.0)

_MOST_STEP_S = 0.1
"""Of time that passes at once: where the loop was held up, nobody is thrown across the scene."""

_ORBIT_PX_PER_S, _DOLLY_NOTCHES_PER_S = 220.0, 6.0
_DIVIDER_REACH_PT = 12
_LOOKING = "look around with the mouse; Esc gives the cursor back"


class Station(ABC):
    """What all scenes in space have.

    Args:
        host: what it shares with the other scenes.
        controls: what is shown at first; they have a camera, a comparison and the divider of its wipe.

    Attributes:
        controls: what is shown.
        path: the path being made.
        captured: whether the mouse looks around and its cursor is hidden.
        orbiting: whether the hand turns what is shown instead of flying.
        speed: units a second; what is shown is two units long.
        frame_facts: what the frame shown is, for the status line; empty where there is none.
    """

    def __init__(self, host: Host, controls: Any) -> None:
        self._host = host
        self.controls, self.path = controls, PathEditor()
        self.captured = self.orbiting = False
        self.speed = 1.0
        self.frame_facts = ""
        self._held: set[str] = set()
        self._tapped: set[str] = set()
        self._released: set[str] = set()
        self._hand: tuple[str, tuple[float, float] | None] = ("", None)
        self._advanced_at = 0.0

    @property
    @abstractmethod
    def nothing_shown(self) -> str:
        """Why there is nothing to look at; empty where there is something."""

    @property
    @abstractmethod
    def document(self) -> Document | None:
        """The field shown, if there is one."""

    @property
    @abstractmethod
    def train_refusal(self) -> str:
        """Why no training of what is shown could begin, whatever else is being trained; empty where one could."""

    @abstractmethod
    def home(self) -> Camera:
        """Who sees all of what is shown, which must be there."""

    @abstractmethod
    def train(self) -> None:
        """Train a new field on what is shown, after the plan."""

    @abstractmethod
    def open_shipped(self) -> None:
        """Open what comes with the program, if nothing else is open."""

    @property
    @abstractmethod
    def opened(self) -> dict[str, Any]:
        """What is open, by file, in order."""

    @abstractmethod
    def open_beside(self, file: Path) -> None:
        """Open one more of these, which need not be shown."""

    @abstractmethod
    def source(self) -> dict[str, Any]:
        """What the report of a recording says of what is shown, which must be there."""

    @abstractmethod
    def frame(self, controls: Any, size: Size) -> Any:
        """A frame of that size that shows ``controls``, with all that it is drawn from."""

    def go_to(self, keyframe: Keyframe) -> None:
        """Show what a keyframe shows, as far as that can be shown now; what it does not key stays."""
        self.path.pause()
        self.controls = self._possible(with_keyed(self.controls, keyframe))

    @abstractmethod
    def take_path(self, path: KeyframePath[Any], file: Path) -> None:
        """Take the keyframes of a path that was read from a file, open what it names, and show how it begins."""

    @property
    def named(self) -> Controls:
        """What is shown, with all the files that a path of it is to name."""
        named: Controls = self.controls
        return named

    @property
    def working(self) -> str:
        """What is being done that takes longer than a moment, in words; empty where nothing is."""
        return "; ".join(self._host.working)

    @property
    def waits_for_picture(self) -> bool:
        """Whether there is something to show of which no picture is there yet."""
        return not self.nothing_shown and not self.frame_facts

    # The camera

    @property
    def under_way(self) -> bool:
        """Whether the camera moves by itself or by a key that is held."""
        return bool(self._held) or self.path.playing

    def change(self, **values: Any) -> None:
        """Change some of the controls; a path that is being played lets go."""
        self.path.pause()
        self.controls = replace(self.controls, **values)

    def set_entry(self, entry: Entry, value: Any) -> None:
        """Give an entry of the controls another value; a path that is being played lets go."""
        self.path.pause()
        self.controls = with_values(self.controls, {entry.parts: value})

    def look_from(self, **values: Any) -> None:
        """Change the camera."""
        self.change(camera=replace(self.controls.camera, **values))

    def go_home(self) -> None:
        """Look at all there is."""
        if not self.nothing_shown:
            self.change(camera=self.home())

    def toggle_orbit(self) -> None:
        """Let the hand turn what is shown, or fly again."""
        self.let_go()
        self.orbiting = not self.orbiting
        if self.orbiting:
            self.change(camera=orbited(self.controls.camera, MIDDLE, (0.0, 0.0)))

    def advance(self, now: float) -> None:
        """One pass: fly, or follow the path."""
        seconds, self._advanced_at = min(now - self._advanced_at, _MOST_STEP_S), now
        if self._held:
            moved = self._moved(seconds)
            if moved != self.controls.camera:
                self.change(camera=moved)
            self._held -= self._released
            self._released, self._tapped = set(), set()
        elif self.path.playing:
            self.controls = self._possible(self.path.shown(self.controls, now))

    def _possible(self, controls: Any) -> Any:
        """The controls without what cannot be shown now."""
        return controls

    def _moved(self, seconds: float) -> Camera:
        camera: Camera = self.controls.camera
        if not self.orbiting:
            return flown(camera, self._held, self.speed, seconds)
        # Space and Shift only fly: to type a + must not tilt anything.
        right, _, forward = (sum(HELD[key][axis] for key in self._held if key in HELD) for axis in range(3))
        turn, up = (sum(TURNING[key][axis] for key in self._held if key in TURNING) for axis in range(2))
        right -= turn
        pixels = _ORBIT_PX_PER_S * seconds
        camera = orbited(camera, MIDDLE, (-right * pixels, up * pixels))
        return dollied(camera, MIDDLE, forward * _DOLLY_NOTCHES_PER_S * seconds)

    # The hand

    def hold(self, key: str) -> bool:
        """A key went down, or is still held; returns whether it is one that flies or turns."""
        if key not in HELD and key not in TURNING:
            return False
        self._released.discard(key)
        if not self.nothing_shown and key not in self._held:
            self._held.add(key)
            self._tapped.add(key)
        return True

    def release(self, key: str) -> None:
        """A key came up; one that went down and came up between two passes still counts for one."""
        if key in self._tapped:
            self._tapped.discard(key)
            self._released.add(key)
        else:
            self._held.discard(key)

    def let_go(self) -> None:
        """No key is held, no button is down, and the cursor is given back: nobody is at the window any more."""
        for keys in (self._held, self._tapped, self._released):
            keys.clear()
        self._hand = ("", None)
        self.captured = False
        self._host.messages.withdraw(_LOOKING)

    def press_button(self, position: tuple[float, float], pixel_ratio: float = 1.0) -> None:
        """The mouse's button went down: on a divider it drags that, else it turns what is shown or begins to look."""
        if self.nothing_shown:
            return
        if self._is_on_divider(position, pixel_ratio) and not self.captured:
            self._hand = ("divider", position)
        elif self.orbiting:
            self._hand = ("orbit", position)
        else:
            if not self.captured:
                self._host.notice(_LOOKING)
            self.captured, self._hand = True, ("look", None)

    def release_button(self) -> None:
        """The button came up."""
        if not self.captured:
            self._hand = ("", None)

    def move(self, position: tuple[float, float]) -> None:
        """The mouse moved."""
        what, last = self._hand
        if not what:
            return
        self._hand = (what, position)
        if last is None:
            return
        width, height = self._host.framebuffer_px
        shift = (position[0] - last[0], position[1] - last[1])
        camera = self.controls.camera
        if what == "divider":
            self.change(divider=min(max(position[0] / max(1, width), 0.0), 1.0))
        elif what == "orbit":
            self.change(camera=orbited(camera, MIDDLE, shift))
        else:
            self.change(camera=looked(camera, shift, height))

    def scroll(self, notches: float) -> None:
        """The wheel: the speed, or in orbit the distance."""
        if self.orbiting:
            self.change(camera=dollied(self.controls.camera, MIDDLE, notches))
        else:
            self.speed = sped(self.speed, notches)
            self._host.notice(f"speed {self.speed:.2g} units a second; what is shown is two units long")

    def _is_on_divider(self, position: tuple[float, float], pixel_ratio: float) -> bool:
        controls, width = self.controls, self._host.framebuffer_px[0]
        reach = _DIVIDER_REACH_PT * pixel_ratio
        return controls.comparison == "wipe" and abs(position[0] - controls.divider * width) <= reach
