"""What coordinate networks are made of, by name, without importing any of it: activations, mappings, starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..registry import Registry

if TYPE_CHECKING:
    from . import mappings, starts
    from .activations import Activation

ACTIVATIONS: Registry[type[Activation]] = Registry(
    "activation",
    {
        "relu": "fieldcore.fields.activations:Relu",
        "sine": "fieldcore.fields.activations:Sine",
        "finer": "fieldcore.fields.activations:Finer",
        "gauss": "fieldcore.fields.activations:Gauss",
        "gabor": "fieldcore.fields.activations:Gabor",
        "gauss_finer": "fieldcore.fields.activations:GaussFiner",
        "gabor_finer": "fieldcore.fields.activations:GaborFiner",
        "sinh_sine": "fieldcore.fields.activations:SinhSine",
    },
)
"""Every activation by its name; the one place where a new one is entered."""

MAPPINGS: Registry[type[mappings.Mapping]] = Registry(
    "mapping",
    {
        "none": "fieldcore.fields.mappings:NoMapping",
        "basic": "fieldcore.fields.mappings:Basic",
        "positional": "fieldcore.fields.mappings:Positional",
        "gaussian": "fieldcore.fields.mappings:GaussianFeatures",
    },
)
"""Every mapping by its name; the one place where a new one is entered."""

STARTS: Registry[type[starts.Start]] = Registry(
    "start",
    {
        "published": "fieldcore.fields.starts:Published",
        "frequency_grid": "fieldcore.fields.starts:FrequencyGrid",
        "centroid_noise": "fieldcore.fields.starts:CentroidNoise",
    },
)
"""Every change of a network's first weights by its name; the one place where a new one is entered."""

NETWORKS: Registry[Mapping[str, Any]] = Registry(
    "network",
    {
        "siren": {"activation": "sine"},
        "finer": {"activation": "finer"},
        "gauss": {"activation": "gauss"},
        "wire": {"activation": "gabor"},
        "pemlp": {"activation": "relu", "mapping": "positional"},
        "gauss_finer": {"activation": "gauss_finer"},
        "wire_finer": {"activation": "gabor_finer"},
        "relu": {"activation": "relu"},
        "basic": {"activation": "relu", "mapping": "basic"},
        "fourier": {"activation": "relu", "mapping": "gaussian"},
        "h_siren": {"activation": "sinh_sine"},
        "tuner": {"activation": "sine", "start": "frequency_grid"},
        "winner": {"activation": "sine", "start": "centroid_noise"},
    },
)
"""Networks by the names that they are known by, each as the settings in which it differs from a preset."""

PUBLICATION = ("siren", "finer", "gauss", "wire", "pemlp", "gauss_finer", "wire_finer")
"""The networks that FINER (CVPR 2024) and its successor compare."""

RADIANCE_ENCODINGS: Registry[Mapping[str, Any]] = Registry(
    "encoding",
    {
        "grid": {},
        "finer": {"omega": 10.0, "first_bias": 1.0, "learning_rate": 1e-3},
        "sine": {"omega": 15.0, "learning_rate": 1e-3},
        "gauss": {"spread": 6.0, "learning_rate": 2e-3},
        "gabor": {"omega": 5.0, "spread": 3.0, "learning_rate": 2e-3},
        "relu": {"learning_rate": 2e-3},
    },
)
"""What radiance fields are made of: grids, or dense networks of an activation; each as the settings that suit it in a
short training. They are those of shapes, which lie in the same box; the publication's recipe keeps its own rate."""
