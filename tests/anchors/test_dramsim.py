"""The memory controller against DRAMsim3 with the same device: bandwidth within 10 %, loaded latency within 15 %."""

import pytest

from sim.anchors.dramsim import FEW_CLOCKS, clocks_of, few_streams, name_of, stream_rows, streams


@pytest.mark.parametrize("stream", few_streams(), ids=name_of)
def test_short_streams_are_served_as_dramsim_serves_them(runs, agrees, stream):
    for row in stream_rows(runs, stream, FEW_CLOCKS):
        agrees(row)


@pytest.mark.slow
@pytest.mark.parametrize("stream", streams(), ids=name_of)
def test_streams_are_served_as_dramsim_serves_them(runs, agrees, stream):
    for row in stream_rows(runs, stream, clocks_of(stream)):
        agrees(row)
