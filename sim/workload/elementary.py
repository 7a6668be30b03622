"""Exponential, logarithm, sigmoid and tanh from additions, multiplications and divisions alone.

IEEE 754 rounds those correctly, so the results are the same on every processor, which the library
functions of C and NumPy do not promise. Arithmetic is float64; the gate functions round once to float32 at
the end.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

# ln 2 in two parts: the first has 21 trailing zero bits, so that k * LN2_HIGH is exact for any exponent k.
LN2_HIGH: Final = float.fromhex("0x1.62e42feep-1")
LN2_LOW: Final = float.fromhex("0x1.a39ef35793c76p-33")
LOG2_E: Final = float.fromhex("0x1.71547652b82fep+0")
SQRT_HALF: Final = float.fromhex("0x1.6a09e667f3bcdp-1")

# (e**r - 1) / r = 1 + r/2! + r**2/3! ...: the first term left out is below 2**-57 of the sum at abs(r) =
# ln(2)/2.
EXP_TERMS: Final = tuple(1.0 / math.factorial(n) for n in range(14, 0, -1))
# log((1 + s) / (1 - s)) / s = 2 + 2 s**2/3 + 2 s**4/5 ...: abs(s) <= 0.172.
LOG_TERMS: Final = tuple(2.0 / (2 * n + 1) for n in range(11, -1, -1))

# Beyond these the float32 result no longer changes: e**-110 is below the least float32, and tanh(20)
# rounds to 1.
SIGMOID_LIMIT: Final = 110.0
TANH_LIMIT: Final = 20.0
EXP_LIMIT: Final = 700.0


def exp(x: npt.ArrayLike) -> Doubles:
    """e**x as float64, relative error under 1e-15; x is held within -700..700."""
    scale, rest = _exp_parts(np.asarray(x, dtype=np.float64), EXP_LIMIT)
    return scale + scale * rest


def log(x: npt.ArrayLike) -> Doubles:
    """Natural logarithm of positive finite x as float64, error under 2e-16 + 4e-16 of the result."""
    mantissa, exponent = np.frexp(np.asarray(x, dtype=np.float64))
    low = mantissa < SQRT_HALF
    mantissa = np.where(low, mantissa * 2.0, mantissa)
    power = (exponent - low).astype(np.float64)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    return power * LN2_HIGH + (power * LN2_LOW + s * polynomial(LOG_TERMS, s * s))


def sigmoid(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """1 / (1 + e**-x), computed in float64 and rounded once to float32."""
    scale, rest = _exp_parts(-x.astype(np.float64), SIGMOID_LIMIT)
    return (1.0 / (1.0 + (scale + scale * rest))).astype(np.float32)


def tanh(x: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Hyperbolic tangent, exact in the relative sense down to the smallest x, rounded once to float32."""
    scale, rest = _exp_parts(2.0 * x.astype(np.float64), 2.0 * TANH_LIMIT)
    grown = scale * rest + (scale - 1.0)  # e**2x - 1 without cancellation: scale is 1 for small x
    return (grown / (grown + 2.0)).astype(np.float32)


def _exp_parts(x: Doubles, limit: float) -> tuple[Doubles, Doubles]:
    """2**k and e**r - 1 for the whole k and the small r with x = k ln 2 + r; x holds no NaN."""
    held = np.minimum(np.maximum(x, -limit), limit)
    k = np.rint(held * LOG2_E)
    r = (held - k * LN2_HIGH) - k * LN2_LOW
    scale = ((k.astype(np.int64) + 1023) << 52).view(np.float64)
    return scale, r * polynomial(EXP_TERMS, r)


def polynomial(coefficients: tuple[float, ...], x: Doubles) -> Doubles:
    """Horner's rule, highest power first."""
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total
