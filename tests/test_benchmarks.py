"""The plans that benchmarks/ measures with are what they claim to be."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

from iacscan.engine import Options, scan

SOURCE = Path(__file__).resolve().parent.parent / "benchmarks" / "generate.py"


@pytest.fixture(scope="module")
def generate():
    spec = importlib.util.spec_from_file_location("generate", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("size", [30, 1_000])
def test_a_plan_has_as_many_managed_resources_as_asked_for(generate, size):
    assert generate.managed(generate.make_plan(size)) == size


def test_no_address_comes_twice_and_planned_values_hold_what_changes(generate):
    plan = generate.make_plan(530)
    changed = [row["address"] for row in plan["resource_changes"]]
    modules = plan["planned_values"]["root_module"]["child_modules"]
    planned = [row["address"] for module in modules for row in module["resources"]]
    assert len(changed) == len(set(changed))
    assert sorted(planned) == sorted(changed)


def test_nothing_of_the_template_is_left_but_what_is_named_in_the_variables(generate):
    plan = generate.make_plan(530)
    names = {row["module_address"] for row in plan["resource_changes"]}
    assert names == {f'module.service["{name}"]' for name in plan["variables"]["services"]["value"]}
    assert sum("careless" in name for name in names) == 2


def test_only_the_careless_services_have_findings(generate, tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(generate.json.dumps(generate.make_plan(520)), encoding="utf-8")
    report = scan([str(path)], Options())
    assert {address.split('"')[1] for address in (f.subject.address for f in report.findings)} == {
        "careless-00000",
        "careless-00050",
    }
    assert report.inputs[0].coverage.unknown == ()


@pytest.fixture(scope="module")
def written():
    spec = importlib.util.spec_from_file_location("generate_written", SOURCE.with_name("generate_written.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_template_has_as_many_resources_as_asked_for_and_only_careless_ones_have_findings(written, tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(written.make_template(520), encoding="utf-8")
    assert path.read_text(encoding="utf-8").count("    Type: AWS::") == 520
    report = scan([str(path)], Options())
    assert {finding.subject.address[:13] for finding in report.findings} == {"Careless00000", "Careless00050"}
    assert report.inputs[0].coverage.unknown == ()
    assert report.inputs[0].coverage.partial == 0


def test_source_is_as_large_as_asked_for_and_only_careless_services_have_findings(written, tmp_path):
    size = written.write_source(200_000, tmp_path)
    assert 200_000 <= size == sum(file.stat().st_size for file in tmp_path.rglob("*.tf"))
    report = scan([str(tmp_path)], Options())
    assert [item.status for item in report.inputs] == ["scanned"] * 3
    assert {finding.subject.address.split(".")[1] for finding in report.findings} == {
        "careless-00000",
        "careless-00050",
    }
    assert all(item.coverage.unknown == () and item.unseen == () for item in report.inputs)


@pytest.fixture(scope="module")
def measuring():
    spec = importlib.util.spec_from_file_location("run", SOURCE.with_name("run.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_run_that_crashes_is_not_measured(measuring):
    """Python ends with 1 then, which says "findings" of what is measured."""
    with pytest.raises(RuntimeError, match="ended with 1 and a traceback"):
        measuring.measure([sys.executable, "-c", "raise ValueError"], frozenset({0, 1}), dict(os.environ))
    assert measuring.measure([sys.executable, "-c", "raise SystemExit(1)"], frozenset({1}), dict(os.environ)).cpu > 0
