"""The published network, built once, and a good mapping to be spoilt."""

from pathlib import Path

import pytest

from sim.mapping.route import Routes
from sim.scenario.load import load
from sim.workload.prepare import prepare
from tests.mapping.toys import chip, mapped, network

SCENARIO = Path(__file__).resolve().parents[2] / "scenarios" / "lm_one_chip.yaml"


@pytest.fixture(scope="session")
def published():
    """The synthetic network of the published size, three layers with 95 % of the weights zero."""
    return prepare(*load(SCENARIO)).network


@pytest.fixture(scope="session")
def small():
    return network(10, 24, 30, 18, stored=20)


@pytest.fixture
def good(small):
    """A mapping in which nothing is wrong, its machine, and routes."""
    machine = chip()
    return mapped(small, machine, mapping={"pes_per_layer": (5, 6, 3)}), machine, Routes(machine, "xy")
