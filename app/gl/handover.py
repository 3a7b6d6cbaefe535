"""Handing values from a GPU to the textures of OpenGL: without a round trip where the driver allows it.

Everything here belongs to the thread that draws, with its OpenGL context current.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from ctypes import c_void_p

import moderngl
import numpy as np
import torch
from torch import Tensor

from ..work.delivery import WAYS, HostValues, Way, settled, through_page_locked_memory
from .cuda_runtime import CudaError, CudaRuntime, loaded_runtime

_FAILURES = (CudaError, moderngl.Error, RuntimeError)
"""What CUDA, OpenGL and torch raise."""


class Interop:
    """A pixel buffer of OpenGL that CUDA writes into; it grows with what it is given.

    Args:
        context: current, now and in every call.
        runtime: whose device draws for ``context``.
        stream: what to copy in; None is the default one, in which memory is used again only after earlier copies.
    """

    def __init__(
        self, context: moderngl.Context, runtime: CudaRuntime, stream: torch.cuda.Stream | None = None
    ) -> None:
        self._context, self._runtime, self._stream = context, runtime, stream
        self._buffer: moderngl.Buffer | None = None
        self._resource: c_void_p | None = None

    def write(self, values: Tensor, texture: moderngl.Texture) -> None:
        """Fill a texture with contiguous values of its size and type. Waits for nothing.

        Raises:
            CudaError: a call failed.
            moderngl.Error: OpenGL has no memory.
        """
        size = values.numel() * values.element_size()
        buffer, resource = self._room_for(size)
        stream = self._stream.cuda_stream if self._stream is not None else 0
        if self._stream is not None:
            values.record_stream(self._stream)  # or torch would give the memory away while it is being copied
        with self._runtime.mapped(resource, stream) as (address, room):
            if room < size:
                raise CudaError(f"OpenGL's buffer has {room} bytes for CUDA, {size} are needed")
            self._runtime.copy(address, values.data_ptr(), size, stream)
        texture.write(buffer)

    def release(self) -> None:
        """Give the buffer back to the driver. Raises CudaError where CUDA does not let go of it."""
        buffer, resource = self._buffer, self._resource
        self._buffer = self._resource = None
        try:
            if resource is not None:
                self._runtime.unregister(resource)
        finally:
            if buffer is not None:
                buffer.release()

    def _room_for(self, size: int) -> tuple[moderngl.Buffer, c_void_p]:
        if self._buffer is not None and self._buffer.size < size:
            self.release()
        if self._buffer is None:
            self._buffer = self._context.buffer(reserve=size, dynamic=True)
        if self._resource is None:
            self._resource = self._runtime.register_buffer(self._buffer.glo)
        return self._buffer, self._resource


def connected(context: moderngl.Context, device: torch.device) -> Interop:
    """CUDA and OpenGL on one GPU. Raises CudaError, with the reason, where they are not."""
    if device.type != "cuda":
        raise CudaError("values are not on a CUDA device")
    if not str(context.info["GL_VENDOR"]).startswith("NVIDIA"):
        raise CudaError(f"OpenGL is not the CUDA device's own: {context.info['GL_RENDERER']}")
    runtime = loaded_runtime()
    index = torch.cuda.current_device()
    if device.index not in (None, index) or index not in runtime.drawing_devices():
        raise CudaError("OpenGL draws on another GPU")
    return Interop(context, runtime, torch.cuda.Stream(device))


class Handover:
    """Brings values to textures the best way there is, and takes the next best for good when one fails.

    Args:
        context: of the textures; current, now and in every call.
        device: where values come from.
        way: the best way that may be taken.
        notify: told, in a sentence, of a way that no longer works. One that never did is not worth a word.

    Attributes:
        way: that works, and which the worker is to take.
        refused: why others do not.
    """

    def __init__(
        self,
        context: moderngl.Context,
        device: torch.device,
        way: Way = "interop",
        notify: Callable[[str], None] = lambda sentence: None,
    ) -> None:
        self._notify = notify
        self._interop: Interop | None = None
        self.refused: dict[Way, str] = {}
        self.way: Way = way
        if way == "interop":
            self._connect(context, device)
        if self.way == "pinned":
            self._try_page_locked_memory(device)

    def write(self, values: Tensor, texture: moderngl.Texture) -> HostValues | None:
        """Fill a texture with what the worker has left on the GPU. Never raises.

        Returns:
            None where it is filled, else the values, which the caller has to upload.
        """
        if self._interop is not None:
            try:
                self._interop.write(values, texture)
            except _FAILURES as error:
                self._disconnect(_words(error))
                self._notify(f"from now on pictures take a copy from the GPU to OpenGL ({self.refused['interop']})")
            else:
                return None
        try:
            return through_page_locked_memory(values)
        except _FAILURES as error:
            self._notify(f"the GPU does not give its values any more: start the program again ({_words(error)})")
            return np.zeros(tuple(values.shape), np.float32)

    def release(self) -> None:
        """Give everything back to the driver."""
        interop, self._interop = self._interop, None
        if interop is not None:
            with suppress(*_FAILURES):  # whose memory goes away with the context
                interop.release()

    def _connect(self, context: moderngl.Context, device: torch.device) -> None:
        try:
            self._interop = connected(context, device)
            check(self._interop, context, device)
        except _FAILURES as error:
            self._disconnect(_words(error))

    def _disconnect(self, reason: str) -> None:
        self.release()
        self.refused["interop"] = reason
        self.way = WAYS[WAYS.index("interop") + 1]

    def _try_page_locked_memory(self, device: torch.device) -> None:
        try:
            if device.type != "cuda":
                raise CudaError("values are not on a CUDA device")
            torch.empty(1, pin_memory=True)
        except _FAILURES as error:
            self.refused["pinned"] = _words(error)
            self.way = "plain"


def check(interop: Interop, context: moderngl.Context, device: torch.device) -> None:
    """Hand over known values and read them back. Raises CudaError unless every bit is the same."""
    known = (torch.arange(5 * 7 * 3, dtype=torch.float32).reshape(5, 7, 3) - 50) / 3
    texture = context.texture((7, 5), 3, dtype="f4")
    try:
        for values in (known, known.flip(0).contiguous()):  # the second one shows that the first does not stay
            interop.write(settled(values.to(device)), texture)
            if texture.read() != values.numpy().tobytes():
                raise CudaError("OpenGL reads other values than CUDA wrote")
    finally:
        texture.release()


def _words(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
