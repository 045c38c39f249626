"""What the source loader makes of modules: variables, outputs, repetition, what is not there."""

import json

import pytest

from iacscan.errors import InputError
from iacscan.load.terraform_source import load_source
from iacscan.value import Reference, Unknown


@pytest.fixture
def load(tmp_path):
    """Write files by path, and load the root module in `root`, or the only one."""

    def write_and_load(files, root="", var_files=()):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return load_source(tmp_path / root, [str(tmp_path / file) for file in var_files])

    return write_and_load


def block(loaded, address):
    found = [item for item in loaded.after.blocks if item.address == address]
    assert found, [item.address for item in loaded.after.blocks]
    return found[0]


def addresses(loaded):
    return {item.address for item in loaded.after.blocks if item.mode == "managed"}


ROLE = """
variable "name" { type = string }
variable "boundary" {
  type    = string
  default = null
}
resource "aws_iam_role" "this" {
  name                 = var.name
  permissions_boundary = var.boundary
}
resource "aws_iam_role_policy" "this" {
  role   = aws_iam_role.this.id
  policy = jsonencode({ Resource = aws_iam_role.this.arn })
}
output "arn" { value = aws_iam_role.this.arn }
"""


def test_a_reference_in_a_module_names_the_instance_of_the_module(load):
    loaded = load(
        {
            "main.tf": 'module "m" {\n  for_each = toset(["x", "y"])\n  source = "./role"\n  name = each.key\n}\n'
            'resource "aws_a" "a" {\n  list = [module.m["x"].arn, module.m["y"].arn]\n}\n',
            "role/main.tf": ROLE,
        }
    )

    policy = block(loaded, 'module.m["y"].aws_iam_role_policy.this')
    assert policy.module == 'module.m["y"]'
    assert policy.get("role").references == (Reference('module.m["y"].aws_iam_role.this', "id"),)
    assert policy.get("policy") == {"Resource": '⟦module.m["y"].aws_iam_role.this.arn⟧'}
    assert block(loaded, "aws_a.a").get("list") == [
        '⟦module.m["x"].aws_iam_role.this.arn⟧',
        '⟦module.m["y"].aws_iam_role.this.arn⟧',
    ]


def test_the_same_module_called_twice_keeps_its_callers_apart(load):
    loaded = load(
        {
            "main.tf": 'module "a" {\n  source = "./role"\n  name = aws_x.x.label\n}\n'
            'module "b" {\n  source = "./role"\n  name = "b"\n  boundary = "arn:b"\n}\nresource "aws_x" "x" {}\n',
            "role/main.tf": ROLE,
        }
    )

    assert block(loaded, "module.a.aws_iam_role.this").get("name").references == (Reference("aws_x.x", "label"),)
    assert block(loaded, "module.a.aws_iam_role.this").get("permissions_boundary") is None
    assert block(loaded, "module.b.aws_iam_role.this").get("name") == "b"
    assert block(loaded, "module.b.aws_iam_role.this").get("permissions_boundary") == "arn:b"


def test_nested_modules_hand_values_down_and_references_up(load):
    loaded = load(
        {
            "main.tf": 'module "a" {\n  source = "./outer"\n  name = "n"\n}\n'
            'resource "aws_lambda_function" "f" {\n  role = module.a.arn\n}\n',
            "outer/main.tf": 'variable "name" {}\nmodule "r" {\n  source = "../role"\n  name = "${var.name}-r"\n}\n'
            'output "arn" { value = module.r.arn }\n',
            "role/main.tf": ROLE,
        }
    )

    assert block(loaded, "module.a.module.r.aws_iam_role.this").get("name") == "n-r"
    assert block(loaded, "aws_lambda_function.f").get("role").references == (
        Reference("module.a.module.r.aws_iam_role.this", "arn"),
    )


@pytest.mark.parametrize("type_", ["", "type = string", 'type = string\n  default = "prod"'])
def test_an_argument_that_is_not_known_never_decides_a_condition(load, type_):
    """The evaluator passes it on as null, and null is not equal to anything."""
    loaded = load(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  env = upper(aws_x.x.label)\n  other = var.unset\n}\n'
            'variable "unset" {}\nresource "aws_x" "x" {}\n',
            "m/main.tf": f'variable "env" {{\n  {type_}\n}}\nvariable "other" {{\n  {type_}\n}}\n'
            'resource "aws_s3_bucket_acl" "a" {\n'
            '  acl   = var.env == "prod" ? "private" : "public-read"\n'
            '  other = var.other == "prod" ? "private" : "public-read"\n  plain = var.other\n}\n',
        }
    )

    acl = block(loaded, "module.m.aws_s3_bucket_acl.a")
    assert isinstance(acl.get("acl"), Unknown)
    assert isinstance(acl.get("other"), Unknown)
    assert acl.get("plain") == Unknown("depends on variable unset", (Reference("var.unset"),))


def test_what_is_not_known_goes_through_two_modules_and_decides_nothing(load):
    inner = 'variable "env" {\n  type = string\n}\nresource "aws_a" "a" {\n  x = var.env == "p" ? "yes" : "no"\n}\n'
    loaded = load(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  env = "${aws_x.x.label}" == "a" ? "p" : "q"\n}\n'
            'resource "aws_x" "x" {}\n',
            "m/main.tf": 'variable "env" {\n  type = string\n}\nmodule "i" {\n  source = "./i"\n  env = lower(var.env)\n}\n',
            "m/i/main.tf": inner,
        }
    )

    assert isinstance(block(loaded, "module.m.module.i.aws_a.a").get("x"), Unknown)


def test_a_module_whose_number_is_not_known_makes_possible_blocks(load):
    loaded = load(
        {
            "main.tf": 'variable "x" {}\nmodule "c" {\n  count = var.x ? 1 : 0\n  source = "./role"\n  name = "c"\n}\n'
            'module "e" {\n  for_each = var.x\n  source = "./role"\n  name = each.value\n}\n'
            'module "off" {\n  count = 0\n  source = "./role"\n  name = "off"\n}\n',
            "role/main.tf": ROLE,
        }
    )

    assert block(loaded, "module.c[0].aws_iam_role.this").possible
    assert block(loaded, "module.e.aws_iam_role.this").possible
    assert isinstance(block(loaded, "module.e.aws_iam_role.this").get("name"), Unknown)
    assert not any("module.off" in item for item in addresses(loaded))
    assert loaded.unevaluated == ()


def test_a_for_each_over_what_only_aws_knows_makes_one_possible_block(load):
    loaded = load(
        {
            "main.tf": 'data "aws_a" "a" {}\nresource "aws_b" "b" {\n  for_each = toset(data.aws_a.a.ids)\n  id = each.key\n}\n'
        }
    )

    assert block(loaded, "aws_b.b").possible


def test_try_does_not_fall_back_where_only_aws_knows_the_value(load):
    """To the evaluator, an attribute that it cannot resolve is an error, and `try` would go on to the next argument."""
    loaded = load(
        {
            "main.tf": 'resource "aws_iam_role" "on" {\n  count = 1\n}\nresource "aws_iam_role" "off" {\n  count = 0\n}\n'
            'resource "aws_a" "a" {\n'
            '  on    = try(aws_iam_role.on[0].arn, "none")\n'
            '  off   = try(aws_iam_role.off[0].arn, "none")\n'
            '  cut   = upper(try(aws_iam_role.on[0].arn, "none"))\n'
            '  asked = can(aws_iam_role.on[0].arn) ? "yes" : "no"\n'
            "}\n"
        }
    )

    found = block(loaded, "aws_a.a")
    assert found.get("on").references == (Reference("aws_iam_role.on[0]", "arn"),)
    assert found.get("off") == "none"
    assert isinstance(found.get("cut"), Unknown)
    assert found.get("asked") != "no"


@pytest.mark.parametrize("splat", ["aws_iam_role.r[*].arn", "aws_iam_role.r.*.arn"])
def test_a_splat_is_one_symbol_an_instance(load, splat):
    loaded = load(
        {"main.tf": f'resource "aws_iam_role" "r" {{\n  count = 2\n}}\nresource "aws_a" "a" {{\n  arns = {splat}\n}}\n'}
    )

    assert block(loaded, "aws_a.a").get("arns") == ["⟦aws_iam_role.r[0].arn⟧", "⟦aws_iam_role.r[1].arn⟧"]


def test_lengths_and_conditions_of_a_loop_leave_the_other_texts_alone(load):
    loaded = load(
        {
            "main.tf": 'resource "aws_s3_bucket" "b" {}\nlocals {\n  all = {\n'
            '    x = { on = true, arn = aws_s3_bucket.b.arn }\n    y = { on = false, arn = "none" }\n  }\n}\n'
            'resource "aws_a" "a" {\n  for_each = { for k, v in local.all : k => v if v.on }\n  arn = each.value.arn\n'
            '  many = length(local.all) > 1 ? "many" : "one"\n}\n'
        }
    )

    assert addresses(loaded) == {"aws_s3_bucket.b", 'aws_a.a["x"]'}
    found = block(loaded, 'aws_a.a["x"]')
    assert found.get("arn").references == (Reference("aws_s3_bucket.b", "arn"),)
    assert found.get("many") == "many"


def test_the_length_of_a_list_that_is_not_known_decides_nothing(load):
    loaded = load(
        {
            "main.tf": 'variable "unset" {\n  type = list(string)\n}\n'
            'module "m" {\n  source = "./m"\n  given = var.unset\n  read = aws_x.x.items\n}\nresource "aws_x" "x" {}\n',
            "m/main.tf": 'variable "given" {\n  type = list(string)\n}\nvariable "read" {\n  type = list(string)\n}\n'
            'resource "aws_a" "a" {\n  given = length(var.given) > 0 ? "some" : "none"\n'
            '  read = length(var.read) > 1 ? "many" : "one"\n}\n',
        }
    )

    found = block(loaded, "module.m.aws_a.a")
    assert isinstance(found.get("given"), Unknown)
    assert isinstance(found.get("read"), Unknown)


def test_dynamic_blocks_are_expanded_with_what_optional_attributes_leave_out(load):
    loaded = load(
        {
            "main.tf": 'module "m" {\n  source = "./m"\n  statements = [{ actions = ["a:b"], resources = ["${aws_s3_bucket.b.arn}/*"] }]\n}\n'
            'resource "aws_s3_bucket" "b" {}\n',
            "m/main.tf": 'variable "statements" {\n  type = list(object({ sid = optional(string), actions = list(string), resources = list(string) }))\n}\n'
            'data "aws_iam_policy_document" "d" {\n  count = length(var.statements) > 0 ? 1 : 0\n'
            '  dynamic "statement" {\n    for_each = var.statements\n    content {\n      sid = statement.value.sid\n'
            '      actions = statement.value.actions\n      resources = lookup(statement.value, "resources", ["*"])\n    }\n  }\n}\n',
        }
    )

    assert block(loaded, "module.m.data.aws_iam_policy_document.d[0]").get("statement") == [
        {"sid": None, "actions": ["a:b"], "resources": ["⟦aws_s3_bucket.b.arn⟧/*"]}
    ]


def test_an_element_of_a_dynamic_block_that_is_not_known_is_not_lost(load):
    loaded = load(
        {
            "main.tf": 'variable "x" {}\nresource "aws_a" "a" {\n  dynamic "rule" {\n    for_each = ["one", lower(var.x)]\n'
            '    content {\n      name = rule.value\n      dynamic "part" {\n        for_each = rule.value == "one" ? [] : var.x\n'
            "        content {\n          n = part.value\n        }\n      }\n    }\n  }\n}\n"
        }
    )

    rules = block(loaded, "aws_a.a").get("rule")
    assert any(isinstance(item, Unknown) or isinstance(item.get("name"), Unknown) for item in rules)


def test_an_instance_that_the_evaluator_drops_is_named(load):
    """It leaves out elements that are null."""
    loaded = load(
        {
            "main.tf": 'variable "m" {\n  default = { a = "x", b = null }\n}\nresource "aws_a" "a" {\n  for_each = var.m\n}\n'
        }
    )

    assert addresses(loaded) == {'aws_a.a["a"]'}
    assert loaded.unevaluated == ("aws_a.a",)


def test_modules_that_terraform_init_has_fetched_are_evaluated(load):
    manifest = {
        "Modules": [
            {"Key": "", "Dir": "."},
            {"Key": "r", "Source": "registry.terraform.io/acme/role/aws", "Dir": ".terraform/modules/r"},
        ]
    }
    loaded = load(
        {
            "main.tf": 'module "r" {\n  source = "acme/role/aws"\n  name = "r"\n}\n',
            ".terraform/modules/modules.json": json.dumps(manifest),
            ".terraform/modules/r/main.tf": ROLE,
        }
    )

    assert block(loaded, "module.r.aws_iam_role.this").get("name") == "r"
    assert (loaded.unevaluated, loaded.notes) == ((), ())


def test_what_a_missing_module_would_give_is_unknown_and_the_module_is_named_with_its_place(load, tmp_path):
    loaded = load(
        {
            "main.tf": '\nmodule "gone" {\n  source = "acme/gone/aws"\n}\n'
            'resource "aws_a" "a" {\n  role = module.gone.arn\n  text = "${module.gone.arn}/x"\n'
            '  other = try(module.gone.arn, "none")\n}\n'
        }
    )

    found = block(loaded, "aws_a.a")
    because = "comes from module.gone, which is not on disk"
    assert found.get("role") == Unknown(because, (Reference("module.gone", "arn"),))
    assert isinstance(found.get("text"), Unknown)
    assert isinstance(found.get("other"), Unknown)
    assert loaded.unevaluated == ("module.gone",)
    assert loaded.notes == (
        f'{tmp_path}/main.tf:2: module "gone" (acme/gone/aws) is not on disk; run "terraform init" first',
    )


def test_modules_that_call_each_other_in_a_circle_are_refused(load):
    with pytest.raises(InputError, match=r"b/main\.tf:1: modules call each other in a circle"):
        load(
            {
                "a/main.tf": 'module "b" {\n  source = "../b"\n}\n',
                "b/main.tf": 'module "a" {\n  source = "../a"\n}\n',
            },
            root="a",
        )


def test_an_error_in_a_module_is_told_with_its_own_file_and_line(load, tmp_path):
    with pytest.raises(InputError, match=r"m/bad\.tf:3: ") as error:
        load({"main.tf": 'module "m" {\n  source = "./m"\n}\n', "m/bad.tf": 'resource "a" "b" {\n\n  x =\n}\n'})
    assert str(tmp_path) in str(error.value)


def test_files_that_cannot_be_read_are_refused_by_name(load, tmp_path):
    (tmp_path / "loop.tf").symlink_to(tmp_path / "loop.tf")
    with pytest.raises(InputError, match=r"loop\.tf cannot be read"):
        load({"main.tf": 'resource "aws_a" "a" {}\n'})


def test_source_that_is_not_utf_8_is_refused_by_name(load, tmp_path):
    (tmp_path / "main.tf").write_bytes(b"# caf\xe9\n")
    with pytest.raises(InputError, match=r"main\.tf is not text in UTF-8 \(byte 5\)"):
        load({})


def test_source_that_is_too_large_is_refused_by_name(load, monkeypatch):
    monkeypatch.setattr("iacscan.load.terraform_tree.MAX_FILE", 10)
    with pytest.raises(InputError, match=r"main\.tf is too large \(24 bytes; the limit is 10\)"):
        load({"main.tf": 'resource "aws_a" "a" {}\n'})


def test_variables_come_from_their_files_in_the_order_of_terraform(load):
    text = "".join(f'variable "{name}" {{}}\n' for name in "abcd")
    files = {
        "main.tf": text + 'resource "aws_a" "a" {\n  all = "${var.a} ${var.b} ${var.c} ${var.d}"\n}\n',
        "terraform.tfvars": 'a = "tfvars"\nb = "tfvars"\nc = "tfvars"\nd = "tfvars"\n',
        "x.auto.tfvars": 'b = "auto"\nc = "auto"\n',
        "y.auto.tfvars.json": '{"c": "json"}',
        "given.tfvars": 'd = "given"\n',
    }
    assert block(load(files, var_files=["given.tfvars"]), "aws_a.a").get("all") == "tfvars auto json given"


def test_a_name_inside_of_a_value_gives_no_variable_a_value(load):
    loaded = load(
        {
            "main.tf": 'variable "a" {}\nvariable "inner" {}\nresource "aws_a" "a" {\n  x = var.inner\n}\n',
            "terraform.tfvars": 'a = {\n  inner = "x"\n}\n',
        }
    )
    assert isinstance(block(loaded, "aws_a.a").get("x"), Unknown)


def test_lines_are_those_of_the_files_whatever_was_put_into_them(load):
    loaded = load(
        {
            "main.tf": 'variable "x" {}\nmodule "m" { source = "./m" }\n'
            'module "e" {\n  for_each = toset(["k"])\n  source = "./m"\n  v = upper(var.x)\n}\n'
            'resource "aws_a" "a" {\n  dynamic "b" {\n    for_each = var.x\n    content {}\n  }\n}\n'
            'resource "aws_b" "b" {\n  x = 1\n}\n',
            "m/main.tf": 'variable "v" {\n  default = ""\n}\nresource "aws_c" "c" {}\n',
        }
    )

    assert [(item.span.line, item.span.end_line) for item in loaded.after.blocks if item.module == ""] == [
        (8, 13),
        (14, 16),
    ]
    assert block(loaded, 'module.e["k"].aws_c.c').span.line == 4


def test_providers_that_a_call_passes_on_tell_the_account(load):
    loaded = load(
        {
            "main.tf": 'provider "aws" {\n  alias = "prod"\n}\nmodule "m" {\n  source = "./m"\n  providers = {\n    aws = aws.prod\n  }\n}\n',
            "m/main.tf": 'module "i" {\n  source = "./i"\n}\n',
            "m/i/main.tf": 'resource "aws_iam_user" "u" {}\n',
        }
    )

    assert block(loaded, "module.m.module.i.aws_iam_user.u").account == "aws.prod"


def test_source_in_json_is_read_like_hcl(load):
    document = {
        "variable": {"x": {}},
        "resource": {
            "aws_s3_bucket": {"b": {"bucket": "logs"}},
            "aws_s3_bucket_policy": {
                "p": {
                    "bucket": "${aws_s3_bucket.b.id}",
                    "policy": '{"Resource": "${aws_s3_bucket.b.arn}/*"}',
                    "x": "a-${var.x}",
                }
            },
            "aws_a": {
                "a": {"for_each": "${toset(var.x)}", "dynamic": {"rule": {"for_each": "${var.x}", "content": {}}}}
            },
        },
    }
    loaded = load({"main.tf.json": json.dumps(document, indent=1)})

    policy = block(loaded, "aws_s3_bucket_policy.p")
    assert policy.get("policy") == {"Resource": "⟦aws_s3_bucket.b.arn⟧/*"}
    assert isinstance(policy.get("x"), Unknown)
    assert block(loaded, "aws_a.a").possible
    assert isinstance(block(loaded, "aws_a.a").get("rule")[0], Unknown)


def test_files_of_opentofu_come_before_those_of_the_same_name(load):
    loaded = load({"main.tf": 'resource "aws_a" "terraform" {}\n', "main.tofu": 'resource "aws_a" "tofu" {}\n'})
    assert addresses(loaded) == {"aws_a.tofu"}


def test_overrides_are_told_of_and_not_taken_for_blocks(load):
    loaded = load({"main.tf": 'resource "aws_a" "a" {}\n', "override.tf": 'resource "aws_a" "a" {}\n'})
    assert addresses(loaded) == {"aws_a.a"}
    assert "override.tf overrides other files" in loaded.notes[0]


def test_files_are_read_from_where_the_module_expects_them(load):
    loaded = load(
        {
            "live/main.tf": 'module "m" {\n  source = "../modules/m"\n}\nmodule "n" {\n  source = "../modules/m"\n}\n',
            "modules/m/main.tf": 'resource "aws_iam_policy" "p" {\n  policy = file("${path.module}/policy.json")\n'
            '  shared = file("${path.module}/../shared.txt")\n}\n',
            "modules/m/policy.json": '{"Statement": []}',
            "modules/shared.txt": "shared",
        },
        root="live",
    )

    for name in ("m", "n"):
        policy = block(loaded, f"module.{name}.aws_iam_policy.p")
        assert (policy.get("policy"), policy.get("shared")) == ('{"Statement": []}', "shared")


def test_documents_that_another_takes_over_are_found_by_their_references(load):
    document = 'data "aws_iam_policy_document" "{}" {{\n  {}\n}}\n'
    loaded = load(
        {
            "main.tf": document.format("one", 'statement {\n    actions = ["a:b"]\n  }')
            + document.format("all", 'source_policy_documents = compact([data.aws_iam_policy_document.one.json, ""])')
        }
    )

    (found,) = block(loaded, "data.aws_iam_policy_document.all").get("source_policy_documents")
    assert found.references == (Reference("data.aws_iam_policy_document.one", "json"),)


def test_a_local_that_is_made_from_itself_is_refused(load):
    with pytest.raises(InputError, match=r"main\.tf:2: local\.a is made from itself"):
        load({"main.tf": "locals {\n  a = local.b\n  b = upper(local.a)\n  c = local.d\n  d = 1\n}\n"})


def test_what_a_loop_over_resources_reads_is_known_by_its_name(load):
    loaded = load(
        {
            "main.tf": 'resource "aws_iam_role" "r" {\n  for_each = toset(["a"])\n  name = each.key\n}\n'
            'resource "aws_a" "a" {\n  loop = [for r in aws_iam_role.r : r.arn]\n  splat = values(aws_iam_role.r)[*].arn\n'
            "  names = [for r in aws_iam_role.r : r.name]\n}\n"
        }
    )

    found = block(loaded, "aws_a.a")
    assert found.get("loop") == ['⟦aws_iam_role.r["a"].arn⟧']
    assert found.get("splat") == ['⟦aws_iam_role.r["a"].arn⟧']
    assert found.get("names") == ["a"]


@pytest.mark.parametrize("unknown", ["aws_x.x.labels", "var.labels"])
def test_what_is_merged_with_something_unknown_is_not_known(load, unknown):
    """The evaluator would leave out what it does not know."""
    loaded = load(
        {
            "main.tf": f'variable "labels" {{}}\nresource "aws_x" "x" {{}}\nresource "aws_a" "a" {{\n'
            f'  tags = merge({unknown}, {{ a = 1 }})\n  number = length({unknown})\n  one = coalesce({unknown}, "b")\n}}\n'
        }
    )

    found = block(loaded, "aws_a.a")
    assert [type(found.get(name)) for name in ("tags", "number", "one")] == [Unknown, Unknown, Unknown]


def test_a_count_of_something_unknown_makes_a_possible_block(load):
    loaded = load({"main.tf": 'variable "names" {}\nresource "aws_a" "a" {\n  count = length(var.names)\n}\n'})
    assert block(loaded, "aws_a.a[0]").possible


def test_an_object_with_something_unknown_is_not_written_as_an_empty_one(load):
    loaded = load(
        {
            "main.tf": 'variable "x" {}\nmodule "m" {\n  source = "./m"\n  policy = { Statement = [{ Action = upper(var.x) == "A" ? "*" : "a:b" }] }\n}\n',
            "m/main.tf": 'variable "policy" {}\nresource "aws_iam_policy" "p" {\n  policy = jsonencode(var.policy)\n}\n',
        }
    )
    assert isinstance(block(loaded, "module.m.aws_iam_policy.p").get("policy"), Unknown)


TEAM = (
    'variable "name" {}\nvariable "key" { default = null }\nresource "aws_iam_user" "u" { name = var.name }\n'
    'resource "aws_iam_user_policy" "p" {\n  user = aws_iam_user.u.name\n  policy = jsonencode({ Resource = var.key })\n}\n'
    'output "arn" { value = aws_iam_user.u.arn }\n'
)


def test_a_hundred_instances_of_a_module_are_all_evaluated(load):
    loaded = load(
        {
            "main.tf": 'locals {\n  teams = [for i in range(100) : "t${i}"]\n}\n'
            'module "m" {\n  for_each = toset(local.teams)\n  source = "./m"\n  name = each.key\n}\n',
            "m/main.tf": TEAM,
        }
    )

    wanted = {f'module.m["t{number}"].aws_iam_user.u' for number in range(100)}
    assert {address for address in addresses(loaded) if "_policy" not in address} == wanted
    assert loaded.unevaluated == ()
    last = block(loaded, 'module.m["t99"].aws_iam_user_policy.p')
    assert last.get("user") == "t99"
    assert block(loaded, 'module.m["t99"].aws_iam_user.u').get("name") == "t99"


def test_forty_calls_and_counted_ones_of_modules_that_call_more_are_all_evaluated(load):
    calls = "".join(f'module "c{number}" {{\n  source = "./m"\n  name = "c{number}"\n}}\n' for number in range(40))
    loaded = load(
        {
            "main.tf": calls + 'module "deep" {\n  count = 2\n  source = "./deep"\n}\n',
            "m/main.tf": TEAM,
            "deep/main.tf": 'module "inner" {\n  count = 35\n  source = "../m"\n  name = "i${count.index}"\n}\n',
        }
    )

    users = {address for address in addresses(loaded) if "_policy" not in address}
    assert users == {f"module.c{number}.aws_iam_user.u" for number in range(40)} | {
        f"module.deep[{outer}].module.inner[{inner}].aws_iam_user.u" for outer in range(2) for inner in range(35)
    }
    assert len([block for block in loaded.after.blocks if block.mode == "managed"]) == 2 * len(users)
    assert block(loaded, "module.deep[1].module.inner[34].aws_iam_user.u").get("name") == "i34"
    assert loaded.unevaluated == ()


def test_what_other_modules_give_reaches_instances_that_are_evaluated_later(load):
    loaded = load(
        {
            "main.tf": 'module "z" {\n  source = "./z"\n  label = "keys"\n}\n'
            'module "m" {\n  count = 35\n  source = "./m"\n  name = "n${count.index}"\n  key = module.z.name\n}\n',
            "m/main.tf": TEAM,
            "z/main.tf": 'variable "label" {}\noutput "name" { value = upper(var.label) }\n',
        }
    )

    assert [block(loaded, f"module.m[{number}].aws_iam_user_policy.p").get("policy") for number in range(35)] == [
        '{"Resource":"KEYS"}'
    ] * 35


def test_values_in_json_are_no_templates(load):
    loaded = load(
        {
            "main.tf": 'variable "x" {}\nvariable "y" {}\nresource "aws_iam_policy" "p" {\n  policy = var.x\n  y = var.y\n}\n',
            "terraform.tfvars.json": json.dumps({"x": '{"R":"a/${aws:username}"}', "y": "%{if} %%{ $%"}),
        }
    )

    policy = block(loaded, "aws_iam_policy.p")
    assert (policy.get("policy"), policy.get("y")) == ('{"R":"a/${aws:username}"}', "%{if} %%{ $%")


def test_variables_of_the_environment_have_values_unless_their_texts_would_be_evaluated(load, monkeypatch):
    monkeypatch.setenv("TF_VAR_name", "ann %{x}")
    monkeypatch.setenv("TF_VAR_number", "2")
    monkeypatch.setenv("TF_VAR_list", '["a"]')
    loaded = load(
        {
            "main.tf": 'variable "name" {}\nvariable "number" { type = number }\nvariable "list" { type = list(string) }\n'
            'resource "aws_iam_user" "u" {\n  name = var.name\n  is_two = var.number == 2\n  path = var.list\n}\n'
        }
    )

    user = block(loaded, "aws_iam_user.u")
    assert (user.get("name"), user.get("is_two")) == ("ann %{x}", True)
    assert user.get("path") == Unknown("depends on variable list", (Reference("var.list"),))
