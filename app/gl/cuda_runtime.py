"""The part of the CUDA runtime that shares memory with OpenGL, called in the very library that torch has loaded.

Source: NVIDIA, CUDA Runtime API, "OpenGL Interoperability" and "Graphics Interoperability".
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint, c_void_p
from pathlib import Path
from typing import Any

import torch

_STATUS = c_int
_SIGNATURES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "cudaGetErrorString": (c_char_p, (_STATUS,)),
    "cudaGetLastError": (_STATUS, ()),
    "cudaGLGetDevices": (_STATUS, (POINTER(c_uint), POINTER(c_int), c_uint, c_int)),
    "cudaGraphicsGLRegisterBuffer": (_STATUS, (POINTER(c_void_p), c_uint, c_uint)),
    "cudaGraphicsUnregisterResource": (_STATUS, (c_void_p,)),
    "cudaGraphicsMapResources": (_STATUS, (c_int, POINTER(c_void_p), c_void_p)),
    "cudaGraphicsResourceGetMappedPointer": (_STATUS, (POINTER(c_void_p), POINTER(c_size_t), c_void_p)),
    "cudaGraphicsUnmapResources": (_STATUS, (c_int, POINTER(c_void_p), c_void_p)),
    "cudaMemcpyAsync": (_STATUS, (c_void_p, c_void_p, c_size_t, c_int, c_void_p)),
}
"""What each function returns and takes."""

_DEVICE_LIST_ALL = 1  # cudaGLDeviceListAll
_WRITE_DISCARD = 2  # cudaGraphicsRegisterFlagsWriteDiscard: CUDA writes all of it and reads nothing
_DEVICE_TO_DEVICE = 3  # cudaMemcpyDeviceToDevice
_MOST_DEVICES = 16


class CudaError(Exception):
    """A call failed, or there is nothing to call; says which and why."""


class CudaRuntime:
    """Checked calls. Whatever fails raises CudaError.

    Args:
        library: with the functions of the CUDA runtime as attributes.
    """

    def __init__(self, library: Any) -> None:
        self._functions: dict[str, Any] = {}
        for name, (returned, taken) in _SIGNATURES.items():
            try:
                function = getattr(library, name)
            except AttributeError as error:
                raise CudaError(f"torch's CUDA runtime lacks {name}") from error
            function.restype, function.argtypes = returned, taken
            self._functions[name] = function

    def drawing_devices(self) -> list[int]:
        """Indices of the CUDA devices that the current OpenGL context draws on."""
        count, devices = c_uint(0), (c_int * _MOST_DEVICES)()
        self._call("cudaGLGetDevices", byref(count), devices, _MOST_DEVICES, _DEVICE_LIST_ALL)
        return list(devices[: min(count.value, _MOST_DEVICES)])

    def register_buffer(self, buffer: int) -> c_void_p:
        """Make an OpenGL buffer known to CUDA, by its name in the current context, to be written only."""
        resource = c_void_p()
        self._call("cudaGraphicsGLRegisterBuffer", byref(resource), buffer, _WRITE_DISCARD)
        return resource

    def unregister(self, resource: c_void_p) -> None:
        """Let CUDA forget a buffer."""
        self._call("cudaGraphicsUnregisterResource", resource)

    @contextmanager
    def mapped(self, resource: c_void_p, stream: int) -> Iterator[tuple[int, int]]:
        """Inside, the buffer is CUDA's: its address on the device and its size in bytes.

        What OpenGL was told to do with it before is done before, what it is told afterwards waits for ``stream``.
        """
        self._call("cudaGraphicsMapResources", 1, byref(resource), stream)
        try:
            address, size = c_void_p(), c_size_t()
            self._call("cudaGraphicsResourceGetMappedPointer", byref(address), byref(size), resource)
            yield address.value or 0, size.value
        finally:
            self._call("cudaGraphicsUnmapResources", 1, byref(resource), stream)

    def copy(self, target: int, source: int, size: int, stream: int) -> None:
        """Copy so many bytes from one address of the device to another, when ``stream`` comes to it."""
        self._call("cudaMemcpyAsync", target, source, size, _DEVICE_TO_DEVICE, stream)

    def _call(self, name: str, *arguments: Any) -> None:
        status = self._functions[name](*arguments)
        if status != 0:
            words = self._functions["cudaGetErrorString"](status) or b"no reason given"
            self._functions["cudaGetLastError"]()  # which forgets it: torch would take it for an error of its own
            raise CudaError(f"{name}: {words.decode(errors='replace')} ({status})")


def loaded_runtime() -> CudaRuntime:
    """The CUDA runtime of this process. Raises CudaError where torch has not loaded one, or not as a library."""
    major = (torch.version.cuda or "").split(".")[0]
    if not sys.platform.startswith("linux") or not major:
        raise CudaError("there is no CUDA runtime library here that could be asked")
    paths = runtime_libraries(Path("/proc/self/maps").read_text(errors="replace"), major)
    if not paths:
        raise CudaError(f"torch has not loaded libcudart.so.{major}")
    return CudaRuntime(already_loaded(paths[0]))


def runtime_libraries(memory_map: str, major: str) -> list[str]:
    """Paths of the CUDA runtime libraries of that major version in a process's ``/proc/self/maps``."""
    pattern = rf"(/.*/libcudart(?:-[0-9a-f]+)?\.so\.{re.escape(major)}(?:\.\d+)*)$"
    return list(dict.fromkeys(re.findall(pattern, memory_map, re.MULTILINE)))


def already_loaded(path: str) -> ctypes.CDLL:
    """The library at ``path``, which must be loaded: a second runtime in a process would be asking for trouble."""
    try:
        return ctypes.CDLL(path, mode=os.RTLD_NOLOAD | os.RTLD_LAZY)
    except OSError as error:
        raise CudaError(f"'{path}' is not loaded") from error
