"""Fieldscope's numerics: fields that can be trained on a signal and asked for its smoothed self.

Five ideas hold everything together: a *signal* is the truth, a *filter* what to average over, a *field* the network, a
*recipe* all that is needed to build it again, and *fit* the training. No window and no OpenGL here.
"""

from . import _threads  # noqa: F401 (must come before torch)
from .calibration import Calibration, calibrate
from .checkpoint import Checkpoint, TrainingFacts, load_checkpoint, load_field, save_field, weights_digest
from .devices import choose_device
from .errors import InputError
from .evaluation import Grid, evaluate, evaluate_progressively, evaluate_tiles
from .fields import KINDS, Field, Pyramid, ScaleSpace, Spectral, build_field, default_preset, field_type, preset_recipe
from .filters import Filter, Gaussian
from .fitting import Progress, Stop, Training, fit
from .meshing import extract_mesh, write_mesh
from .models import NoTextureCoordinates, Sheet, TexturedModel, load_model
from .recipe import Recipe
from .scoring import Score, covariance_filters, score, standard_filters
from .shape_scoring import ShapeScore, score_shape
from .shape_truth import ShapeTruth
from .signals import Ackley, Picture, Shape, Signal, SignalFacts, Texture, domain_from_uv
from .truth import Estimate, Truth, smooth_picture, smooth_points

__all__ = [
    "KINDS",
    "Ackley",
    "Calibration",
    "Checkpoint",
    "Estimate",
    "Field",
    "Filter",
    "Gaussian",
    "Grid",
    "InputError",
    "NoTextureCoordinates",
    "Picture",
    "Progress",
    "Pyramid",
    "Recipe",
    "ScaleSpace",
    "Score",
    "Shape",
    "ShapeScore",
    "ShapeTruth",
    "Sheet",
    "Signal",
    "SignalFacts",
    "Spectral",
    "Stop",
    "Texture",
    "TexturedModel",
    "Training",
    "TrainingFacts",
    "Truth",
    "build_field",
    "calibrate",
    "choose_device",
    "covariance_filters",
    "default_preset",
    "domain_from_uv",
    "evaluate",
    "evaluate_progressively",
    "evaluate_tiles",
    "extract_mesh",
    "field_type",
    "fit",
    "load_checkpoint",
    "load_field",
    "load_model",
    "preset_recipe",
    "save_field",
    "score",
    "score_shape",
    "smooth_picture",
    "smooth_points",
    "standard_filters",
    "weights_digest",
    "write_mesh",
]
