"""Random numbers by name.

Every stream is a function of the scenario's seed and of the names it is asked by, never of what was drawn
before or of the order in which parts of the machine were made.
"""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random stream called `names` of the run with this seed; asked for again, it starts anew.

    Each name enters as the eight little-endian 32-bit words of its SHA-256; ("ab", "c") is not ("a", "bc").
    """
    entropy = [seed]
    for name in names:
        entropy.extend(_words(name))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))


def _words(name: str) -> list[int]:
    digest = hashlib.sha256(name.encode()).digest()
    return [int.from_bytes(digest[start : start + 4], "little") for start in range(0, len(digest), 4)]
