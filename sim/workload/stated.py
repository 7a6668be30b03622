"""How active a network is said to be before anything has run."""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario.models import LanguageModel, Replay, Scenario, Statistical, SyntheticBox
from sim.workload.firing import Firing, Recorded


@dataclass(frozen=True, slots=True)
class Stated:
    """The share of an input's values that are not zero, and the mean share of units that fire in each recurrent layer.
    Where nobody says it, `known` is false and all do."""

    inputs: float
    layers: tuple[float, ...]
    known: bool = True


def stated(scenario: Scenario, recurrent: int, firing: Firing | None) -> Stated:
    """What a scenario with so many recurrent layers says, or a recording that it replays."""
    asked = scenario.workload
    if isinstance(asked, Statistical):
        return Stated(asked.input_activity, _each(asked.activity, recurrent))
    if isinstance(asked, Replay) and isinstance(firing, Recorded):
        return Stated(asked.input_activity, firing.activity)
    if isinstance(asked, LanguageModel) and isinstance(asked.weights, SyntheticBox):
        return Stated(1.0, _each(asked.weights.synthetic.activity, recurrent))
    return Stated(1.0, (1.0,) * recurrent, known=False)


def _each(activity: float | tuple[float, ...], layers: int) -> tuple[float, ...]:
    return activity if isinstance(activity, tuple) else (activity,) * layers
