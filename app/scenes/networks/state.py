"""The state of the scene of networks: what is trained while it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fieldcore.checkpoint import TrainingFacts
from fieldcore.comparison.contest import Contestant
from fieldcore.comparison.race import Race
from fieldcore.errors import InputError
from fieldcore.fields.coordinate import Coordinate
from fieldcore.signals import Picture

from ...compare import ERROR_KINDS, OTHER, Compare
from ...document import Document
from ...entries import Entry
from ...panes import Pane
from ...plane.controls import MERELY_DRAWN
from ...plane.own_document import document_of
from ...plane.plane_state import PlaneState
from ...plane.view import View
from ...scene_state import Position
from ...services import Services
from ...work.engine import Evaluated, Trained
from ...work.trainer import PlannedTraining, TrainingPlan
from .controls import SAMPLE, NetworksControls, networks_check
from .instruments import Instruments
from .tiles import NetworksRequest, Tile, TileLayer, tile_of, tile_panes, without_progress
from .training import asked_networks, contestants, open_picture, size_of, with_network, with_published

if TYPE_CHECKING:
    from ...session import Session

REST_S = 0.4
"""How long nothing must have been changed before the network at full size is trained."""

FIRST_PICTURE = "sample:astronaut"
_CLICK_PX = 4.0

_Begun = tuple[Race, PlannedTraining, NetworksControls]


class NetworksState(PlaneState):
    """Networks in training: the small one that answers first, the one at full size that follows, or a race.

    Attributes:
        race: what is or was trained; None where a field is shown as it was opened, or nothing.
        instruments: what is looked at inside the network shown.
    """

    controls: NetworksControls
    filmed_as_seen = True

    def __init__(self, services: Services) -> None:
        super().__init__(services, NetworksControls())
        self.race: Race | None = None
        self.instruments = Instruments(services.engine)
        self._pictures: dict[tuple[str, int], Picture] = {}
        self._live: Document | None = None
        self._planned: PlannedTraining | None = None
        self._next: _Begun | None = None
        self._last_race: tuple[NetworksControls, _Begun] | None = None
        self._wanted: NetworksControls | None = None
        self._pressed: Position | None = None
        self._begun_at = 0.0
        self._told: list[Contestant] = []

    # What is shown

    @property
    def document(self) -> Document | None:
        """The network shown, the leader of a race, or the picture before there is one."""
        return self._live or super().document

    @property
    def shows(self) -> tuple[Document | None, ...]:
        """See the base."""
        return (self.document,)

    @property
    def contestants(self) -> tuple[Contestant, ...]:
        """What is or was trained, in order."""
        return self.race.contestants if self.race is not None else ()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """What is shown, as it is now."""
        if self.race is not None:
            return tuple(map(Tile.of, self.race.contestants))
        document = super().document
        return () if document is None else (tile_of(document),)

    @property
    def network(self) -> Coordinate | None:
        """What the instruments look into: the network on the desk, or the leader of a race."""
        field = self.race.field if self.race is not None else getattr(super().document, "field", None)
        return field if isinstance(field, Coordinate) else None

    def view_of(self, output: str) -> View | None:
        """See the base."""
        document = self.other if output == OTHER and self.controls.parted else self.document
        if document is None:
            return None
        pane = tile_panes(self.controls, len(self.tiles), self._services.framebuffer_px)[0]
        return View.of(self.controls.seen_in(output), document.field.facts, pane.size)

    @property
    def is_running(self) -> bool:
        """Whether what is shown is in training now."""
        trainer = self._services.training
        return trainer.state == "running" and trainer.document is self._live is not None

    @property
    def working(self) -> str:
        """Without the training, of which the tiles tell."""
        doing = self._services.doing
        if self._next is not None:
            race, _, controls = self._next
            name, share = race.leader.name, race.leader.share_done
            doing.append(f"training {name} on {size_of(controls)} px: {100 * share:.0f} %")
        return "; ".join(doing)

    def _refusal(self, shown: Compare) -> str:
        """See the base."""
        if self.controls.show == "race" and (shown.layout != "one" or OTHER in shown.shown):
            what = shown.layout if shown.layout != "one" else "view of something else"
            return f"a {what} is for the desk: click a network to take it there"
        return super()._refusal(shown)

    # Asking for networks

    def set_entry(self, entry: Entry, value: Any) -> None:
        """See the base; with another activation come its published numbers, and names of a race are checked."""
        if entry.name == "networks":
            networks_check(value, entry.setting_name)
        if entry.name == "activation" and value != self.controls.activation:
            self.path.pause()
            self.controls = with_published(self.controls, value)
            return
        super().set_entry(entry, value)

    def show_mode(self, mode: Any) -> None:
        """Show the desk, or the race."""
        self.change(show=mode, **({"layout": "one", "left": "field"} if self.controls.layout != "one" else {}))

    def take_to_desk(self, index: int) -> None:
        """Look into one network of a race."""
        recipe: Any = self.contestants[index].field.recipe
        self.controls = replace(with_network(self.controls, recipe), steps=self.controls.steps)
        self._services.notice(f"{self.contestants[index].name} is on the desk; B shows the race")

    def again(self) -> None:
        """Train what is shown once more, from the start."""
        self._wanted = None

    # Opening

    def open_shipped(self) -> None:
        """The picture that was shown before this scene, or else a sample."""
        self.open_source(self._services.seen_source or FIRST_PICTURE)

    def open_source(self, source: str, beside: Sequence[str] = ()) -> None:
        """Read a picture, on which networks are trained then."""
        source = source if source.startswith(SAMPLE) else str(Path(source).absolute())
        self._read_picture(source, size_of(replace(self.controls, whole=False)), partial(self._take_picture, source))

    def _read_picture(self, source: str, size: int, take: Any) -> None:
        words = f"reading {Path(source).name}"
        if (source, size) in self._pictures:
            take(self._pictures[source, size])
        elif not self._services.is_doing(words):

            def taken(picture: Picture) -> None:
                self._pictures[source, size] = picture
                take(picture)

            reading = partial(_read_and_warm_up, source, size, self._services.device)
            self._services.meanwhile(words, reading, taken)

    def _take_picture(self, source: str, picture: Picture) -> None:
        self._services.layout = self._services.layout.with_recent(source)
        if picture.notices:
            self._services.notice("; ".join(picture.notices))
        self.documents[source] = document_of(Path(source), picture)
        self.show_opened(source)

    def take_document(self, document: Document, show: bool = True) -> bool:
        """A coordinate network was opened; other fields are not shown here."""
        if not isinstance(document.field, Coordinate) or document.field.facts.type != "picture":
            return False
        self.documents[str(document.path)] = document
        self._services.note_recent(document.path)
        if show or super().document is None:
            self.show_opened(str(document.path))
        return True

    def show_opened(self, path: str) -> None:
        """Show a network as it was opened, or train on a picture."""
        self._forget()
        self.change(field=path)
        if self.controls.other == path:  # nothing stands beside itself
            self.change(other="", layout="one", left="field", right="truth")
        field: Any = self.documents[path].field
        if isinstance(field, Coordinate):
            self.controls = with_network(self.controls, field.recipe)
            self._wanted = asked_networks(self.controls)

    def _open_named(self, field: str, truth: str, take: Any) -> None:
        if field.lower().endswith(".safetensors"):
            super()._open_named(field, truth, take)
        else:
            self.open_source(field)

    def _forget(self) -> None:
        self.race = self._live = self._planned = self._next = self._wanted = self._last_race = None

    def close_opened(self, path: str) -> None:
        """See the base."""
        super().close_opened(path)
        self._forget()

    @property
    def named(self) -> Any:
        """What is shown; a picture is its own truth."""
        return replace(self.controls, truth="")

    def source(self) -> dict[str, Any]:
        """See the base."""
        return {"field": {"file": self.controls.field, "kind": "coordinate"}}

    # Training

    @property
    def train_refusal(self) -> str:
        """See the base; what is trained after the plan is shown here if it is a network."""
        is_network = self._services.training.plan.kind == "coordinate"
        return super().train_refusal if is_network else "choose the kind coordinate; others are trained in pictures"

    @property
    def signal_source(self) -> str:
        """The picture that is learned; empty where it is not known."""
        document = super().document
        return "" if document is None else document.signal_source

    def _keep_up(self) -> None:
        """Train what is asked for: the small network at once, the whole one when nothing has changed for a while."""
        asked, now = asked_networks(self.controls), self._services.now
        if super().document is None or not self._services.can_train:
            return
        if asked != self._wanted:
            if not self.signal_source:
                self._wanted = asked
                self._services.notice("the picture that it was trained on is not known: drop it to train networks")
                return
            self._turn_to(asked)
            return
        planned = self._next[1] if self._next is not None else self._planned
        if planned is not None and planned.document is not self._services.training.document:
            if isinstance(planned.training, Race) and not planned.training.ended:  # another training came between
                self._services.training.begin(planned)
        elif self._next is not None:
            self._swap()
        elif self.race is not None and self.race.ended and not self.controls.whole and asked.show == "desk":
            self._rest(asked, now)

    def _turn_to(self, asked: NetworksControls) -> None:
        """Show a race again that was left for the desk, or else begin anew."""
        if self._last_race is not None and self._last_race[0] == asked and self._wanted is not None:
            self._wanted = asked
            self._show(*self._last_race[1])
        else:
            self._ask(asked, whole=False)

    def _rest(self, asked: NetworksControls, now: float) -> None:
        if now - self._begun_at >= REST_S and not self.contestants[0].remark:
            self._ask(asked, whole=True)

    def _ask(self, asked: NetworksControls, whole: bool) -> None:
        controls = replace(asked, whole=whole)
        take = partial(self._begin, asked, controls)
        self._read_picture(self.signal_source, size_of(controls), take)

    def _begin(self, asked: NetworksControls, controls: NetworksControls, picture: Picture) -> None:
        """Train on that picture; the small one is shown at once, the whole one when it has become better."""
        if asked != asked_networks(self.controls):
            return
        self._wanted, self._begun_at = asked, self._services.now
        try:
            race = Race(contestants(controls, picture, hurried=self._services.engine.hurried))
        except InputError as error:
            self._services.notice(str(error))
            return
        for one in race.contestants:
            for remark in one.field.recipe.remarks(picture.facts):
                self._services.notice(f"{one.name}: {remark}")
        path = self._services.training.free_path(f"{Path(picture.facts.name).stem[:48]}-{controls.activation}")
        document = Document(path, race.field, TrainingFacts(), picture, self.signal_source)
        budget = {"seconds": controls.race_seconds} if controls.show == "race" else {"steps": race.field.recipe.steps}
        rule: Any = next(iter(budget))
        plan = TrainingPlan("coordinate", "preview", rule, seed=controls.network_seed, **budget)
        planned = PlannedTraining(plan, document, race, race.steps(), live=True)
        if controls.whole and controls.show == "desk":
            self._next = race, planned, controls
        else:
            self._show(race, planned, controls)
        if controls.show == "race":
            self._last_race = asked, (race, planned, controls)
        self._services.training.begin(planned)

    def _swap(self) -> None:
        """Show the whole network once it is better than the small one."""
        assert self._next is not None and self.race is not None
        race, planned, controls = self._next
        better = race.leader.psnr is not None and race.leader.psnr >= (self.race.leader.psnr or 0.0)
        if better or race.ended:
            self._show(race, planned, controls)

    def _show(self, race: Race, planned: PlannedTraining, controls: NetworksControls) -> None:
        self.race, self._planned, self._live, self._next = race, planned, planned.document, None
        self.controls = replace(self.controls, whole=controls.whole, trained=0.0, race_steps=())

    def take_evaluated(self, evaluated: Evaluated) -> None:
        """See the base; how far the training is by then belongs to what is shown."""
        super().take_evaluated(evaluated)
        layers = evaluated.stage.layers.values()
        tiles = [layer.tile for layer in layers if isinstance(layer, TileLayer) and layer.tile is not None]
        if self.race is not None and tiles:
            steps = tuple(tile.steps for tile in tiles) if self.controls.show == "race" else ()
            self.controls = replace(self.controls, trained=min(tile.share for tile in tiles), race_steps=steps)

    def take_trained(self, event: Trained) -> None:
        """See the base: say what went wrong; what has ended may be kept from now on."""
        under_way = [self._planned, self._next[1] if self._next is not None else None]
        planned = next((one for one in under_way if one is not None and one.document is event.document), None)
        if planned is None or not isinstance(planned.training, Race):
            return
        for one in planned.training.contestants:
            if one.remark and one not in self._told:
                self._told.append(one)
                self._services.notice(f"{one.name}: {one.remark}")
        leader = planned.training.leader
        if event.ended and leader.progress is not None:
            planned.document.training = leader.facts_of_training(timed=self.controls.show == "race")
            self._services.training.unwritten.add(planned.document)

    # The passage of time

    def advance(self, now: float) -> None:
        """See the base."""
        self._keep_up()
        super().advance(now)
        self.instruments.advance(self.network, now)

    def _ask_for_shown(self) -> None:
        document, services = self.document, self._services
        controls = self.controls
        divider = controls.divider if controls.layout == "wipe" else 0.5
        drawn = {**MERELY_DRAWN, "right": controls.right, "divider": divider}
        seen = replace(without_progress(controls), **drawn)
        other = self.other if OTHER in controls.shown else None
        asked = (seen, services.framebuffer_px, document, self.race, self.is_running, other, controls.shows_flip)
        if document is None or asked == self._asked or 0 in services.framebuffer_px:
            return
        self._asked, self._changed_at = asked, services.now
        services.engine.show(
            NetworksRequest(
                self.controls, services.framebuffer_px, document, self.take_evaluated, None, self._changed_at,
                tiles=lambda: self.tiles, running=lambda: self.is_running,
                beside=None if other is None else tile_of(other),
            )
        )  # fmt: skip

    @property
    def panes(self) -> tuple[Pane, ...]:
        """See the base."""
        return tile_panes(self.controls, len(self.tiles), self._services.framebuffer_px)

    def layer_shown(self, output: str) -> str:
        """See the base."""
        return "0" if output in ("field", *ERROR_KINDS) else output

    # The mouse

    def press_button(self, position: Position, pixel_ratio: float = 1.0) -> None:
        """See the base."""
        self._pressed = position
        super().press_button(position, pixel_ratio)

    def move(self, position: Position) -> None:
        """See the base."""
        if self._pressed is not None and _apart(position, self._pressed) > _CLICK_PX:
            self._pressed = None
        super().move(position)

    def release_button(self) -> None:
        """See the base; a click takes a network of a race to the desk."""
        if self._pressed is not None and self.controls.show == "race" and self.race is not None:
            index = self._tile_at(self._pressed)
            if index is not None:
                self.take_to_desk(index)
        self._pressed = None
        super().release_button()

    def _tile_at(self, position: Position) -> int | None:
        panes = tile_panes(self.controls, len(self.contestants), self._services.framebuffer_px)
        return next((index for index, pane in enumerate(panes) if _is_in(position, pane.box)), None)

    def _in_pane(self, position: Position) -> Position:
        panes = tile_panes(self.controls, len(self.tiles), self._services.framebuffer_px)
        box = next((pane.box for pane in panes if _is_in(position, pane.box)), (0, 0, 1, 1))
        return position[0] - box[0], position[1] - box[1]


def _read_and_warm_up(source: str, size: int, device: Any) -> Picture:
    """Read a picture; what networks are made of is imported on the way, which the window must not wait for."""
    picture = open_picture(source, size, device)
    contestants(replace(NetworksControls(), whole=False), picture)
    return picture


def _apart(one: Position, other: Position) -> float:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))


def _is_in(position: Position, box: tuple[int, int, int, int]) -> bool:
    return 0 <= position[0] - box[0] < box[2] and 0 <= position[1] - box[1] < box[3]


def networks(session: Session) -> NetworksState:
    """The state of the networks of a session."""
    state = session.state_of("networks")
    assert isinstance(state, NetworksState)
    return state
