"""Rules between keys: values that are each fine and together mean nothing.

A rule names the keys it needs and the key it blames. It is asked only when all of them have a good value, so
it needs no care for absent or wrong ones, and one wrong key does not hide what is wrong with the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.scenario.complaints import Complaint, Refused
from sim.scenario.formats import too_many_columns
from sim.scenario.outline import frame_shape_of, front_layers, outlines

LAYERS = "workload.weights.synthetic.layers"
SHAPES = (
    "workload.front_end",
    "workload.polarity",
    "workload.sensor.width",
    "workload.sensor.height",
    "workload.pool",
)
"""What decides the shapes of a front end's maps."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`judge` takes the values of `needs` in order and says what is wrong at `blames`, or None."""

    blames: str
    needs: tuple[str, ...]
    judge: Callable[..., str | None]


RULES: list[Rule] = []


def broken(values: Mapping[str, Any]) -> Iterator[Complaint]:
    """Complaints, without a place, about the values (by dotted key) that break a rule."""
    for rule in RULES:
        if all(key in values for key in rule.needs):
            problem = rule.judge(*(values[key] for key in rule.needs))
            if problem:
                yield Complaint(rule.blames, problem)


def _rule(blames: str, *needs: str) -> Callable[[Callable[..., str | None]], Callable[..., str | None]]:
    def keep(judge: Callable[..., str | None]) -> Callable[..., str | None]:
        RULES.append(Rule(blames, needs, judge))
        return judge

    return keep


@_rule("sync.schedule", "workload.mode", "sync.schedule")
def _generating_waits(mode: str, schedule: str) -> str | None:
    if (mode, schedule) == ("generate", "pipelined"):
        return (
            "pipelined needs all inputs beforehand, but in workload.mode generate each input is the output "
            "of the step before; set sync.schedule to sequential, or workload.mode to score"
        )
    return None


@_rule("trace.trigger", "workload.kind", "trace.trigger")
def _traffic_has_no_steps(kind: str, trigger: str | None) -> str | None:
    if kind in ("traffic", "memory") and trigger == "slowest_step":
        return (
            f"{kind} has no steps one of which could be the slowest; set trace.trigger to first_loss, or leave it out"
        )
    return None


@_rule("machine.clock_drift_ppm", "workload.kind", "machine.clock_drift_ppm")
def _traffic_has_one_clock(kind: str, drift: float) -> str | None:
    apart = kind == "traffic" and drift
    return "a study of traffic counts the cycles of one clock on all chips; expected 0" if apart else None


@_rule("machine.clock_skew_us", "workload.kind", "machine.clock_skew_us")
def _traffic_begins_at_once(kind: str, skew: float | Sequence[float]) -> str | None:
    return "in a study of traffic all chips begin at once; expected 0" if kind == "traffic" and skew else None


@_rule("trace.window_us", "trace.window_us", "trace.trigger")
def _window_is_one(window: tuple[float, float] | None, trigger: str | None) -> str | None:
    if window and window[0] >= window[1]:
        return f"from {window[0]} to {window[1]} is no time; expected the earlier instant first"
    return "a trigger finds its own window; leave trace.window_us out, or trace.trigger" if window and trigger else None


@_rule("mapping.replicas", "mapping.replicas", "workload.kind")
def _samples_for_all(replicas: int, kind: str) -> str | None:
    if replicas > 1 and kind not in ("language_model", "vectors", "statistical"):
        return f"{replicas} asked, but there is one sample of a workload of kind {kind}; expected 1"
    return None


@_rule("workload.steps", "mapping.replicas", "workload.inputs", "workload.steps")
def _samples_have_ends(replicas: int, inputs: object, steps: int | None) -> str | None:
    if replicas > 1 and isinstance(inputs, str) and steps is None:
        return f"is absent; with mapping.replicas {replicas} say how many rows make a sample"
    return None


@_rule("mapping.replicas", "mapping.replicas", "workload.decoder")
def _decoders_know_one_text(replicas: int, decoder: str) -> str | None:
    if replicas > 1 and decoder == "dram":
        return f"{replicas} asked, but a decoder on PEs knows one sample; set workload.decoder to host, or this to 1"
    return None


@_rule("workload.decoder", "workload.mode", "workload.decoder")
def _generating_decodes(mode: str, decoder: str) -> str | None:
    if (mode, decoder) == ("generate", "none"):
        return "workload.mode generate needs a decoder to choose tokens; set workload.decoder to host or dram"
    return None


@_rule("workload.decoder", "workload.decoder", "sync.protocol")
def _decoding_is_whole(decoder: str, protocol: str) -> str | None:
    if (decoder, protocol) == ("dram", "timer"):
        return (
            "a decoder in DRAM answers for one step at a time, but with sync.protocol timer its answers may count in "
            "another step than theirs; set workload.decoder to host or none"
        )
    return None


@_rule("workload.generate.prompt_tokens", "workload.mode", "workload.generate.prompt_tokens", "workload.tokens")
def _prompt_fits(mode: str, prompt: int, tokens: int) -> str | None:
    if mode == "generate" and prompt > tokens:
        return (
            f"{prompt} prompt tokens asked, but workload.tokens gives only {tokens} steps in all; "
            f"set workload.tokens to {prompt} or more"
        )
    return None


@_rule("mapping.pes_per_layer", LAYERS, "mapping.pes_per_layer", "workload.kind")
def _pes_for_each_layer(layers: Sequence[int], pes: Sequence[int] | None, kind: str) -> str | None:
    return None if kind in ("gesture", "language_model") else pes_misfit(pes, len(layers) - 1)


@_rule("mapping.pes_per_layer", LAYERS, "mapping.pes_per_layer", "workload.decoder")
def _pes_for_a_decoder_too(layers: Sequence[int], pes: Sequence[int] | None, decoder: str) -> str | None:
    return pes_misfit(pes, len(layers) - 1, decoder)


@_rule("mapping.pes_per_layer", "workload.pattern", "mapping.pes_per_layer")
def _no_layers_in_traffic(pattern: str, pes: Sequence[int] | None) -> str | None:
    return None if pes is None else "a study of traffic or memory has no layers; remove mapping.pes_per_layer"


@_rule("workload.weights.synthetic.activity", LAYERS, "workload.weights.synthetic.activity")
def _activity_for_each_layer(layers: Sequence[int], activity: float | Sequence[float]) -> str | None:
    if isinstance(activity, list | tuple) and len(activity) != len(layers) - 1:
        return f"{len(activity)} activities for {len(layers) - 1} layers; give one for each layer, or one number"
    return None


@_rule(LAYERS, LAYERS, "workload.decoder")
def _decoder_is_tied(layers: Sequence[int], decoder: str) -> str | None:
    if decoder != "none" and layers[0] != layers[-1]:
        return (
            f"the decoder uses the embedding, so the last layer ({layers[-1]} units) needs as many as "
            f"there are inputs ({layers[0]}); make them equal, or set workload.decoder to none"
        )
    return None


@_rule("formats.indices", LAYERS, "formats.indices", "compute.kernel")
def _indices_reach_every_column(layers: Sequence[int], indices: int, kernel: str) -> str | None:
    return too_many_columns(max(layers), indices, kernel)


@_rule("compute.kernel", "compute.kernel", "formats.weights", "formats.inputs", "formats.events")
def _array_multiplies_bytes(kernel: str, weights: str, inputs: str, events: str) -> str | None:
    forms = {"weights": weights, "inputs": inputs, "events": events}
    wide = [f"formats.{name} ({form})" for name, form in forms.items() if form != "int8"]
    if kernel == "mac_array" and wide:
        return f"mac_array multiplies 8-bit numbers only; set {', '.join(wide)} to int8, or use another kernel"
    return None


@_rule("mapping.pes_per_layer", *SHAPES, LAYERS, "mapping.pes_per_layer")
def _pes_for_each_part(*values: Any) -> str | None:
    front, layers, pes = values[0], values[-2], values[-1]
    return pes_misfit(pes, len(front) + len(layers))


@_rule(f"{LAYERS}[0]", *SHAPES, LAYERS)
def _features_are_inputs(*values: Any) -> str | None:
    try:
        frame = frame_shape_of(*values[1:-1])
        made = ([frame, *(one.outputs for one in outlines(front_layers(values[0]), frame))])[-1]
    except Refused:
        return None
    asked = values[-1][0]
    if asked == made.size:
        return None
    return f"{asked} inputs asked, but the front end makes {made.size} values of a frame ({made}); make it {made.size}"


@_rule("workload.front_end", *SHAPES)
def _stages_fit(*values: Any) -> str | None:
    try:
        outlines(front_layers(values[0]), frame_shape_of(*values[1:]))
    except Refused as refused:
        return f"layer {refused.complaints[0].path.rpartition('[')[2][:-1]}: {refused.complaints[0].problem}"
    return None


def pes_misfit(pes: Sequence[int] | None, layers: int, decoder: str = "none") -> str | None:
    """What is wrong with a list of PEs per layer for a network of so many layers; a `decoder` in DRAM is one more."""
    dealt = decoder == "dram"
    if pes is None or len(pes) == layers + dealt:
        return None
    also = " and a decoder on PEs (workload.decoder dram)" if dealt else ""
    return f"{len(pes)} entries for {layers} layers{also}; give one number of PEs for each, or leave the key out"
