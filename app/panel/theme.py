"""How the panel looks: a calm dark ground, an amber accent, a good font at the display's scale."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..resources import font_path

Colour = tuple[int, int, int]
_Colours = dict[int, tuple[int, ...]]

FONT_PT = 15
LABEL_PT = 152
"""Width of the column of labels."""
PADDING_PT = 12
"""Between the window's edges and what is in it."""

GROUND = (22, 23, 27)
SUNKEN = (28, 29, 34)
RAISED = (38, 40, 47)
LIT = (54, 57, 66)
EDGE = (52, 54, 62)
NOTHING = (0, 0, 0, 0)
INK = (233, 233, 236)
QUIET = (164, 169, 180)
FAINT = (100, 104, 114)
ACCENT = (255, 194, 97)
DEEP_ACCENT = (176, 126, 52)
"""Under numbers, which are written over sliders and bars."""
RED = (255, 118, 104)
BLUE = (122, 170, 226)

_ENABLED: _Colours = {
    dpg.mvThemeCol_WindowBg: GROUND,
    dpg.mvThemeCol_ChildBg: NOTHING,  # painting the ground twice would take time where there is no GPU
    dpg.mvThemeCol_ScrollbarBg: NOTHING,
    dpg.mvThemeCol_PopupBg: (32, 33, 39),
    dpg.mvThemeCol_ModalWindowDimBg: (0, 0, 0, 140),
    dpg.mvThemeCol_Border: EDGE,
    dpg.mvThemeCol_Text: INK,
    dpg.mvThemeCol_TextDisabled: FAINT,
    dpg.mvThemeCol_TextSelectedBg: (122, 94, 48),
    dpg.mvThemeCol_FrameBg: RAISED,
    dpg.mvThemeCol_FrameBgHovered: LIT,
    dpg.mvThemeCol_FrameBgActive: LIT,
    dpg.mvThemeCol_Button: RAISED,
    dpg.mvThemeCol_ButtonHovered: LIT,
    dpg.mvThemeCol_ButtonActive: (72, 76, 88),
    dpg.mvThemeCol_Header: (33, 35, 41),
    dpg.mvThemeCol_HeaderHovered: LIT,
    dpg.mvThemeCol_HeaderActive: LIT,
    dpg.mvThemeCol_SliderGrab: DEEP_ACCENT,
    dpg.mvThemeCol_SliderGrabActive: (204, 150, 70),
    dpg.mvThemeCol_CheckMark: ACCENT,
    dpg.mvThemeCol_PlotHistogram: DEEP_ACCENT,
    dpg.mvThemeCol_TitleBg: RAISED,
    dpg.mvThemeCol_TitleBgActive: RAISED,
    dpg.mvThemeCol_ScrollbarGrab: LIT,
    dpg.mvThemeCol_TableBorderLight: GROUND,
}
_DISABLED: _Colours = {
    dpg.mvThemeCol_Text: FAINT,
    dpg.mvThemeCol_FrameBg: SUNKEN,
    dpg.mvThemeCol_FrameBgHovered: SUNKEN,
    dpg.mvThemeCol_FrameBgActive: SUNKEN,
    dpg.mvThemeCol_SliderGrab: LIT,
    dpg.mvThemeCol_SliderGrabActive: LIT,
}
_PLOT: _Colours = {
    dpg.mvPlotCol_FrameBg: GROUND,
    dpg.mvPlotCol_PlotBg: SUNKEN,
    dpg.mvPlotCol_PlotBorder: EDGE,
    dpg.mvPlotCol_LegendBg: (*SUNKEN, 210),
    dpg.mvPlotCol_LegendBorder: (0, 0, 0, 0),
    dpg.mvPlotCol_AxisText: QUIET,
    dpg.mvPlotCol_AxisGrid: (*FAINT, 60),
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
            _add_colours(_ENABLED)
            _add_colours(_PLOT, dpg.mvThemeCat_Plots)
            for target, (x, y) in spacing.items():
                dpg.add_theme_style(target, x * pixel_ratio, y * pixel_ratio)
            for target, size in sizes.items():
                dpg.add_theme_style(target, size * pixel_ratio)
            dpg.add_theme_style(dpg.mvStyleVar_WindowBorderSize, 0)
        for item in _DISABLED_ITEMS:
            with dpg.theme_component(getattr(dpg, item), enabled_state=False):
                _add_colours(_DISABLED)
    return theme


def text_theme(colour: Colour) -> int | str:
    """For text of another colour, also on buttons."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
        dpg.add_theme_color(dpg.mvThemeCol_Text, colour)
    return theme


def lit_theme() -> int | str:
    """For the button of something that is on."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvButton):
        dpg.add_theme_color(dpg.mvThemeCol_Button, ACCENT)
        dpg.add_theme_color(dpg.mvThemeCol_ButtonHovered, (255, 208, 130))
        dpg.add_theme_color(dpg.mvThemeCol_ButtonActive, (255, 220, 160))
        dpg.add_theme_color(dpg.mvThemeCol_Text, (24, 22, 18))
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
