"""Source in JSON says the same as native syntax: texts, places, dynamic blocks and what is known of it."""

import json

import pytest

from iacscan.errors import InputError
from iacscan.load.terraform_native import as_native
from iacscan.load.terraform_source import load_source
from iacscan.value import Reference, Unknown

NATIVE = """
variable "teams" {
  type        = list(string)
  default     = ["a$${b}", "c"]
}
variable "unset" {
}
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "east"
  region = "us-east-1"
}
locals {
  prefix = "p-${var.teams[1]}"
}
resource "aws_s3_bucket" "b" {
  count    = 2
  provider = aws.east
  bucket   = "${local.prefix}-${count.index}"
  tags     = { "a b" = upper("x"), "${local.prefix}" = "\\"quoted\\"\\n" }
}
resource "aws_sqs_queue" "q" {
  depends_on = [aws_s3_bucket.b]
  name       = var.unset
}
data "aws_iam_policy_document" "d" {
  statement {
    sid       = "One"
    actions   = ["s3:*"]
    resources = ["${aws_sqs_queue.q.arn}/*"]
    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalTag/team"
      values   = ["x"]
    }
    dynamic "condition" {
      for_each = var.teams
      content {
        test     = "StringLike"
        variable = "aws:username"
        values   = [condition.value]
      }
    }
  }
  dynamic "statement" {
    for_each = toset(["ec2", "sqs"])
    iterator = it
    content {
      actions   = ["${it.value}:*"]
      resources = ["*"]
    }
  }
}
module "m" {
  source    = "./m"
  providers = { aws = aws.east }
  given     = lookup({ x = "1" }, "x", "")
}
output "o" {
  value     = aws_sqs_queue.q.arn
  sensitive = true
}
"""
CHILD = 'variable "given" {}\nresource "aws_iam_user" "u" {\n  name = var.given\n}\n'


def condition(test, variable, values):
    return {"test": test, "variable": variable, "values": values}


JSON = {
    "//": {"metadata": {"version": "0.20.0"}},
    "terraform": {"required_providers": {"aws": {"source": "aws"}}},
    "variable": {"teams": {"type": "list(string)", "default": ["a${b}", "c"]}, "unset": {}},
    "provider": {"aws": [{"region": "eu-west-1"}, {"alias": "east", "region": "us-east-1"}]},
    "locals": {"prefix": "p-${var.teams[1]}"},
    "resource": {
        "aws_s3_bucket": {
            "b": {
                "//": {"metadata": {"path": "x"}},
                "count": 2,
                "provider": "aws.east",
                "lifecycle": {"ignore_changes": ["tags"]},
                "bucket": "${local.prefix}-${count.index}",
                "tags": {"a b": '${upper("x")}', "${local.prefix}": '"quoted"\n'},
            }
        },
        "aws_sqs_queue": [{"q": {"depends_on": ["aws_s3_bucket.b"], "name": "${var.unset}"}}],
    },
    "data": {
        "aws_iam_policy_document": {
            "d": {
                "statement": [
                    {
                        "sid": "One",
                        "actions": ["s3:*"],
                        "resources": ["${aws_sqs_queue.q.arn}/*"],
                        "condition": condition("StringEquals", "aws:PrincipalTag/team", ["x"]),
                        "dynamic": {
                            "condition": {
                                "for_each": "${var.teams}",
                                "content": condition("StringLike", "aws:username", ["${condition.value}"]),
                            }
                        },
                    }
                ],
                "dynamic": [
                    {
                        "statement": {
                            "for_each": '${toset(["ec2", "sqs"])}',
                            "iterator": "it",
                            "content": [{"actions": ["${it.value}:*"], "resources": ["*"]}],
                        }
                    }
                ],
            }
        }
    },
    "module": {
        "m": {"source": "./m", "providers": {"aws": "aws.east"}, "given": '${lookup({x = "1"}, "x", "")}'},
    },
    "output": {"o": {"value": "${aws_sqs_queue.q.arn}", "sensitive": True}},
}


@pytest.fixture
def load(tmp_path):
    def load(name, text):
        directory = tmp_path / name.replace(".", "-")
        (directory / "m").mkdir(parents=True)
        (directory / "m" / "main.tf").write_text(CHILD)
        (directory / name).write_text(text)
        return load_source(directory)

    return load


def told(loaded):
    blocks = {
        item.address: (
            {name: item.get(name) for name in item.names()},
            {name: item.references(name) for name in item.names()},
            item.references("depends_on"),
            item.account,
            item.possible,
        )
        for item in loaded.after.blocks
    }
    return blocks, loaded.outputs, loaded.unevaluated, loaded.notes


@pytest.mark.parametrize("indent", [None, 2])
def test_json_says_the_same_as_native_syntax(load, indent):
    assert told(load("main.tf.json", json.dumps(JSON, indent=indent))) == told(load("main.tf", NATIVE))


def test_lines_are_those_of_the_file(load):
    text = json.dumps(JSON, indent=2)
    loaded = load("cdk.tf.json", text)
    lines = text.splitlines()
    spans = {item.address: item.span for item in loaded.after.blocks}
    span = spans["aws_sqs_queue.q"]
    assert span.file.endswith("/cdk.tf.json")
    assert '"q": {' in lines[span.line - 1]
    assert '"name": "${var.unset}"' in "\n".join(lines[span.line - 1 : span.end_line])
    document = next(item.address for item in loaded.after.blocks if item.type == "aws_iam_policy_document")
    sid = loaded.locate(document, "One", True)
    assert '"sid": "One"' in lines[sid.line - 1]
    ((_, call),) = loaded.calls("module.m")
    assert '"m": {' in lines[call.line - 1]


def test_all_lines_of_a_file_of_one_line_are_that_line(load):
    loaded = load("main.tf.json", json.dumps(JSON))
    assert {(item.span.line, item.span.end_line) for item in loaded.after.blocks if not item.module} == {(1, 1)}


def test_a_mistake_is_shown_where_it_stands(load):
    text = '{\n  "locals": {\n    "a": "${1 +}"\n  }\n}\n'
    with pytest.raises(InputError, match=r"main\.tf\.json:3: "):
        load("main.tf.json", text)


@pytest.mark.parametrize(
    "text", ["[]", '{"a": }', '{"locals": {"a": 1,}}', '{"locals": {}} x', "{'a': 1}", '{"locals": 1}']
)
def test_what_is_no_json_or_has_no_blocks_is_not_written(text):
    assert as_native(text) is None


@pytest.mark.parametrize(
    "block",
    [
        {"for_each": "${[]}", "iterator": "a b", "content": {}},
        {"for_each": "${[\n]}", "content": {}},
    ],
)
def test_what_is_not_plain_is_not_written(block):
    assert as_native(json.dumps({"resource": {"a": {"b": {"dynamic": {"c": block}}}}})) is None


def test_brackets_without_end_are_refused(load):
    text = '{"locals": {"a": ' + "[" * 600 + "]" * 600 + "}}"
    assert as_native(text) is None
    with pytest.raises(InputError, match="brackets in each other"):
        load("main.tf.json", text)


def test_a_file_that_is_not_written_is_read_as_it_is(load):
    text = json.dumps({"resource": {"aws_x": {"x": {"a": "${aws_x.y.arn}", "b": "${[\n1]}"}, "y": {}}}}, indent=2)
    x, _ = load("main.tf.json", text).after.blocks
    assert x.get("a") == Unknown("known only after apply (from aws_x.y.arn)", (Reference("aws_x.y", "arn"),))
