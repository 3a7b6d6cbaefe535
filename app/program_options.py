"""What ``fieldscope`` takes on its command line: options of its own, and a flag for each setting that has one."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Any, get_args

from fieldcore.commands.common import DEVICES
from fieldcore.errors import InputError
from fieldcore.videos.writing import QUALITIES, USUAL_QUALITY

from .camera.path_formats import FORMATS
from .compare_settings import FORMER_SETTINGS
from .modes import COMPUTES, EVERY, GENERATION, PATHS, RENDERS, Mode, given, option_for
from .record.render_request import USUAL_EXPORT, USUAL_SIZE
from .record.shutter import USUAL_SAMPLES
from .record.view_options import USUAL_SIZE as USUAL_VIEW_SIZE
from .record.view_options import ViewOptions
from .scene_names import ALL, IN_SPACE, TITLES
from .scenes import SCENES
from .setting import Setting, joined
from .settings import SETTINGS

EXAMPLES = (
    "fieldscope",
    "fieldscope photo.jpg",
    "fieldscope photo.safetensors --variance 1e-3 --layout wipe",
    "fieldscope clip.mp4 --time 1.5 --time-deviation 0.05",
    "fieldscope model.glb texture.safetensors --left neural",
    "fieldscope shape.safetensors mesh.ply --slice z --level 0.05",
    "fieldscope --render-path tour.json --out frames --video tour.mp4",
    "fieldscope --render-path tour.json --out frames --video tour.mp4 --resume",
    "fieldscope --render-path flight.json --out frames --passes neural,mipmap",
    "fieldscope --uv-sequence frames/uv --field texture.safetensors --out shaded",
    "fieldscope --render-views fish.glb --out fish-views --views 36",
)

_RENDERING = "rendering without a window"


@dataclass(frozen=True, kw_only=True)
class ProgramOptions(ViewOptions):
    """Turn the scale knob of neural fields: in a window, or without one along a path of keyframes."""

    sources: tuple[str, ...] = option_for(
        ("window",),
        "What the window opens: fields (.safetensors), pictures (also sample:NAME), videos (.mp4, .gif, a folder of "
        "frames, ...), models to fly past and meshes of shapes (.glb, .obj, .ply, ...), paths (.json).",
        default=(),
        positional=True,
        metavar="FILE",
        usual="the fields that are shipped",
    )
    render_path: Path | None = option_for(
        PATHS,
        "Render the frames along a path of keyframes: pictures, a video, a flight, or a shape (see docs/paths.md); "
        "with --field also along a camera path of nerfstudio or instant-ngp.",
        default=None,
        metavar="FILE.json",
        group=_RENDERING,
    )
    export_path: Path | None = option_for(
        IN_SPACE,
        "Render nothing: write what the camera of the path does, for another program.",
        default=None,
        metavar="FILE.json",
        group=_RENDERING,
    )
    to: str | None = option_for(
        IN_SPACE,
        "Whose camera path is written.",
        default=None,
        choices=lambda: tuple(FORMATS),
        group=_RENDERING,
        usual=USUAL_EXPORT,
    )
    uv_sequence: Path | None = option_for(
        ("sequence",),
        "Shade a folder of 16-bit PNG or EXR frames (u, v, 0, coverage) with a field.",
        default=None,
        metavar="FOLDER",
        group=_RENDERING,
    )
    out: Path | None = option_for(
        (*RENDERS, GENERATION),
        "Folder for the frames, numbered files, and frames.json, which says what made each; or for a scene.",
        default=None,
        metavar="FOLDER",
        short="o",
        group=_RENDERING,
    )
    size: str | None = option_for(
        (*PATHS, GENERATION),
        "Width and height of the frames or photographs in pixels.",
        default=None,
        metavar="WIDTHxHEIGHT",
        group=_RENDERING,
        usual=f"{USUAL_SIZE}; of photographs {USUAL_VIEW_SIZE}",
    )
    video: Path | None = option_for(
        RENDERS,
        "Write the frames as a video, too: H.264 (.mp4), VP9 (.webm) or an animated GIF; without --out a video alone. "
        "Of passes, the first has that name.",
        default=None,
        metavar="FILE.mp4",
        group=_RENDERING,
    )
    exr: bool = option_for(
        PATHS,
        "Write linear light as EXR files in place of PNG: on a plane the field's own values, exposed but neither "
        "clipped nor encoded, of error maps the differences; of other scenes the light of what is shown.",
        default=False,
        group=_RENDERING,
    )
    quality: str | None = option_for(
        PATHS,
        "Of the video: small files, good ones, or high quality, of which the eye sees no loss.",
        default=None,
        choices=lambda: QUALITIES,
        group=_RENDERING,
        usual=USUAL_QUALITY,
    )
    frames: str | None = option_for(
        PATHS,
        "The frames to be rendered, numbered from 0, the last one included; 10- and -80 are open at one end.",
        default=None,
        metavar="FIRST-LAST",
        group=_RENDERING,
        usual="all",
    )
    shutter: float | None = option_for(
        PATHS,
        "Share of the time between two frames for which the shutter is open, up to 1: what moves is blurred, by "
        "averaging light.",
        default=None,
        metavar="SHARE",
        group=_RENDERING,
        usual="0",
    )
    shutter_samples: int | None = option_for(
        PATHS,
        "How many pictures a frame with a shutter is the mean of.",
        default=None,
        metavar="COUNT",
        group=_RENDERING,
        usual=str(USUAL_SAMPLES),
    )
    overwrite: bool = option_for(
        (*RENDERS, GENERATION),
        "Replace frames, videos, a report or a scene that are there already.",
        default=False,
        group=_RENDERING,
    )
    resume: bool = option_for(
        RENDERS,
        "Go on with an interrupted render into the same folder, after its last whole frame (or --continue).",
        default=False,
        group=_RENDERING,
        aliases=("--continue",),
    )
    passes: str | None = option_for(
        tuple(scene.name for scene in SCENES if scene.passes),
        "Outputs and other ways of looking, with commas between; a folder and a video each. On a plane such as "
        "field,truth,other,error,side_by_side, of a light stage also nearest; of a flight such as "
        "neural,single,mipmap,supersampled,uv,error; of a shape such as "
        "baked,exact,truth,error,normals,curvature, as meshes mesh,truth_mesh,ellipsoid.",
        default=None,
        metavar="NAME,...",
        group=_RENDERING,
        usual="what the keyframes show",
    )
    report: bool = option_for(
        tuple(scene.name for scene in SCENES if scene.reports),
        "Write report.json. On a plane: each frame's PSNR against the truth. Of a flight, with --passes: "
        "each frame compared with the judge, the model's texture sampled --samples squared times a pixel. Of a shape: "
        "its bakes compared with the truth's.",
        default=False,
        group=_RENDERING,
    )
    field: Path | None = option_for(
        (*IN_SPACE, "sequence"),
        "The field that is the texture, or of a shape the one shown, in place of the one that the path names.",
        default=None,
        metavar="FILE",
        group=_RENDERING,
    )
    downsample: int | None = option_for(
        ("sequence",),
        "How many times smaller the frames come out, without aliasing.",
        default=None,
        metavar="COUNT",
        group=_RENDERING,
        usual="1",
    )
    last: bool = option_for(
        ("window",), "Go on with the last session: what was open, as it was shown.", default=False, group="general"
    )
    benchmark: bool = option_for(
        ("benchmark",), "Measure how the window answers, in real windows, and print it.", default=False, group="general"
    )
    device: str = option_for(
        COMPUTES,
        "Where to evaluate and train; auto takes CUDA where there is one.",
        default="auto",
        choices=lambda: DEVICES,
        group="general",
    )
    require_gpu: bool = option_for(
        ("window", *PATHS, GENERATION),
        "Stop rather than let OpenGL draw in software.",
        default=False,
        group="general",
    )
    json: bool = option_for(
        EVERY,
        "Print JSON on standard output: one object, also of an error; with the window one for each thing that happens.",
        default=False,
        group="general",
    )
    quiet: bool = option_for(
        (*RENDERS, GENERATION), "Print no progress and no notes.", default=False, short="q", group="general"
    )
    version: bool = option_for(EVERY, "Print the version.", default=False, group="general")

    @property
    def modes(self) -> tuple[Mode, ...]:
        """What the command line may be about; which kind of path it renders, the path says."""
        if self.render_views is not None:
            return (GENERATION,)
        if self.uv_sequence is not None:
            return ("sequence",)
        if self.render_path is not None:
            return PATHS
        return ("benchmark",) if self.benchmark else ("window",)


FLAGS = (*(setting for setting in SETTINGS if setting.flag), *FORMER_SETTINGS)
"""The settings that command lines have."""


def _heading(setting: Setting) -> str:
    """Of the help: where the setting is there."""
    if setting.scenes == ALL:
        return "in the window"
    return f"in the window: {' and '.join(TITLES[scene] for scene in setting.scenes)}"


_METAVARS = {"slider": "NUMBER", "log": "NUMBER", "number": "NUMBER", "whole": "COUNT", "choice": "NAME"}
_TYPES: dict[str, Any] = {"slider": float, "log": float, "number": float, "whole": int}


def _flag(setting: Setting) -> tuple[str, Any, Any]:
    """The field of a setting's flag: its name, its type, and the field. What is on by itself has a flag for off."""
    is_switch = setting.widget == "toggle"
    meaning = setting.switched_off if is_switch and setting.usual else setting.meaning
    entry = option_for(
        ("window", *setting.renders),
        f"{meaning[0].upper()}{meaning[1:]}.",
        default=setting.usual if is_switch else None,  # of a switch None where it depends on the scene
        metavar=setting.metavar or _METAVARS.get(setting.widget, ""),
        group=_heading(setting),
        choices=lambda: get_args(setting.flag_type),
        usual="" if is_switch else _text(setting.usual),
        aliases=tuple(f"--{no}{alias}" for alias in setting.aliases for no in (("", "no-") if is_switch else ("",))),
        hidden=setting in FORMER_SETTINGS,
    )
    return setting.option_name, (bool if is_switch else _TYPES.get(setting.widget, str)) | None, entry


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return joined(value)
    return f"{value:g}" if isinstance(value, float) else str(value or "")


def _by_scenes(setting: Setting) -> tuple[int, list[int]]:
    """Those that more scenes have first."""
    return -len(setting.scenes), [ALL.index(scene) for scene in setting.scenes]


_SettingOptions: Any = make_dataclass(
    "_SettingOptions",
    [_flag(setting) for setting in sorted(FLAGS, key=_by_scenes)],
    frozen=True,
    kw_only=True,
)
Options: Any = make_dataclass("Options", [], bases=(ProgramOptions, _SettingOptions), frozen=True, kw_only=True)
"""All options; those of the settings are named after them."""


def given_settings(options: Any) -> dict[Setting, Any]:
    """The settings that the command line changes, in the table's order. Raises InputError for what is out of bounds."""
    names = given(options)
    return {
        setting: _checked(setting, getattr(options, setting.option_name))
        for setting in FLAGS
        if setting.option_name in names
    }


def _checked(setting: Setting, value: Any) -> Any:
    try:
        return setting.checked(value)
    except InputError as error:
        raise InputError(f"--{error}") from error
