"""What the evaluator would show something else for than what is written is read as it is written."""

import pytest

from iacscan.load.terraform_source import load_source
from iacscan.value import Reference, Unknown

USER = 'resource "aws_iam_user" "u" {{\n  name = {}\n}}\n'
CHILD = """
variable "name" {}
variable "enabled" { default = null }
output "name" { value = "made-${var.name}" }
output "id" { value = "id-${var.name}" }
output "enabled" { value = true }
output "text" {
  value = <<-EOT
    of ${var.name}
  EOT
}
"""


@pytest.fixture
def load(tmp_path):
    """Write files by path, and load the root module."""

    def write_and_load(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return load_source(tmp_path)

    return write_and_load


def block(loaded, address):
    found = [item for item in loaded.after.blocks if item.address == address]
    assert found, [item.address for item in loaded.after.blocks]
    return found[0]


def call(arguments="", name="m"):
    return f'module "{name}" {{\n  source = "./m"\n  name = "x"\n{arguments}\n}}\n'


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("module.m.name", "made-x"),
        ("module.m.id", "id-x"),
        ('"to-${module.m.name}-${module.m.id}"', "to-made-x-id-x"),
        ("upper(module.m.name)", "MADE-X"),
        ('try(module.m.name, "none")', "made-x"),
        ('lookup({ for k, v in module.m : k => v }, "name", "")', "made-x"),
        ("[for m in [module.m] : m.name][0]", "made-x"),
        ('module.m["name"]', "made-x"),
        ("values({ a = module.m })[0].id", "id-x"),
        ("chomp(module.m.text)", "of x"),
    ],
)
def test_an_output_with_the_name_of_an_argument_of_the_call_is_the_output(load, expression, value):
    loaded = load({"main.tf": call('  text = ""') + USER.format(expression), "m/main.tf": CHILD + 'variable "text" {}'})
    assert block(loaded, "aws_iam_user.u").get("name") == value


@pytest.mark.parametrize(("repetition", "key"), [("count = 2", "0"), ('for_each = toset(["k"])', '"k"')])
def test_so_it_is_if_the_call_is_repeated(load, repetition, key):
    loaded = load(
        {"main.tf": call(f"  {repetition}") + USER.format(f'"${{module.m[{key}].name}}.${{module.m[{key}].id}}"')}
        | {"m/main.tf": CHILD}
    )
    assert block(loaded, "aws_iam_user.u").get("name") == "made-x.id-x"


def test_so_it_is_in_a_module_that_is_written_in_json(load):
    loaded = load(
        {
            "main.tf.json": '{"module": {"m": {"source": "./m", "name": "x"}}, '
            '"resource": {"aws_iam_user": {"u": {"name": "${module.m.name}"}}}}',
            "m/main.tf.json": '{"variable": {"name": {}}, "output": {"name": {"value": "made-${var.name}"}}}',
        }
    )
    assert block(loaded, "aws_iam_user.u").get("name") == "made-x"


def test_a_switch_that_is_passed_on_as_null_is_what_the_module_makes_of_it(load):
    outer = call("  enabled = null").replace("./m", "../m") + (
        'resource "aws_iam_user" "u" {\n  count = module.m.enabled ? 1 : 0\n  name = module.m.id\n}\n'
    )
    loaded = load(
        {"main.tf": 'module "outer" {\n  source = "./outer"\n}\n', "outer/main.tf": outer, "m/main.tf": CHILD}
    )
    user = block(loaded, "module.outer.aws_iam_user.u[0]")
    assert (user.get("name"), user.possible) == ("id-x", False)


def test_an_output_that_is_not_known_is_named_as_it_is_written(load):
    child = 'variable "arn" {}\nresource "aws_sqs_queue" "q" {}\noutput "arn" { value = lower(aws_sqs_queue.q.arn) }\n'
    loaded = load(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  arn = "x"\n}\n' + USER.format("module.m.arn"),
            "m/main.tf": child,
        }
    )
    value = block(loaded, "aws_iam_user.u").get("name")
    assert isinstance(value, Unknown)
    assert value.references == (Reference("module.m.aws_sqs_queue.q", "arn"),)


REGION = 'data "aws_region" "r" {}\n'


@pytest.mark.parametrize(
    "expression",
    [
        'data.aws_region.r.name == "eu-west-1" ? "here" : "there"',
        "upper(data.aws_region.r.name)",
        'lookup({ eu-west-1 = "a" }, data.aws_region.r.name, "other")',
        'split("-", data.aws_region.r.name)[0]',
        'local.r.name == "eu-west-1" ? "here" : "there"',
    ],
)
def test_what_is_computed_with_the_region_is_not_known(load, expression):
    loaded = load({"main.tf": REGION + "locals {\n  r = data.aws_region.r\n}\n" + USER.format(expression)})
    assert isinstance(block(loaded, "aws_iam_user.u").get("name"), Unknown)


@pytest.mark.parametrize("attribute", ["id", "arn"])
@pytest.mark.parametrize("comparison", ['{} == "x"', '"x" != {}', 'var.y == "y" && {} == "x"'])
def test_an_id_that_only_aws_knows_is_neither_equal_nor_not(load, attribute, comparison):
    asked = comparison.format(f"data.aws_caller_identity.c.{attribute}")
    loaded = load(
        {
            "main.tf": 'data "aws_caller_identity" "c" {}\nvariable "y" { default = "y" }\n'
            + USER.format(f'{asked} ? "here" : "there"')
            + f'resource "aws_iam_user" "v" {{\n  for_each = {asked} ? toset(["a"]) : toset([])\n  name = each.key\n}}\n'
        }
    )
    assert isinstance(block(loaded, "aws_iam_user.u").get("name"), Unknown)
    assert block(loaded, "aws_iam_user.v").possible


def test_an_arn_is_there_and_not_empty(load):
    expression = 'aws_sqs_queue.q.arn != "" && aws_sqs_queue.q.arn != null ? "there" : "not"'
    loaded = load({"main.tf": 'resource "aws_sqs_queue" "q" {}\n' + USER.format(expression)})
    assert block(loaded, "aws_iam_user.u").get("name") == "there"


def test_the_id_of_a_bucket_with_a_name_is_compared(load):
    source = 'resource "aws_s3_bucket" "b" {\n  bucket = "x"\n}\n'
    loaded = load({"main.tf": source + USER.format('aws_s3_bucket.b.id == "x" ? "same" : "other"')})
    assert block(loaded, "aws_iam_user.u").get("name") == "same"


def test_a_region_that_is_only_carried_along_is_a_mark(load):
    loaded = load({"main.tf": REGION + USER.format('"u-${data.aws_region.r.name}"')})
    assert block(loaded, "aws_iam_user.u").get("name") == "u-⟦data.aws_region.r.name⟧"


def test_a_region_that_is_chosen_is_known(load):
    source = 'data "aws_region" "r" {\n  name = "eu-west-1"\n}\n' + USER.format("upper(data.aws_region.r.name)")
    assert block(load({"main.tf": source}), "aws_iam_user.u").get("name") == "EU-WEST-1"


def test_statements_that_depend_on_the_region_are_not_left_out_in_silence(load):
    source = REGION + (
        'data "aws_iam_policy_document" "d" {\n  dynamic "statement" {\n'
        '    for_each = { for k, v in { eu-west-1 = "1" } : k => v if k == data.aws_region.r.name }\n'
        '    content {\n      actions = ["s3:*"]\n      resources = ["*"]\n    }\n  }\n}\n'
    )
    (statement,) = block(load({"main.tf": source}), "data.aws_iam_policy_document.d").get("statement")
    assert isinstance(statement, Unknown)


def test_json_that_the_evaluator_does_not_know_all_of_is_not_a_policy(load):
    source = (
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["s3:*"]\n    resources = ["*"]\n  }\n}\n'
        "locals {\n  text = jsonencode({ Statement = jsondecode(data.aws_iam_policy_document.d.json).Statement })\n}\n"
        'resource "aws_organizations_policy" "p" {\n  name = "p"\n  content = local.text\n}\n'
    )
    value = block(load({"main.tf": source}), "aws_organizations_policy.p").get("content")
    assert isinstance(value, Unknown)
    assert value.references == (Reference("data.aws_iam_policy_document.d", "json"),)


def test_a_for_each_over_an_output_makes_something_that_may_be_there(load):
    source = call() + 'resource "aws_iam_user" "u" {\n  for_each = module.m.on ? { a = "b" } : {}\n  name = "u"\n}\n'
    loaded = load({"main.tf": source, "m/main.tf": CHILD + 'output "on" { value = true }\n'})
    assert block(loaded, "aws_iam_user.u").possible
    assert loaded.unevaluated == ()


def test_a_for_each_over_an_output_that_gives_nothing_makes_nothing(load):
    source = call() + 'resource "aws_iam_user" "u" {\n  for_each = module.m.on ? { a = "b" } : {}\n  name = "u"\n}\n'
    loaded = load({"main.tf": source, "m/main.tf": CHILD + 'output "on" { value = false }\n'})
    assert [item.address for item in loaded.after.blocks] == []


def test_the_key_of_a_map_is_known_whose_values_are_not(load):
    source = (
        'resource "aws_sqs_queue" "q" {}\nlocals {\n  all = { send = { on = [aws_sqs_queue.q.arn] } }\n}\n'
        'data "aws_iam_policy_document" "d" {\n  dynamic "statement" {\n    for_each = local.all\n    content {\n'
        '      sid = replace(title(statement.key), "e", "i")\n      actions = ["sqs:*"]\n'
        "      resources = statement.value.on\n    }\n  }\n}\n"
    )
    (statement,) = block(load({"main.tf": source}), "data.aws_iam_policy_document.d").get("statement")
    assert statement["sid"] == "Sind"
    assert statement["resources"] == ["⟦aws_sqs_queue.q.arn⟧"]


@pytest.mark.parametrize(
    "keys",
    [
        "toset([aws_sqs_queue.q.arn])",
        '{ (aws_sqs_queue.q.arn) = "x" }',
        '{ for arn in [aws_sqs_queue.q.arn] : arn => "x" }',
    ],
)
def test_the_key_of_a_map_is_not_known_if_it_is_made_of_what_is_not(load, keys):
    source = (
        'resource "aws_sqs_queue" "q" {}\n'
        'data "aws_iam_policy_document" "d" {\n  dynamic "statement" {\n'
        f"    for_each = {keys}\n    content {{\n"
        '      sid = replace(statement.key, "a", "b")\n      actions = ["sqs:*"]\n    }\n  }\n}\n'
    )
    (statement,) = block(load({"main.tf": source}), "data.aws_iam_policy_document.d").get("statement")
    assert isinstance(statement, Unknown) or isinstance(statement["sid"], Unknown)


OFF = """
variable "on" {}
module "m" {
  source = "../m"
  name = "x"
  on = var.on
}
resource "aws_iam_user" "u" {
  count = module.m.on ? 1 : 0
  name = "u"
}
module "inner" {
  source = "../user"
  count = module.m.on ? 1 : 0
}
"""


@pytest.mark.parametrize("on", [True, False])
def test_what_an_output_of_a_module_switches_off_is_not_there(load, on):
    each = "{ for k, v in var.all : k => v }"
    files = {
        "main.tf": f'module "outer" {{\n  source = "./outer"\n  on = {"true" if on else "false"}\n}}\n',
        "outer/main.tf": OFF,
        "m/main.tf": CHILD + 'variable "on" {}\noutput "on" { value = var.on }\n',
        "user/main.tf": USER.format('"v"')
        + 'variable "all" { default = { a = "b" } }\n'
        + f'resource "aws_x" "x" {{\n  for_each = {each}\n}}\n',
    }
    loaded = load(files)
    there = {item.address: item.possible for item in loaded.after.blocks}
    inner = "module.outer.module.inner[0]"
    whole = dict.fromkeys(("module.outer.aws_iam_user.u[0]", f"{inner}.aws_iam_user.u", f'{inner}.aws_x.x["a"]'), False)
    assert there == (whole if on else {})
    assert loaded.unevaluated == ()


def test_what_a_module_may_switch_off_may_be_there(load):
    loaded = load(
        {
            "main.tf": 'variable "on" {}\nmodule "outer" {\n  source = "./outer"\n  on = var.on\n}\n',
            "outer/main.tf": OFF,
            "m/main.tf": CHILD + 'variable "on" {}\noutput "on" { value = var.on }\n',
            "user/main.tf": USER.format('"v"'),
        }
    )
    assert all(item.possible for item in loaded.after.blocks)
    assert {item.address for item in loaded.after.blocks} >= {"module.outer.aws_iam_user.u[0]"}
