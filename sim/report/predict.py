"""What the critical path of a run predicts for a faster machine: how much of the time a part was the reason for.

Twice as fast, a part would save half of what it had on the path, as long as no other chain of causes becomes the
longest. `sim.report.what_if` says how true that is.
"""

from __future__ import annotations

from collections import Counter

from sim.report.balance import sooner_in_balance
from sim.report.result import Result
from sim.report.verdict import path_of

LINKS, CONTENTION, COMPUTE, BALANCE = (
    "links twice as fast",
    "no contention",
    "compute twice as fast",
    "perfect balance",
)


def predictions(result: Result) -> dict[str, int]:
    """The time (ps) that the path of a network's run predicts for each change."""
    path = path_of(result, None)
    whole = sum(one.lasted for one in path)
    spent = Counter[str]()
    for one in path:
        spent[one.activity] += one.lasted
    software = sum(spent[activity] for activity in ("compute", "receive", "send", "sync"))
    return {
        LINKS: whole - (spent["hop"] + spent["queue"] + spent["crossing"]) // 2,
        CONTENTION: whole - spent["queue"],
        COMPUTE: whole - software // 2,
        BALANCE: whole - sooner_in_balance(result),
    }
