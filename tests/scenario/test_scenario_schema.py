"""The JSON schema that editors read, and the texts it takes from the models."""

import json
from pathlib import Path

from sim.scenario.schema import json_schema

COMMITTED = Path(__file__).resolve().parents[2] / "scenarios" / "scenario.schema.json"


def described(node, above="Scenario"):
    """Every property of the schema with whether it has a description."""
    for name, inner in node.get("properties", {}).items():
        yield f"{above}.{name}", "description" in inner
    for name, inner in node.get("$defs", {}).items():
        yield from described(inner, name)


def test_the_committed_schema_is_the_one_of_the_models():
    told = "run: python tools/check.py --schema scenarios/scenario.schema.json"
    assert json.loads(COMMITTED.read_text()) == json_schema(), told


def test_every_key_says_what_it_means():
    assert [name for name, is_described in described(json_schema()) if not is_described] == []


def test_the_schema_knows_no_other_keys():
    schema = json_schema()
    open_ended = [name for name, model in schema["$defs"].items() if model["additionalProperties"] is not False]
    assert open_ended == []
    assert schema["additionalProperties"] is False
