"""Time by group and window is the time that was told, in whatever order and however long its spans are."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sim.measure.busy import OTHERS, BusyTime

MOST = 60
SPAN = st.tuples(st.sampled_from("abc"), st.sampled_from(["work", "rest"]), st.integers(0, MOST), st.integers(0, MOST))
MOVED = st.tuples(st.sampled_from("abc"), st.sampled_from(["low", "high"]))


@given(st.lists(SPAN | MOVED, max_size=15), st.integers(1, 30), st.booleans())
def test_each_window_holds_what_its_group_told_of_it(told, width, asked_often):
    heard, group, ticks = BusyTime(width), {}, Counter()
    for one in told:
        if len(one) == 2:
            heard.put(*one)
            group[one[0]] = one[1]
        else:
            unit, activity, start, end = one[0], one[1], *sorted(one[2:])
            heard.span(unit, activity, start, end)
            ticks.update((group.get(unit, OTHERS), activity, tick // width) for tick in range(start, end))
        if asked_often:
            heard.windows()
    count = MOST // width + 1
    held = {key: windows.amounts(count, width).tolist() for key, windows in heard.windows().items()}
    assert {(*key, at): ps for key, row in held.items() for at, ps in enumerate(row) if ps} == dict(ticks)
