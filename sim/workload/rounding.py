"""Numbers as they are stored and sent in fewer bits: what a value becomes when it is written and read again.

fp16 is IEEE 754 binary16: to nearest, ties to even, subnormals kept; what is beyond 65 504 becomes that. int8 is a
whole multiple of a step. Weights have a step for each row of a matrix, inputs one for all, so neither depends on how a
network is cut into slices; events have a fixed one, since an EGRU's outputs lie between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from sim.scenario.formats import ValueForm
from sim.workload.sparse import Floats, SparseRows

LARGEST_HALF: Final = 65_504.0
INT8_MOST: Final = 127
EVENT_STEP: Final = 2.0**-8
TINY: Final = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, slots=True)
class Rounding:
    """A format of values; int8 are the multiples of `step` from `least` to `most` times."""

    form: ValueForm = "fp32"
    step: float = 1.0
    least: int = -INT8_MOST
    most: int = INT8_MOST

    def __call__(self, values: Floats) -> Floats:
        """`values`, finite float32 of any shape, after they were written in this format and read again, float32."""
        if self.form == "fp32":
            return values
        if self.form == "fp16":
            within = np.clip(values, np.float32(-LARGEST_HALF), np.float32(LARGEST_HALF))
            return within.astype(np.float16).astype(np.float32)
        step = np.float32(self.step)
        codes: Floats = np.clip(np.rint(values / step), np.float32(self.least), np.float32(self.most))
        return codes * step


EXACT: Final = Rounding()


def of_events(form: ValueForm) -> Rounding:
    """Events have no sign, so all 8 bits hold their size, in steps of 1/256; less than half a step is no event."""
    return Rounding(form, EVENT_STEP, 0, 255)


def of_inputs(form: ValueForm, largest: float) -> Rounding:
    """Inputs of at most `largest` size: one step for all of them, the largest of which is 127 steps.

    No step is subnormal in float32, so the smallest inputs there are become nothing.
    """
    return Rounding(form, max(largest / INT8_MOST, TINY) if largest > 0 else 1.0)


def cut_off(form: ValueForm, largest: float) -> Iterator[str]:
    """A warning where inputs of up to `largest` size are beyond what `form` holds; int8 makes its step as they need."""
    if form == "fp16" and largest > LARGEST_HALF:
        yield (
            f"inputs reach {largest:g} in size, and what fp16 cannot hold became {LARGEST_HALF:g}; set formats.inputs "
            "to fp32 or int8"
        )


def int8_rows(matrix: SparseRows) -> SparseRows:
    """The matrix in whole numbers of -127 to 127, each row with the scale that makes its largest entry 127.

    To nearest, ties to even. Entries that become 0 stay stored, so the rows are as long as before.
    """
    largest = np.zeros(matrix.rows, np.float32)
    np.maximum.at(largest, matrix.row_of, np.abs(matrix.values))
    scales = int8_scales(largest)
    codes = int8_codes(matrix.values, scales[matrix.row_of])
    return SparseRows(matrix.columns, matrix.indptr, matrix.indices, codes, scales)


def int8_scales(largest: Floats) -> Floats:
    """The scale of each row whose largest entry has the given size, (rows,)."""
    scales = np.where(largest > 0, largest / np.float32(INT8_MOST), np.float32(1))
    # A row of the smallest subnormals has no scale of its own size; such a row is rounded to nothing.
    return np.maximum(scales, np.float32(TINY)).astype(np.float32)


def int8_codes(values: Floats, scales: Floats) -> Floats:
    """Whole numbers of -127 to 127, float32, that times their scales come nearest to `values`."""
    codes: Floats = np.clip(np.rint(values / scales), -INT8_MOST, INT8_MOST).astype(np.float32)
    return codes
