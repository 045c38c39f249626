"""Which calls of `templatefile` the texts of their files are put in the place of, and what becomes of these."""

import pytest

from iacscan.load.terraform_source import load_source
from iacscan.load.terraform_templates import with_templates
from iacscan.value import Reference, Unknown

FILES = {
    ("module", "p.json"): '{"R":"${q}"}',
    ("root", "p.json"): "root",
    ("module", "d/loop"): "%{ for q in x }${q}%{ endfor }",
}


def inlined(text):
    return with_templates(text, lambda start, path: FILES.get((start, path)))


def test_names_are_replaced_by_what_they_are_set_to():
    assert (
        inlined('a = templatefile("${path.module}/p.json", { q = aws_x.y.arn })')
        == 'a = "{\\"R\\":\\"${aws_x.y.arn}\\"}"'
    )
    assert inlined('a = templatefile("${path.module}/p.json", { "q" : a ? b : c, z = 1 })') == (
        'a = "{\\"R\\":\\"${(a ? b : c)}\\"}"'
    )
    assert (
        inlined('a = templatefile("p.json", {})')
        == inlined('a = templatefile("${path.root}/p.json", {})')
        == 'a = "root"'
    )


def test_lines_stay_where_they_are():
    text = 'a = templatefile(\n  "${path.module}/p.json",\n  {\n    q = "x" # why\n  }\n)\nb = 1\n'
    new = inlined(text)
    assert new.splitlines()[0] == 'a = ("{\\"R\\":\\"${"x"}\\"}"'
    assert new.splitlines().index("b = 1") == text.splitlines().index("b = 1")


@pytest.mark.parametrize(
    "call",
    [
        'templatefile("${path.module}/none.json", { q = 1 })',
        'templatefile("/etc/hostname", {})',
        'templatefile("p/../../x.json", local.values)',
        'templatefile("${path.module}/p.json", local.values)',
        'templatefile("${path.module}/p.json", merge({}, { q = 1 }))',
        'templatefile("${path.module}/p.json", { (var.k) = 1 })',
        'templatefile("${path.module}/d/loop", { x = [1], q = 2 })',  # q is another thing inside of the loop
        'templatefile("${path.module}/p.json", { q = 1 ',
        'templatefile("${path.module}/p.json", { q = <<E\nx\nE\n })',
    ],
)
def test_a_call_that_is_not_plain_stays_as_it_is(call):
    assert inlined(f"a = {call}\n") == f"a = {call}\n"


def test_a_call_in_a_comment_stays_as_it_is():
    text = '# templatefile("${path.module}/p.json", { q = 1 })\n'
    assert inlined(text) == text


def test_a_template_is_a_text_with_the_references_of_the_call(tmp_path):
    (tmp_path / "p.tpl").write_text(
        '{"Statement":[{"Action":"*"},{"Resource":["${arn}/*", "${list[0]}"%{ for x in list }, "${x}"%{ endfor }],'
        ' "Path":"C:\\\\${other}", "User":"$${aws:username}", "Known":"${upper("q")}-${known}"}]}'
    )
    (tmp_path / "main.tf").write_text(
        'variable "x" {}\nresource "aws_sqs_queue" "q" {}\nresource "aws_iam_policy" "p" {\n'
        '  policy = templatefile("${path.module}/p.tpl", {\n    arn   = aws_sqs_queue.q.arn\n    list  = ["a", "b"]\n'
        '    other = var.x\n    known = "k"\n  })\n}\n'
    )

    loaded = load_source(tmp_path)

    policy = next(block for block in loaded.after.blocks if block.type == "aws_iam_policy")
    assert (policy.span.line, policy.span.end_line) == (3, 10)
    assert policy.get("policy") == {
        "Statement": [
            {"Action": "*"},
            {
                "Resource": ["⟦aws_sqs_queue.q.arn⟧/*", "a", "a", "b"],
                "Path": Unknown("depends on variable x", (Reference("var.x"),)),
                "User": "${aws:username}",
                "Known": "Q-k",
            },
        ]
    }  # fmt: skip


@pytest.mark.parametrize("call", ['file("none.json")', 'templatefile("none.json", {})', 'filebase64("none")'])
def test_what_a_file_gives_that_is_not_there_is_not_known_and_not_unset(tmp_path, call):
    (tmp_path / "main.tf").write_text(f'resource "aws_iam_policy" "p" {{\n  policy = {call}\n}}\n')

    (policy,) = load_source(tmp_path).after.blocks
    assert isinstance(policy.get("policy"), Unknown)


def test_a_call_in_json_that_gives_nothing_is_not_known(tmp_path):
    text = '{"resource": {"aws_iam_policy": {"p": {"policy": "${templatefile(\\"p.tpl\\", {})}", "path": "${upper(\\"a\\")}"}}}}'
    (tmp_path / "main.tf.json").write_text(text)

    (policy,) = load_source(tmp_path).after.blocks
    assert isinstance(policy.get("policy"), Unknown)
    assert policy.get("path") == "A"


def test_texts_that_would_grow_without_end_are_left_out():
    value = "x" * 5_000
    files = {("module", "many"): "${q}" * 1_000, ("module", "large"): "x" * 300_000, ("module", "once"): "${q}" * 20}

    def call(name):
        return f'a = templatefile("${{path.module}}/{name}", {{ q = "{value}" }})\n'

    def read(start, path):
        return files.get((start, path))

    assert with_templates(call("many"), read) == call("many")
    assert with_templates(call("large"), read) == call("large")
    assert len(with_templates(call("once"), read)) > 100_000
    assert len(with_templates(call("once") * 200, read)) < 6_000_000


CHOSEN = """
variable "kind" { default = "a" }
variable "unset" {}
locals { files = { a = "p/a.tpl" } }
resource "aws_sqs_queue" "q" {}
resource "aws_iam_policy" "p" {
  policy = templatefile(%s, { action = %s, other = "o" })
}
"""
UNKNOWN = object()


@pytest.mark.parametrize(
    "path", ['"${path.module}/p/${var.kind}.tpl"', "lookup(local.files, var.kind)", "local.files.a"]
)
@pytest.mark.parametrize(
    ("template", "action", "read"),
    [
        ('"${action} ${ other }"', '"s3:*"', '"s3:* o"'),
        ('"${action} $${aws:username}"', '"s3:*"', '"s3:* ${aws:username}"'),
        ('"${upper(action)}"', '"s3:*"', UNKNOWN),
        ('"%{ if true }${action}%{ endif }"', '"s3:*"', UNKNOWN),
        ('"$${other}"', '"s3:*"', UNKNOWN),
        ('"${action}"', "aws_sqs_queue.q.kind", UNKNOWN),
        ('"${action}"', "var.unset", UNKNOWN),
    ],
)
def test_a_template_whose_path_is_chosen_is_filled_in_as_far_as_names_go(tmp_path, path, template, action, read):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "a.tpl").write_text(template)
    (tmp_path / "main.tf").write_text(CHOSEN % (path, action))
    policy = next(item for item in load_source(tmp_path).after.blocks if item.type == "aws_iam_policy").get("policy")
    assert isinstance(policy, Unknown) if read is UNKNOWN else policy == read


def test_a_template_that_is_chosen_and_is_not_there_is_not_known(tmp_path):
    (tmp_path / "main.tf").write_text(CHOSEN % ('"p/${var.kind}.tpl"', '"s3:*"'))
    policy = next(item for item in load_source(tmp_path).after.blocks if item.type == "aws_iam_policy").get("policy")
    assert isinstance(policy, Unknown)
