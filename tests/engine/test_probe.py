"""The vocabulary: listeners are told only what they have ears for, in the order in which they are listed."""

import inspect

from sim.engine.probe import HOOKS, Probe, combined


class Heard(Probe):
    def __init__(self, name, log):
        self.name, self.log = name, log

    def span(self, unit, activity, start, end):
        self.log.append((self.name, unit, activity, start, end))


class HeardLevels(Heard):
    def level(self, unit, quantity, value):
        self.log.append((self.name, unit, quantity, value))


def test_every_hook_of_a_bare_probe_does_nothing():
    for name in HOOKS:
        hook = getattr(Probe(), name)
        assert hook(*[None] * len(inspect.signature(hook).parameters)) is None


def test_all_listeners_are_told_in_the_order_of_the_list():
    log = []
    probe = combined([Heard("first", log), HeardLevels("second", log), Probe()])
    probe.span("pe", "compute", 1, 2)
    probe.level("pe", "fifo", 3)
    probe.hop(None, 0, 0, 0, 0)
    assert log == [
        ("first", "pe", "compute", 1, 2),
        ("second", "pe", "compute", 1, 2),
        ("second", "pe", "fifo", 3),
    ]


def test_a_single_listener_is_called_without_anything_in_between():
    listener = Heard("only", [])
    assert combined([listener, Probe()]).span == listener.span


def test_no_listeners_hear_nothing():
    probe = combined([])
    assert all(getattr(probe, name).__func__ is getattr(Probe, name) for name in HOOKS)
