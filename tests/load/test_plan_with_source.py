"""Plans with the source that they were made from."""

import json
from pathlib import Path

import pytest

from iacscan.engine import Options, scan
from iacscan.load import load, plan_with_source
from iacscan.source import Span
from iacscan.value import Unknown

HIDDEN = Path(__file__).resolve().parents[2] / "examples" / "terraform" / "hidden"

QUEUE = """\
resource "aws_sqs_queue" "q" {
  name = "jobs"
}
"""
POLICY = """\
variable "action" {
  default = "sqs:DeleteQueue"
}

resource "aws_iam_policy" "p" {
  name = "p"
  path = "/"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "Jobs"
      Effect   = "Allow"
      Action   = var.action
      Resource = aws_sqs_queue.q.arn
    }]
  })
}
"""
REFERENCES = ["var.action", "aws_sqs_queue.q.arn", "aws_sqs_queue.q"]


def row(address, after, unknown, **more):
    kind, name = address.split(".")[-2:]
    change = {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown}
    return {"address": address, "mode": "managed", "type": kind, "name": name, "change": change, **more}


QUEUE_ROW = row("aws_sqs_queue.q", {"name": "jobs"}, {"arn": True})
POLICY_ROW = row("aws_iam_policy.p", {"name": "p", "path": "/"}, {"policy": True, "arn": True})
CONFIGURED = [
    {"address": "aws_sqs_queue.q", "expressions": {"name": {}}},
    {"address": "aws_iam_policy.p", "expressions": {"name": {}, "path": {}, "policy": {"references": REFERENCES}}},
]


@pytest.fixture
def stack(tmp_path, monkeypatch):
    """Write a plan with its source beside it, or in another directory; return the path of the plan."""
    monkeypatch.chdir(tmp_path)

    def stack(files, *, rows=(QUEUE_ROW, POLICY_ROW), value="sqs:SendMessage", sensitive=False, root=None, where="."):
        variable = {"default": "sqs:DeleteQueue", "sensitive": sensitive}
        plan = {
            "format_version": "1.2",
            "variables": {"action": {"value": value}},
            "resource_changes": list(rows),
            "configuration": {"root_module": root or {"resources": CONFIGURED, "variables": {"action": variable}}},
        }
        Path("plan.json").write_text(json.dumps(plan), encoding="utf-8")
        for name, text in files.items():
            file = Path(where, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        return "plan.json"

    return stack


def block(loaded, address):
    return next(item for item in loaded.after.blocks if item.address == address)


def statement(loaded, address="aws_iam_policy.p"):
    return block(loaded, address).get("policy")["Statement"][0]


def test_a_hidden_policy_is_rebuilt_with_the_plans_variables_and_a_symbol_for_the_arn(stack):
    loaded = load(stack({"main.tf": QUEUE + POLICY}), source=None)
    assert statement(loaded) == {
        "Sid": "Jobs",
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": "⟦aws_sqs_queue.q.arn⟧",
    }
    assert loaded.remarks() == ()


def test_blocks_get_their_lines(stack):
    loaded = load(stack({"main.tf": QUEUE + POLICY}), source=None)
    assert block(loaded, "aws_sqs_queue.q").span == Span("main.tf", 1, 3)
    assert loaded.locate("aws_iam_policy.p", "Jobs", True) == Span("main.tf", 14, 14)
    assert loaded.source == "."


def test_a_plan_without_its_source_is_as_it_was(stack):
    loaded = load(stack({"main.tf": QUEUE + POLICY}))
    assert isinstance(block(loaded, "aws_iam_policy.p").get("policy"), Unknown)
    assert block(loaded, "aws_iam_policy.p").span is None


def test_neither_files_of_variables_nor_the_environment_count(stack, monkeypatch):
    monkeypatch.setenv("TF_VAR_action", "sqs:*")
    loaded = load(stack({"main.tf": QUEUE + POLICY, "terraform.tfvars": 'action = "*"\n'}), source=None)
    assert statement(loaded)["Action"] == "sqs:SendMessage"


@pytest.mark.parametrize("value", ["${aws:username}", "a%{b}c", 'a"b'])
def test_a_variable_that_looks_like_a_template_is_a_text(stack, value):
    assert statement(load(stack({"main.tf": QUEUE + POLICY}, value=value), source=None))["Action"] == value


@pytest.mark.parametrize("value", ["⟦1⟧", ["⟦null⟧"]])
def test_a_variable_that_looks_like_a_symbol_is_not_known(stack, value):
    loaded = load(stack({"main.tf": QUEUE + POLICY}, value=value), source=None)
    assert isinstance(statement(loaded)["Action"], Unknown)


def test_variables_that_cannot_be_read_leave_the_plan_as_it_was(stack):
    plan = stack({"main.tf": QUEUE + POLICY}, value="@")
    text = Path(plan).read_text(encoding="utf-8").replace('"@"', "[" * 200 + "]" * 200)
    Path(plan).write_text(text, encoding="utf-8")
    loaded = load(plan, source=None)
    assert isinstance(block(loaded, "aws_iam_policy.p").get("policy"), Unknown)
    assert "variable action is nested" in loaded.notes[-1]


def test_a_sensitive_variable_is_neither_shown_nor_replaced_by_its_default(stack):
    loaded = load(stack({"main.tf": QUEUE + POLICY}, value="very-secret", sensitive=True), source=None)
    action = statement(loaded)["Action"]
    assert isinstance(action, Unknown)
    assert "very-secret" not in repr(block(loaded, "aws_iam_policy.p").get("policy"))


def test_a_secret_that_only_the_source_marks_as_one_is_left_hidden(stack):
    marked = POLICY.replace('default = "sqs:DeleteQueue"', 'default = "sqs:DeleteQueue"\n  sensitive = true')
    loaded = load(stack({"main.tf": QUEUE + marked}), source=None)
    assert isinstance(block(loaded, "aws_iam_policy.p").get("policy"), Unknown)


def test_source_that_contradicts_the_plan_is_not_used_for_that_block(stack):
    changed = POLICY.replace('path = "/"', 'path = "/new/"')
    loaded = load(stack({"main.tf": QUEUE + changed}), source=None)
    assert isinstance(block(loaded, "aws_iam_policy.p").get("policy"), Unknown)
    assert block(loaded, "aws_iam_policy.p").get("path") == "/"
    assert loaded.remarks() == (
        "the Terraform source in . differs from the plan in aws_iam_policy.p; what the plan says counts",
    )


def test_a_syntax_error_leaves_the_plan_as_it_was_and_is_told(stack):
    loaded = load(stack({"main.tf": QUEUE + POLICY, "broken.tf": "locals {\n  a = = 1\n}\n"}), source=None)
    assert isinstance(block(loaded, "aws_iam_policy.p").get("policy"), Unknown)
    told = " ".join((*loaded.notes, *loaded.remarks()))
    assert "broken.tf:2" in told
    assert "is not used" in told


def test_source_that_is_not_text_leaves_the_plan_as_it_was_and_is_told(stack):
    plan = stack({"main.tf": QUEUE + POLICY})
    Path("image.tf").write_bytes(b"\xff\xfe\x00")
    loaded = load(plan, source=".")
    assert isinstance(block(loaded, "aws_iam_policy.p").get("policy"), Unknown)
    assert "image.tf is not text in UTF-8" in loaded.notes[-1]


def test_a_plain_reference_asks_for_no_evaluation(stack, monkeypatch):
    def refuse(*_):
        pytest.fail("the source was evaluated")

    monkeypatch.setattr(plan_with_source, "load_tree", refuse)
    plain = POLICY.replace("jsonencode({", "aws_sqs_queue.q.arn\n").split("    Version")[0] + "}\n"
    loaded = load(stack({"main.tf": QUEUE + plain}), source=None)
    assert isinstance(block(loaded, "aws_iam_policy.p").get("policy"), Unknown)


def test_an_empty_directory_beside_the_plan_is_no_source(stack):
    assert load(stack({}), source=None).notes == ()


def test_source_in_the_working_directory_is_found(stack):
    plan = Path(stack({"main.tf": QUEUE + POLICY}))
    Path("out").mkdir()
    moved = plan.rename(Path("out", "plan.json"))
    loaded = load(str(moved), source=None)
    assert block(loaded, "aws_sqs_queue.q").span == Span("main.tf", 1, 3)
    assert loaded.source == "."


def test_source_of_something_else_is_not_used(stack):
    loaded = load(stack({"main.tf": 'resource "aws_sns_topic" "t" {\n}\n'}), source=None)
    assert loaded.source == ""
    assert loaded.notes == ()


def test_source_that_lacks_a_block_of_the_plan_is_not_used_unless_it_is_named(stack):
    plan = stack({"main.tf": QUEUE})
    looked_for = load(plan, source=None)
    assert looked_for.source == ""
    assert "does not declare aws_iam_policy.p" in looked_for.notes[0]
    named = load(plan, source=".")
    assert block(named, "aws_sqs_queue.q").span == Span("main.tf", 1, 3)
    assert named.notes == ("the Terraform source in . does not declare aws_iam_policy.p",)


def test_the_variables_are_on_disk_only_while_they_are_read(stack, monkeypatch, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    loaded = load(stack({"main.tf": QUEUE + POLICY}), source=None)
    assert statement(loaded)["Action"] == "sqs:SendMessage"
    assert list(scratch.iterdir()) == []


MODULE = """\
variable "action" {}

module "m" {
  source = "./m"
  count  = 2
  action = var.action
}
"""
INSTANCES = [
    row(
        f"module.m[{at}].{item['address']}",
        item["change"]["after"],
        item["change"]["after_unknown"],
        module_address=f"module.m[{at}]",
    )
    for at in range(2)
    for item in (QUEUE_ROW, POLICY_ROW)
]
CALL = {
    "source": "./m",
    "expressions": {"action": {"references": ["var.action"]}},
    "count_expression": {"constant_value": 2},
    "module": {"resources": CONFIGURED, "variables": {"action": {}}},
}


def test_each_instance_of_a_module_has_its_own_symbol_and_its_call(stack):
    root = {"module_calls": {"m": CALL}, "variables": {"action": {}}}
    plan = stack({"main.tf": MODULE, "m/main.tf": QUEUE + POLICY}, rows=INSTANCES, root=root)
    loaded = load(plan, source=None)
    for at in range(2):
        found = statement(loaded, f"module.m[{at}].aws_iam_policy.p")
        assert found["Resource"] == f"⟦module.m[{at}].aws_sqs_queue.q.arn⟧"
        assert found["Action"] == "sqs:SendMessage"
    assert block(loaded, "module.m[1].aws_sqs_queue.q").span == Span("m/main.tf", 1, 3)
    assert loaded.calls("module.m[1]") == (("module.m[1]", Span("main.tf", 3, 7)),)


def test_a_module_that_is_not_on_disk_is_told_of_and_its_blocks_have_no_lines(stack):
    root = {"module_calls": {"m": CALL}, "variables": {"action": {}}}
    loaded = load(stack({"main.tf": MODULE}, rows=INSTANCES, root=root), source=None)
    assert block(loaded, "module.m[1].aws_sqs_queue.q").span is None
    assert isinstance(block(loaded, "module.m[1].aws_iam_policy.p").get("policy"), Unknown)
    assert any('module "m" (./m) is not on disk' in note for note in loaded.notes)


# -- findings -------------------------------------------------------------------------------------------------------


def told(report):
    return {(item.code, item.subject.address, item.key, item.severity, item.verdict) for item in report.findings}


def test_the_findings_are_those_of_a_plan_that_knows_the_policies(tmp_path):
    """The same stack, its ARNs known as if the table were there already."""
    plan = json.loads((HIDDEN / "plan.json").read_text(encoding="utf-8"))
    source = load(str(HIDDEN / "plan.json"), source=None)
    for item in plan["resource_changes"]:
        if item["type"] == "aws_iam_policy":
            text = json.dumps(block(source, item["address"]).get("policy"))
            arn = "arn:aws:dynamodb:eu-central-1:111122223333:table/production-orders"
            item["change"]["after"]["policy"] = text.replace("⟦aws_dynamodb_table.orders.arn⟧", arn)
            del item["change"]["after_unknown"]["policy"]
    known = tmp_path / "plan.json"
    known.write_text(json.dumps(plan), encoding="utf-8")
    expected = told(scan([str(known)], Options(source="")))
    assert {code for code, *_ in expected} >= {"IAM402", "IAM405", "IAM408"}
    assert told(scan([str(HIDDEN / "plan.json")], Options())) == expected
    assert told(scan([str(HIDDEN / "plan.json")], Options(source=""))) == set()


def test_the_repaired_twin_stays_clean_and_every_policy_is_judged():
    report = scan([str(HIDDEN / "repaired" / "plan.json")], Options())
    assert report.findings == ()
    assert report.inputs[0].coverage.unknown == ()
    assert report.inputs[0].coverage.partial == 0


OPEN = """\
module "m" {
  source = "./m"
}
"""
ADMIN = """\
# iacscan:ignore=IAM401 reason="for a test"
resource "aws_iam_policy" "p" {
  name   = "p"
  policy = "{}"
}
"""
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def admin(stack):
    rows = [
        row("module.m.aws_iam_policy.p", {"name": "p", "policy": json.dumps(EVERYTHING)}, {}, module_address="module.m")
    ]
    config = {"address": "aws_iam_policy.p", "expressions": {"name": {}, "policy": {}}}
    call = {"source": "./m", "module": {"resources": [config]}}
    return stack({"main.tf": OPEN, "m/main.tf": ADMIN}, rows=rows, root={"module_calls": {"m": call}})


def test_a_finding_in_a_module_names_the_call(admin):
    findings = [item for item in scan([admin], Options()).findings if item.subject.address.startswith("module.m.")]
    assert findings
    for finding in findings:
        assert finding.subject.span.file == "m/main.tf"
        related = finding.related[-1]
        assert (related.origin.address, related.note) == ("module.m", "is called at main.tf:1")
        assert related.origin.span == Span("main.tf", 1, 3)


def test_a_suppression_in_the_source_counts_for_its_plan(admin):
    def suppressed(options):
        return {item.code for item in scan([admin], options).findings if item.suppressed}

    codes = {item.code for item in scan([admin], Options()).findings}
    code = min(codes)
    Path("m/main.tf").write_text(ADMIN.replace("IAM401", code), encoding="utf-8")
    assert suppressed(Options()) == {code}
    assert suppressed(Options(source="")) == set()
    assert suppressed(Options(inline_ignores=False)) == set()


def test_instances_that_the_evaluator_leaves_out_are_told_of(tmp_path):
    """It goes into 32 calls of one module."""
    (tmp_path / "m").mkdir()
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./m"\n  count  = 40\n}\n', encoding="utf-8")
    (tmp_path / "m" / "main.tf").write_text(QUEUE, encoding="utf-8")
    loaded = load(str(tmp_path))
    evaluated = {item.module for item in loaded.after.blocks if item.mode == "managed"}
    assert evaluated.isdisjoint(loaded.unevaluated)
    assert evaluated | set(loaded.unevaluated) == {f"module.m[{at}]" for at in range(40)}
