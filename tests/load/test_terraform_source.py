"""What the source loader makes of references, variables, repetition and errors."""

from pathlib import Path

import pytest

from iacscan.errors import InputError
from iacscan.load.terraform_source import load_source
from iacscan.value import Reference, Unknown

VARIABLE_X = Unknown("depends on variable x", (Reference("var.x"),))


@pytest.fixture
def load(tmp_path):
    def write_and_load(text, **others):
        (tmp_path / "main.tf").write_text(text)
        for name, content in others.items():
            path = tmp_path / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        return load_source(tmp_path)

    return write_and_load


def block(loaded, address):
    return next(item for item in loaded.after.blocks if item.address == address)


def test_literals_come_back_as_written(load):
    loaded = load(
        'resource "aws_s3_bucket" "a" {\n  bucket = "logs"\n  force_destroy = true\n  tags = { Team = "data" }\n}\n'
    )

    bucket = block(loaded, "aws_s3_bucket.a")
    assert (bucket.type, bucket.name, bucket.mode, bucket.module, bucket.index) == (
        "aws_s3_bucket",
        "a",
        "managed",
        "",
        None,
    )
    assert bucket.names() == {"bucket", "force_destroy", "tags"}
    assert (bucket.get("bucket"), bucket.get("force_destroy"), bucket.get("tags")) == ("logs", True, {"Team": "data"})
    assert (Path(bucket.span.file).name, bucket.span.line, bucket.span.end_line) == ("main.tf", 1, 5)
    assert bucket.get("acl") is None
    assert bucket.configured("acl") is False
    assert (loaded.kind, loaded.before.blocks) == ("terraform-source", ())


def test_a_whole_reference_is_unknown_and_says_where_it_comes_from(load):
    loaded = load(
        'resource "aws_s3_bucket" "a" {}\n'
        'resource "aws_s3_bucket_policy" "p" {\n  bucket = aws_s3_bucket.a.id\n'
        "  policy = data.aws_iam_policy_document.d.json\n}\n"
        'data "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["s3:*"]\n'
        "    resources = [aws_s3_bucket.a.arn]\n  }\n}\n"
    )

    policy = block(loaded, "aws_s3_bucket_policy.p")
    json = Reference("data.aws_iam_policy_document.d", "json")
    assert policy.get("bucket").references == (Reference("aws_s3_bucket.a", "id"),)
    assert policy.get("policy") == Unknown("known only after apply (from data.aws_iam_policy_document.d.json)", (json,))
    assert policy.references("policy") == (json,)
    statement = block(loaded, "data.aws_iam_policy_document.d").get("statement")[0]
    assert statement["actions"] == ["s3:*"]
    assert statement["resources"] == ["⟦aws_s3_bucket.a.arn⟧"]


def test_a_reference_inside_a_policy_text_is_a_mark_at_its_place(load):
    loaded = load(
        'resource "aws_s3_bucket" "a" {}\n'
        'resource "aws_s3_bucket_policy" "p" {\n  bucket = "b"\n  policy = jsonencode({ Statement = [{\n'
        '    Resource = ["${aws_s3_bucket.a.arn}/*", aws_s3_bucket.a.arn]\n  }] })\n}\n'
    )

    assert block(loaded, "aws_s3_bucket_policy.p").get("policy") == {
        "Statement": [{"Resource": ["⟦aws_s3_bucket.a.arn⟧/*", "⟦aws_s3_bucket.a.arn⟧"]}]
    }


@pytest.mark.parametrize(
    "policy",
    [
        'jsonencode({ Statement = [{ Action = var.x, Effect = "Allow" }] })',
        '<<-EOT\n  {"Statement": [{"Action": "${var.x}", "Effect": "Allow"}]}\n  EOT',
    ],
)
def test_a_variable_without_value_is_one_unknown_leaf_of_the_policy(load, policy):
    loaded = load(f'variable "x" {{}}\nresource "aws_iam_policy" "p" {{\n  policy = {policy}\n}}\n')

    assert block(loaded, "aws_iam_policy.p").get("policy") == {"Statement": [{"Action": VARIABLE_X, "Effect": "Allow"}]}


def test_a_function_of_an_unset_variable_costs_one_leaf_and_not_the_statement(load):
    loaded = load(
        'variable "x" {}\nresource "aws_iam_policy" "p" {\n'
        '  policy = jsonencode({ Statement = [{ Action = split(",", var.x), Effect = "Allow" }] })\n}\n'
    )

    statement = block(loaded, "aws_iam_policy.p").get("policy")["Statement"][0]
    assert isinstance(statement["Action"], Unknown)
    assert statement["Effect"] == "Allow"


def test_an_unset_list_joined_to_a_known_one_is_one_unknown_item(load):
    loaded = load(
        'variable "x" {}\nresource "aws_iam_policy" "p" {\n'
        '  policy = jsonencode({ Statement = [{ Resource = concat(var.x, ["arn:aws:s3:::b"]) }] })\n}\n'
    )

    assert block(loaded, "aws_iam_policy.p").get("policy") == {
        "Statement": [{"Resource": [VARIABLE_X, "arn:aws:s3:::b"]}]
    }


def test_a_choice_by_an_unset_variable_is_unknown_and_never_the_else_branch(load):
    loaded = load(
        'variable "x" {}\nlocals {\n  y = var.x\n}\nresource "aws_s3_bucket_acl" "a" {\n'
        '  acl = var.x == "prod" ? "private" : "public-read"\n'
        '  other = local.y == "prod" ? "private" : "public-read"\n'
        "  upper = upper(local.y)\n}\n"
    )

    acl = block(loaded, "aws_s3_bucket_acl.a")
    assert isinstance(acl.get("acl"), Unknown)
    assert isinstance(acl.get("other"), Unknown)
    assert isinstance(acl.get("upper"), Unknown)


def test_null_that_is_written_is_unset(load):
    loaded = load('resource "aws_iam_role" "r" {\n  permissions_boundary = null\n}\n')

    assert block(loaded, "aws_iam_role.r").get("permissions_boundary") is None
    assert "permissions_boundary" not in block(loaded, "aws_iam_role.r").names()


def test_defaults_and_tfvars_give_values(load):
    text = (
        'variable "a" {\n  default = "one"\n}\nvariable "b" {}\n'
        'resource "aws_iam_user" "u" {\n  name = "${var.a}-${var.b}"\n}\n'
    )
    loaded = load(text, terraform_dot_tfvars='b = "two"\n')

    assert block(loaded, "aws_iam_user.u").get("name") == "one-two"


def test_an_attribute_that_the_source_sets_is_known_to_those_who_refer_to_it(load):
    loaded = load(
        'resource "aws_iam_user" "u" {\n  name = "ann"\n}\n'
        'resource "aws_iam_access_key" "k" {\n  user = aws_iam_user.u.name\n}\n'
    )

    assert block(loaded, "aws_iam_access_key.k").get("user") == "ann"


def test_count_and_for_each_make_instances_and_count_zero_makes_none(load):
    loaded = load(
        'resource "aws_iam_user" "n" {\n  count = 2\n  name = "n${count.index}"\n}\n'
        'resource "aws_iam_user" "e" {\n  for_each = toset(["x"])\n  name = each.key\n}\n'
        'resource "aws_iam_user" "off" {\n  count = 0\n}\n'
        'resource "aws_iam_access_key" "k" {\n  for_each = toset(["x"])\n  user = aws_iam_user.e[each.key].arn\n}\n'
    )

    assert [item.address for item in loaded.after.blocks] == [
        "aws_iam_user.n[0]",
        "aws_iam_user.n[1]",
        'aws_iam_user.e["x"]',
        'aws_iam_access_key.k["x"]',
    ]
    assert [item.index for item in loaded.after.blocks] == [0, 1, "x", "x"]
    key = block(loaded, 'aws_iam_access_key.k["x"]')
    assert key.references("user") == (Reference('aws_iam_user.e["x"]', "arn"),)
    assert loaded.unevaluated == ()


@pytest.mark.parametrize(
    ("repetition", "address"),
    [("count = var.x ? 1 : 0", "aws_iam_user.u[0]"), ("for_each = toset(var.x)", "aws_iam_user.u")],
)
def test_a_block_whose_number_is_not_known_is_possible(load, repetition, address):
    loaded = load(f'variable "x" {{}}\nresource "aws_iam_user" "u" {{\n  {repetition}\n  name = "n"\n}}\n')

    assert block(loaded, address).possible


def test_dynamic_blocks_that_are_not_known_leave_an_unknown(load):
    loaded = load(
        'variable "x" {}\ndata "aws_iam_policy_document" "d" {\n  statement {\n    actions = ["a:b"]\n  }\n'
        '  dynamic "statement" {\n    for_each = var.x\n    content {\n      actions = [statement.value]\n    }\n  }\n}\n'
    )

    known, unknown = block(loaded, "data.aws_iam_policy_document.d").get("statement")
    assert known == {"actions": ["a:b"]}
    assert unknown == Unknown("the number of its dynamic blocks is not known (depends on variable x)")


def test_modules_on_disk_are_evaluated_and_others_named(load):
    loaded = load(
        'module "here" {\n  source = "./here"\n}\nmodule "gone" {\n  source = "acme/gone/aws"\n}\n'
        'resource "aws_lambda_function" "f" {\n  role = module.here.arn\n}\n',
        here__main_dot_tf='resource "aws_iam_role" "r" {\n  name = "r"\n}\noutput "arn" {\n  value = aws_iam_role.r.arn\n}\n',
    )

    role = block(loaded, "module.here.aws_iam_role.r")
    assert (role.module, role.name, role.get("name")) == ("module.here", "r", "r")
    function = block(loaded, "aws_lambda_function.f")
    assert function.get("role").references == (Reference("module.here.aws_iam_role.r", "arn"),)
    assert loaded.unevaluated == ("module.gone",)
    assert set(loaded.module_sources) == {"module.here ./here", "module.gone acme/gone/aws"}


def test_modules_beside_the_root_are_found(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "root" / "main.tf").write_text('module "m" {\n  source = "../shared"\n}\n')
    (tmp_path / "shared" / "main.tf").write_text('resource "aws_iam_user" "u" {\n  name = "u"\n}\n')

    assert block(load_source(tmp_path / "root"), "module.m.aws_iam_user.u").get("name") == "u"


def test_providers_tell_accounts_apart(load):
    loaded = load(
        'provider "aws" {}\nprovider "aws" {\n  alias = "prod"\n}\n'
        'resource "aws_iam_user" "a" {}\nresource "aws_iam_user" "b" {\n  provider = aws.prod\n}\n'
    )

    assert [(item.address, item.mode, item.account) for item in loaded.after.blocks] == [
        ("provider.aws", "provider", "aws"),
        ("provider.aws.prod", "provider", "aws.prod"),
        ("aws_iam_user.a", "managed", "aws"),
        ("aws_iam_user.b", "managed", "aws.prod"),
    ]


def test_outputs_tell_what_they_give_away(load):
    loaded = load(
        'resource "aws_iam_access_key" "k" {\n  user = "u"\n}\n'
        'output "s" {\n  value = aws_iam_access_key.k.secret\n  sensitive = true\n}\n'
    )

    assert [(item.name, item.sensitive, item.references) for item in loaded.outputs] == [
        ("s", True, (Reference("aws_iam_access_key.k", "secret"),))
    ]


def test_sensitive_variables_make_sensitive_attributes(load):
    loaded = load(
        'variable "x" {\n  sensitive = true\n}\nresource "aws_db_instance" "d" {\n  password = var.x\n  name = "n"\n}\n'
    )

    database = block(loaded, "aws_db_instance.d")
    assert database.sensitive("password")
    assert not database.sensitive("name")


def test_credentials_in_the_code_are_found_where_they_are_written(load):
    loaded = load(
        'variable "key" {\n  default = "AKIAABCDEFGHIJKLMNOP"\n}\n'
        'provider "aws" {\n  access_key = "AKIAQRSTUVWXYZ234567"\n}\n'
        'resource "aws_lambda_function" "f" {\n  environment {\n'
        '    variables = { A = "AKIA234567ABCDEFGHIJ" }\n  }\n}\n'
        'resource "aws_ssm_parameter" "p" {\n  value = var.key\n}\n'
    )

    assert {(leaf.address, leaf.kind, leaf.shown) for leaf in loaded.credentials} == {
        ("var.key", "access-key-id", "AKIA"),
        ("provider.aws", "access-key-id", "AKIA"),
        ("aws_lambda_function.f", "access-key-id", "AKIA"),
    }


def test_text_that_only_looks_like_ours_is_left_alone(load):
    key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    loaded = load(
        f'resource "aws_x" "x" {{\n  key = "{key}"\n  home = "arn:aws:s3:::home/$${{aws:username}}"\n'
        '  grant {\n    id = "canonical"\n  }\n}\n'
    )

    found = block(loaded, "aws_x.x")
    assert found.get("key") == key
    assert found.get("home") == "arn:aws:s3:::home/${aws:username}"
    assert found.get("grant") == [{"id": "canonical"}]


def test_source_that_does_not_parse_is_refused_with_file_and_line(load):
    with pytest.raises(InputError, match=r"main\.tf:2: Invalid expression"):
        load('resource "aws_iam_user" "u" {\n  name =\n}\n')


def test_a_directory_without_terraform_is_refused(tmp_path):
    with pytest.raises(InputError, match="no Terraform file"):
        load_source(tmp_path)


FIRST = '{ Effect = "Allow", Action = "*", Resource = "*" }'
KNOWN = {"Effect": "Allow", "Action": "*", "Resource": "*"}
PART = Unknown("depends on variable o", (Reference("var.o", "arn"),))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("var.o.arn", PART),
        ('["${var.o.arn}/*", var.o.arn]', [PART, PART]),
        ('[for x in var.o.arn : "${x}/*"]', [PART]),
        ('split(",", var.o.arn)', PART),
    ],
)  # fmt: skip
def test_a_part_of_a_variable_without_value_costs_its_own_place_only(load, written, read):
    loaded = load(
        f'variable "o" {{}}\nresource "aws_iam_policy" "p" {{\n'
        f"  policy = jsonencode({{ Statement = [{FIRST}, {{ Resource = {written} }}] }})\n}}\n"
    )

    assert block(loaded, "aws_iam_policy.p").get("policy") == {"Statement": [KNOWN, {"Resource": read}]}


def test_statements_that_a_loop_makes_of_something_unknown_do_not_hide_those_beside_them(load):
    loaded = load(
        'variable "x" {}\nresource "aws_iam_policy" "p" {\n'
        f"  policy = jsonencode({{ Statement = concat([{FIRST}], [for x in var.x : {{ Resource = x }}]) }})\n}}\n"
    )

    assert block(loaded, "aws_iam_policy.p").get("policy") == {"Statement": [KNOWN, VARIABLE_X]}


@pytest.mark.parametrize("unknown", ["try(var.x, {})", "try(var.x.tags, {})", "try(local.y, {})"])
def test_what_try_cannot_know_takes_all_that_it_is_merged_with_along(load, unknown):
    loaded = load(
        'variable "x" {}\nlocals {\n  y = var.x\n}\n'
        f'resource "aws_x" "a" {{\n  merged = merge({unknown}, {{ a = "1" }})\n}}\n'
        'resource "aws_x" "b" {\n  for_each = merge(try(var.x, {}), { a = "1" })\n}\n'
    )

    assert isinstance(block(loaded, "aws_x.a").get("merged"), Unknown)
    assert block(loaded, "aws_x.b").possible


def test_try_does_not_fall_back_where_a_loop_asks_before_the_count_is_known(load):
    loaded = load(
        'variable "create" { default = true }\ndata "aws_partition" "p" {\n  count = var.create ? 1 : 0\n}\n'
        'data "aws_partition" "none" {\n  count = var.create ? 0 : 1\n}\n'
        'locals {\n  one  = try(data.aws_partition.p[0].partition, "")\n  none = try(data.aws_partition.none[0].partition, "x")\n}\n'
        'resource "aws_iam_role_policy_attachment" "a" {\n'
        '  for_each   = { for k, v in { w = "arn:${local.one}:iam", x = "arn:${local.none}:iam" } : k => v if var.create }\n'
        "  policy_arn = each.value\n}\n"
    )

    read = {item.index: item.get("policy_arn") for item in loaded.after.blocks if item.index in ("w", "x")}
    assert read == {"w": "arn:⟦data.aws_partition.p[0].partition⟧:iam", "x": "arn:x:iam"}


@pytest.mark.parametrize("header", ['"aws_x" ""', '"aws_x" "a.b"', '"token.actions:aud" "a"', '"aws_x" "a b"'])
def test_a_block_whose_name_is_none_is_refused_with_its_line(tmp_path, header):
    (tmp_path / "main.tf").write_text(f"locals {{}}\nresource {header} {{}}\n")
    with pytest.raises(InputError, match=r"main\.tf:2: a block cannot be called '"):
        load_source(tmp_path)


def test_a_module_whose_source_can_be_no_path_is_not_there(tmp_path):
    (tmp_path / "main.tf").write_text('module "m" {\n  source = "./a\0b"\n}\n')
    (missing,) = load_source(tmp_path).unevaluated
    assert missing.startswith("module.m")


@pytest.mark.parametrize(("given", "found"), [("", ["preset"]), ('password = "from elsewhere"\n', [])])
def test_a_password_that_is_the_default_of_a_variable_stands_in_the_code(tmp_path, given, found):
    (tmp_path / "terraform.tfvars").write_text(given)
    (tmp_path / "main.tf").write_text(
        'variable "password" { default = "correct horse" }\n'
        'resource "aws_db_instance" "d" {\n  password = var.password\n}\n'
    )
    assert [(leaf.kind, leaf.via) for leaf in load_source(tmp_path).credentials] == [
        (kind, "var.password") for kind in found
    ]
