"""The shapes of a front end, layer by layer, and whether they can be.

This is where "any sequential network" is judged: a kernel that fits nowhere, or a pooling window larger than the map it
gets, is a complaint at the layer that asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import TypeAdapter

from sim.scenario.complaints import Complaint, Refused
from sim.scenario.gesture import Conv, FrontLayer, GestureSection, Linear, Pooling, PoolOnly

KEY = "workload.front_end"


@dataclass(frozen=True, slots=True)
class Shape:
    """Of a map of values: channels, rows, columns."""

    channels: int
    rows: int
    columns: int

    @property
    def size(self) -> int:
        return self.channels * self.rows * self.columns

    def __str__(self) -> str:
        return f"{self.channels} x {self.rows} x {self.columns}"


@dataclass(frozen=True, slots=True)
class Window:
    """A square that slides over rows and columns; `padding` rows and columns of zeros lie round the input."""

    rows: int
    columns: int
    stride: int
    padding: int = 0

    def over(self, rows: int, columns: int) -> tuple[int, int]:
        """Rows and columns of places it takes; not positive where it does not fit once."""
        return (
            (rows + 2 * self.padding - self.rows) // self.stride + 1,
            (columns + 2 * self.padding - self.columns) // self.stride + 1,
        )


@dataclass(frozen=True, slots=True)
class Pool:
    """What becomes of each window of a map: its largest value or its mean."""

    window: Window
    by: Literal["max", "mean"]


@dataclass(frozen=True, slots=True)
class Outline:
    """A stage without its weights; `kernel` is (channels out, channels in, rows, columns), None where nothing is
    convolved.
    """

    name: str
    inputs: Shape
    convolved: Shape
    outputs: Shape
    window: Window | None
    kernel: tuple[int, int, int, int] | None
    relu: bool
    pool: Pool | None
    linear: bool


def front_layers(data: object) -> tuple[FrontLayer, ...]:
    """Plain data that has been validated, as layers again."""
    return TypeAdapter(tuple[FrontLayer, ...]).validate_python(data)


def frame_shape(asked: GestureSection) -> Shape:
    """Of the frames that events become."""
    return frame_shape_of(asked.polarity, asked.sensor.width, asked.sensor.height, asked.pool)


def frame_shape_of(polarity: str, width: int, height: int, pool: int) -> Shape:
    """Of frames of a sensor of `width` x `height` pixels, the largest count kept of squares of `pool` pixels."""
    return Shape(2 if polarity == "split" else 1, height // pool, width // pool)


def outlines(layers: Sequence[FrontLayer], inputs: Shape) -> tuple[Outline, ...]:
    """The stages of `layers` over frames of shape `inputs`; Refused with the first layer that does not fit."""
    return tuple(_chain(layers, inputs))


def _chain(layers: Sequence[FrontLayer], inputs: Shape) -> Iterator[Outline]:
    for number, layer in enumerate(layers):
        outline = _outline(number, layer, inputs)
        yield outline
        inputs = outline.outputs


def _outline(number: int, layer: FrontLayer, inputs: Shape) -> Outline:
    name, pool = f"front{number + 1}", _pool(layer.pool) if isinstance(layer, Conv | PoolOnly) and layer.pool else None
    if isinstance(layer, PoolOnly):
        return Outline(name, inputs, inputs, _pooled(number, inputs, pool), None, None, False, pool, False)
    window, channels = _window(layer, inputs)
    convolved = Shape(channels, *_fitted(number, window, inputs, "kernel"))
    kernel = (channels, inputs.channels, window.rows, window.columns)
    outputs = _pooled(number, convolved, pool)
    return Outline(name, inputs, convolved, outputs, window, kernel, layer.relu, pool, linear=isinstance(layer, Linear))


def _window(layer: Conv | Linear, inputs: Shape) -> tuple[Window, int]:
    """The kernel's window, and the channels out; a linear layer's kernel covers its whole input."""
    if isinstance(layer, Linear):
        return Window(inputs.rows, inputs.columns, 1), layer.units
    return Window(layer.kernel, layer.kernel, layer.stride, layer.padding), layer.channels


def _pool(asked: Pooling) -> Pool:
    return Pool(Window(asked.size, asked.size, asked.stride), asked.by)


def _pooled(number: int, shape: Shape, pool: Pool | None) -> Shape:
    if pool is None:
        return shape
    return Shape(shape.channels, *_fitted(number, pool.window, shape, "pooling window"))


def _fitted(number: int, window: Window, shape: Shape, what: str) -> tuple[int, int]:
    rows, columns = window.over(shape.rows, shape.columns)
    if rows < 1 or columns < 1 or window.padding >= max(window.rows, window.columns):
        around = f" with padding {window.padding}" if window.padding else ""
        raise Refused(
            [
                Complaint(
                    f"{KEY}[{number}]",
                    f"its {what} of {window.rows} x {window.columns}{around} does not fit the map of "
                    f"{shape.rows} x {shape.columns} it gets; make it smaller, or drop a layer in front",
                )
            ]
        )
    return rows, columns
