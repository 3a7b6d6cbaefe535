"""Netpbm's formats: PBM, PGM, PPM (text and binary), PAM, and PFM of floats.

Sources: netpbm.sourceforge.net/doc (pbm, pgm, ppm, pam, pfm).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .decoded import Decoded
from .faults import Refused
from .image import Alpha
from .limits import check_size

_CUT = Refused("the file is cut short or damaged; copy or export it again")
_TOKEN = re.compile(rb"(?:\s|#[^\n\r]*[\n\r])*([^\s#]+)")


@dataclass
class _Header:
    width: int
    height: int
    channels: int
    most: int
    """The number that is white."""
    begin: int
    """Where the samples begin in the file."""
    alpha: Alpha = "none"

    @property
    def count(self) -> int:
        """Number of samples."""
        return self.width * self.height * self.channels


def decode(path: Path, layer: str | None) -> Decoded:
    """Read a file that begins with P1 to P7, Pf or PF."""
    data = path.read_bytes()
    return _VARIANTS[data[:2]](data)


def _plain(data: bytes, channels: int, bits: bool = False) -> Decoded:
    """Samples as decimal numbers; those of a PBM are single digits that need no blanks between them."""
    header = _header(data, channels, bits)
    text = re.sub(rb"#[^\n\r]*", b"", data[header.begin :])
    if bits:
        digits = np.frombuffer(text, np.uint8)
        samples = digits[(digits == ord("0")) | (digits == ord("1"))] - ord("0")
    else:
        samples = np.array(text.split(maxsplit=header.count)[: header.count], dtype=np.int64)
    return _shaped(samples, header, inverted=bits)


def _binary(data: bytes, channels: int) -> Decoded:
    header = _header(data, channels)
    return _numbers(data, header)


def _bitmap(data: bytes) -> Decoded:
    """Eight pixels a byte, rows padded to whole bytes; 1 is black."""
    header = _header(data, 1, bits=True)
    row_bytes = (header.width + 7) // 8
    packed = np.frombuffer(data, np.uint8, offset=header.begin)
    if len(packed) < row_bytes * header.height:
        raise _CUT
    rows = packed[: row_bytes * header.height].reshape(header.height, row_bytes)
    return _shaped(np.unpackbits(rows, axis=1)[:, : header.width].ravel(), header, inverted=True)


def _pam(data: bytes) -> Decoded:
    """A header of named lines; what the channels are is their number, and whether the last one is alpha a name."""
    head, found, _ = data.partition(b"ENDHDR")
    if not found:
        raise _CUT
    lines = [line.split(None, 1) for line in head.splitlines()[1:] if line.strip() and not line.startswith(b"#")]
    entries = {line[0]: line[1].strip() for line in lines if len(line) == 2}
    numbers = (_number(entries.get(name, b"")) for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL"))
    width, height, channels, most = numbers
    check_size(width, height)
    begin = data.index(b"\n", len(head)) + 1
    named_alpha = entries.get(b"TUPLTYPE", b"").endswith(b"_ALPHA") and channels in (2, 4)
    header = _Header(width, height, channels, most, begin, "straight" if named_alpha else "none")
    decoded = _numbers(data, header)
    kept = min(channels, {1: 1, 2: 1 + named_alpha, 4: 3 + named_alpha}.get(channels, 3))
    if kept < channels:
        decoded.samples = decoded.samples[..., :kept]
        decoded.notices.append(f"of its {channels} channels the first {kept} are read")
    decoded.space = "grey" if kept < 3 else "rgb"
    return decoded


def _floats(data: bytes, channels: int) -> Decoded:
    """PFM: rows from the bottom up; the sign of the scale says which byte comes first, its size is a factor."""
    (width, height, scale), begin = _tokens(data, 3)
    header = _Header(_number(width), _number(height), channels, 1, begin)
    check_size(header.width, header.height)
    try:
        factor = float(scale)
    except ValueError:
        raise _CUT from None
    if len(data) - begin < 4 * header.count:
        raise _CUT
    values = np.frombuffer(data, "<f4" if factor < 0 else ">f4", header.count, begin).astype(np.float32)
    if abs(factor) not in (0.0, 1.0):
        values *= np.float32(abs(factor))
    samples = values.reshape(header.height, header.width, channels)[::-1]
    return Decoded(samples, space="grey" if channels == 1 else "rgb", encoding="linear")


def _header(data: bytes, channels: int, bits: bool = False) -> _Header:
    """Width, height and, but for bitmaps, the number of white; then exactly one blank."""
    tokens, begin = _tokens(data, 2 if bits else 3)
    width, height, *most = (_number(token) for token in tokens)
    check_size(width, height)
    return _Header(width, height, channels, most[0] if most else 1, begin)


def _tokens(data: bytes, count: int) -> tuple[list[bytes], int]:
    tokens, begin = [], 2
    for _ in range(count):
        found = _TOKEN.match(data, begin)
        if found is None:
            raise _CUT
        tokens.append(found[1])
        begin = found.end()
    return tokens, begin + 1


def _number(token: bytes) -> int:
    if not token.isdigit() or len(token) > 9:
        raise _CUT
    return int(token)


def _numbers(data: bytes, header: _Header) -> Decoded:
    """Binary samples: a byte each, or two with the high one first where white needs them."""
    if not 1 <= header.most <= 65535 or not 1 <= header.channels <= 64:
        raise _CUT
    stored = np.dtype(np.uint8 if header.most < 256 else ">u2")
    if len(data) - header.begin < stored.itemsize * header.count:
        raise _CUT
    samples = np.frombuffer(data, stored, header.count, header.begin)
    decoded = _shaped(samples.astype(stored.newbyteorder("=")), header)
    if data[header.begin + samples.nbytes :].lstrip()[:2] == data[:2]:
        decoded.notices.append("other pictures follow it in the same file; the first is read")
    return decoded


def _shaped(samples: np.ndarray, header: _Header, inverted: bool = False) -> Decoded:
    if samples.size < header.count or not 1 <= header.most <= 65535:
        raise _CUT
    samples = samples[: header.count].reshape(header.height, header.width, header.channels)
    samples = header.most - samples if inverted else samples
    space = "grey" if header.channels < 3 else "rgb"
    return Decoded(samples, float(header.most), space, alpha=header.alpha)  # type: ignore[arg-type]


_VARIANTS: dict[bytes, Callable[[bytes], Decoded]] = {
    b"P1": lambda data: _plain(data, 1, bits=True),
    b"P2": lambda data: _plain(data, 1),
    b"P3": lambda data: _plain(data, 3),
    b"P4": _bitmap,
    b"P5": lambda data: _binary(data, 1),
    b"P6": lambda data: _binary(data, 3),
    b"P7": _pam,
    b"Pf": lambda data: _floats(data, 1),
    b"PF": lambda data: _floats(data, 3),
}
