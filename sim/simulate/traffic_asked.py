"""What a scenario asks of a traffic study, understood: packets, ways and who copies them, or refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.hardware.study import Load, nodes_of, timetable
from sim.machine.machine import Machine
from sim.mapping.between import by_routers
from sim.mapping.chip_deadlock import Flow
from sim.mapping.chip_trees import Tree, router_trees
from sim.mapping.mapping import Entry
from sim.mapping.multicast import UNCOPIED, Goals, multicast
from sim.scenario.complaints import Refused
from sim.scenario.models import Network, ReceiveFifo, Traffic
from sim.simulate.setting import Setting
from sim.workload.arrivals import Creation, read_trace
from sim.workload.patterns import DRAWN, HOTSPOTS, Nodes, fixed_goal, hotspot_weights, node_number

Trace = Sequence[Sequence[Creation]]


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The nodes, the pattern in words, how packets travel, what is sent, and what of it is sent in vain."""

    nodes: Nodes
    pattern: str
    network: Network
    load: Load
    warnings: tuple[str, ...]


def understood(setting: Setting, asked: Traffic) -> Asked:
    """The study that `asked` is; Refused where it cannot be had on the machine, or could deadlock."""
    _refuse_contradictions(asked, setting)
    machine, seed = setting.machine, setting.scenario.seed
    nodes = nodes_of(machine, asked.pattern)
    trace = _packets(asked, nodes, setting)
    many = sorted({(node, goals) for node, own in enumerate(trace) for _, goals in own if len(goals) > 1})
    network = _network(setting, many)
    routed = by_routers(network.multicast, machine)
    copied = multicast(machine, setting.routes.between, many) if routed else UNCOPIED
    trees = _trees(setting, many, copied.entries) if network.multicast == "tree" else ()
    setting.refuse_deadlock(trees, _flows(machine, asked.pattern, nodes, trace, copied=routed))
    cycles = range(asked.warmup_cycles, asked.warmup_cycles + asked.measure_cycles)
    bits = machine.packets.header_bits + asked.payload_bits
    load = Load(timetable(asked, nodes, seed, trace), cycles, bits, copied, seed)
    return Asked(nodes, _in_words(asked, nodes, sum(map(len, trace))), network, load, tuple(_too_late(trace, cycles)))


def _packets(asked: Traffic, nodes: Nodes, setting: Setting) -> Trace:
    """What is read from a file; a pattern that is not is Refused where it does not fit the nodes."""
    if asked.pattern == "trace" and asked.trace:
        return read_trace(setting.document.resolve(asked.trace), nodes)
    if asked.pattern == "hotspot":
        hotspot_weights(nodes, asked.hotspots)
    elif asked.pattern not in DRAWN:
        fixed_goal(asked.pattern, 0, nodes)
    return []


def _network(setting: Setting, many: Sequence[object]) -> Network:
    """How packets travel: sinks take whatever comes, and on one chip only those to `many` places go by the event
    router. Refused where these are to be copied and there is none."""
    asked, machine = setting.scenario.network, setting.machine
    if many and asked.multicast == "event_router" and machine.event_router is None:
        raise Refused.at(
            "network.multicast",
            f"the trace has packets to several destinations, and {machine.name} has no event router to copy them; "
            "expected tree or unicast",
        )
    idle = asked.multicast == "event_router" and not many and not machine.parts
    how = "unicast" if idle else asked.multicast
    return asked.model_copy(update={"multicast": how, "receive_fifo": ReceiveFifo()})


def _in_words(asked: Traffic, nodes: Nodes, packets: int) -> str:
    """The pattern with what it was told: a slip in it would pass unnoticed."""
    said: str = asked.pattern
    if said == "hotspot":
        weights = hotspot_weights(nodes, asked.hotspots)
        spots = sorted(node_number(written, nodes, HOTSPOTS) for written in asked.hotspots)
        said += ", " + ", ".join(f"{nodes.names[spot]} x {weights[spot]:g}" for spot in spots)
    if said == "bursty":
        said += f", bursts of {asked.burst_cycles:g} cycles at {asked.burst_rate:g} flits per cycle"
    return said if asked.pattern != "trace" else f"trace, {packets} packets"


def _too_late(trace: Trace, cycles: range) -> Iterator[str]:
    """Of the packets of a trace those that are made after the measured cycles, and so not measured."""
    late = [cycle for own in trace for cycle, _ in own if cycle >= cycles.stop]
    if late:
        yield (
            f"{len(late)} of {sum(map(len, trace))} packets of the trace are made after the {len(cycles)} measured "
            f"cycles; with workload.measure_cycles {max(late) + 1 - cycles.start} all of them would be measured"
        )


def _flows(machine: Machine, pattern: str, nodes: Nodes, trace: Trace, *, copied: bool) -> set[Flow]:
    """Between which chips packets go; those of a trace to many are `copied` on their way, or sent one by one."""
    chip = [pe.chip for pe in machine.pes]
    if not machine.parts:
        return set()
    if pattern in DRAWN:
        there = sorted(set(chip))
        return {(start, (goal,)) for start in there for goal in there}
    if pattern != "trace":
        return {(chip[node], (chip[fixed_goal(pattern, node, nodes)],)) for node in range(nodes.count)}
    found: set[Flow] = set()
    for node, own in enumerate(trace):
        for _, goals in own:
            ends = tuple(sorted({chip[goal] for goal in goals}))
            found |= {(chip[node], ends)} if copied else {(chip[node], (end,)) for end in ends}
    return found


def _trees(setting: Setting, many: Sequence[tuple[int, Goals]], entries: Sequence[Entry]) -> Iterator[Tree]:
    """The ways of every packet of the trace that the mesh copies."""
    pes = setting.machine.pes
    if setting.machine.parts:
        yield from router_trees(setting.machine, setting.routes, entries)
        return
    for start, goals in sorted({(pes[node].site, goals) for node, goals in many}):
        yield setting.routes.on[0], setting.routes.on[0].tree(start, [pes[goal].site for goal in goals])


def _refuse_contradictions(asked: Traffic, setting: Setting) -> None:
    if asked.pattern == "trace" and not asked.trace:
        raise Refused.at("workload.trace", "pattern trace needs the path of a .csv file")
    if asked.pattern == "bursty" and asked.burst_rate < asked.rate:
        raise Refused.at(
            "workload.burst_rate", f"{asked.burst_rate} is below the mean rate {asked.rate}; expected {asked.rate} to 1"
        )
    sizes = setting.machine.packets.payload_bits
    if asked.payload_bits not in sizes:
        raise Refused.at(
            "workload.payload_bits",
            f"{asked.payload_bits} asked, packets of {setting.machine.name} have {', '.join(map(str, sizes))}",
        )
