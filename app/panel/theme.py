"""How the panel looks: a calm dark ground, an amber accent, a good font at the display's scale."""

from __future__ import annotations

from dataclasses import dataclass

import dearpygui.dearpygui as dpg

from ..resources import font_path

Colour = tuple[int, int, int]
_Colours = dict[int, tuple[int, ...]]

FONT_PT = 15
LABEL_PT = 152
"""Width of the column of labels."""
PADDING_PT = 12
"""Between the window's edges and what is in it."""

NOTHING = (0, 0, 0, 0)


@dataclass(frozen=True)
class Palette:
    """The colours of the panel.

    Attributes:
        ground, sunken, raised, lit, pressed, header, popup: of surfaces, from the window to what is under the mouse.
        edge: of lines.
        ink, quiet, faint: of letters, from what is to be read to what cannot be used.
        on_accent: of letters on the accent.
        accent: of what is on, and of curves.
        deep_accent: under numbers, which are written over sliders and bars.
        red, blue: of what went wrong, and of second curves.
        selected: under letters that are selected.
    """

    ground: Colour = (22, 23, 27)
    sunken: Colour = (28, 29, 34)
    raised: Colour = (38, 40, 47)
    lit: Colour = (54, 57, 66)
    pressed: Colour = (72, 76, 88)
    header: Colour = (33, 35, 41)
    popup: Colour = (32, 33, 39)
    edge: Colour = (52, 54, 62)
    ink: Colour = (233, 233, 236)
    quiet: Colour = (164, 169, 180)
    faint: Colour = (100, 104, 114)
    on_accent: Colour = (24, 22, 18)
    accent: Colour = (255, 194, 97)
    deep_accent: Colour = (176, 126, 52)
    red: Colour = (255, 118, 104)
    blue: Colour = (122, 170, 226)
    selected: Colour = (122, 94, 48)


PALETTES: dict[str, Palette] = {
    "dark": Palette(),
    "light": Palette(
        ground=(243, 243, 240),
        sunken=(232, 232, 228),
        raised=(221, 221, 217),
        lit=(205, 206, 203),
        pressed=(188, 189, 187),
        header=(228, 228, 223),
        popup=(250, 250, 247),
        edge=(196, 196, 192),
        ink=(30, 31, 34),
        quiet=(82, 85, 92),
        faint=(146, 148, 152),
        on_accent=(255, 253, 248),
        accent=(176, 104, 0),
        deep_accent=(235, 180, 96),
        red=(186, 38, 28),
        blue=(30, 96, 170),
        selected=(250, 214, 150),
    ),
}
"""By the names of themes."""

colours = PALETTES["dark"]
"""Those of the panel, which is the only one of its process; ``choose`` sets them before it is built."""


def choose(name: str) -> None:
    """Let what is built from now on have the colours of that theme."""
    global colours
    colours = PALETTES[name]


def _enabled() -> _Colours:
    return {
        dpg.mvThemeCol_WindowBg: colours.ground,
        dpg.mvThemeCol_ChildBg: NOTHING,  # painting the ground twice would take time where there is no GPU
        dpg.mvThemeCol_ScrollbarBg: NOTHING,
        dpg.mvThemeCol_PopupBg: colours.popup,
        dpg.mvThemeCol_ModalWindowDimBg: (0, 0, 0, 140),
        dpg.mvThemeCol_Border: colours.edge,
        dpg.mvThemeCol_Text: colours.ink,
        dpg.mvThemeCol_TextDisabled: colours.faint,
        dpg.mvThemeCol_TextSelectedBg: colours.selected,
        dpg.mvThemeCol_FrameBg: colours.raised,
        dpg.mvThemeCol_FrameBgHovered: colours.lit,
        dpg.mvThemeCol_FrameBgActive: colours.lit,
        dpg.mvThemeCol_Button: colours.raised,
        dpg.mvThemeCol_ButtonHovered: colours.lit,
        dpg.mvThemeCol_ButtonActive: colours.pressed,
        dpg.mvThemeCol_Header: colours.header,
        dpg.mvThemeCol_HeaderHovered: colours.lit,
        dpg.mvThemeCol_HeaderActive: colours.lit,
        dpg.mvThemeCol_SliderGrab: colours.deep_accent,
        dpg.mvThemeCol_SliderGrabActive: (204, 150, 70),
        dpg.mvThemeCol_CheckMark: colours.accent,
        dpg.mvThemeCol_PlotHistogram: colours.deep_accent,
        dpg.mvThemeCol_TitleBg: colours.raised,
        dpg.mvThemeCol_TitleBgActive: colours.raised,
        dpg.mvThemeCol_ScrollbarGrab: colours.lit,
        dpg.mvThemeCol_TableBorderLight: colours.ground,
    }


def _disabled() -> _Colours:
    return {
        dpg.mvThemeCol_Text: colours.faint,
        dpg.mvThemeCol_FrameBg: colours.sunken,
        dpg.mvThemeCol_FrameBgHovered: colours.sunken,
        dpg.mvThemeCol_FrameBgActive: colours.sunken,
        dpg.mvThemeCol_SliderGrab: colours.lit,
        dpg.mvThemeCol_SliderGrabActive: colours.lit,
    }


def _of_plots() -> _Colours:
    return {
        dpg.mvPlotCol_FrameBg: colours.ground,
        dpg.mvPlotCol_PlotBg: colours.sunken,
        dpg.mvPlotCol_PlotBorder: colours.edge,
        dpg.mvPlotCol_LegendBg: (*colours.sunken, 210),
        dpg.mvPlotCol_LegendBorder: (0, 0, 0, 0),
        dpg.mvPlotCol_AxisText: colours.quiet,
        dpg.mvPlotCol_AxisGrid: (*colours.faint, 60),
    }


_DISABLED_ITEMS = ("mvSliderFloat", "mvInputText", "mvCombo", "mvCheckbox")


def load_font(pixel_ratio: float) -> None:
    """DejaVu Sans, sharp at the display's scale."""
    with dpg.font_registry():
        dpg.bind_font(dpg.add_font(str(font_path()), round(FONT_PT * pixel_ratio)))


def panel_theme(pixel_ratio: float) -> int | str:
    """For everything."""
    spacing = {
        dpg.mvStyleVar_WindowPadding: (PADDING_PT, 10),
        dpg.mvStyleVar_FramePadding: (8, 4),
        dpg.mvStyleVar_ItemSpacing: (8, 7),
        dpg.mvStyleVar_ItemInnerSpacing: (6, 4),
        dpg.mvStyleVar_CellPadding: (3, 0),
    }
    sizes = {
        dpg.mvStyleVar_FrameRounding: 5,
        dpg.mvStyleVar_GrabRounding: 5,
        dpg.mvStyleVar_PopupRounding: 6,
        dpg.mvStyleVar_ScrollbarRounding: 5,
        dpg.mvStyleVar_ScrollbarSize: 11,
        dpg.mvStyleVar_GrabMinSize: 9,
    }
    with dpg.theme() as theme:
        with dpg.theme_component(dpg.mvAll):
            _add_colours(_enabled())
            _add_colours(_of_plots(), dpg.mvThemeCat_Plots)
            for target, (x, y) in spacing.items():
                dpg.add_theme_style(target, x * pixel_ratio, y * pixel_ratio)
            for target, size in sizes.items():
                dpg.add_theme_style(target, size * pixel_ratio)
            dpg.add_theme_style(dpg.mvStyleVar_WindowBorderSize, 0)
        for item in _DISABLED_ITEMS:
            with dpg.theme_component(getattr(dpg, item), enabled_state=False):
                _add_colours(_disabled())
    return theme


def text_theme(colour: Colour) -> int | str:
    """For text of another colour, also on buttons."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
        dpg.add_theme_color(dpg.mvThemeCol_Text, colour)
    return theme


def lit_theme() -> int | str:
    """For the button of something that is on."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvButton):
        dpg.add_theme_color(dpg.mvThemeCol_Button, colours.accent)
        dpg.add_theme_color(dpg.mvThemeCol_ButtonHovered, colours.accent)
        dpg.add_theme_color(dpg.mvThemeCol_ButtonActive, colours.accent)
        dpg.add_theme_color(dpg.mvThemeCol_Text, colours.on_accent)
    return theme


def line_theme(colour: Colour) -> int | str:
    """For a curve of a plot."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvLineSeries):
        dpg.add_theme_color(dpg.mvPlotCol_Line, colour, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_LineWeight, 1.6, category=dpg.mvThemeCat_Plots)
    return theme


def _add_colours(colours: _Colours, category: int = dpg.mvThemeCat_Core) -> None:
    for target, colour in colours.items():
        dpg.add_theme_color(target, colour, category=category)
