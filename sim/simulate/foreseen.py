"""What is known of a run before it: the mapping of a network, and what that will ask of the links between chips.

To tell it before anything runs no weight need be drawn, only how many there are: an outline of the network has as many
in every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.mapping.between import by_routers
from sim.mapping.foresee import Foreseen, foresee, mean
from sim.mapping.mapping import Mapping
from sim.mapping.plan import Ends
from sim.mapping.replicas import map_replicas
from sim.mapping.said import talk
from sim.scenario.document import Document
from sim.scenario.models import LanguageModel, MemoryStream, Scenario, Statistical, SyntheticBox, Traffic
from sim.simulate.setting import Setting
from sim.workload.firing import Firing
from sim.workload.language_model import Embedding
from sim.workload.network import GATES, EgruLayer
from sim.workload.parts import Layer, parts
from sim.workload.prepare import prepare
from sim.workload.sparse import SparseRows
from sim.workload.stated import stated


@dataclass(frozen=True, slots=True, eq=False)
class Forecast:
    """What a step will ask of the links between chips, and what these are called."""

    foreseen: Foreseen
    links: tuple[str, ...]


def mapped(setting: Setting, layers: tuple[Layer, ...], embedding: Embedding | None) -> tuple[Mapping, ...]:
    """The mapping of `layers` that the scenario asks for, one for each copy; Refused where it cannot be had."""
    asked = setting.scenario.workload
    ends = Ends(
        host_takes_output=not isinstance(asked, LanguageModel) or asked.decoder != "none",
        feeds_back=isinstance(asked, LanguageModel) and asked.mode == "generate",
        embedding_rows=embedding.size if embedding and getattr(asked, "embedding", "host") == "dram" else 0,
    )
    return map_replicas(layers, ends, setting.machine, setting.scenario)


def chip_traffic(
    setting: Setting, layers: tuple[Layer, ...], mappings: Sequence[Mapping], firing: Firing | None
) -> Foreseen | None:
    """What a step will ask of the links between chips, in the mean over copies of the network; None where there are
    none."""
    machine, scenario = setting.machine, setting.scenario
    if not machine.parts:
        return None
    recurrent = sum(isinstance(layer, EgruLayer) for layer in layers)
    activity, copied = stated(scenario, recurrent, firing), by_routers(scenario.network.multicast, machine)
    said = [talk(layers, one.slices, machine.packets, activity, scenario) for one in mappings]
    pairs = zip(mappings, said, strict=True)
    return mean([foresee(machine, one, setting.routes.between, own, copied=copied) for one, own in pairs])


def told_before(scenario: Scenario, document: Document) -> Forecast | None:
    """What a run would foresee; None on one chip. Refused as a run would be where the machine or the mapping cannot be
    had."""
    if isinstance(scenario.workload, Traffic | MemoryStream):
        return None
    setting = Setting.of(scenario, document)
    if not setting.machine.chip_links:
        return None
    layers = outline(scenario)
    embedding, firing = None, None
    if layers is None:
        workload = prepare(scenario, document)
        layers, firing = parts(workload.network, scenario.mapping.split), workload.firing
        embedding = workload.network.embedding
    return forecast(setting, chip_traffic(setting, layers, mapped(setting, layers, embedding), firing))


def forecast(setting: Setting, foreseen: Foreseen | None) -> Forecast | None:
    """What was foreseen with the names of the links, None where there are none."""
    names = tuple(link.name for link in setting.machine.chip_links)
    return Forecast(foreseen, names) if foreseen and names else None


def outline(scenario: Scenario) -> tuple[Layer, ...] | None:
    """The layers of a network that has as many weights as the scenario's and none in particular; None where more has
    to be known of the network to map it."""
    sizes = _sizes(scenario)
    return tuple(_outlined(inputs, units, sizes[1]) for inputs, units in pairwise(sizes[0])) if sizes else None


def _sizes(scenario: Scenario) -> tuple[Sequence[int], float] | None:
    """Inputs and units of each layer, and the share of weights that are zero, where that is all there is to know."""
    asked = scenario.workload
    if isinstance(asked, Statistical):
        return asked.layers, asked.sparsity
    plain = isinstance(asked, LanguageModel) and asked.embedding == "host" and asked.decoder in ("host", "none")
    if isinstance(asked, LanguageModel) and plain and isinstance(asked.weights, SyntheticBox):
        return asked.weights.synthetic.layers, asked.weights.synthetic.sparsity
    return None


def _outlined(inputs: int, units: int, sparsity: float) -> EgruLayer:
    rows = GATES * units
    nothing = np.zeros(rows, np.float32)
    W, R = (_rows(rows, columns, sparsity) for columns in (inputs, units))
    return EgruLayer(inputs, units, W, R, nothing, nothing, nothing[:units])


def _rows(rows: int, columns: int, sparsity: float) -> SparseRows:
    """As many weights as drawn ones would be, as evenly over the rows as can be, none of them held."""
    count = round((1 - sparsity) * rows * columns)
    starts = np.arange(rows + 1, dtype=np.int64) * count // rows
    return SparseRows(columns, starts, np.broadcast_to(np.int32(0), count), np.broadcast_to(np.float32(1), count))
