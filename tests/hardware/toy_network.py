"""A recurrent network small enough to follow by hand, on a chip whose every cost is a different round number."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe
from sim.hardware.job import Job
from sim.hardware.system import System
from sim.machine.machine import Costs, Machine
from sim.mapping.between import route_machine
from sim.mapping.mapping import Mapping
from sim.mapping.plan import Ends, map_network
from sim.measure.recorder import Recorder
from sim.scenario.models import Scenario
from sim.workload.network import EgruLayer
from sim.workload.sparse import SparseRows
from tests.hardware.toys import GHZ, machine

ALWAYS, NEVER = -2.0, 2.0
"""Thresholds: a unit's state lies between -1 and 1."""

COSTS = Costs(
    receive_packet_cycles=10,
    receive_value_cycles=5,
    update_neuron_cycles=100,
    emit_event_cycles=20,
    sync_message_cycles=7,
    dma_setup_cycles=11,
    csr_nonzero_cycles=2,
    csr_row_cycles=1,
    event_cycles=30,
    event_nonzero_cycles=3,
    pack_value_cycles=4,
    convert_value_cycles=2,
    int8_nonzero_cycles=1,
    int8_row_cycles=6,
    mac_array_setup_cycles=50,
    mac_array_macs_per_cycle=8,
    mac_array_use=0.5,
    mac_array_conv_use=0.8,
    fp32_mac_cycles=3,
    score_word_cycles=11,
    stage_value_cycles=2,
    dma_packet_cycles=1,
)


def layer(inputs: int, thresholds: list[float], seed: int = 0) -> EgruLayer:
    """A dense layer: every weight is there, every unit has the threshold given."""
    rng, units = np.random.default_rng(seed), len(thresholds)

    def drawn(*shape: int) -> Any:
        return rng.uniform(0.1, 0.5, shape).astype(np.float32)

    return EgruLayer(
        inputs=inputs,
        units=units,
        W=SparseRows.from_dense(drawn(3 * units, inputs)),
        R=SparseRows.from_dense(drawn(3 * units, units)),
        bx=drawn(3 * units),
        br=drawn(3 * units),
        thr=np.array(thresholds, np.float32),
    )


def board(width: int = 2, height: int = 1, topology: str = "mesh", **grid: Any) -> Machine:
    """A machine on which a cycle of anything but an event router is a nanosecond, and so is a bit to the host."""
    made = machine(topology, **({"grid": {"width": width, "height": height} | grid} if topology == "mesh" else {}))
    assert made.host is not None
    return replace(
        made,
        noc=replace(made.noc, clock=GHZ),
        costs=COSTS,
        operating_point=replace(made.operating_point, clock=GHZ),
        host=replace(made.host, gbit_per_s=1, latency_ns=1000, frame_overhead_bits=8),
    )


@dataclass
class Host:
    """Feeds rows of `inputs` and keeps what it is given back; decoding costs nothing."""

    inputs: Any
    outputs: dict[int, list[float]] = field(default_factory=dict)

    def input(self, step: int) -> Any:
        return np.array(self.inputs[step], np.float32)

    def due_ps(self, step: int) -> int:
        return 0

    def accept(self, step: int, outputs: Any) -> None:
        self.outputs[step] = outputs.tolist()

    def decoder_macs(self, outputs: Any) -> int:
        return 0


class Spans(Probe):
    """Whole spans by unit, and records of steps."""

    def __init__(self) -> None:
        self.by_unit: dict[str, list[tuple[str, int, int]]] = {}
        self.records: list[Any] = []

    def span(self, unit: str, activity: str, start: int, end: int) -> None:
        self.by_unit.setdefault(unit, []).append((activity, start, end))

    def task(self, unit: str, record: Any) -> None:
        self.records.append(record)


def scenario(**sections: Any) -> Scenario:
    """A scenario for a toy: unicast, markers and one PE a layer unless said otherwise."""
    workload = {"kind": "vectors", "weights": "none.npz", "inputs": "none.npz"}
    given: dict[str, Any] = {"network": {"multicast": "unicast"}, "sync": {"protocol": "markers"}}
    for name, section in sections.items():
        given[name] = given.get(name, {}) | section
    return Scenario.model_validate({"name": "toy", "workload": workload} | given)


@dataclass
class Ran:
    kernel: Kernel
    host: Host
    heard: Spans
    system: System

    @property
    def mapping(self) -> Mapping:
        return self.system.teams[0].mapping


def run(
    layers: list[EgruLayer],
    inputs: Any,
    *,
    on: Machine | None = None,
    probe: Probe | None = None,
    recorder: Recorder | None = None,
    shuffle: int | None = None,
    takes_output: bool = True,
    **sections: Any,
) -> Ran:
    """Run `layers` over `inputs` (steps, inputs) to the end; raises `Stuck` where there is none.

    What listens is `probe`, the `recorder`, or what is then found in `heard`.
    """
    made, asked, heard, host = on or board(), scenario(**sections), Spans(), Host(inputs)
    ends = Ends(host_takes_output=takes_output, feeds_back=False)
    mapping = map_network(tuple(layers), ends, made, asked)
    kernel = Kernel(shuffle)
    job = Job(tuple(layers), host, len(inputs), lambda *_: None)
    listener = recorder.probe if recorder else probe or heard
    routes = route_machine(made, asked.network.routing)
    system = System(kernel, listener, made, routes, asked, [(mapping, job)])
    if recorder:
        recorder.watch(system.facts(), len(mapping.slices), made.noc.clock)
    kernel.run()
    kernel.refuse_stuck()
    return Ran(kernel, host, heard, system)
