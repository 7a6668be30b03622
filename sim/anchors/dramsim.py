"""The memory controller against DRAMsim3 with the same device: bandwidth within 10 %, loaded latency within 15 %.

Close to the peak the latency grows with the length of the run, so that above nine tenths only bandwidth is compared.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from sim.anchors.row import Row
from sim.anchors.runs import Runs

DATA = Path(__file__).parent / "data" / "dram"
STEADY = 0.9
FEW = [("seq", "0.6"), ("rand", "0.6"), ("rand", "0.8")]
"""Pattern and share of the peak of the open streams that a short run is enough for; all closed ones are as well."""

FEW_CLOCKS = 25_000
Stream = Mapping[str, str]
"""A row of DRAMsim3, as words."""


def dramsim(runs: Runs) -> Iterator[Row]:
    """A few streams, in short runs."""
    for stream in few_streams():
        yield from stream_rows(runs, stream, FEW_CLOCKS)


def every_stream(runs: Runs) -> Iterator[Row]:
    """All of them."""
    for stream in streams():
        yield from stream_rows(runs, stream, clocks_of(stream))


def stream_rows(runs: Runs, stream: Stream, clocks: int) -> Iterator[Row]:
    """Bandwidth and mean latency of one stream, measured for so many clocks of the device."""
    said = runs.summary("memory_port", {f"workload.{key}": value for key, value in _asked(stream, clocks).items()})
    found, source, name = said["stream"], "DRAMsim3, lpddr4_x16_reads.csv", name_of(stream)
    rate, latency = float(stream["achieved_GBs"]), float(stream["lat_avg_ns"])
    yield Row(f"rate, {name}", "GB/s", rate, source, "predicted", 0.10, found["bytes_per_s"] / 1e9)
    ours = found["latency_ns"]["mean"]
    if _share(stream) <= STEADY:
        yield Row(f"latency, {name}", "ns", latency, source, "predicted", 0.15, ours)
    else:
        note = f"grows with the length of the run so close to the peak; ours {ours:.4g}"
        yield Row(f"latency, {name}", "ns", latency, source, "predicted", 0.15, note=note)


def streams() -> list[dict[str, str]]:
    """Every row of DRAMsim3."""
    with (DATA / "lpddr4_x16_reads.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def few_streams() -> list[dict[str, str]]:
    """Those that short runs are enough for."""
    return [
        stream
        for stream in streams()
        if stream["mode"] != "open" or (stream["pattern"], stream["offered_frac_of_peak"]) in FEW
    ]


def clocks_of(stream: Stream) -> int:
    """How long a stream is measured: few bursts come at low load, and chance should not decide."""
    is_rare = stream["mode"] == "open" and _share(stream) <= 0.05
    return 2_000_000 if is_rare else 300_000


def name_of(stream: Stream) -> str:
    """Pattern, and the share of the peak that is offered or how many bursts are always outstanding."""
    how = f"at {_share(stream):g}" if stream["mode"] == "open" else f"{_outstanding(stream)} outstanding"
    return f"{stream['pattern']}, {how}"


def _asked(stream: Stream, clocks: int) -> dict[str, object]:
    """The same stream at both ports, so half of the clocks give as many bursts."""
    asked: dict[str, object] = {
        "pattern": {"seq": "sequential", "rand": "random"}[stream["pattern"]],
        "warmup_cycles": 30_000 if clocks > 30_000 else 5_000,
        "measure_cycles": clocks,
    }
    if stream["mode"] == "open":
        return asked | {"outstanding": None, "rate": _share(stream)}
    return asked | {"outstanding": _outstanding(stream)}


def _share(stream: Stream) -> float:
    """Of the peak that is offered; 0 where as many as the port serves are."""
    return float(stream["offered_frac_of_peak"])


def _outstanding(stream: Stream) -> int:
    return int(stream["mode"].removeprefix("closed"))
