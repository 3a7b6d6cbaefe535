"""A real browser for tests: chromium, without a window, drawing WebGL on the processor, driven by WebDriver."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

_SCRIPT_SECONDS = 240  # after which a script counts as hanging; nothing is measured by it
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_SOFTWARE = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader")


class Browser:
    """One window of a running browser."""

    def __init__(self, address: str, session: str) -> None:
        self._address = f"{address}/session/{session}"

    def open(self, page: Path, fragment: str = "") -> None:
        """Open a page from disk and wait until it says that it is ready."""
        self._post("url", {"url": "about:blank"})
        self._post("url", {"url": page.as_uri() + fragment})
        self.wait("document.documentElement.dataset.ready === 'yes'")

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function body returns, or what the promise that it returns comes to."""
        body = {"script": script, "args": list(arguments)}
        return self._post("execute/sync", body)

    def wait(self, condition: str) -> None:
        """Until an expression is true."""
        look = f"const look = () => ({condition}) ? done() : setTimeout(look, 10);"
        self.run(f"return new Promise((done) => {{ {look} look(); }})")

    def act(self, *sources: dict[str, Any]) -> None:
        """Events of real input devices, as WebDriver describes them."""
        self._post("actions", {"actions": list(sources)})

    def drag(self, points: Sequence[tuple[float, float]]) -> None:
        """Press the mouse at the first point, in CSS pixels, and release it at the last one."""
        moves = [_move(*point) for point in points]
        self.act(_mouse(moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}))

    def hover(self, x: float, y: float) -> None:
        """Move the mouse there."""
        self.act(_mouse(_move(x, y)))

    def wheel(self, x: float, y: float, delta: int) -> None:
        """Turn the wheel over a point."""
        turn = {"type": "scroll", "x": round(x), "y": round(y), "deltaX": 0, "deltaY": delta, "duration": 0}
        self.act({"type": "wheel", "id": "wheel", "actions": [turn]})

    def pinch(self, middle: tuple[float, float], start: float, end: float) -> None:
        """Move two fingers apart along the width, from and to so many CSS pixels on either side of a point."""
        x, y = middle
        down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        self.act(
            *(
                _pointer(f"finger {side}", "touch", _move(x + side * start, y), down, _move(x + side * end, y), up)
                for side in (-1, 1)
            )
        )

    def keys(self, selector: str, text: str) -> None:
        """Press keys with an element in focus."""
        element = self._post("element", {"using": "css selector", "value": selector})[_ELEMENT]
        self._post(f"element/{element}/value", {"text": text})

    def middle(self, selector: str) -> tuple[float, float]:
        """Of an element, in CSS pixels."""
        x, y = self.run(
            "const box = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [box.left + box.width / 2, box.top + box.height / 2]",
            selector,
        )
        return x, y

    def resize(self, width: int, height: int, dots: float = 1) -> None:
        """Set the size of the view, in CSS pixels of so many dots."""
        size = {"width": width, "height": height, "deviceScaleFactor": dots, "mobile": False}
        self._command("Emulation.setDeviceMetricsOverride", **size)

    def prefer(self, **features: str) -> None:
        """What the person at the browser prefers, such as ``color_scheme="dark"``; nothing for its own ways."""
        wanted = [{"name": f"prefers-{name.replace('_', '-')}", "value": value} for name, value in features.items()]
        self._command("Emulation.setEmulatedMedia", features=wanted)

    @contextmanager
    def before_pages(self, script: str) -> Iterator[None]:
        """Inside, a script runs in every page before its own."""
        added = self._command("Page.addScriptToEvaluateOnNewDocument", source=script)
        try:
            yield
        finally:
            self._command("Page.removeScriptToEvaluateOnNewDocument", **added)

    def screenshot(self, path: Path) -> None:
        """Write what is seen as a PNG."""
        path.write_bytes(base64.b64decode(self._get("screenshot")))

    def array(self, script: str) -> np.ndarray:
        """What a function body returns, an array of floats or bytes."""
        packed = self.run(
            f"const data = (() => {{ {script} }})(); const bytes = new Uint8Array(data.buffer); let text = '';"
            "for (let k = 0; k < bytes.length; k += 4096) text += String.fromCharCode(...bytes.subarray(k, k + 4096));"
            "return [data.constructor.name, btoa(text)]"
        )
        dtype = {"Float32Array": np.float32, "Uint8Array": np.uint8}[packed[0]]
        return np.frombuffer(base64.b64decode(packed[1]), dtype)

    def log(self) -> list[str]:
        """What the browser complained about since the last call."""
        return [entry["message"] for entry in self._post("se/log", {"type": "browser"})]

    def close(self) -> None:
        """End the browser."""
        self._send("DELETE", "", None)

    def _command(self, name: str, **parameters: Any) -> Any:
        """One of the DevTools protocol."""
        return self._post("goog/cdp/execute", {"cmd": name, "params": parameters})

    def _post(self, command: str, body: dict[str, Any]) -> Any:
        return self._send("POST", f"/{command}", body)

    def _get(self, command: str) -> Any:
        return self._send("GET", f"/{command}", None)

    def _send(self, method: str, command: str, body: dict[str, Any] | None) -> Any:
        return _answer(method, self._address + command, body)


@contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    """A browser that starts with these flags; the test is skipped where there is none."""
    driver, program = shutil.which("chromedriver"), _program()
    if driver is None or program is None:
        pytest.skip("needs chromium and chromedriver (on Debian: apt-get install chromium chromium-driver)")
    process = subprocess.Popen([driver, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        address = f"http://127.0.0.1:{_port(process)}"
        options = {
            "binary": program,
            "args": ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", *_SOFTWARE, *flags],
        }
        wanted = {
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 1000 * _SCRIPT_SECONDS},
        }
        session = _answer("POST", f"{address}/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]
        opened = Browser(address, session)
        try:
            yield opened
        finally:
            opened.close()
    finally:
        process.terminate()
        process.wait()


def _program() -> str | None:
    """Debian's wrapper warns about the shell; the program itself lies beside it."""
    inside = Path("/usr/lib/chromium/chromium")
    return str(inside) if inside.is_file() else shutil.which("chromium")


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"started successfully on port (\d+)", line)
        if found:
            return int(found[1])
    raise AssertionError("chromedriver ended without a port")


def _answer(method: str, address: str, body: dict[str, Any] | None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json"}, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=2 * _SCRIPT_SECONDS) as response:
            return json.loads(response.read())["value"]
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read().decode()[:800]) from error


def _mouse(*actions: dict[str, Any]) -> dict[str, Any]:
    return _pointer("mouse", "mouse", *actions)


def _pointer(name: str, kind: str, *actions: dict[str, Any]) -> dict[str, Any]:
    return {"type": "pointer", "id": name, "parameters": {"pointerType": kind}, "actions": list(actions)}


def _move(x: float, y: float) -> dict[str, Any]:
    return {"type": "pointerMove", "duration": 0, "x": round(x), "y": round(y), "origin": "viewport"}
