"""The copies of a network in one run, and what is said of their samples: of each, and of all together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.ma as ma

from sim.hardware.job import Job
from sim.mapping.mapping import Mapping
from sim.measure.columns import Table
from sim.measure.outputs import Outputs
from sim.simulate.application import Heard
from sim.workload.elementary import exp
from sim.workload.exact import Difference, told
from sim.workload.prepare import Workload

COUNTS = ("tokens", "unknown_tokens")
OF_A_SAMPLE = ("mean_nll_nat", "perplexity", "outputs_rms_share", "events_differing", "generated_text")


@dataclass(frozen=True, slots=True, eq=False)
class Copy:
    """One copy of the network with its sample, and what has come of it."""

    workload: Workload
    mapping: Mapping
    outputs: Outputs
    heard: Heard
    job: Job

    def difference(self) -> Difference | None:
        """What it and the network in one piece differ in, where they can."""
        steps, kept = self.outputs.steps, self.heard.kept
        if not kept or not steps:
            return None
        return self.workload.against_exact(kept.sent, self.heard.taken or list(kept.sent[-1][:steps]))


def compared(copies: Sequence[Copy]) -> dict[str, Any]:
    """How far all are from the network in one piece, where they can be, and one alone from the network in fp32."""
    effect = copies[0].workload.effect_of_formats(copies[0].outputs.steps) if len(copies) == 1 else {}
    said: dict[str, Any] = {"quantisation": effect} if effect else {}
    found = [found for copy in copies if (found := copy.difference())]
    return said | ({"against_exact": told(found)} if found else {})


def reported(workloads: Sequence[Workload]) -> dict[str, Any]:
    """What is said of all samples: counts added up, likelihood and perplexity of all their tokens."""
    each = [workload.report() for workload in workloads]
    if len(each) == 1:
        return dict(each[0])
    said: dict[str, Any] = {name: sum(one[name] for one in each if name in one) for name in COUNTS if name in each[0]}
    scored: list[Any] = [one for one in each if "mean_nll_nat" in one]
    if scored:
        mean = math.fsum(one["mean_nll_nat"] * one["tokens"] for one in scored) / sum(one["tokens"] for one in scored)
        said |= {"mean_nll_nat": mean, "perplexity": float(exp(mean))}
    return said


def sample_table(copies: Sequence[Copy]) -> Table:
    """One row for each sample."""
    each = [copy.workload.report() | (told([found]) if (found := copy.difference()) else {}) for copy in copies]
    table: Table = {
        "replica": np.arange(len(copies)),
        "steps": np.array([copy.outputs.steps for copy in copies]),
        "outputs_sha256": np.array([copy.outputs.sha256() for copy in copies], dtype=object),
    }
    for name in OF_A_SAMPLE:
        if any(name in one for one in each):
            absent = [name not in one for one in each]
            text = name == "generated_text"
            values = np.array([one.get(name, "" if text else 0) for one in each], dtype=object if text else None)
            table[name] = ma.masked_array(values, absent)
    return table
