"""The state of a scene in space, with a camera that keys, mouse and paths move."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from fieldcore.errors import InputError

from ..compare import OTHER
from ..entries import Entry
from ..histogram import Histograms
from ..marks import Stroke
from ..path.timeline import Keyframe
from ..scene_state import Inspected, Position, SceneState
from ..services import Services
from .apart import CameraApart
from .camera import Camera, Vector, frame_from_world
from .eased_hand import EasedHand
from .glide import Glide
from .path_marks import PathInSpace
from .piloting import HELD, TURNING, dollied, flown, hand_of, kept_near, looked, orbited, panned, sped
from .sight import SeenPoint
from .standard_views import next_view, standard_view

MIDDLE: Vector = (0.0, 0.0, 0.0)

DOUBLE_CLICK_S, _SAME_PX = 0.35, 6.0
"""A second press so soon and so near is a double click."""

_MOST_STEP_S = 0.1
"""Of time that passes at once: where the loop was held up, nobody is thrown across the scene."""

_SAME_POINT = 0.02
"""Of the distance: as near to what was pinned as what is seen where it would be."""

_ORBIT_PX_PER_S, _DOLLY_NOTCHES_PER_S = 220.0, 6.0
_LOOKING = "look around with the mouse; Esc gives the cursor back"


class CameraState(SceneState):
    """What all scenes in space have; their controls have a camera, a comparison and the divider of its wipe.

    Attributes:
        captured: whether the mouse looks around and its cursor is hidden.
        orbiting: whether the hand turns what is shown instead of flying.
        pivot: what the orbit turns about.
        path_shown: whether the path is drawn in space.
        speed: units a second; what is shown is two units long.
        sees: what is seen at a place of the view, as whatever draws it says; None where nothing is.
        count_asked: whether somebody looks at histograms, for whatever draws the view to count.
        counted: what was counted last.
    """

    def __init__(self, services: Services, controls: Any) -> None:
        super().__init__(services, controls)
        self.captured = self.orbiting = False
        self.path_shown, self._in_space = True, PathInSpace()
        self.speed = 1.0
        self.sees: Callable[[Position], SeenPoint | None] = lambda position: None
        self.count_asked = False
        self.counted: Histograms | None = None
        self.pivot = MIDDLE
        self._glide: Glide | None = None
        self._clicked: tuple[float, Position] | None = None
        self._pinned: tuple[int, SeenPoint] | None = None
        self._held: set[str] = set()
        self._eased = EasedHand()
        self._tapped: set[str] = set()
        self._released: set[str] = set()
        self._advanced_at = 0.0
        self._opened_before = ""
        self._steers_apart = False

    @property
    def flies(self) -> bool:
        """Whether the camera of the controls is the one that sees."""
        return True

    @property
    def path_strokes(self) -> tuple[Stroke, ...]:
        """The path of the camera and the frusta of its keyframes, unless one looks along it."""
        size = self._services.framebuffer_px
        if not self.path_shown or self.nothing_shown or not self.flies or 0 in size:
            return ()
        return self._in_space.strokes(self.path, self.controls, self.controls.panes(size), size[0] / size[1])

    # Two of what is open

    def beside(self, controls: Any) -> tuple[Any, Any]:
        """What stands beside what is shown, and the controls of its frames. Raises InputError where it is closed."""
        if controls.other not in self.opened:
            raise InputError(f"'{Path(controls.other).name}' is not open any more: open it again to show it beside")
        shown = controls.beside
        return self.subject(shown), shown

    @property
    def shows(self) -> tuple[Any, ...]:
        """See the base."""
        other = self.opened.get(self.controls.other) if OTHER in self.controls.shown else None
        return (*super().shows, other)

    @property
    def beside_version(self) -> tuple[Any, ...]:
        """What pictures of what stands beside depend on, but for the controls."""
        other = self.opened.get(self.controls.other) if OTHER in self.controls.shown else None
        return other, getattr(other, "training", None)

    def _keep_beside(self) -> None:
        """What stands beside is open, and something else than what is shown; those two change places."""
        shown, before = self.opened_shown, self._opened_before
        self._opened_before = shown
        other = self.controls.other
        if other and other == shown:
            other = before if before != shown else ""
        other = other if other in self.opened else ""
        if other != self.controls.other:
            self.controls = self._possible(replace(self.controls, other=other))

    def _choose_keyframe_at(self, position: Position) -> bool:
        """Choose the keyframe whose frustum is drawn there; returns whether there is one."""
        size = self._services.framebuffer_px
        if not self.path_strokes:
            return False
        panes, aspect = self.controls.panes(size), size[0] / size[1]
        number = self._in_space.keyframe_at(position, self.path, self.controls, panes, aspect)
        if number is None:
            return False
        self.path.selected = number
        moment = self.path.keyframes[number].time
        self._services.notice(f"keyframe {number + 1} of {len(self.path.keyframes)}, at {moment:.2f} s, is chosen")
        return True

    @abstractmethod
    def home(self) -> Camera:
        """Who sees all of what is shown, which must be there."""

    # The camera

    @property
    def _camera(self) -> Camera:
        """The one that is moved: of two views that are not linked that of the one which the mouse is on."""
        camera: Camera = self.controls.apart.camera if self._steers_apart else self.controls.camera
        return camera

    def _look_from(self, camera: Camera) -> None:
        """Move it there."""
        self.change(**{"apart": CameraApart.of(camera)} if self._steers_apart else {"camera": camera})

    def _choose_camera(self) -> None:
        """Move the camera of the view that the mouse is on from now on, unless one is being moved."""
        if not self.controls.parted:
            self._steers_apart = False
        elif not (self.under_way or self.captured or self._hand[0]):
            place = self._services.cursor
            panes = self.controls.panes(self._services.framebuffer_px)
            self._steers_apart = place is not None and any(pane.output == OTHER and pane.shows(place) for pane in panes)

    @property
    def under_way(self) -> bool:
        """Whether the camera moves by itself or by a key that is held."""
        return bool(self._held) or self._eased.moves or self._glide is not None or self.path.playing

    def go_home(self) -> None:
        """Look at all there is."""
        if not self.nothing_shown:
            self._stand()
            self.pivot = MIDDLE
            self._look_from(self.home())

    def glide_home(self) -> None:
        """Look at all there is, in a moment."""
        self.pivot = MIDDLE
        self.glide_to(self.home())

    def glide_to(self, camera: Camera) -> None:
        """Move there, slowly at both ends; whatever moves the camera meanwhile ends that."""
        self.path.pause()
        self._stand()
        self._glide = Glide(self._camera, camera, self.pivot, self._services.now)

    def _stand(self) -> None:
        """Let nothing move the camera that does so by itself."""
        self._glide = None
        self._eased.stop()

    def set_entry(self, entry: Entry, value: Any) -> None:
        """See the base; where the camera is set, it moves there at once; where views part, both look as before."""
        self._stand()
        if entry.name == "linked_views" and self.controls.linked_views:
            self.change(apart=CameraApart.of(self.controls.camera))
        super().set_entry(entry, value)

    def go_to(self, keyframe: Keyframe) -> None:
        """See the base."""
        self._stand()
        super().go_to(keyframe)

    def look_along(self, view: str) -> None:
        """Move to one of ``standard_views.TURNS``, or to the one after that which is seen, where it is empty."""
        self.glide_to(standard_view(view or next_view(self._camera), self._camera, self.pivot))

    def turn_about(self, point: Vector) -> None:
        """Let the orbit turn about a point, which comes to the middle of the view."""
        x, y, z = (place + (new - old) for place, new, old in zip(
            self._camera.position, point, self.pivot, strict=True
        ))  # fmt: skip
        facing = orbited(self._camera, self.pivot, (0.0, 0.0))
        self.pivot = point
        self.glide_to(replace(facing, position=(x, y, z)))

    def toggle_orbit(self) -> None:
        """Let the hand turn what is shown, or fly again."""
        self.let_go()
        self.orbiting = not self.orbiting
        if self.orbiting:
            self._look_from(orbited(self._camera, self.pivot, (0.0, 0.0)))

    def advance(self, now: float) -> None:
        """One pass: fly, or follow the path."""
        self._keep_beside()
        self._choose_camera()
        seconds, self._advanced_at = min(now - self._advanced_at, _MOST_STEP_S), now
        if self._held or self._eased.moves:
            self._glide = None
            moved = self._moved(seconds)
            if moved != self._camera:
                self._look_from(moved)
            self._held -= self._released
            self._released, self._tapped = set(), set()
        elif self._glide is not None:
            camera = self._glide.camera_at(now)
            end, self._glide = self._glide.end, self._glide if camera is not None else None
            self._look_from(camera or end)
        else:
            super().advance(now)

    def _moved(self, seconds: float) -> Camera:
        camera: Camera = self._camera
        if not self.orbiting:
            return flown(camera, self._eased.over(hand_of(self._held), seconds), self.speed)
        # Space and Shift only fly: to type a + must not tilt anything.
        right, _, forward, turn, up = map(float, self._eased.over(hand_of(self._held - {"Space", "Shift"}), seconds))
        camera = orbited(camera, self.pivot, ((turn - right) * _ORBIT_PX_PER_S, up * _ORBIT_PX_PER_S))
        return dollied(camera, self.pivot, forward * _DOLLY_NOTCHES_PER_S)

    # What is under the cursor

    def inspect(self, inspecting: bool) -> None:
        """See the base."""
        super().inspect(inspecting)
        self._pinned = None

    @property
    def inspected(self) -> Inspected | None:
        """See the base; while the mouse looks around, of the point in the middle of the view."""
        if not self.inspecting or self.nothing_shown:
            return None
        if self._pinned is not None:
            return self._of_pinned(*self._pinned)
        place = self._looked_at
        seen = None if place is None else self.sees(place)
        return None if seen is None or place is None else Inspected(seen.rows, place)

    @property
    def _looked_at(self) -> Position | None:
        width, height = self._services.framebuffer_px
        return (width / 2, height / 2) if self.captured else self._services.cursor

    @property
    def histograms(self) -> Histograms | None:
        """See the base."""
        self.count_asked = True
        return self.counted

    def _of_pinned(self, number: int, pinned: SeenPoint) -> Inspected | None:
        """What is told of a point by now, in the pane where it was pinned; what was, where it is hidden."""
        panes = self.controls.panes(self._services.framebuffer_px)
        pane = panes[min(number, len(panes) - 1)]
        box = pane.box
        x, y, away = frame_from_world(self.controls.eye_of(pane.output), box[2:], np.array([pinned.point]))[0].tolist()
        if away <= 0 or not (0 <= x < box[2] and 0 <= y < box[3]):
            return None
        place = x + box[0], y + box[1]
        seen = self.sees(place)
        if seen is not None and math.dist(seen.point, pinned.point) < _SAME_POINT * away:
            return Inspected(seen.rows, place, pinned=True)
        return Inspected((*pinned.rows[:2], ("", "hidden")), place, pinned=True)

    def click(self, position: Position) -> None:
        """See the base: it chooses the keyframe that is drawn there, or pins what is told, or lets that go again."""
        super().click(position)
        if self._choose_keyframe_at(position) or not self.inspecting:
            return
        seen = self.sees(position) if self._pinned is None else None
        panes = self.controls.panes(self._services.framebuffer_px)
        number = next((number for number, pane in reversed(list(enumerate(panes))) if pane.shows(position)), 0)
        self._pinned = None if seen is None else (number, seen)

    # The hand

    def hold(self, key: str) -> bool:
        """A key went down, or is still held; returns whether it is one that flies or turns."""
        if key not in HELD and key not in TURNING:
            return False
        self._choose_camera()
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
        self._eased.stop()
        super().let_go()
        self.captured = False
        self._services.messages.withdraw(_LOOKING)

    clickable = ("orbit",)

    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """The mouse's button went down: on a divider it drags that, else it turns what is shown or begins to look."""
        self._pressed_at = position
        if self.nothing_shown:
            return
        self._glide = None
        self._choose_camera()
        if not self.captured and self._take_scale(position):
            return
        if self._is_on_divider(position, pixel_ratio) and not self.captured:
            self._hand = ("divider", position)
        elif not self.captured and not self.orbiting and self._choose_keyframe_at(position):
            self._hand = ("", None)
        elif self.orbiting:
            self._hand = ("orbit", position)
            if self._is_second_click(position) and (seen := self.sees(position)) is not None:
                self.turn_about(seen.point)
        else:
            if not self.captured:
                self._services.notice(_LOOKING)
            self.captured, self._hand = True, ("look", None)

    def _is_second_click(self, position: Position) -> bool:
        now, before = self._services.now, self._clicked
        is_second = (
            before is not None and now - before[0] < DOUBLE_CLICK_S and math.dist(before[1], position) < _SAME_PX
        )
        self._clicked = None if is_second else (now, position)
        return is_second

    def press_other(self, position: Position) -> None:
        """See the base: it moves the camera aside."""
        if not self.nothing_shown and not self.captured:
            self._choose_camera()
            self._glide, self._hand = None, ("pan", position)

    def release_button(self) -> None:
        """The button came up."""
        if not self.captured:
            super().release_button()

    def move(self, position: Position) -> None:
        """The mouse moved."""
        what, last = self._hand
        if not what:
            return
        self._hand = (what, position)
        if last is None:
            return
        shift = (position[0] - last[0], position[1] - last[1])
        camera = self._camera
        if what == "divider":
            self._drag_divider(position)
        elif what == "scale":
            self._drag_scale(position)
        elif what == "pan":
            self._pan(shift)
        elif what == "orbit":
            self._look_from(orbited(camera, self.pivot, shift))
        else:
            self._look_from(looked(camera, shift, self._services.framebuffer_px[1]))

    def _pan(self, shift_px: tuple[float, float]) -> None:
        """Move the camera aside, and with it what the orbit turns about."""
        height = self.controls.pane_size(self._services.framebuffer_px)[1]
        step = panned(self._camera, self.pivot, shift_px, height)
        x, y, z = (a + b for a, b in zip(self.pivot, step, strict=True))
        self.pivot = x, y, z
        self._look_from(kept_near(self._camera.moved(step)))

    def scroll(self, notches: float, position: Position = (0.0, 0.0)) -> None:
        """The wheel: the speed, or in orbit the distance."""
        self._glide = None
        self._choose_camera()
        if self.orbiting:
            self._look_from(dollied(self._camera, self.pivot, notches))
        else:
            self.speed = sped(self.speed, notches)
            self._services.notice(f"speed {self.speed:.2g} units a second; what is shown is two units long")
