"""How every command ends: one exit code for each way it can, and never a traceback for what a user can cause."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable

from sim.scenario.complaints import Refused

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def exit_code(work: Callable[[], int]) -> int:
    """The exit code of `work`, whatever it raises that is not an error of ours; what went wrong is told on stderr."""
    try:
        return work()
    except Refused as refused:
        return say(str(refused), WRONG_INPUT)
    except KeyboardInterrupt:
        return say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # who read our output has seen enough
        return DONE
    except OSError as failure:
        return say(f"{failure.filename or 'input or output'}: {failure.strerror or failure}", FAILED)


def answered(make: Callable[[], Iterable[object]]) -> int:
    """The exit code of a command whose work is to print lines, all of them made before the first is printed."""

    def work() -> int:
        for line in list(make()):
            print(line, flush=True)
        return DONE

    return exit_code(work)


def say(message: str, code: int) -> int:
    """Print the message for the user and hand the exit code on."""
    print(message, file=sys.stderr)
    return code
