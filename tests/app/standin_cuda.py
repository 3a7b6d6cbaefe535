"""A stand-in for the CUDA runtime that works on this process's own memory, behind real C function pointers.

It knows what the real one refuses: copying to a buffer that is not mapped, drawing from one that is, forgetting twice.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_int, c_size_t, c_uint, c_void_p
from typing import Any

import moderngl
import numpy as np
import pytest

INVALID_VALUE, INVALID_HANDLE, ALREADY_MAPPED, NOT_MAPPED, UNKNOWN = 1, 400, 208, 211, 999

# As cuda_runtime_api.h and cuda_gl_interop.h declare them on a 64-bit system.
PROTOTYPES = {
    "cudaGetErrorString": CFUNCTYPE(c_void_p, c_int),
    "cudaGetLastError": CFUNCTYPE(c_int),
    "cudaGLGetDevices": CFUNCTYPE(c_int, POINTER(c_uint), POINTER(c_int), c_uint, c_int),
    "cudaGraphicsGLRegisterBuffer": CFUNCTYPE(c_int, POINTER(c_void_p), c_uint, c_uint),
    "cudaGraphicsUnregisterResource": CFUNCTYPE(c_int, c_void_p),
    "cudaGraphicsMapResources": CFUNCTYPE(c_int, c_int, POINTER(c_void_p), c_void_p),
    "cudaGraphicsResourceGetMappedPointer": CFUNCTYPE(c_int, POINTER(c_void_p), POINTER(c_size_t), c_void_p),
    "cudaGraphicsUnmapResources": CFUNCTYPE(c_int, c_int, POINTER(c_void_p), c_void_p),
    "cudaMemcpyAsync": CFUNCTYPE(c_int, c_void_p, c_void_p, c_size_t, c_int, c_void_p),
}


class StandInCuda:
    """A library with the functions of the CUDA runtime.

    Attributes:
        calls: names of the functions called, those for errors left out, in order.
        failing: functions that fail from now on.
        last_error: what torch would take for an error of its own.
        devices: CUDA devices that draw.
        spoils: changes what has been copied.
        resources: registered and not forgotten: the OpenGL buffer of each.
        mapped: the memory of those that are mapped.
        buffers: all OpenGL buffers, by name.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.failing: set[str] = set()
        self.last_error = 0
        self.devices = [0]
        self.spoils: Callable[[np.ndarray], Any] = lambda memory: None
        self.resources: dict[int, moderngl.Buffer] = {}
        self.mapped: dict[int, np.ndarray] = {}
        self.buffers: dict[int, moderngl.Buffer] = {}
        self._words = ctypes.create_string_buffer(b"out of order")
        for name, prototype in PROTOTYPES.items():
            setattr(self, name, prototype(self._function(name)))

    def _function(self, name: str) -> Callable[..., int]:
        does = getattr(self, f"_{name}")
        if name in ("cudaGetErrorString", "cudaGetLastError"):
            return does

        def call(*arguments: Any) -> int:
            self.calls.append(name)
            status = UNKNOWN if name in self.failing else does(*arguments)
            self.last_error = status or self.last_error
            return status

        return call

    def _cudaGetErrorString(self, status: int) -> int:
        return ctypes.addressof(self._words)

    def _cudaGetLastError(self) -> int:
        error, self.last_error = self.last_error, 0
        return error

    def _cudaGLGetDevices(self, count: Any, devices: Any, room: int, which: int) -> int:
        if which != 1:
            return INVALID_VALUE
        count[0] = len(self.devices)
        for index, device in enumerate(self.devices[:room]):
            devices[index] = device
        return 0

    def _cudaGraphicsGLRegisterBuffer(self, resource: Any, buffer: int, flags: int) -> int:
        if buffer not in self.buffers or flags != 2:
            return INVALID_VALUE
        handle = 0x7F00_0000_0000 + 16 * len(self.calls)  # wider than an int
        self.resources[handle] = self.buffers[buffer]
        resource[0] = handle
        return 0

    def _cudaGraphicsUnregisterResource(self, resource: int) -> int:
        buffer = self.resources.pop(resource, None)
        return INVALID_HANDLE if buffer is None or isinstance(buffer.mglo, moderngl.InvalidObject) else 0

    def _cudaGraphicsMapResources(self, count: int, resources: Any, stream: int | None) -> int:
        if count != 1 or resources[0] not in self.resources:
            return INVALID_HANDLE
        if resources[0] in self.mapped:
            return ALREADY_MAPPED
        self.mapped[resources[0]] = np.full(self.resources[resources[0]].size, 0xA5, np.uint8)
        return 0

    def _cudaGraphicsResourceGetMappedPointer(self, address: Any, size: Any, resource: int) -> int:
        if resource not in self.mapped:
            return NOT_MAPPED
        address[0], size[0] = self.mapped[resource].ctypes.data, self.mapped[resource].nbytes
        return 0

    def _cudaMemcpyAsync(self, target: int, source: int, size: int, kind: int, stream: int | None) -> int:
        inside = [
            memory
            for memory in self.mapped.values()
            if memory.ctypes.data <= target and target + size <= memory.ctypes.data + memory.nbytes
        ]
        if not inside or kind != 3:
            return INVALID_VALUE
        ctypes.memmove(target, source, size)
        self.spoils(inside[0])
        return 0

    def _cudaGraphicsUnmapResources(self, count: int, resources: Any, stream: int | None) -> int:
        memory = self.mapped.pop(resources[0], None)
        if count != 1 or memory is None:
            return NOT_MAPPED
        self.resources[resources[0]].write(memory.tobytes())  # only from now on does OpenGL see it
        return 0


def stand_in(monkeypatch: pytest.MonkeyPatch) -> StandInCuda:
    """A stand-in that knows the buffers OpenGL makes from now on."""
    cuda, make = StandInCuda(), moderngl.Context.buffer

    def noted(context: moderngl.Context, *arguments: Any, **options: Any) -> moderngl.Buffer:
        buffer = make(context, *arguments, **options)
        cuda.buffers[buffer.glo] = buffer
        return buffer

    monkeypatch.setattr(moderngl.Context, "buffer", noted)
    return cuda
