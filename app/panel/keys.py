"""Keys by the names that the view gives them."""

from __future__ import annotations

import dearpygui.dearpygui as dpg

_EQUALS = 602
"""Dear PyGui names this key by an older number, which it no longer reports."""

KEYS: dict[int, str] = {
    **{getattr(dpg, f"mvKey_{letter}"): letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
    **{getattr(dpg, f"mvKey_NumPad{digit}"): digit for digit in "0123456789"},
    dpg.mvKey_Tab: "Tab",
    dpg.mvKey_Escape: "Escape",
    dpg.mvKey_Return: "Enter",
    dpg.mvKey_NumPadEnter: "Enter",
    dpg.mvKey_Spacebar: "Space",
    dpg.mvKey_Delete: "Delete",
    dpg.mvKey_Back: "Backspace",
    dpg.mvKey_LShift: "Shift",
    dpg.mvKey_RShift: "Shift",
    dpg.mvKey_Left: "Left",
    dpg.mvKey_Right: "Right",
    dpg.mvKey_Up: "Up",
    dpg.mvKey_Down: "Down",
    dpg.mvKey_Add: "+",
    _EQUALS: "+",
    dpg.mvKey_Open_Brace: "[",
    dpg.mvKey_Close_Brace: "]",
    dpg.mvKey_Comma: ",",
    dpg.mvKey_Period: ".",
    dpg.mvKey_Minus: "-",
    dpg.mvKey_Subtract: "-",
    dpg.mvKey_Slash: "/",
    dpg.mvKey_Back: "Backspace",
    dpg.mvKey_F1: "?",
}
