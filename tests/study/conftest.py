"""A scenario of a fraction of a second, a study of it, and a place to keep both."""

import pytest

from sim.scenario.complaints import Refused
from sim.study.load import load_study
from sim.study.plan import make_plan

BASE = """\
name: tiny
seed: 5
machine: {topology: mesh, override: {grid: {width: 3, height: 3}}}
network: {multicast: unicast}
workload: {kind: traffic, rate: 0.1, warmup_cycles: 20, measure_cycles: 100}
"""

STUDY = """\
name: small
base: base.yaml
axes:
  workload.rate: [0.1, 0.2]
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes a study beside its base scenario; answers its path. The directory is the current one."""
    monkeypatch.chdir(tmp_path)

    def write(text=STUDY, base=BASE):
        (tmp_path / "base.yaml").write_text(base)
        path = tmp_path / "study.yaml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def plan(write):
    """The plan of a study given as text."""

    def plan(text=STUDY, changes=None, base=BASE):
        return make_plan(load_study(write(text, base), changes or {}))

    return plan


@pytest.fixture
def said(plan, tmp_path):
    """The complaints about a study as lines without the directory; none when it is accepted."""

    def said(text, changes=None, base=BASE):
        try:
            plan(text, changes, base)
        except Refused as refused:
            return [str(complaint).replace(f"{tmp_path}/", "") for complaint in refused.complaints]
        return []

    return said
