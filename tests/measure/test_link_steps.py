"""What links carry by step stays small: neighbours are put together, and nothing is lost by it."""

from sim.engine.probe import TaskRecord
from sim.measure import link_steps
from sim.measure.link_steps import LinkSteps
from sim.measure.network import LinkUse


def told(steps: int, slices: int = 2) -> LinkSteps:
    """One link; in step s every slice is reached by s + 1 flits that waited a cycle each."""
    use = LinkUse()
    use.watch(1)
    heard = LinkSteps(use)
    heard.watch(slices)
    for step in range(steps):
        for slice_ in range(slices):
            for _ in range(step + 1):
                use.hop(None, 0, 0, 1, step % 5)
            heard.task("pe", TaskRecord(slice_, step, 0, 0, 100 * step, 0, 0, 0, 0))
    return heard


def test_a_step_ends_with_its_last_slice():
    one, two = told(2).intervals
    assert (one.last, one.steps, one.end, one.flits.tolist(), one.waited.tolist()) == (0, 1, 0, [2], [2])
    assert (two.last, two.steps, two.end, two.flits.tolist(), two.peak.tolist()) == (1, 1, 100, [4], [1])


def test_many_steps_are_put_together_and_none_is_lost(monkeypatch):
    monkeypatch.setattr(link_steps, "MOST_NUMBERS", 0)
    intervals = told(101).intervals
    assert len(intervals) <= link_steps.FEWEST_INTERVALS
    assert sum(one.steps for one in intervals) == 101 and intervals[-1].last == 100
    assert sum(int(one.flits[0]) for one in intervals) == sum(2 * (step + 1) for step in range(101))
    assert max(int(one.peak[0]) for one in intervals) == 4
