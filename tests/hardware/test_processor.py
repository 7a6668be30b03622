"""The host's processor does one thing at a time, by a stated rule."""

import pytest

from sim.engine.kernel import Kernel
from sim.engine.probe import Probe
from sim.hardware.processor import Processor


class Spans(Probe):
    def __init__(self):
        self.told = []

    def span(self, unit, activity, start, end):
        self.told.append((unit, activity, start, end))


@pytest.mark.parametrize("shuffle", [None, 1, 2, 3])
def test_who_asked_first_goes_first_and_of_those_at_one_instant_the_lowest_number(shuffle):
    kernel, heard = Kernel(shuffle), Spans()
    processor = Processor(kernel, heard)

    def job(number, asks, lasts):
        yield kernel.timeout(asks)
        yield from processor.decode(f"host output {number}", number, lasts)

    for number, asks, lasts in [(3, 5, 10), (1, 5, 10), (2, 15, 4), (0, 16, 1), (4, 100, 7)]:
        kernel.process(job(number, asks, lasts))
    kernel.run()
    expected = [(1, 5, 15), (3, 15, 25), (2, 25, 29), (0, 29, 30), (4, 100, 107)]
    assert heard.told == [(f"host output {number}", "decode", start, end) for number, start, end in expected]
