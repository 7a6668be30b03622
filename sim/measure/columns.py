"""A table of a result, as it is made and written: columns by name, all of one length."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

Column = npt.NDArray[Any]
Table = dict[str, Column]
