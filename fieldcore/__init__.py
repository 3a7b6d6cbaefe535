"""Fieldscope's numerics: fields that can be trained on a signal and asked for its smoothed self.

Five ideas hold everything together: a *signal* is the truth, a *filter* what to average over, a *field* the network, a
*recipe* all that is needed to build it again, and *fit* the training. No window and no OpenGL here.

    import fieldcore as fc

    picture = fc.Picture.open("sample:astronaut")
    field = fc.train("pyramid", picture)
    smooth = fc.evaluate(field, fc.Grid.covering(field.facts.half_extent, 512), fc.Gaussian(1e-3))

docs/python.md shows the rest in short scripts. Names are imported when they are first used: ``import fieldcore`` alone
takes no time.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # true to type checkers by its name; importing typing takes longer than all the rest
if TYPE_CHECKING:
    from typing import Any

    from . import fields as fields
    from . import filters as filters
    from . import images as images
    from . import models as models
    from . import signals as signals
    from .calibration import Calibration, calibrate
    from .checkpoint import Checkpoint, TrainingFacts, load_checkpoint, load_field, save_field, weights_digest
    from .devices import choose_device
    from .errors import InputError
    from .evaluation import TileSize, evaluate, evaluate_progressively, evaluate_tiles
    from .field_image import image
    from .fields import (
        KINDS,
        Coordinate,
        Field,
        Integral,
        Pyramid,
        Relight,
        ScaleSpace,
        Spectral,
        Surface,
        TrainedPyramid,
        build_field,
        default_preset,
        field_type,
        kinds_for,
        preset_recipe,
    )
    from .fields.coordinate_recipe import CoordinateRecipe
    from .fields.integral_recipe import IntegralRecipe
    from .fields.pyramid import PyramidRecipe
    from .fields.relight import RelightRecipe
    from .fields.scale_space import ScaleSpaceRecipe
    from .fields.spectral import SpectralRecipe
    from .fields.surface_recipe import SurfaceRecipe
    from .fields.trained_pyramid import TrainedPyramidRecipe
    from .filter_sets import covariance_filters, standard_filters
    from .filters import (
        FILTERS,
        Box,
        BSpline,
        Diracs,
        Ellipsoid,
        Filter,
        Gaussian,
        Kernel,
        Lanczos,
        Profile,
        Tent,
        as_filter,
        parse_filter,
    )
    from .fitting import Progress, Stop, Training, fit
    from .grid import Grid, Points
    from .images import Image, read_image, write_image
    from .kernel_file import KernelFile, read_kernel, write_kernel
    from .kernel_fitting import fit_profile, products_of_picture
    from .light_stage_truth import LightStageTruth, smooth_lights
    from .lights.chart import chart_from_direction, direction_from_angles, direction_from_chart
    from .lights.stage_facts import light_of, stage_directions
    from .measures import Measures, psnr
    from .meshing import extract_mesh, write_mesh
    from .models import NoTextureCoordinates, Sheet, TexturedModel, load_model
    from .monitor import Monitor
    from .picture_truth import PictureTruth, smooth_picture
    from .progress_lines import hide_progress_lines
    from .provenance import find_signal, open_as_seen
    from .recipe import Recipe
    from .registry import Registry
    from .scoring import Score, border_px, psnr_at_points, score
    from .shape_truth import ShapeTruth
    from .signals import (
        SIGNALS,
        Ackley,
        Dataset,
        FunctionSignal,
        LightStage,
        Picture,
        Shape,
        Signal,
        SignalFacts,
        Texture,
        Video,
        domain_from_uv,
        same_signal,
    )
    from .signals.mesh_file import Mesh
    from .spectrum import Spectrum, power_spectrum
    from .sphere_tracing import Hits, trace
    from .training import train
    from .training_run import TrainingRun, conclude
    from .truth import Estimate, Truth, smooth_points
    from .video_time import parse_time, time_of_frame, time_of_seconds, variance_of_seconds
    from .video_truth import VideoTruth
    from .views.camera import Camera
    from .views.view import View
    from .views.views import Views

__version__ = "0.1.0"

_MODULES = {
    "calibration": ("Calibration", "calibrate"),
    "checkpoint": ("Checkpoint", "TrainingFacts", "load_checkpoint", "load_field", "save_field", "weights_digest"),
    "devices": ("choose_device",),
    "errors": ("InputError",),
    "evaluation": ("TileSize", "evaluate", "evaluate_progressively", "evaluate_tiles"),
    "field_image": ("image",),
    "fields": (
        "KINDS",
        "Coordinate",
        "Field",
        "Integral",
        "Pyramid",
        "Relight",
        "ScaleSpace",
        "Spectral",
        "Surface",
        "TrainedPyramid",
        "build_field",
        "default_preset",
        "field_type",
        "kinds_for",
        "preset_recipe",
    ),
    "fields.coordinate_recipe": ("CoordinateRecipe",),
    "fields.integral_recipe": ("IntegralRecipe",),
    "fields.pyramid": ("PyramidRecipe",),
    "fields.relight": ("RelightRecipe",),
    "fields.scale_space": ("ScaleSpaceRecipe",),
    "fields.spectral": ("SpectralRecipe",),
    "fields.surface_recipe": ("SurfaceRecipe",),
    "fields.trained_pyramid": ("TrainedPyramidRecipe",),
    "filters": (
        "FILTERS",
        "Box",
        "BSpline",
        "Diracs",
        "Ellipsoid",
        "Filter",
        "Gaussian",
        "Kernel",
        "Lanczos",
        "Profile",
        "Tent",
        "as_filter",
        "parse_filter",
    ),
    "fitting": ("Progress", "Stop", "Training", "fit"),
    "grid": ("Grid", "Points"),
    "images": ("Image", "read_image", "write_image"),
    "light_stage_truth": ("LightStageTruth", "smooth_lights"),
    "lights.chart": ("chart_from_direction", "direction_from_angles", "direction_from_chart"),
    "lights.stage_facts": ("light_of", "stage_directions"),
    "kernel_fitting": ("fit_profile", "products_of_picture"),
    "kernel_file": ("KernelFile", "read_kernel", "write_kernel"),
    "measures": ("Measures", "psnr"),
    "meshing": ("extract_mesh", "write_mesh"),
    "models": ("NoTextureCoordinates", "Sheet", "TexturedModel", "load_model"),
    "monitor": ("Monitor",),
    "picture_truth": ("PictureTruth", "smooth_picture"),
    "progress_lines": ("hide_progress_lines",),
    "provenance": ("find_signal", "open_as_seen"),
    "recipe": ("Recipe",),
    "registry": ("Registry",),
    "scoring": ("Score", "border_px", "psnr_at_points", "score"),
    "shape_truth": ("ShapeTruth",),
    "signals": (
        "SIGNALS",
        "Ackley",
        "Dataset",
        "FunctionSignal",
        "LightStage",
        "Picture",
        "Shape",
        "Signal",
        "SignalFacts",
        "Texture",
        "Video",
        "domain_from_uv",
        "same_signal",
    ),
    "signals.mesh_file": ("Mesh",),
    "spectrum": ("Spectrum", "power_spectrum"),
    "sphere_tracing": ("Hits", "trace"),
    "filter_sets": ("covariance_filters", "standard_filters"),
    "training": ("train",),
    "training_run": ("TrainingRun", "conclude"),
    "truth": ("Estimate", "Truth", "smooth_points"),
    "video_time": ("parse_time", "time_of_frame", "time_of_seconds", "variance_of_seconds"),
    "video_truth": ("VideoTruth",),
    "views.camera": ("Camera",),
    "views.view": ("View",),
    "views.views": ("Views",),
}
"""Where the public names are defined."""

_PACKAGES = ("fields", "filters", "images", "models", "signals")
"""What may be asked for more than the names above, such as ``fieldcore.filters.Separable``."""

_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}

__all__ = [
    "FILTERS",
    "KINDS",
    "SIGNALS",
    "Ackley",
    "BSpline",
    "Box",
    "Calibration",
    "Camera",
    "Checkpoint",
    "Coordinate",
    "CoordinateRecipe",
    "Dataset",
    "Diracs",
    "Ellipsoid",
    "Estimate",
    "Field",
    "Filter",
    "FunctionSignal",
    "Gaussian",
    "Grid",
    "Hits",
    "Image",
    "InputError",
    "Integral",
    "IntegralRecipe",
    "Kernel",
    "KernelFile",
    "Lanczos",
    "LightStage",
    "LightStageTruth",
    "Measures",
    "Mesh",
    "Monitor",
    "NoTextureCoordinates",
    "Picture",
    "PictureTruth",
    "Points",
    "Profile",
    "Progress",
    "Pyramid",
    "PyramidRecipe",
    "Recipe",
    "Registry",
    "Relight",
    "RelightRecipe",
    "ScaleSpace",
    "ScaleSpaceRecipe",
    "Score",
    "Shape",
    "ShapeTruth",
    "Sheet",
    "Signal",
    "SignalFacts",
    "Spectral",
    "SpectralRecipe",
    "Spectrum",
    "Stop",
    "Surface",
    "SurfaceRecipe",
    "Tent",
    "Texture",
    "TexturedModel",
    "TileSize",
    "TrainedPyramid",
    "TrainedPyramidRecipe",
    "Training",
    "TrainingFacts",
    "TrainingRun",
    "Truth",
    "Video",
    "VideoTruth",
    "View",
    "Views",
    "as_filter",
    "border_px",
    "build_field",
    "calibrate",
    "chart_from_direction",
    "choose_device",
    "conclude",
    "covariance_filters",
    "default_preset",
    "direction_from_angles",
    "direction_from_chart",
    "domain_from_uv",
    "evaluate",
    "evaluate_progressively",
    "evaluate_tiles",
    "extract_mesh",
    "field_type",
    "find_signal",
    "fit",
    "fit_profile",
    "hide_progress_lines",
    "image",
    "kinds_for",
    "light_of",
    "load_checkpoint",
    "load_field",
    "load_model",
    "open_as_seen",
    "parse_filter",
    "parse_time",
    "power_spectrum",
    "preset_recipe",
    "products_of_picture",
    "psnr",
    "psnr_at_points",
    "read_image",
    "read_kernel",
    "same_signal",
    "save_field",
    "score",
    "smooth_lights",
    "smooth_picture",
    "smooth_points",
    "stage_directions",
    "standard_filters",
    "time_of_frame",
    "time_of_seconds",
    "trace",
    "train",
    "variance_of_seconds",
    "weights_digest",
    "write_image",
    "write_kernel",
    "write_mesh",
]


if not TYPE_CHECKING:  # else type checkers would take any name for granted

    def __getattr__(name: str) -> Any:
        if name in _PACKAGES:
            return import_module(f".{name}", __name__)
        if name not in _MODULE_OF:
            raise AttributeError(f"module 'fieldcore' has no attribute '{name}'")
        value = globals()[name] = getattr(import_module(f".{_MODULE_OF[name]}", __name__), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
