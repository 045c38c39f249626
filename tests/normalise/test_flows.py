import pytest

from iacscan.load.block import Output
from iacscan.value import Reference

KEY = "aws_iam_access_key.k"


@pytest.fixture
def flows(block, estate):
    def run(*others, outputs=()):
        found = estate(block(KEY, {"user": "u"}), *others, outputs=outputs)
        return [(item.key, item.part, item.sink, item.path) for item in found.key_flows]

    return run


@pytest.mark.parametrize(
    ("type_", "sink"),
    [
        ("aws_lambda_function", "compute"), ("aws_instance", "compute"), ("kubernetes_secret_v1", "compute"),
        ("github_actions_secret", "ci"), ("gitlab_project_variable", "ci"), ("circleci_environment_variable", "ci"),
        ("aws_ssm_parameter", "store"), ("aws_secretsmanager_secret_version", "store"), ("vault_generic_secret", "store"),
        ("local_file", "file"), ("null_resource", "file"), ("aws_s3_object", "other"),
    ],
)  # fmt: skip
def test_where_a_secret_arrives(flows, block, unknown, type_, sink):
    assert flows(block(f"{type_}.x", {"value": unknown(f"{KEY} secret")})) == [
        (KEY, "secret", sink, f"{type_}.x.value")
    ]


def test_a_known_value_flows_by_its_reference(flows, block):
    taker = block("aws_ssm_parameter.p", {"value": "AKIA"}, refers={"value": (Reference(KEY, "id"),)})
    assert flows(taker) == [(KEY, "id", "store", "aws_ssm_parameter.p.value")]


def test_through_templates_that_stand_in_any_order(flows, block, unknown):
    found = flows(
        block("aws_instance.i", {"user_data": unknown("data.cloudinit_config.c rendered")}),
        block("data.cloudinit_config.c", {"part": [{"content": unknown("data.template_file.t rendered")}]}),
        block("data.template_file.t", {"vars": {"key": unknown(f"{KEY} secret")}}),
    )
    assert (KEY, "secret", "compute", "aws_instance.i.user_data") in found


def test_outputs(flows):
    outputs = (
        Output("open", sensitive=False, references=(Reference(KEY, "secret"),)),
        Output("closed", sensitive=True, references=(Reference(KEY, "secret"),)),
        Output("whole", sensitive=False, references=(Reference(KEY),)),
        Output("owner", sensitive=False, references=(Reference(KEY, "user"),)),
    )
    assert flows(outputs=outputs) == [
        (KEY, "secret", "output", "output.open"),
        (KEY, "secret", "sensitive-output", "output.closed"),
        (KEY, "secret", "output", "output.whole"),
    ]


def test_policies_of_the_same_user_are_no_flows(flows, block, unknown):
    assert flows(block("aws_iam_user_policy.p", {"user": unknown(f"{KEY} user"), "policy": "{}"})) == []


def test_templates_that_feed_each_other_end(flows, block, unknown):
    found = flows(
        block("data.template_file.a", {"vars": {"x": unknown("data.template_file.b rendered")}}),
        block("data.template_file.b", {"vars": {"x": unknown("data.template_file.a rendered", f"{KEY} secret")}}),
    )
    assert {path for *_, path in found} == {"data.template_file.a.vars", "data.template_file.b.vars"}
