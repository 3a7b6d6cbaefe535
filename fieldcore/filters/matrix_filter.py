"""Filters whose size and shape are one symmetric matrix: a ball, stretched and turned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar, TypeVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ..errors import InputError
from .filter import (
    Filter,
    Numbers,
    checked_axes,
    embedded_matrix,
    first_value,
    full_precision_product,
    parsed_numbers,
    positive_sqrt,
    real_tensor,
    shown,
)

AnyMatrixFilter = TypeVar("AnyMatrixFilter", bound="MatrixFilter")


class MatrixFilter(Filter):
    """A filter given by a matrix in squared domain units, or by one number for a multiple of the identity.

    Args:
        matrix: tensors, arrays or nested sequences of any real dtype: one of
            a number or () -- the same along all axes, shared by all points;
            (d, d) -- a matrix shared by all points;
            (n) -- one number a point;
            (n, d, d) -- one matrix a point.

    Raises:
        InputError: a number is negative, NaN or infinite, or a matrix is not symmetric positive semi-definite.
    """

    number_noun: ClassVar[str]
    matrix_noun: ClassVar[str]

    def __init__(self, matrix: Numbers) -> None:
        value = real_tensor(matrix, self.matrix_noun, self.number_noun)
        if value.ndim > 3 or (value.ndim >= 2 and not 0 < value.shape[-1] == value.shape[-2]):
            raise InputError(
                f"{self.matrix_noun}: expected a {self.number_noun}, a (d, d) matrix, an (n) or an (n, d, d) tensor, "
                f"got shape {tuple(value.shape)}"
            )
        self._check(value)
        self._value = value
        self._root: Tensor | None = None
        if value.ndim == 2 and not isinstance(matrix, Tensor):  # rounded to float32, a thin one has no exact root
            exact = torch.as_tensor(matrix, dtype=torch.float64)
            self._root = square_root(exact).to(value.dtype)

    @classmethod
    def unchecked(cls: type[AnyMatrixFilter], value: Tensor, root: Tensor | None = None) -> AnyMatrixFilter:
        """Wrap a valid tensor without the checks, which would stop a GPU's queue at every training step.

        ``root``, where it is known, is a square root ``L`` of a matrix: ``L L^T = value``.
        """
        filter = cls.__new__(cls)
        filter._value = value
        filter._root = root
        return filter

    @classmethod
    def from_axes(cls: type[AnyMatrixFilter], axes: Numbers, deviations: Numbers) -> AnyMatrixFilter:
        """The filter whose matrix has these principal axes and square roots of eigenvalues.

        Its root is exact, however thin the matrix, and needs no decomposition.

        Args:
            axes: orthonormal axes, one a column.
            deviations: lengths along them, in domain units.

        Raises:
            InputError: the axes are not orthonormal, a length is negative, or sizes do not match.
        """
        axes, deviations = real_tensor(axes, "axes"), real_tensor(deviations, "deviations")
        if axes.ndim not in (2, 3) or axes.shape[-1] != axes.shape[-2] or axes.shape[:-1] != deviations.shape:
            raise InputError(
                "axes: expected (d, d) with deviations (d), or (n, d, d) with (n, d), "
                f"got {tuple(axes.shape)} with {tuple(deviations.shape)}"
            )
        error = axes.double().mT @ axes.double() - torch.eye(axes.shape[-1], dtype=torch.float64, device=axes.device)
        if bool((error.abs() > 1e-4).any()):
            raise InputError("axes: expected orthonormal columns")
        if bool((deviations < 0).any()):
            raise InputError(f"deviations: expected 0 or more, got {first_value(deviations, deviations < 0)}")
        return cls.unchecked_from_axes(axes, deviations.to(axes))

    @classmethod
    def unchecked_from_axes(
        cls: type[AnyMatrixFilter], axes: Float[Tensor, "*n d d"], deviations: Float[Tensor, "*n d"]
    ) -> AnyMatrixFilter:
        """``from_axes`` without the checks."""
        root = axes * deviations[..., None, :]
        # Entry by entry, symmetric to the last bit and never rounded to TF32.
        matrix = sum(root[..., :, None, k] * root[..., None, :, k] for k in range(root.shape[-1]))
        assert isinstance(matrix, Tensor)
        return cls.unchecked(matrix, root)

    @property
    def isotropic(self) -> bool:
        """Whether the filter is given by numbers rather than by matrices."""
        return self._value.ndim < 2

    @property
    def matrix_size(self) -> int | None:
        """Rows of its matrix; None where it is given by numbers."""
        return None if self.isotropic else self._value.shape[-1]

    @property
    def per_point(self) -> int | None:
        """Number of points, where each has a filter of its own, else None."""
        return self._value.shape[0] if self._value.ndim in (1, 3) else None

    def matrix(self, dim: int) -> Float[Tensor, "*n d d"]:
        """The matrix in ``dim`` dimensions: (d, d) or (n, d, d). Raises InputError if it has another size."""
        if self.isotropic:
            identity = torch.eye(dim, dtype=self._value.dtype, device=self._value.device)
            return self._value[..., None, None] * identity
        self.require_axes(dim)
        return self._value

    def require_axes(self, dim: int) -> None:
        """Raise InputError if the matrix has another size."""
        if self.isotropic:
            return
        size = self._value.shape[-1]
        if size != dim:
            raise InputError(
                f"{self.matrix_noun}: expected a {dim} x {dim} matrix for a {dim}-D signal, got {size} x {size}"
            )

    def quadratic_form(self, frequencies: Float[Tensor, "f d"]) -> Float[Tensor, "*n f"]:
        """``a^T Sigma a`` for each frequency ``a`` (rows) and each matrix: (f) or, per point, (n, f).

        Raises:
            InputError: the matrix is not of the frequencies' size.
        """
        value = self._value.to(frequencies)
        if self.isotropic:
            return value[..., None] * frequencies.square().sum(-1)
        self.require_axes(frequencies.shape[1])
        outer = (frequencies[:, :, None] * frequencies[:, None, :]).flatten(1)
        return full_precision_product(value.flatten(-2), outer.T).clamp_min(0)

    def _stretched(self, unit: Float[Tensor, "samples n d"]) -> Float[Tensor, "samples n d"]:
        """Displacements ``L u`` of a filter whose matrix is ``L L^T`` from those of one whose matrix is 1."""
        if self.isotropic:
            return unit * positive_sqrt(self._value.to(unit))[..., None]
        self.require_axes(unit.shape[-1])
        root = self._value_root().to(unit)
        # Column by column, never rounded to TF32.
        columns = [root[..., :, k] * unit[..., k : k + 1] for k in range(unit.shape[-1])]
        return torch.stack(columns).sum(0)

    def _value_root(self) -> Float[Tensor, "*n d d"]:
        if self._root is not None:
            return self._root
        return square_root(self._value if self._value.device.type == "mps" else self._value.double())

    def scaled(self: AnyMatrixFilter, factor: float | Tensor) -> AnyMatrixFilter:
        """The filter whose matrix is ``factor``, () or (n), times this one's."""
        factor = torch.as_tensor(factor, dtype=self._value.dtype, device=self._value.device)
        stretch = positive_sqrt(factor)
        if not self.isotropic:
            factor, stretch = factor[..., None, None], stretch[..., None, None]
        root = None if self._root is None else self._root * stretch
        return self.unchecked(self._value * factor, root)

    def on_axes(self, axes: Sequence[int], dim: int) -> Filter:
        """This filter along ``axes`` of ``dim`` coordinates; nothing is averaged along the others."""
        axes = checked_axes(axes, dim)
        matrix = embedded_matrix(self.matrix(len(axes)), axes, dim)
        root = self._value_root() if self._root is not None else None
        return self.unchecked(matrix, None if root is None else embedded_matrix(root, axes, dim))

    @classmethod
    def parse(cls: type[AnyMatrixFilter], text: str) -> AnyMatrixFilter:
        """A number, or a matrix's upper triangle row by row: ``1e-3``; in 2-D ``xx,xy,yy``, in 3-D six numbers."""
        expected = f"a {cls.number_noun}, or 3 (in 2-D) or 6 (in 3-D) entries xx,xy,yy of a {cls.matrix_noun}"
        numbers = parsed_numbers(text, f"filter {cls.name}", expected)
        if len(numbers) == 1:
            return cls(numbers[0])
        dim = (math.isqrt(8 * len(numbers) + 1) - 1) // 2
        if dim * (dim + 1) // 2 != len(numbers):
            raise InputError(f"filter {cls.name}: expected {expected}, got {len(numbers)} numbers")
        matrix = [[0.0] * dim for _ in range(dim)]
        entries = iter(numbers)
        for row in range(dim):
            for column in range(row, dim):
                matrix[row][column] = matrix[column][row] = next(entries)
        return cls(matrix)

    def __repr__(self) -> str:
        noun = self.number_noun if self.isotropic else self.matrix_noun
        return f"{type(self).__name__}({noun.replace(' ', '_')}={shown(self._value)})"

    @classmethod
    def _check(cls, value: Tensor) -> None:
        if value.ndim < 2:
            if bool((value < 0).any()):
                raise InputError(f"{cls.number_noun}: expected 0 or more, got {first_value(value, value < 0)}")
            return
        matrices = value.reshape(-1, *value.shape[-2:])
        size = matrices.flatten(1).abs().amax(1).double() if matrices.numel() else torch.zeros(0, dtype=torch.float64)
        entries = matrices.permute(1, 2, 0).to(torch.float64, memory_format=torch.contiguous_format)
        for row in range(len(entries)):
            for column in range(row):
                skewed = (entries[row, column] - entries[column, row]).abs() > 1e-6 * size
                if bool(skewed.any()):
                    shown = matrices[skewed][0].tolist()
                    raise InputError(f"{cls.matrix_noun}: expected a symmetric matrix, got {shown}")
        negative = ~_is_positive_semidefinite(entries, 1e-6 * size)
        if bool(negative.any()):
            smallest = float(torch.linalg.eigvalsh(matrices[negative][0].double()).min())
            raise InputError(
                f"{cls.matrix_noun}: expected a positive semi-definite matrix (no negative eigenvalue, so "
                f"xy^2 <= xx * yy), got smallest eigenvalue {smallest:.3g}"
            )


def _is_positive_semidefinite(entries: Float[Tensor, "d d n"], tolerance: Float[Tensor, "n"]) -> Bool[Tensor, "n"]:
    """Which have no eigenvalue below about ``-tolerance``: closed forms up to 3 rows, which 10^6 matrices need.

    By Sylvester's criterion all leading principal minors of the matrix, raised by twice the tolerance, are positive.
    """
    if len(entries) > 3:
        return torch.linalg.eigvalsh(entries.permute(2, 0, 1)).amin(-1) >= -tolerance
    raised = [
        [entry + 2 * tolerance if i == j else entry for j, entry in enumerate(row)] for i, row in enumerate(entries)
    ]
    minors = [raised[0][0]]
    if len(entries) > 1:
        minors.append(_determinant(raised, (0, 1), (0, 1)))
    if len(entries) > 2:
        by_row = [
            raised[0][k] * _determinant(raised, (1, 2), others) for k, others in enumerate(((1, 2), (0, 2), (0, 1)))
        ]
        minors.append(by_row[0] - by_row[1] + by_row[2])
    return torch.stack([minor > 0 for minor in minors]).all(0) | (tolerance == 0)


def _determinant(entry: list[list[Tensor]], rows: tuple[int, int], columns: tuple[int, int]) -> Tensor:
    (a, b), (c, d) = rows, columns
    return entry[a][c] * entry[b][d] - entry[a][d] * entry[b][c]


def square_root(matrix: Float[Tensor, "*n d d"]) -> Float[Tensor, "*n d d"]:
    """A square root ``L`` with ``L L^T = matrix``, of singular matrices too.

    In closed form, differentiable wherever the matrix is positive definite, and without a decomposition, for which a
    GPU's queue would be waited for. Thin matrices need float64: their smaller eigenvalue is what is left of terms that
    cancel.
    """
    if matrix.shape[-1] == 2:
        return _symmetric_root(matrix)
    return _cholesky_root(matrix)


def _symmetric_root(matrix: Float[Tensor, "*n 2 2"]) -> Float[Tensor, "*n 2 2"]:
    """``(M + sqrt(det) 1) / sqrt(trace + 2 sqrt(det))``."""
    a, b, d = matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 1, 1]
    root_det = positive_sqrt(a * d - b * b)
    rows = [torch.stack([a + root_det, b], -1), torch.stack([b, d + root_det], -1)]
    return torch.stack(rows, -2) * _positive_rsqrt(a + d + 2 * root_det)[..., None, None]


def _cholesky_root(matrix: Float[Tensor, "*n d d"]) -> Float[Tensor, "*n d d"]:
    """Cholesky's, of which a column without a positive pivot is left 0."""
    dim = matrix.shape[-1]
    columns = []
    for k in range(dim):
        column = matrix[..., :, k] * _positive_rsqrt(matrix[..., k, k])[..., None]
        columns.append(column)
        matrix = matrix - column[..., :, None] * column[..., None, :]
    # What rounding leaves above the diagonal is no part of it.
    return torch.stack(columns, -1).tril()


def _positive_rsqrt(value: Tensor) -> Tensor:
    """``1 / sqrt(value)``, and 0 where that is not positive."""
    positive = value > 0
    return torch.where(positive, torch.where(positive, value, 1).rsqrt(), 0)
