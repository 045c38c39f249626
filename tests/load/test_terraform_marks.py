"""Which arguments say so if they are null on purpose; the others are evaluated as they are written, which is faster."""

from pathlib import Path

import pytest

from iacscan.load import terraform_probes
from iacscan.load.terraform_source import load_source
from iacscan.value import Reference, Unknown

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "terraform"
STACKS = sorted({str(path.parent.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("main.tf")})
CHILD = (
    'variable "x" { default = null }\nvariable "y" { default = "y" }\n'
    'resource "aws_iam_role" "r" {\n  a = var.x\n  c = var.y\n  d = true ? var.x : "d"\n}\n'
)


@pytest.mark.parametrize("stack", STACKS)
def test_all_blocks_are_the_same_if_every_argument_that_might_be_null_says_so(stack, monkeypatch):
    fast = load_source(EXAMPLES / stack)
    monkeypatch.setattr(terraform_probes, "may_be_null", lambda *_: True)
    full = load_source(EXAMPLES / stack)

    assert fast.after == full.after
    assert (fast.outputs, fast.unevaluated, fast.credentials) == (full.outputs, full.unevaluated, full.credentials)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", None),
        ("x = null", None),
        ("x = var.nothing", None),
        ('x = var.yes ? null : "a"', None),
        ('x = var.yes ? "a" : null', "a"),
        ('x = "a"', "a"),
        ("x = local.something", "a"),
        ("x = aws_iam_role.none.name", Unknown),
        ("x = upper(aws_iam_role.none.name)", Unknown),
        ("x = var.unset", Unknown),
        ('x = var.unset == "b" ? "b" : "c"', Unknown),
    ],
)
def test_null_on_purpose_is_unset_and_null_of_the_evaluator_is_unknown(tmp_path, given, read):
    (tmp_path / "child").mkdir()
    (tmp_path / "child" / "main.tf").write_text(CHILD)
    (tmp_path / "main.tf").write_text(
        'variable "yes" { default = true }\nvariable "nothing" { default = null }\nvariable "unset" {}\n'
        'locals {\n  nothing = null\n  something = "a"\n}\nresource "aws_iam_role" "none" {}\n'
        f'module "m" {{\n  source = "./child"\n  {given}\n}}\n'
    )

    role = next(block for block in load_source(tmp_path).after.blocks if block.address == "module.m.aws_iam_role.r")
    for name in "ad":
        value = role.get(name)
        assert isinstance(value, Unknown) if read is Unknown else value == read
    assert role.get("c") == "y"


LISTED = """
data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = var.statements
    content {
      sid       = try(statement.value.sid, null)
      actions   = try(statement.value.actions, null)
      resources = try(statement.value.resources, null)
      dynamic "principals" {
        for_each = try(statement.value.principals, [])
        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }
    }
  }
}
variable "statements" { default = [] }
"""


@pytest.mark.parametrize(
    ("principal", "shown"),
    [
        ("logs.${data.aws_region.here.name}.amazonaws.com", "logs.⟦data.aws_region.here.name⟧.amazonaws.com"),
        ("logs.${var.region}.amazonaws.com", Unknown("depends on variable region", (Reference("var.region"),))),
        ("logs.eu-west-1.amazonaws.com", "logs.eu-west-1.amazonaws.com"),
    ],
)
def test_what_stands_beside_an_unknown_text_is_found_by_try(tmp_path, principal, shown):
    (tmp_path / "child").mkdir()
    (tmp_path / "child" / "main.tf").write_text(LISTED)
    (tmp_path / "main.tf").write_text(
        'variable "region" {}\ndata "aws_region" "here" {}\nmodule "m" {\n  source = "./child"\n  statements = [{\n'
        '    sid = "Logs"\n    actions = ["kms:Encrypt*"]\n    resources = ["*"]\n'
        f'    principals = [{{ type = "Service", identifiers = ["{principal}"] }}]\n  }}]\n}}\n'
    )
    (document,) = (item for item in load_source(tmp_path).after.blocks if item.type == "aws_iam_policy_document")
    assert document.get("statement") == [
        {
            "sid": "Logs",
            "actions": ["kms:Encrypt*"],
            "resources": ["*"],
            "principals": [{"type": "Service", "identifiers": [shown]}],
        }
    ]


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ('{ sid = "S", arn = aws_iam_role.none.arn }', "S"),
        ('{ sid = "S", name = "a-${var.unset}" }', "S"),
        ("{ sid = aws_iam_role.none.unique_id }", Unknown),
        ('{ sid = "${var.unset}-b" }', Unknown),
        ("var.unset", Unknown),
    ],
)
def test_try_takes_its_next_argument_only_if_the_name_is_not_there(tmp_path, given, read):
    (tmp_path / "main.tf").write_text(
        f'variable "unset" {{}}\nlocals {{\n  given = {given}\n}}\nresource "aws_iam_role" "none" {{}}\n'
        'resource "aws_x" "a" {\n  sid = try(local.given.sid, null)\n}\n'
    )
    (block,) = (item for item in load_source(tmp_path).after.blocks if item.type == "aws_x")
    value = block.get("sid")
    assert isinstance(value, Unknown) if read is Unknown else value == read
