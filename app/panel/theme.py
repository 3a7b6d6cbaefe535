"""How the panel looks: a calm dark ground, an amber accent, a good font at the display's scale."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

from ..resources import font_path

FONT_PT = 15
LABEL_PT = 148
"""Width of the column of labels."""

GROUND = (22, 23, 27)
RAISED = (38, 40, 47)
LIT = (54, 57, 66)
INK = (233, 233, 236)
QUIET = (160, 165, 176)
FAINT = (104, 108, 118)
ACCENT = (255, 194, 97)
RED = (255, 110, 96)


def load_font(pixel_ratio: float) -> None:
    """DejaVu Sans, sharp at the display's scale."""
    with dpg.font_registry():
        dpg.bind_font(dpg.add_font(str(font_path()), round(FONT_PT * pixel_ratio)))


def panel_theme(pixel_ratio: float) -> int | str:
    """For everything."""
    colours = {
        dpg.mvThemeCol_WindowBg: GROUND,
        dpg.mvThemeCol_ChildBg: GROUND,
        dpg.mvThemeCol_PopupBg: (30, 31, 37),
        dpg.mvThemeCol_Border: (52, 54, 62),
        dpg.mvThemeCol_Text: INK,
        dpg.mvThemeCol_TextDisabled: FAINT,
        dpg.mvThemeCol_FrameBg: RAISED,
        dpg.mvThemeCol_FrameBgHovered: LIT,
        dpg.mvThemeCol_FrameBgActive: LIT,
        dpg.mvThemeCol_Button: RAISED,
        dpg.mvThemeCol_ButtonHovered: LIT,
        dpg.mvThemeCol_ButtonActive: (72, 76, 88),
        dpg.mvThemeCol_Header: (30, 32, 38),
        dpg.mvThemeCol_HeaderHovered: LIT,
        dpg.mvThemeCol_HeaderActive: LIT,
        dpg.mvThemeCol_SliderGrab: (196, 143, 62),  # darker than the accent: numbers are written over it
        dpg.mvThemeCol_SliderGrabActive: (214, 158, 72),
        dpg.mvThemeCol_CheckMark: ACCENT,
        dpg.mvThemeCol_PlotHistogram: ACCENT,
        dpg.mvThemeCol_TitleBgActive: RAISED,
        dpg.mvThemeCol_ScrollbarBg: GROUND,
        dpg.mvThemeCol_ScrollbarGrab: LIT,
    }
    spacing = {
        dpg.mvStyleVar_WindowPadding: (12, 10),
        dpg.mvStyleVar_FramePadding: (7, 4),
        dpg.mvStyleVar_ItemSpacing: (7, 6),
        dpg.mvStyleVar_ItemInnerSpacing: (6, 4),
    }
    with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
        for target, colour in colours.items():
            dpg.add_theme_color(target, colour)
        for target, (x, y) in spacing.items():
            dpg.add_theme_style(target, x * pixel_ratio, y * pixel_ratio)
        for target in (dpg.mvStyleVar_FrameRounding, dpg.mvStyleVar_GrabRounding, dpg.mvStyleVar_PopupRounding):
            dpg.add_theme_style(target, 4 * pixel_ratio)
        dpg.add_theme_style(dpg.mvStyleVar_ScrollbarSize, 11 * pixel_ratio)
        dpg.add_theme_style(dpg.mvStyleVar_GrabMinSize, 12 * pixel_ratio)
        dpg.add_theme_color(dpg.mvPlotCol_FrameBg, GROUND, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_color(dpg.mvPlotCol_PlotBg, (28, 29, 34), category=dpg.mvThemeCat_Plots)
        dpg.add_theme_color(dpg.mvPlotCol_PlotBorder, (52, 54, 62), category=dpg.mvThemeCat_Plots)
    return theme


def text_theme(colour: tuple[int, int, int]) -> int | str:
    """For text of another colour, also on buttons."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvAll):
        dpg.add_theme_color(dpg.mvThemeCol_Text, colour)
    return theme


def lit_theme() -> int | str:
    """For the button of something that is on."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvButton):
        dpg.add_theme_color(dpg.mvThemeCol_Button, ACCENT)
        dpg.add_theme_color(dpg.mvThemeCol_ButtonHovered, (255, 208, 130))
        dpg.add_theme_color(dpg.mvThemeCol_Text, (24, 22, 18))
    return theme


def line_theme(colour: tuple[int, int, int]) -> int | str:
    """For a curve of a plot."""
    with dpg.theme() as theme, dpg.theme_component(dpg.mvLineSeries):
        dpg.add_theme_color(dpg.mvPlotCol_Line, colour, category=dpg.mvThemeCat_Plots)
        dpg.add_theme_style(dpg.mvPlotStyleVar_LineWeight, 1.6, category=dpg.mvThemeCat_Plots)
    return theme
