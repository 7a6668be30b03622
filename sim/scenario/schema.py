"""The JSON schema of a scenario, which editors read to complete keys and underline wrong ones."""

from __future__ import annotations

from typing import Any

from sim.scenario.models import Scenario


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file."""
    schema = Scenario.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
