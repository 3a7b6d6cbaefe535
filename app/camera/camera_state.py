"""The state of a scene in space, with a camera that keys, mouse and paths move."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from ..scene_state import Position, SceneState
from ..services import Services
from .camera import Camera, Vector
from .piloting import HELD, TURNING, dollied, flown, looked, orbited, sped

MIDDLE: Vector = (0.0, 0.0, 0.0)

_MOST_STEP_S = 0.1
"""Of time that passes at once: where the loop was held up, nobody is thrown across the scene."""

_ORBIT_PX_PER_S, _DOLLY_NOTCHES_PER_S = 220.0, 6.0
_LOOKING = "look around with the mouse; Esc gives the cursor back"


class CameraState(SceneState):
    """What all scenes in space have; their controls have a camera, a comparison and the divider of its wipe.

    Attributes:
        captured: whether the mouse looks around and its cursor is hidden.
        orbiting: whether the hand turns what is shown instead of flying.
        speed: units a second; what is shown is two units long.
    """

    def __init__(self, services: Services, controls: Any) -> None:
        super().__init__(services, controls)
        self.captured = self.orbiting = False
        self.speed = 1.0
        self._held: set[str] = set()
        self._tapped: set[str] = set()
        self._released: set[str] = set()
        self._advanced_at = 0.0

    @abstractmethod
    def home(self) -> Camera:
        """Who sees all of what is shown, which must be there."""

    # The camera

    @property
    def under_way(self) -> bool:
        """Whether the camera moves by itself or by a key that is held."""
        return bool(self._held) or self.path.playing

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
        else:
            super().advance(now)

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
        super().let_go()
        self.captured = False
        self._services.messages.withdraw(_LOOKING)

    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """The mouse's button went down: on a divider it drags that, else it turns what is shown or begins to look."""
        if self.nothing_shown:
            return
        if self._is_on_divider(position, pixel_ratio) and not self.captured:
            self._hand = ("divider", position)
        elif self.orbiting:
            self._hand = ("orbit", position)
        else:
            if not self.captured:
                self._services.notice(_LOOKING)
            self.captured, self._hand = True, ("look", None)

    def release_button(self) -> None:
        """The button came up."""
        if not self.captured:
            self._hand = ("", None)

    def move(self, position: Position) -> None:
        """The mouse moved."""
        what, last = self._hand
        if not what:
            return
        self._hand = (what, position)
        if last is None:
            return
        shift = (position[0] - last[0], position[1] - last[1])
        camera = self.controls.camera
        if what == "divider":
            self._drag_divider(position)
        elif what == "orbit":
            self.change(camera=orbited(camera, MIDDLE, shift))
        else:
            self.change(camera=looked(camera, shift, self._services.framebuffer_px[1]))

    def scroll(self, notches: float, position: Position = (0.0, 0.0)) -> None:
        """The wheel: the speed, or in orbit the distance."""
        if self.orbiting:
            self.change(camera=dollied(self.controls.camera, MIDDLE, notches))
        else:
            self.speed = sped(self.speed, notches)
            self._services.notice(f"speed {self.speed:.2g} units a second; what is shown is two units long")
