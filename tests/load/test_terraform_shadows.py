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


LATE = """
module "m" {
  source = "./m"
  name   = "x"
}
locals {
  all = %s
}
resource "aws_iam_user" "u" {
  for_each = module.m.on ? local.all : {}
  name     = each.value%s
  path     = "/${each.key}/"
}
"""
ON = CHILD + 'variable "on" { default = true }\noutput "on" { value = var.on }\n'


@pytest.mark.parametrize(
    ("all_of_them", "read", "names"),
    [
        (
            'merge({ a = "x" }, { for n in ["y"] : md5(n) => n })',
            "",
            {"a": "x", "415290769594460e2e485922904f345d": "y"},
        ),
        ('{ a = { name = "x", on = ["y"] } }', ".name", {"a": "x"}),
        ('{ a = { name = "x", on = ["y"] } }', ".on[0]", {"a": "y"}),
        ('toset(["x", "y"])', "", {"x": "x", "y": "y"}),
        ('{ "a-b.c d" = "x" }', "", {"a-b.c d": "x"}),
        ("{ a = aws_sqs_queue.q.name }", "", {"a": Unknown}),
    ],
)
def test_a_for_each_over_an_output_has_its_keys_and_values(load, all_of_them, read, names):
    source = 'resource "aws_sqs_queue" "q" {}\n' + LATE % (all_of_them, read)
    if all_of_them.startswith("toset"):
        source = source.replace(": {}", ": toset([])")  # Terraform insists on one type
    loaded = load({"main.tf": source, "m/main.tf": ON})
    users = {item.index: item for item in loaded.after.blocks if item.type == "aws_iam_user"}
    assert users.keys() == names.keys()
    for key, user in users.items():
        assert not user.possible
        assert user.get("path") == f"/{key}/"
        value = user.get("name")
        assert isinstance(value, Unknown) if names[key] is Unknown else value == names[key]
    assert loaded.unevaluated == ()


@pytest.mark.parametrize(
    "all_of_them", ['{ (aws_sqs_queue.q.arn) = "x" }', "var.unset", 'merge(var.unset, { a = "x" })']
)
def test_a_for_each_over_an_output_whose_keys_are_not_known_makes_something_that_may_be_there(load, all_of_them):
    source = 'resource "aws_sqs_queue" "q" {}\nvariable "unset" {}\n' + LATE % (all_of_them, "")
    loaded = load({"main.tf": source, "m/main.tf": ON})
    assert block(loaded, "aws_iam_user.u").possible
    assert loaded.unevaluated == ()


def test_instances_of_one_module_with_other_keys_may_have_any(load):
    outer = 'module "outer" {\n  source = "./outer"\n  for_each = { a = ["x"], b = ["y"] }\n  names = each.value\n}\n'
    inner = 'variable "names" {}\n' + (LATE % ("toset(var.names)", "")).replace("./m", "../m")
    loaded = load({"main.tf": outer, "outer/main.tf": inner, "m/main.tf": ON})
    users = [item for item in loaded.after.blocks if item.type == "aws_iam_user"]
    assert {item.address for item in users} == {'module.outer["a"].aws_iam_user.u', 'module.outer["b"].aws_iam_user.u'}
    assert all(item.possible for item in users)


def test_keys_that_stay_the_same_as_more_becomes_known_are_those_of_the_last_run(load):
    first = LATE % ("module.n.names", "")
    second = 'module "n" {\n  source = "./n"\n  on = module.m.on\n}\n'
    child = (
        'variable "on" {}\nresource "aws_sqs_queue" "q" {\n  for_each = var.on ? { b = "y" } : {}\n  name = each.value\n}\n'
        'output "names" { value = merge({ a = "x" }, { for k, q in aws_sqs_queue.q : k => q.name }) }\n'
    )
    loaded = load({"main.tf": first + second, "m/main.tf": ON, "n/main.tf": child})
    users = {item.index: item.get("name") for item in loaded.after.blocks if item.type == "aws_iam_user"}
    assert users in ({"a": "x", "b": "y"}, {None: Unknown("the source alone does not give its value")})


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


MADE_UP = """
data "aws_caller_identity" "c" {}
resource "aws_sqs_queue" "q" {}
variable "accounts" { default = ["111111111111"] }
locals {
  id = data.aws_caller_identity.c.id
  arn = aws_sqs_queue.q.arn
  ids = [data.aws_caller_identity.c.id]
  object = { id = data.aws_caller_identity.c.id, name = "n" }
  whole = aws_sqs_queue.q
}
module "m" {
  source = "./m"
  id = data.aws_caller_identity.c.id
  ids = [data.aws_caller_identity.c.id]
  object = { id = data.aws_caller_identity.c.id, name = "n" }
  accounts = var.accounts
}
"""
ASKING = """
variable "id" {}
variable "ids" {}
variable "object" {}
variable "accounts" {}
resource "aws_kms_key" "k" {}
output "key" { value = aws_kms_key.k.id }
"""
DECISIONS = [
    '{}.id == "x"',
    '"x" != {}.id',
    'lower({}.id) == "x"',
    '{}.object.id == "x"',
    '{}.ids[0] == "x"',
    "contains({accounts}, {}.id)",
    'contains({}.ids, "x")',
    "length([for a in {accounts} : a if a == {}.id]) > 0",
    'length([for id in {}.ids : id if id == "x"]) > 0',
    'length(regexall("prod", {}.id)) > 0',
    'startswith({}.id, "1")',
    "lookup({{ x = true }}, {}.id, false)",
    'can(regex("^1", {}.id))',
]


@pytest.mark.parametrize("decision", DECISIONS)
@pytest.mark.parametrize("place", ["local", "var"])
def test_what_is_made_up_decides_nothing_by_way_of_a_local_or_an_argument(load, decision, place):
    asked = decision.replace("{}", place).replace("{accounts}", "var.accounts").replace("{{", "{").replace("}}", "}")
    asking = USER.format(f'{asked} ? "here" : "there"') + (
        f'resource "aws_iam_user" "v" {{\n  for_each = {asked} ? toset(["a"]) : toset([])\n  name = each.key\n}}\n'
        f'resource "aws_iam_user" "w" {{\n  count = {asked} ? 1 : 0\n  name = "w"\n}}\n'
    )
    child = ASKING + (asking if place == "var" else "")
    loaded = load({"main.tf": MADE_UP + (asking if place == "local" else ""), "m/main.tf": child})
    prefix = "module.m." if place == "var" else ""
    assert isinstance(block(loaded, f"{prefix}aws_iam_user.u").get("name"), Unknown)
    assert block(loaded, f"{prefix}aws_iam_user.v").possible
    assert block(loaded, f"{prefix}aws_iam_user.w[0]").possible


@pytest.mark.parametrize(
    "asked",
    [
        "local.whole.arn == var.accounts[0]",
        'module.m.key == "x"',
        '{ for k, v in { a = local.arn } : k => v }["a"] == "x"',
        '[for q in [aws_sqs_queue.q] : q.arn][0] == "x"',
        'element(split(":", local.arn), 4) == "x"',
    ],
)
def test_nor_by_way_of_objects_outputs_and_loops(load, asked):
    loaded = load({"main.tf": MADE_UP + USER.format(f'{asked} ? "here" : "there"'), "m/main.tf": ASKING})
    assert isinstance(block(loaded, "aws_iam_user.u").get("name"), Unknown)


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ('local.id != ""', "yes"),
        ("null == local.arn", "no"),
        ('"" != local.arn && local.object.name == "n"', "yes"),
        ('local.object.name == "n"', "yes"),
        ("length(local.ids) == 1", "yes"),
        ('contains(keys(local.object), "name")', "yes"),
        ('contains(keys(local.object), "other")', "no"),
        ('length([for k in keys(local.object) : k if k == "name"]) == 1', "yes"),
        ("length(var.accounts) == 1 && local.id != null", "yes"),
    ],
)
def test_that_it_is_there_how_many_there_are_and_what_they_are_called_is_known(load, asked, answer):
    loaded = load({"main.tf": MADE_UP + USER.format(f'{asked} ? "yes" : "no"'), "m/main.tf": ASKING})
    assert block(loaded, "aws_iam_user.u").get("name") == answer


@pytest.mark.parametrize("asked", ['try(regex("^1", {}), "none")', 'can(regex("^1", {})) ? "here" : "there"'])
@pytest.mark.parametrize("given", ["data.aws_caller_identity.c.id", "data.aws_caller_identity.c.account_id"])
def test_what_a_module_is_given_is_no_error_though_it_is_not_known(load, asked, given):
    source = f'data "aws_caller_identity" "c" {{}}\nmodule "m" {{\n  source = "./m"\n  id = {given}\n}}\n'
    child = 'variable "id" {}\n' + USER.format(asked.format("var.id"))
    loaded = load({"main.tf": source + USER.format(asked.format(given)), "m/main.tf": child})
    assert isinstance(block(loaded, "aws_iam_user.u").get("name"), Unknown)
    assert isinstance(block(loaded, "module.m.aws_iam_user.u").get("name"), Unknown)


LISTS = """
resource "aws_sqs_queue" "q" {}
data "aws_subnets" "s" {}
variable "unset" {}
"""


@pytest.mark.parametrize(
    "expression",
    [
        'element(split(":", aws_sqs_queue.q.arn), 4)',
        'join("-", slice(split(":", aws_sqs_queue.q.arn), 0, 2))',
        'join("-", data.aws_subnets.s.ids)',
        'join("-", var.unset)',
        'concat(split(":", aws_sqs_queue.q.arn), ["a"])[0]',
        'one(split(":", aws_sqs_queue.q.arn))',
        'format("%d", data.aws_subnets.s.count)',
    ],
)
def test_a_list_or_a_number_that_is_not_known_does_not_make_an_argument_unset(load, expression):
    loaded = load({"main.tf": LISTS + USER.format(expression)})
    assert isinstance(block(loaded, "aws_iam_user.u").get("name"), Unknown)


PROVIDED = """
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "east"
  region = "us-east-1"
}
data "aws_region" "here" {}
data "aws_region" "there" {
  provider = aws.east
}
module "m" {
  source = "./m"
  region = data.aws_region.here.name
}
module "n" {
  source = "./m"
  region = "other"
  providers = { aws = aws.east }
}
"""
REGIONAL = """
variable "region" {}
data "aws_region" "current" {
  count = 1
}
resource "aws_iam_user" "u" {
  name = "${data.aws_region.current[0].region}-${var.region}"
}
"""


def test_a_region_is_that_of_the_root_s_own_provider(load):
    users = USER.format('"${data.aws_region.here.name}-${data.aws_region.there.name}"')
    users += 'resource "aws_iam_user" "v" {\n  count = data.aws_region.here.name == "eu-west-1" ? 1 : 0\n}\n'
    loaded = load({"main.tf": PROVIDED + users, "m/main.tf": REGIONAL})
    assert block(loaded, "aws_iam_user.u").get("name") == "eu-west-1-⟦data.aws_region.there.name⟧"
    assert not block(loaded, "aws_iam_user.v[0]").possible
    assert block(loaded, "module.m.aws_iam_user.u").get("name") == "eu-west-1-eu-west-1"
    other = "⟦module.n.data.aws_region.current[0].region⟧-other"
    assert block(loaded, "module.n.aws_iam_user.u").get("name") == other


@pytest.mark.parametrize(
    "providers",
    [
        "",
        'provider "aws" {\n  region = var.region\n}\nvariable "region" { default = "eu-west-1" }\n',
        'provider "aws" {\n  alias  = "x"\n  region = "eu-west-1"\n}\n',
        'provider "aws" {\n  region = "eu-west-1"\n}\nprovider "aws" {\n  region = "eu-west-2"\n}\n',
        'provider "aws" {}\n',
    ],
)
def test_without_one_provider_with_a_region_it_is_not_known(load, providers):
    loaded = load({"main.tf": providers + REGION + USER.format('"${data.aws_region.r.name}"')})
    assert isinstance(block(loaded, "aws_iam_user.u").get("name"), Unknown)
