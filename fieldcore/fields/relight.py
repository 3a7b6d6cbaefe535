"""Our field of light stages, solved for: a lit picture is a sum of few or many pictures,

    picture(light, filter) = sum_k w_k(light, filter) picture_k

so that a filter over the light changes the K weights alone, in closed form (lights/). The pictures are the photos
themselves, sums of them fitted to functions of the direction, or the photos' principal pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal, get_args

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ..errors import InputError
from ..filters import Filter, Gaussian, as_filter
from ..filters.filter import Numbers
from ..lights.as_shown import AsShown, share_of_shown
from ..lights.basis import BASES, LightBasis, PhotosBasis
from ..lights.chart import direction_from_chart
from ..lights.choice import chosen_basis, sampled_pixels
from ..lights.hats import Hats
from ..lights.kriging import TRENDS, Kriging, KrigingSettings, best_settings
from ..lights.legendre import COSINES
from ..lights.lobes import Lobes, found_lobes
from ..lights.photos import Photos, bilinear_cells, counting, decoding, resampled
from ..lights.polynomials import Hsh
from ..lights.principal import principal_pictures
from ..lights.stage_facts import chart_scale, stage_directions, stage_lights
from ..recipe import Recipe
from ..signals import SignalFacts
from ..signals.light_stage import LightStage, pixel_positions
from .solved_field import SolvedField

Basis = Literal["photos", "auto", "kriging", "ptm", "hsh"]
Between = Literal["light", "shown"]

MOST_DECODED = 1 << 28
"""Values of pictures that are kept as floats, for quick sums; more are decoded anew for each."""

_AT_ONCE = 1 << 22
_LEAST_SHARE = 1e-4  # of what is shown: less is not seen


@dataclass(frozen=True, kw_only=True)
class RelightRecipe(Recipe):
    """Settings of a ``Relight`` field.

    Attributes:
        basis: which functions of the light; ``auto`` takes the one that is nearest to held-out photos.
        pictures: of the photos, so many principal pictures are kept; 0 keeps all of them.
        order: of ``hsh``, which has its square of functions.
        between: whether ``light`` is interpolated between photos, or what is ``shown``, which comes nearer to photos
            that were not taken where the light is a point, and gives way to light as it has a size.
        lobes: whether a matte and a glossy lobe are found for each pixel first, of which the pictures hold the rest.
    """

    kind: ClassVar[str] = "relight"

    steps: int = 1
    basis: Basis = "photos"
    pictures: int = 0
    order: int = 4
    between: Between = "light"
    lobes: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        self._require_one_of("basis", get_args(Basis))
        self._require("pictures", self.pictures == 0 or 2 <= self.pictures <= 1000, "0, or from 2 to 1000")
        self._require("order", 2 <= self.order <= 4, "from 2 to 4")
        holds = self.pictures == 0 or self.basis not in FITTED
        self._require("pictures", holds, f"0 with the basis {self.basis}, whose pictures are few already")
        self._require_one_of("between", get_args(Between))
        whole = self.basis == "photos" and self.pictures == 0 and not self.lobes
        self._require(
            "between", self.between == "light" or whole, "light, unless all photos are the basis, without lobes"
        )

    def picture_count(self, facts: SignalFacts) -> int:
        """How many pictures a field has."""
        few = {"ptm": 6, "hsh": self.order**2}
        return few.get(self.basis) or min(self.pictures, len(facts.photos)) or len(facts.photos)


FITTED = ("ptm", "hsh")
"""Bases whose pictures are few, fitted to all photos."""


class Relight(SolvedField):
    """The field described at the head of this file. Nothing is trained: ``prepare`` solves for all of it.

    Filters are Gaussians over the light, one for all points or one a point. Values are not clipped: bases other than
    ``photos`` ring, and may be below 0.

    Example:
        >>> photos = np.zeros((3, 4, 6, 3), np.uint8)
        >>> photos[1] = 255
        >>> stage = LightStage(photos, [[0, 0, 1], [0.6, 0, 0.8], [0, 0.6, 0.8]])
        >>> field = Relight(RelightRecipe(), stage.facts)
        >>> field.prepare(stage)
        >>> field([[0.0, 0.0, *stage.lights[1]]])
        tensor([[1., 1., 1.]])
    """

    kind = "relight"
    recipe_type = RelightRecipe
    dims: ClassVar[tuple[int, ...]] = (4,)
    presets: ClassVar = {"light_stage": RelightRecipe(preset="light_stage")}
    filters = (Gaussian,)

    mixed: Tensor
    settings: Tensor
    lobe_pixels: Tensor
    lobe_profile: Tensor

    def __init__(self, recipe: RelightRecipe, facts: SignalFacts) -> None:
        super().__init__(recipe, facts)
        if not facts.has_light:
            raise InputError(f"kind: a {self.kind} field takes light stages, got '{facts.name}', a {facts.type}")
        self.recipe: RelightRecipe = recipe
        width, height = facts.resolution
        count = recipe.picture_count(facts)
        shape = (count, height, width, facts.channels)
        self.register_buffer("samples", torch.zeros((), dtype=torch.float16).expand(shape))
        reduces = 0 < recipe.pictures < len(facts.photos)
        self.register_buffer("mixed", torch.zeros(len(facts.photos) if reduces else 0, count, dtype=torch.float64))
        self.register_buffer("settings", torch.zeros(4, dtype=torch.float64))
        if recipe.lobes and facts.encoding != "linear":
            raise InputError("lobes: they add light; expected a stage of the encoding linear")
        if recipe.between == "shown" and facts.encoding != "linear":
            raise InputError("between: what is shown is all that such a stage has; expected one of the encoding linear")
        pixels = (height, width, 4 + facts.channels) if recipe.lobes else (0, 0, 0)
        self.register_buffer("lobe_pixels", torch.zeros((), dtype=torch.float16).expand(pixels))
        self.register_buffer("lobe_profile", torch.zeros(len(COSINES) if recipe.lobes else 0, dtype=torch.float64))
        self._made: tuple[Any, ...] = ()
        self._last: tuple[Any, Tensor] | None = None
        self._shared: Photos | None = None

    @property
    def dtype(self) -> torch.dtype:
        """Of the values, however few bytes the pictures take."""
        return torch.float32

    @property
    def basis_name(self) -> str:
        """The basis that is used; of ``auto`` the one that was chosen."""
        return tuple(BASES)[int(self.settings[0])] if self.recipe.basis == "auto" else self.recipe.basis

    @property
    def keeps_photos(self) -> bool:
        """Whether its pictures are the photos as they were stored."""
        return self.recipe.basis not in FITTED and self.mixed.numel() == 0 and not self.recipe.lobes

    @property
    def hats(self) -> Hats:
        """What a photo counts, where photos are the basis. Raises InputError where they are not."""
        basis = self.basis
        if not isinstance(basis, PhotosBasis):
            raise InputError(f"basis: expected photos, got {self.basis_name}")
        return basis.hats

    @property
    def normals(self) -> Float[Tensor, "h w 3"] | None:
        """Unit normals of the pixels that the lobes were found with, x to the right, y to the photo's top, z to the
        camera; None where there are no lobes."""
        return self.lobe_pixels[..., :3] if self.recipe.lobes else None

    @torch.no_grad()
    def prepare(self, signal: LightStage) -> None:  # type: ignore[override]
        """Solve for the basis and the pictures. Raises InputError where the lights do not determine the basis."""
        self._choose(signal)
        basis = self._new_basis(self.basis_name)
        if self.keeps_photos:
            self.samples = signal.photos.stored.to(self.device)
            self._shared = signal.photos if _decoding(signal.facts) == _decoding(self.facts) else None
            return
        photos = self._beyond_lobes(signal) if self.recipe.lobes else signal.photos
        if self.mixed.numel():
            self._take_principal(photos)
        else:
            self._take(photos, basis.mix())

    def _take_principal(self, photos: Photos) -> None:
        self.mixed.copy_(torch.from_numpy(principal_pictures(photos, len(self.samples))))
        self._take(photos, self.mixed.cpu().numpy().T)

    def _take(self, photos: Photos, mix: Float[np.ndarray, "k l"]) -> None:
        """Sums of photos as the pictures, with the weights of each a row."""
        self.samples = torch.empty(self.samples.shape, dtype=torch.float16, device=self.device)
        for number, weights in enumerate(mix):
            self.samples[number] = photos.weighted(torch.from_numpy(weights).float())

    @torch.no_grad()
    def with_principal_pictures(self, count: int) -> Relight:
        """The same field with so many principal pictures in place of its photos, for where these are too many.

        Raises InputError where its pictures are no photos, or are interpolated as shown.
        """
        if not self.keeps_photos:
            raise InputError(f"basis: only photos have principal pictures, not those of {self.basis_name}")
        field = Relight(replace(self.recipe, pictures=count), self.facts).to(self.device)
        field.settings.copy_(self.settings)
        field._take_principal(self.pictures)
        return field

    def _beyond_lobes(self, signal: LightStage) -> Photos:
        """Find the lobes of all pixels; returns what they leave of the photos."""
        directions = stage_directions(self.facts)
        values, _ = sampled_pixels(signal)
        known = torch.from_numpy(values).float().unflatten(1, (-1, self.facts.channels)).to(self.device)
        profile = found_lobes(known, directions).profile
        flat, parts = signal.photos.stored.flatten(1, 2), []
        for part in flat.split(max(1, _AT_ONCE // (len(flat) * self.facts.channels)), 1):
            parts.append(found_lobes(signal.photos.decoded(part), directions, profile).pixels.half())
        pixels = torch.cat(parts).view(self.lobe_pixels.shape)
        if signal.mask is not None:  # where nothing is, noise has no lobes
            facing = [0.0, 0.0, 1.0, *[0.0] * (pixels.shape[2] - 3)]
            pixels[torch.from_numpy(~signal.mask).to(pixels.device)] = pixels.new_tensor(facing)
        self.lobe_pixels = pixels.to(self.device)
        self.lobe_profile.copy_(torch.from_numpy(profile))
        left = torch.empty(signal.photos.stored.shape, dtype=torch.float16, device=self.device)
        for number, direction in enumerate(directions):
            lobes = self._lobes_of(self.lobe_pixels.flatten(0, 1)).at(direction)
            left[number] = signal.photo(number) - lobes.view(left.shape[1:])
        return Photos(left)

    def _lobes_of(self, pixels: Float[Tensor, "p k"]) -> Lobes:
        return Lobes(pixels.float(), self.lobe_profile.cpu().numpy())

    def _choose(self, signal: LightStage) -> None:
        """Settle what the recipe leaves open."""
        settings = KrigingSettings()
        if self.recipe.basis == "auto":
            name, settings, self.notices = chosen_basis(signal, self.recipe.order)
            self.settings[0] = tuple(BASES).index(name)
        elif self.recipe.basis == "kriging":
            settings = best_settings(signal.lights, *sampled_pixels(signal))
        self.settings[1:] = torch.tensor([settings.width, settings.nugget, TRENDS.index(settings.trend)])

    def _new_basis(self, name: str) -> LightBasis:
        lights, scale = stage_lights(self.facts), chart_scale(self.facts)
        if issubclass(BASES[name], Hsh):
            return Hsh(lights, scale, self.recipe.order)
        if issubclass(BASES[name], Kriging):
            _, width, nugget, trend = self.settings.tolist()
            return Kriging(lights, scale, KrigingSettings(width, nugget, TRENDS[int(trend)]))
        return BASES[name](lights, scale)

    @property
    def _now(self) -> tuple[Any, ...]:
        """Changes with all that pictures are made of."""
        parts = self.settings, self.mixed, self.lobe_pixels, self.lobe_profile
        return (*self._state, tuple(self.settings.tolist()), *((part.data_ptr(), part._version) for part in parts))

    def _solved(self) -> tuple[LightBasis, Photos]:
        """The basis and the pictures; they follow from the buffers."""
        state = self._now
        if not self._made or self._made[0] != state:
            self._made = (state, self._new_basis(self.basis_name), self._as_pictures())
        return self._made[1], self._made[2]

    def _as_pictures(self) -> Photos:
        """What the samples stand for: the signal's own photos where they are the same, decoded once for both."""
        if self._shared is not None and self._shared.stored.data_ptr() == self.samples.data_ptr():
            return self._shared
        return Photos(self.samples, decoding(*_decoding(self.facts)) if self.keeps_photos else None)

    @property
    def basis(self) -> LightBasis:
        """The functions of the light."""
        return self._solved()[0]

    @property
    def pictures(self) -> Photos:
        """What is summed."""
        return self._solved()[1]

    def weights(self, light: Numbers, filter: Filter | Numbers = None) -> Float[np.ndarray, "k"]:
        """What each picture counts at a light (u, v), averaged over one Gaussian of its two axes.

        Raises InputError for another filter.
        """
        covariance = _light_covariance(self._check(as_filter(filter), 1))
        return self._of_pictures(self._averaged(np.asarray(light, np.float64), covariance)[None])[0]

    def lit(self, light: Numbers, filter: Filter | Numbers = None) -> Float[Tensor, "h w c"]:
        """The whole picture at its own pixels in a light. Raises InputError as ``weights``."""
        covariance = _light_covariance(self._check(as_filter(filter), 1))
        return self._picture(np.asarray(light, np.float64), covariance).clone()

    def _picture(
        self, light: Float[np.ndarray, "2"], covariance: Float[np.ndarray, "2 2"] | None
    ) -> Float[Tensor, "h w c"]:
        """The whole picture; the last one is kept, which is asked for again where a view moves or becomes finer."""
        of = self._now, light.tobytes(), None if covariance is None else covariance.tobytes()
        last = self._last
        if last is None or last[0] != of:
            last = self._last = of, self._sum_of_all(light, covariance)
        return last[1]

    def _sum_of_all(
        self, light: Float[np.ndarray, "2"], covariance: Float[np.ndarray, "2 2"] | None
    ) -> Float[Tensor, "h w c"]:
        """The sum of pictures, and of lobes where there are any."""
        summed = self._summed(self._of_pictures(self._averaged(light, covariance)[None])[0])
        share = self._share_of_shown(covariance)
        if share > _LEAST_SHARE:
            weights = torch.from_numpy(self.basis.at(light[None])[0]).float()
            return summed + float(share) * self._as_shown().weighted(weights)
        if not self.recipe.lobes:
            return summed
        lobes = self._lobes_of(self.lobe_pixels.flatten(0, 1))
        return summed + lobes.at(self._direction(light), self._heat(covariance)).view(summed.shape)

    def _as_shown(self) -> AsShown:
        facts = self.facts
        return AsShown(self.pictures, facts.photo_numbers, facts.exposure_stops)  # type: ignore[arg-type]

    def _share_of_shown(self, covariance: Float[np.ndarray, "*n 2 2"] | None) -> Float[np.ndarray, "*n"]:
        if self.recipe.between == "light":
            return np.zeros(() if covariance is None else covariance.shape[:-2])
        return share_of_shown(covariance, chart_scale(self.facts))

    def _direction(self, light: Float[np.ndarray, "*n 2"]) -> Float[np.ndarray, "*n 3"]:
        return direction_from_chart(light, chart_scale(self.facts))

    def _heat(self, covariance: Float[np.ndarray, "2 2"] | None) -> float:
        """The time after which heat on the sphere is as wide as a Gaussian over the chart, near the zenith."""
        return 0.0 if covariance is None else float(np.trace(covariance)) / 2 / chart_scale(self.facts) ** 2

    def _averaged(
        self, light: Float[np.ndarray, "2"], covariance: Float[np.ndarray, "2 2"] | None
    ) -> Float[np.ndarray, "b"]:
        if covariance is None or not covariance.any():
            return self.basis.at(light[None])[0]
        return self.basis.averaged(light, covariance)

    def _of_pictures(self, weights: Float[np.ndarray, "n b"]) -> Float[np.ndarray, "n k"]:
        """Of principal pictures, where these are kept in place of photos."""
        return weights @ self.mixed.cpu().numpy() if self.mixed.numel() else weights

    def tile_points(self, filter: Filter | None) -> int:
        """As many as the photos have pixels, or more: a sum is made whole."""
        width, height = self.facts.resolution
        return max(super().tile_points(filter), width * height)

    def _summed(self, weights: Float[np.ndarray, "k"]) -> Float[Tensor, "h w c"]:
        pictures = self.pictures
        counted = torch.from_numpy(weights).float()
        if self.samples.numel() <= MOST_DECODED and len(counting(counted)) > 4:
            _ = pictures.values  # kept from now on
        return pictures.weighted(counted)

    def on_lattice(self, axes: Sequence[Float[Tensor, "_"]], filter: Filter | None = None) -> Float[Tensor, "n c"]:
        """As ``Field.on_lattice``; a picture a light, with one filter for all."""
        x, y, u, v = axes
        count = len(x) * len(y) * len(u) * len(v)
        filter = self._check(filter, count)
        if count == 0 or (filter is not None and filter.per_point is not None):
            return super().on_lattice(axes, None if filter is None else _of_light(filter))
        covariance = _light_covariance(filter)
        rows = []
        for down in v.double().tolist():
            for across in u.double().tolist():
                whole = self._picture(np.array([across, down]), covariance)
                picture = resampled(whole, x.to(self.device), y.to(self.device), self.facts.half_extent)
                rows.append(picture.flatten(0, 1))
        return torch.cat(rows)

    def _values(self, x: Float[Tensor, "n 4"], filter: Any) -> Float[Tensor, "n c"]:
        if len(x) == 0:
            return x.new_zeros(0, self.facts.channels)
        lights, of_point = torch.unique(x[:, 2:].double().detach(), dim=0, return_inverse=True)
        position = pixel_positions(x[:, :2].detach().float(), self.facts)
        shares = self._share_of_shown(None if filter is None else _of_light(filter).matrix(2).double().cpu().numpy())
        found = x.new_zeros(len(x), self.facts.channels)
        if shares.max() > _LEAST_SHARE:
            weights = torch.from_numpy(self.basis.at(lights.cpu().numpy())).float().to(x.device)
            more = _at_points(self._as_shown(), position, weights, of_point, self.facts.channels)
            found += torch.from_numpy(shares).to(x)[..., None] * more
        weights = self._point_weights(x, lights, of_point, filter)
        found += _at_points(self.pictures, position, weights, of_point, self.facts.channels)
        return found + self._lobes_at(x, position, filter) if self.recipe.lobes else found

    def _lobes_at(self, x: Float[Tensor, "n 4"], position: Float[Tensor, "n 2"], filter: Any) -> Float[Tensor, "n c"]:
        """The lobes at points, bilinear between pixels."""
        ways = self._direction(x[:, 2:].double().detach().cpu().numpy())
        covariances = None if filter is None else _of_light(filter).matrix(2).double().cpu().numpy()
        if covariances is not None and covariances.ndim == 3:  # each its own
            times = np.array([self._heat(one) for one in covariances])
        else:
            times = np.full(len(x), self._heat(covariances))
        found = x.new_zeros(len(x), self.facts.channels)
        for time in np.unique(times):
            there = torch.from_numpy(times == time).to(x.device)
            towards = ways[times == time]
            for pixels, share in bilinear_cells(position[there], self.lobe_pixels):
                found[there] += share[:, None] * self._lobes_of(pixels).at(towards, float(time))
        return found

    def _point_weights(self, x: Tensor, lights: Tensor, of_point: Tensor, filter: Any) -> Float[Tensor, "m k"]:
        """A row for each different light; under a filter that differs by point also for each point."""
        if filter is not None and filter.per_point is not None:
            covariances = _of_light(filter).matrix(2).double().cpu().numpy()
            places = x[:, 2:].double().cpu().numpy()
            rows = [self._averaged(light, one) for light, one in zip(places, covariances, strict=True)]
            of_point.copy_(torch.arange(len(x), device=x.device))
        else:
            covariance = _light_covariance(filter)
            places = lights.cpu().numpy()
            if covariance is None or not covariance.any():
                rows = [*self.basis.at(places)]
            else:
                rows = [self._averaged(light, covariance) for light in places]
        return torch.from_numpy(self._of_pictures(np.stack(rows))).float().to(x.device)

    def _load_from_state_dict(self, state_dict: dict[str, Any], prefix: str, *rest: Any) -> None:
        stored = state_dict.get(f"{prefix}samples")
        if stored is not None and stored.shape == self.samples.shape:
            known = (torch.uint8, torch.int16, torch.float16) if self.keeps_photos else (torch.float16,)
            if stored.dtype not in known:
                raise RuntimeError(f"samples: expected photos or sums of them, got {stored.dtype}")
            self.samples = torch.empty_like(stored)
        if self.recipe.lobes:
            self.lobe_pixels = torch.empty(self.lobe_pixels.shape, dtype=torch.float16, device=self.device)
        super()._load_from_state_dict(state_dict, prefix, *rest)


def _at_points(
    pictures: Photos | AsShown,
    position: Float[Tensor, "n 2"],
    weights: Float[Tensor, "m k"],
    of_point: Int[Tensor, "n"],
    channels: int,
) -> Float[Tensor, "n c"]:
    """Their sums at points, some at a time, from the weights at each light and the number of each point's light."""
    used = counting(weights)
    counted = weights[:, used]
    at_once = max(1, _AT_ONCE // (max(1, len(used)) * channels))
    parts = [
        pictures.at(position[part], used.expand(len(part), -1), counted[of_point[part]])
        for part in torch.arange(len(position), device=position.device).split(at_once)
    ]
    return torch.cat(parts)


def _decoding(facts: SignalFacts) -> tuple[Any, ...]:
    """What the values of photos follow from."""
    return facts.photo_numbers, facts.encoding, facts.exposure_stops


def _light_covariance(filter: Any) -> Float[np.ndarray, "2 2"] | None:
    """Of a Gaussian of all axes, the part that is the light's."""
    return None if filter is None else filter.covariance(4)[2:, 2:].double().detach().cpu().numpy()


def _of_light(filter: Any) -> Gaussian:
    """The Gaussian of the light's two axes that one of all axes was made of."""
    return Gaussian.unchecked(filter.covariance(4)[..., 2:, 2:])
