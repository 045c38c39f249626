"""The generated tables hold together: a source that has lost something is noticed here."""

import re

import pytest

from iacscan.policy import action_data
from iacscan.policy.action import ActionSet, known, published
from iacscan.policy.action_data import LEVELS, detail, resource_control_services, risk_tags, services

GENERATED = ("actions.txt", "detail.txt", "rcp.txt", "managed.txt")


def test_every_generated_table_names_its_source():
    for name in GENERATED:
        head = action_data.table_bytes(name).partition(b"\n")[0].decode()
        assert re.fullmatch(
            r"# from \w+ [\d.]+ \([\w.-]+\), sha256 [0-9a-f]{64}, 20\d\d-\d\d-\d\d; generator \d+; .+", head
        )


@pytest.mark.parametrize(("table", "separator"), [("managed.txt", "\t"), ("detail.txt", " "), ("sam.txt", "\t")])
def test_every_line_of_a_sorted_table_is_found(table, separator):
    rows = [line.split(separator, 1) for line in action_data.table_bytes(table).decode().splitlines()[1:]]

    assert len(rows) > 50
    assert [key.encode() for key, _ in rows] == sorted(key.encode() for key, _ in rows)
    for key, rest in rows:
        assert action_data.find_line(table, key, separator) == rest.encode()
    for absent in ("", "!", "~", rows[0][0][:-1], rows[-1][0] + "x"):
        assert action_data.find_line(table, absent, separator) is None


def test_there_are_as_many_services_and_actions_as_the_header_says():
    head = action_data.table_bytes("actions.txt").partition(b"\n")[0].decode()
    counts = re.search(r"(\d+) services, (\d+) actions", head)

    assert counts is not None
    assert len(services()) == int(counts[1])
    assert len(published()) == int(counts[2])
    assert len(published()) >= 22_000


def test_services_have_the_actions_that_they_announce_in_order():
    end = 0
    for prefix, service in services().items():
        assert service.prefix == prefix
        assert service.first == end
        assert len(service.names) == service.count
        assert service.folded == sorted(set(service.folded))
        end = service.reserve + 1


def test_every_action_has_levels():
    for service in services().values():
        for marks in service.marks:
            letters = marks.removesuffix("+")
            assert letters
            assert set(letters) <= set(LEVELS)


def test_every_resource_type_resolves_and_agrees_with_the_mark():
    for prefix, service in services().items():
        facts = detail(prefix)
        assert set(facts.action_resources) <= set(service.folded)
        for name, marks in zip(service.folded, service.marks, strict=True):
            uses = facts.action_resources.get(name, ())
            assert bool(uses) == marks.endswith("+")
            assert all(use in facts.resource_types for use, _ in uses)


def test_every_arn_format_is_an_arn():
    for prefix in services():
        for kind in detail(prefix).resource_types.values():
            assert kind.arn.startswith("arn:")


def test_actions_of_old_and_of_last_month_are_there():
    for name in (
        "iam:PassRole",
        "s3:GetObject",
        "sts:AssumeRole",
        "lambda:UpdateFunctionCode",
        "organizations:AttachPolicy",
        "bedrock-agentcore:InvokeAgentRuntime",
        "s3tables:PutTablePolicy",
        "iam:AcceptDelegationRequest",
        "dsql:CreateCluster",
    ):
        assert known(name)


def test_risk_tags_are_published_actions_in_order():
    assert set(risk_tags()) == {
        "escalation",
        "credentials",
        "sensitive-read",
        "resource-exposure",
        "data-destruction",
        "disable-audit",
    }
    for actions in risk_tags().values():
        assert list(actions) == sorted(set(actions), key=str.lower)
        assert ActionSet.of(actions).names() == tuple(sorted(actions, key=_order))


def _order(name: str) -> tuple[str, str]:
    prefix, _, rest = name.partition(":")
    return prefix, rest.lower()


def test_resource_control_services_are_services():
    assert len(resource_control_services()) > 50
    # AWS lists a few prefixes under which it publishes no actions of their own.
    assert resource_control_services() <= set(services())
