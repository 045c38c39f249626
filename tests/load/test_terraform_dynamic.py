"""Dynamic blocks in each other and in blocks that are written out: none is left out in silence."""

import pytest

from iacscan.load.terraform_source import load_source
from iacscan.value import Unknown


@pytest.fixture
def statements(tmp_path):
    """The statements of the one policy document of a source."""

    def statements(text):
        (tmp_path / "main.tf").write_text(text)
        loaded = load_source(tmp_path)
        (document,) = (item for item in loaded.after.blocks if item.type == "aws_iam_policy_document")
        return document.get("statement")

    return statements


DYNAMIC = """
data "aws_region" "r" {}
locals {
  actions = {
    read = { actions = ["s3:GetObject"], condition = [{ test = "StringEquals", values = [data.aws_region.r.name] }] }
    list = { actions = ["s3:ListBucket"] }
  }
}
data "aws_iam_policy_document" "d" {
  dynamic "statement" {
    for_each = { read = "a", list = "b" }
    content {
      sid       = replace(title(statement.key), "e", "i")
      actions   = local.actions[statement.key].actions
      resources = ["*"]
      dynamic "condition" {
        for_each = lookup(local.actions[statement.key], "condition", [])
        content {
          test     = condition.value.test
          variable = "aws:RequestedRegion"
          values   = condition.value.values
        }
      }
    }
  }
  dynamic "statement" {
    for_each = [data.aws_region.r.name]
    content {
      sid       = statement.value
      actions   = ["ec2:*"]
      resources = ["*"]
    }
  }
}
"""


def test_dynamic_blocks_of_one_name_or_in_each_other_have_their_own_elements(statements):
    assert {item["sid"] for item in statements(DYNAMIC)} == {"Riad", "List", "⟦data.aws_region.r.name⟧"}


CONDITION = """
variable "unset" {}
resource "aws_sqs_queue" "q" {}
locals {
  lost = aws_sqs_queue.q.kind
}
data "aws_iam_policy_document" "d" {
  statement {
    sid     = "Other"
    actions = ["ec2:*"]
  }
  %s
}
"""
INNER = """
      sid     = "S"
      actions = ["s3:*"]
      dynamic "condition" {
        for_each = %s
        iterator = it
        content {
          test     = "StringEquals"
          variable = "aws:PrincipalTag/team"
          values   = [it.value]
        }
      }
"""
OUTER = {
    "written out": "statement {\n%s\n}",
    "dynamic": 'dynamic "statement" {\nfor_each = ["x"]\ncontent {\n%s\n}\n}',
}


@pytest.mark.parametrize("outer", OUTER)
def test_a_condition_is_made_in_a_statement_however_that_is_made(statements, outer):
    other, own = statements(CONDITION % OUTER[outer] % (INNER % '["a", "b"]'))
    assert other == {"sid": "Other", "actions": ["ec2:*"]}
    assert [item["values"] for item in own["condition"]] == [["a"], ["b"]]
    assert own["sid"] == "S"


@pytest.mark.parametrize("outer", OUTER)
def test_no_condition_is_made_of_nothing(statements, outer):
    (_, own) = statements(CONDITION % OUTER[outer] % (INNER % "[]"))
    assert "condition" not in own


@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize(
    "unknown",
    [
        "var.unset",
        "try(var.unset.teams, [])",
        "aws_sqs_queue.q.teams",
        'contains(["x"], aws_sqs_queue.q.id) ? ["a"] : []',
    ],
)
def test_a_condition_that_is_not_known_does_not_take_its_statement_along(statements, outer, unknown):
    other, own = statements(CONDITION % OUTER[outer] % (INNER % unknown))
    assert other == {"sid": "Other", "actions": ["ec2:*"]}
    assert own["actions"] == ["s3:*"]
    assert [type(item) for item in own["condition"]] == [Unknown]


@pytest.mark.parametrize("outer", OUTER)
def test_a_statement_that_is_left_out_leaves_a_hole(statements, outer):
    other, own = statements(CONDITION % OUTER[outer] % (INNER % "local.lost"))
    assert other == {"sid": "Other", "actions": ["ec2:*"]}
    assert isinstance(own, Unknown)


def test_blocks_that_are_written_out_in_each_other_keep_what_is_made_in_them(tmp_path):
    (tmp_path / "main.tf").write_text(
        'resource "aws_x" "x" {\n  a {\n    b {\n      id = "i"\n      dynamic "c" {\n        for_each = ["1", "2"]\n'
        "        content {\n          v = c.value\n        }\n      }\n    }\n  }\n}\n"
        'resource "aws_y" "y" {}\n'
    )
    x, y = load_source(tmp_path).after.blocks
    assert x.get("a") == [{"b": [{"id": "i", "c": [{"v": "1"}, {"v": "2"}]}]}]
    assert (y.span.line, y.span.end_line) == (14, 14)


def test_a_dynamic_block_before_one_that_is_written_out_is_kept(tmp_path):
    """The evaluator leaves out the blocks of a dynamic one where one of the same name is written out behind it."""
    (tmp_path / "main.tf").write_text(
        """
data "aws_iam_policy_document" "a" {
  statement {
    sid = "First"
  }

  dynamic "statement" {
    for_each = { a = "arn:a" }
    content {
      sid       = "Looped"
      resources = [statement.value]
      dynamic "condition" {
        for_each = ["x", "y"]
        content {
          variable = condition.value
        }
      }
      condition {
        variable = "z"
      }
    }
  }

  statement {
    sid = "Second"
    dynamic "principals" {
      for_each = ["p"]
      content {
        identifiers = [principals.value]
      }
    }
    principals {
      identifiers = ["q"]
    }
  }

  dynamic "statement" {
    for_each = []
    content {
      sid = "Never"
    }
  }

  statement {
    sid = "Last"
  }
}
"""
    )
    (block,) = load_source(tmp_path).after.blocks
    statements = block.get("statement")
    assert [item["sid"] for item in statements] == ["First", "Looped", "Second", "Last"]
    assert [item["variable"] for item in statements[1]["condition"]] == ["x", "y", "z"]
    assert [item["identifiers"] for item in statements[2]["principals"]] == [["p"], ["q"]]
