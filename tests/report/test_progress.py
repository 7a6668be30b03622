"""Progress says how far, how fast and how long still, and never floods a log."""

import io
from types import SimpleNamespace

from sim.report.progress import described, shown_on


def at(wall_s: float, steps_done: int = 12, steps: int = 70) -> SimpleNamespace:
    done = {"steps_done": steps_done, "steps": steps, "now_ps": 2_430_000_000}
    return SimpleNamespace(**done, events=int(410_000 * wall_s), wall_s=wall_s)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_tells_simulated_time_steps_rate_and_time_left():
    assert described(at(12.0)) == "2.43 ms simulated, step 12 of 70, 410 kevents/s, 0:58 left"
    assert described(at(1200.0)).endswith("1:36:40 left")


def test_the_time_left_is_not_guessed_before_there_is_a_step():
    assert described(at(1.0, steps_done=0)) == "2.43 ms simulated, step 0 of 70, 410 kevents/s"
    assert described(at(1.0, steps_done=0, steps=0)) == "2.43 ms simulated, 410 kevents/s"
    assert described(at(0.0, steps_done=0)).endswith("0 events/s")


def test_into_a_file_goes_one_line_a_minute():
    stream = io.StringIO()
    with shown_on(stream) as show:
        for tenth in range(1801):
            show(at(tenth / 10))
    assert stream.getvalue().count("\n") == 3


def test_a_short_run_leaves_a_log_empty():
    stream = io.StringIO()
    with shown_on(stream) as show:
        show(at(59.9))
    assert stream.getvalue() == ""


def test_a_terminal_shows_each_moment_and_is_clean_after_it():
    stream = Terminal()
    with shown_on(stream) as show:
        show(at(12.0))
        assert "step 12 of 70" in stream.getvalue()
    assert stream.getvalue().endswith("\x1b[2K")  # the line is erased
