"""Small plans, written as their differences from an empty one."""

import json
from pathlib import Path

import pytest

from iacscan.load import load


@pytest.fixture
def write(tmp_path):
    """Write a file and return its path; a dict is written as JSON."""

    def write(content, name="plan.json"):
        path = Path(tmp_path, name)
        if isinstance(content, dict):
            content = json.dumps(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


@pytest.fixture
def load_plan(write):
    """Load a plan of these rows, this configuration (of the root module) and further top-level keys."""

    def load_plan(rows=(), root=None, **more):
        plan = {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "planned_values": {},
            "resource_changes": list(rows),
            "configuration": {"root_module": root or {}, "provider_config": more.pop("providers", {})},
        }
        return load(write({**plan, **more}))

    return load_plan
