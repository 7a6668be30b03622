"""The JSON schema of a study file, which editors read to complete keys and underline wrong ones."""

from __future__ import annotations

from typing import Any

from sim.study.models import Study


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a study file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Study.model_json_schema()}
