"""The commands of ``fieldcore``, one file each.

A command is a frozen dataclass of options (see ``arguments.py``) with a method ``run`` and a tuple of ``examples``.
Only light modules are imported at the top of these files: what is heavy (torch, scipy) is imported in ``run``, so that
help and refusals are quick.
"""

from __future__ import annotations

from ..registry import Registry

COMMANDS: Registry = Registry(
    "command",
    {
        "fit": "fieldcore.commands.fit:FIT",
        "evaluate": "fieldcore.commands.evaluate:Evaluate",
        "mesh": "fieldcore.commands.mesh:MeshCommand",
        "score": "fieldcore.commands.score:ScoreCommand",
        "truth": "fieldcore.commands.truth:TruthCommand",
        "kernel": "fieldcore.commands.kernel:KERNEL",
        "calibrate": "fieldcore.commands.calibrate:Calibrate",
        "suite": "fieldcore.commands.suite:SUITE",
        "compare": "fieldcore.commands.compare:Compare",
        "ntk": "fieldcore.commands.ntk:Ntk",
        "neurons": "fieldcore.commands.neurons:NeuronsCommand",
        "activations": "fieldcore.commands.activations:Activations",
        "light-stage": "fieldcore.commands.light_stage:LightStageCommand",
        "views": "fieldcore.commands.views:VIEWS",
        "export": "fieldcore.commands.export:Export",
        "info": "fieldcore.commands.info:Info",
        "list": "fieldcore.commands.list_names:ListNames",
    },
)
"""Every command by its name; the one place where a new one is entered."""

FIT_OPTIONS: Registry = Registry(
    "signal",
    {
        "picture": "fieldcore.commands.fit_picture:FitPicture",
        "texture": "fieldcore.commands.fit_texture:FitTexture",
        "shape": "fieldcore.commands.fit_shape:FitShape",
        "video": "fieldcore.commands.fit_video:FitVideo",
        "light-stage": "fieldcore.commands.fit_light_stage:FitLightStage",
        "surface": "fieldcore.commands.fit_surface:FitSurface",
        "radiance": "fieldcore.commands.fit_radiance:FitRadiance",
        "ackley": "fieldcore.commands.fit_ackley:FitAckley",
    },
)
"""The options of ``fit`` by type of signal, apart from the signals themselves, which take seconds to import. A signal
that is not named here has its options as ``Signal.options``."""

__all__ = ["COMMANDS", "FIT_OPTIONS"]
