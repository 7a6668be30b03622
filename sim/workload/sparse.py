"""Sparse matrices stored by target row, as a processing element that owns target units stores its share.

A second, derived order by source column lets a product visit only the columns of sources that fired.
Products are float32 and are added to a target one by one in the order of the source index, so the result
is the same bit for bit however the rows are cut into slices.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Longs = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SparseRows:
    """Compressed rows: `indptr` (rows + 1,), and for each entry its column in `indices` and its value.

    `indptr` is int64, `indices` int32 and ascending within a row, `values` float32. Rows are targets,
    columns are sources. Where there are `scales` (rows,), a row's sum is multiplied by its own. No
    `slots`: the derived orders are cached on the instance.
    """

    columns: int
    indptr: Longs
    indices: npt.NDArray[np.int32]
    values: Floats
    scales: Floats | None = None

    @classmethod
    def from_dense(cls, matrix: npt.NDArray[np.float32]) -> SparseRows:
        """The non-zero entries of `matrix` (rows, columns)."""
        mask = matrix != 0
        counts = np.count_nonzero(mask, axis=1)
        columns = np.nonzero(mask)[1].astype(np.int32)
        return cls(matrix.shape[1], pointers(counts), columns, matrix[mask].astype(np.float32))

    @property
    def rows(self) -> int:
        return len(self.indptr) - 1

    @property
    def nnz(self) -> int:
        return len(self.values)

    @cached_property
    def row_of(self) -> npt.NDArray[np.int32]:
        """The row number of each stored entry, (nnz,)."""
        return np.repeat(np.arange(self.rows, dtype=np.int32), np.diff(self.indptr))

    def column_counts(self) -> Longs:
        """Stored entries per column, (columns,)."""
        return np.bincount(self.indices, minlength=self.columns).astype(np.int64)

    def take(self, ranges: Iterable[tuple[int, int]]) -> SparseRows:
        """The rows of each half-open range, one range after the other, with all columns kept."""
        picked = list(ranges)
        bounds = [(int(self.indptr[start]), int(self.indptr[stop])) for start, stop in picked]
        counts = np.concatenate([np.diff(self.indptr[start : stop + 1]) for start, stop in picked])
        indices = np.concatenate([self.indices[first:last] for first, last in bounds])
        values = np.concatenate([self.values[first:last] for first, last in bounds])
        scales = None if self.scales is None else np.concatenate([self.scales[start:stop] for start, stop in picked])
        return SparseRows(self.columns, pointers(counts), indices, values, scales)

    @cached_property
    def by_column(self) -> ByColumn:
        """The same entries ordered by source column, then by row."""
        order = np.argsort(self.indices, kind="stable")
        starts = pointers(self.column_counts())
        return ByColumn(starts, self.row_of[order].astype(np.intp), self.values[order])

    def times(self, sources: Floats) -> Floats:
        """The matrix times `sources` (columns,) as float32 (rows,), rows summed in order of source index.

        Sources that are zero are skipped. That is exact: a sum that starts at +0.0 is never -0.0, so
        adding the zero product of either sign would have changed nothing.
        """
        total = np.zeros(self.rows, dtype=np.float32)
        targets, products = self.by_column.products(sources)
        np.add.at(total, targets, products)
        return total if self.scales is None else total * self.scales


@dataclass(frozen=True, slots=True, eq=False)
class ByColumn:
    """Entries by source column: `starts` (columns + 1,), `targets` (nnz,) row numbers, `values` (nnz,)."""

    starts: Longs
    targets: npt.NDArray[np.intp]
    values: Floats

    def products(self, sources: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
        """Targets and float32 products of the entries whose source is not zero, in order of source."""
        active = np.flatnonzero(sources)
        first = self.starts[active]
        counts = self.starts[active + 1] - first
        factors = np.repeat(sources[active], counts)
        if len(active) == len(sources):
            return self.targets, self.values * factors
        entries = np.repeat(first - np.cumsum(counts) + counts, counts)
        entries += np.arange(len(entries))
        return self.targets[entries], self.values[entries] * factors


def pointers(counts: npt.NDArray[np.integer]) -> Longs:
    """Where each row starts when row i holds `counts[i]` entries."""
    starts = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=starts[1:])
    return starts
