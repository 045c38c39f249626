"""The data source `aws_iam_policy_document`, rebuilt from its arguments where its text is not known."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.load.block import Loaded, Side
from iacscan.normalise import normalise
from iacscan.policy.document import Condition, PolicyDocument, Principal, parse
from iacscan.value import Reference, Unknown

BUCKET = "arn:aws:s3:::⟦aws_s3_bucket.b⟧"


@pytest.fixture
def rebuilt(block, estate, unknown):
    """The document of a policy that takes the text of `data.aws_iam_policy_document.d`."""

    def run(document, *others):
        policy = block("aws_iam_policy.p", {"name": "p", "policy": unknown("data.aws_iam_policy_document.d json")})
        data = block("data.aws_iam_policy_document.d", {"json": unknown(), **document}, action="read")
        found = estate(policy, data, *others)
        return found.managed_policies[0].document, found.coverage

    return run


def statement(**given_):
    return {"actions": ["s3:GetObject"], "resources": ["*"], **given_}


def test_a_null_effect_is_allow_and_a_null_version_the_current_one(rebuilt):
    document, coverage = rebuilt({"statement": [statement(effect=None, sid=None)], "version": None})
    assert document.version == "2012-10-17"
    assert document.statements[0].effect == "Allow"
    assert document.statements[0].sid is None
    assert (coverage.analysed, coverage.partial, coverage.unknown) == (1, 0, ())


def test_every_element_has_its_argument(rebuilt):
    document, _ = rebuilt(
        {
            "statement": [
                {
                    "sid": "One",
                    "effect": "Deny",
                    "actions": None,
                    "not_actions": ["iam:*"],
                    "not_resources": ["arn:aws:s3:::a"],
                    "principals": [{"type": "AWS", "identifiers": ["*"]}, {"type": "*", "identifiers": ["*"]}],
                    "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
                },
                statement(not_principals=[{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}]),
            ]
        }
    )
    first, second = document.statements
    assert (first.sid, first.effect, first.actions, first.not_actions) == ("One", "Deny", None, ("iam:*",))
    assert (first.resources, first.not_resources) == (None, ("arn:aws:s3:::a",))
    assert set(first.principals) == {Principal("AWS", "*"), Principal("*", "*")}
    assert first.conditions == (Condition("Bool", "aws:SecureTransport", ("false",)),)
    assert second.not_principals == (Principal("Service", "ec2.amazonaws.com"),)


def test_the_notation_for_policy_variables_is_translated(rebuilt):
    document, _ = rebuilt({"statement": [statement(resources=["arn:aws:iam::*:user/&{aws:username}"])]})
    assert document.statements[0].resources == ("arn:aws:iam::*:user/${aws:username}",)


def test_conditions_with_the_same_operator_are_joined_by_key(rebuilt):
    conditions = [
        {"test": "StringEquals", "variable": "a", "values": ["1"]},
        {"test": "StringEquals", "variable": "b", "values": ["2"]},
        {"test": "StringEquals", "variable": "a", "values": ["3"]},
    ]
    document, _ = rebuilt({"statement": [statement(condition=conditions)]})
    assert document.statements[0].conditions == (
        Condition("StringEquals", "a", ("1", "3")),
        Condition("StringEquals", "b", ("2",)),
    )


def test_a_condition_whose_key_is_unknown_stays_beside_the_known_ones(rebuilt, unknown):
    conditions = [
        {"test": "StringEquals", "variable": unknown("aws_eks_cluster.c identity[0].oidc[0].issuer"), "values": ["x"]},
        {"test": "StringEquals", "variable": "a", "values": ["1"]},
    ]
    document, coverage = rebuilt({"statement": [statement(condition=conditions)]})
    found = document.statements[0].conditions
    assert Condition("StringEquals", "a", ("1",)) in found
    assert any(isinstance(item, Unknown) for item in found)
    assert coverage.partial == 1


# -- unknown elements ---------------------------------------------------------------------------------------------------


def test_two_elements_made_of_one_bucket_are_the_bucket_and_its_objects(rebuilt, block, unknown):
    hole = unknown("aws_s3_bucket.b arn")
    document, coverage = rebuilt({"statement": [statement(resources=[hole, hole])]}, block("aws_s3_bucket.b"))
    assert document.statements[0].resources == (BUCKET, f"{BUCKET}/*")
    assert coverage.analysed == 1


@pytest.mark.parametrize("attribute", ["arn", "id", "bucket", ""])
def test_one_element_made_of_a_bucket_is_known_only_at_its_beginning(rebuilt, block, unknown, attribute):
    hole = unknown(f"aws_s3_bucket.b {attribute}")
    document, coverage = rebuilt({"statement": [statement(resources=[hole])]}, block("aws_s3_bucket.b"))
    assert document.statements[0].resources == (f"{BUCKET}⟦…⟧",)
    assert coverage.partial == 1


def test_the_arn_of_what_has_nothing_below_it_is_exact(rebuilt, block, unknown):
    document, coverage = rebuilt(
        {"statement": [statement(resources=["x", unknown("aws_iam_role.r arn")])]}, block("aws_iam_role.r")
    )
    assert document.statements[0].resources == ("x", "arn:aws:iam::⟦account⟧:role/⟦aws_iam_role.r⟧")
    assert coverage.analysed == 1


@pytest.mark.parametrize(
    "references",
    [
        ("local.arn",),  # a dead end
        ("aws_s3_bucket.b arn", "local.prefix"),  # may stand before it
        ("aws_s3_bucket.b arn", "aws_s3_bucket.c arn"),  # one text of two
        ("aws_iam_role.r name",),  # the name may stand in anything
        ("aws_s3_bucket.gone arn",),
        (),
    ],
)
def test_no_text_is_invented_for_an_element_that_does_not_tell(rebuilt, block, unknown, references):
    document, coverage = rebuilt(
        {"statement": [statement(resources=[unknown(*references)])]},
        block("aws_s3_bucket.b"),
        block("aws_s3_bucket.c"),
        block("aws_iam_role.r"),
    )
    (found,) = document.statements[0].resources
    assert isinstance(found, Unknown)
    assert coverage.partial == 1


@pytest.mark.parametrize("switch", ["local.enabled", "data.aws_caller_identity.me account_id"])
def test_switches_and_known_data_are_no_part_of_what_is_unknown(rebuilt, block, unknown, switch):
    hole = unknown(switch, "aws_s3_bucket.b arn")
    document, _ = rebuilt(
        {"statement": [statement(resources=[hole])]},
        block("aws_s3_bucket.b"),
        block("data.aws_caller_identity.me", {"account_id": "111122223333"}),
    )
    assert document.statements[0].resources == (f"{BUCKET}⟦…⟧",)


def test_principals_and_condition_values_of_one_reference_are_exact(rebuilt, block, unknown):
    document, coverage = rebuilt(
        {
            "statement": [
                statement(
                    principals=[{"type": "AWS", "identifiers": [unknown("aws_iam_role.r arn")]}],
                    condition=[
                        {"test": "ArnEquals", "variable": "aws:SourceArn", "values": [unknown("aws_sns_topic.t arn")]}
                    ],
                )
            ]
        },
        block("aws_iam_role.r", {"name": "app"}),
        block("aws_sns_topic.t", {"name": "t"}),
    )
    found = document.statements[0]
    assert found.principals == (Principal("AWS", "arn:aws:iam::⟦account⟧:role/app"),)
    assert found.conditions[0].values == ("arn:aws:sns:⟦region⟧:⟦account⟧:t",)
    assert coverage.analysed == 1


def test_a_principal_that_is_made_with_the_region_is_not_the_region(rebuilt, block, unknown):
    principals = [{"type": "Service", "identifiers": [unknown("data.aws_region.r name")]}]
    document, coverage = rebuilt({"statement": [statement(principals=principals)]}, block("data.aws_region.r"))
    (principal,) = document.statements[0].principals
    assert isinstance(principal, Unknown)
    assert coverage.partial == 1


def test_a_principal_of_unknown_kind_leaves_open_who_is_meant(rebuilt, unknown):
    document, _ = rebuilt({"statement": [statement(principals=[{"type": unknown("local.x"), "identifiers": ["*"]}])]})
    assert [type(item) for item in document.statements[0].principals] == [Unknown]


@pytest.mark.parametrize("attribute", ["actions", "resources", "not_actions", "principals", "condition", "effect"])
def test_an_unknown_argument_is_unknown_in_the_statement(rebuilt, unknown, attribute):
    document, coverage = rebuilt({"statement": [statement(**{attribute: unknown("local.x")})]})
    assert document.statements[0].unknowns
    assert coverage.partial == 1


def test_an_unknown_list_of_statements_is_unknown_in_the_document(rebuilt, unknown):
    document, coverage = rebuilt({"statement": unknown("local.x")})
    assert document.unknown
    assert coverage.partial == 1


# -- documents made of documents ----------------------------------------------------------------------------------------


def sids(document):
    return [item.sid for item in document.statements]


def text(*names, effect="Allow"):
    return json.dumps({"Statement": [{"Sid": n, "Effect": effect, "Action": "s3:*", "Resource": "*"} for n in names]})


def test_own_statements_replace_those_taken_over_and_are_replaced_by_overrides(rebuilt):
    document, _ = rebuilt(
        {
            "source_policy_documents": [text("A", "B")],
            "statement": [statement(sid="B", effect="Deny"), statement(sid="C")],
            "override_policy_documents": [text("C", "D", effect="Deny")],
        }
    )
    assert [(item.sid, item.effect) for item in document.statements] == [
        ("A", "Allow"), ("B", "Deny"), ("C", "Deny"), ("D", "Deny"),
    ]  # fmt: skip


def test_the_deprecated_arguments_do_the_same(rebuilt):
    document, _ = rebuilt(
        {"source_json": text("A"), "statement": [statement(sid="B")], "override_json": text("A", effect="Deny")}
    )
    assert [(item.sid, item.effect) for item in document.statements] == [("A", "Deny"), ("B", "Allow")]


def test_statements_without_sid_never_replace_each_other(rebuilt):
    document, _ = rebuilt({"source_policy_documents": [text("")], "statement": [statement(), statement()]})
    assert len(document.statements) == 3


def test_taken_over_documents_never_replace_each_other(rebuilt):
    document, _ = rebuilt({"source_policy_documents": [text("A"), text("A", effect="Deny")]})
    assert [item.effect for item in document.statements] == ["Allow", "Deny"]


@pytest.mark.parametrize("given", [{"source_policy_documents": [text("A")]}, {"statement": [statement(sid="A")]}])
def test_what_an_unknown_override_may_replace_is_not_certain(rebuilt, unknown, given):
    document, coverage = rebuilt({**given, "override_policy_documents": [unknown("local.more")]})
    (kept,) = document.statements
    assert isinstance(kept.effect, Unknown)
    assert kept.actions
    assert document.unknown
    assert (coverage.analysed, coverage.partial) == (0, 1)


def test_own_statements_replace_nothing_of_an_unknown_document_that_is_taken_over(rebuilt, unknown):
    document, _ = rebuilt({"source_policy_documents": [unknown("local.more")], "statement": [statement(sid="A")]})
    assert [item.effect for item in document.statements] == ["Allow"]
    assert document.unknown


def test_unknown_documents_are_rebuilt_in_turn(rebuilt, block, unknown):
    inner = block(
        "data.aws_iam_policy_document.inner", {"json": unknown(), "statement": [statement(sid="In")]}, action="read"
    )
    document, coverage = rebuilt(
        {"source_policy_documents": [unknown("data.aws_iam_policy_document.inner json"), text("A")]}, inner
    )
    assert sorted(sids(document)) == ["A", "In"]
    assert coverage.analysed == 1


def test_a_document_that_cannot_be_followed_leaves_a_hole(rebuilt, unknown):
    document, coverage = rebuilt({"source_policy_documents": [text("A"), unknown("local.more")]})
    assert sids(document) == ["A"]
    assert document.unknown
    assert coverage.partial == 1


def test_documents_that_take_over_each_other_end(rebuilt, unknown):
    document, coverage = rebuilt({"source_policy_documents": [unknown("data.aws_iam_policy_document.d json")]})
    assert document.unknown
    assert coverage.partial == 1


# -- other ways to a policy ---------------------------------------------------------------------------------------------


def test_a_computed_text_is_unknown_and_counted_with_its_reason(block, estate, unknown):
    found = estate(block("aws_iam_policy.p", {"name": "p", "policy": unknown("aws_sqs_queue.q arn")}))
    assert isinstance(found.managed_policies[0].document, Unknown)
    assert found.coverage.unknown == (("aws_iam_policy.p.policy", "known only after apply"),)


def test_a_policy_taken_from_another_resource_is_that_policy(block, estate, unknown):
    found = estate(
        block("aws_iam_policy.a", {"name": "a", "policy": text("A")}),
        block("aws_iam_policy.b", {"name": "b", "policy": unknown("aws_iam_policy.a policy")}),
    )
    assert sids(found.managed_policies[1].document) == ["A"]


def test_marks_in_a_text_are_filled_after_it_was_parsed(block, estate):
    policy = text("A").replace('"*"', '"⟦aws_s3_bucket.b[\\"k\\"].arn⟧/*"')
    found = estate(
        block("aws_iam_policy.p", {"policy": policy}), block('aws_s3_bucket.b["k"]', {"bucket": "logs"}, index="k")
    )
    assert found.managed_policies[0].document.statements[0].resources == ("arn:aws:s3:::logs/*",)


def test_a_document_that_nothing_uses_is_not_a_policy(block, estate):
    found = estate(block("data.aws_iam_policy_document.d", {"json": text("A"), "statement": [statement()]}))
    assert (found.coverage.analysed, found.coverage.partial, found.coverage.unknown) == (0, 0, ())


WORD = st.sampled_from(["s3:GetObject", "iam:*", "ec2:Describe*", "*"])
STATEMENTS = st.lists(
    st.fixed_dictionaries(
        {
            "effect": st.sampled_from(["Allow", "Deny"]),
            "actions": st.lists(WORD, min_size=1, max_size=3),
            "resources": st.lists(st.sampled_from(["*", "arn:aws:s3:::a", "arn:aws:s3:::a/*"]), min_size=1, max_size=3),
            "condition": st.lists(
                st.fixed_dictionaries(
                    {
                        "test": st.sampled_from(["StringEquals", "Bool"]),
                        "variable": st.sampled_from(["a", "b"]),
                        "values": st.lists(st.sampled_from(["x", "y"]), min_size=1, max_size=2),
                    }
                ),
                max_size=1,
            ),
        }
    ),
    min_size=1,
    max_size=4,
)


@given(STATEMENTS)
def test_a_rebuilt_document_is_what_parsing_its_text_gives(statements):
    tree = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": item["effect"],
                "Action": item["actions"],
                "Resource": item["resources"],
                "Condition": {c["test"]: {c["variable"]: c["values"]} for c in item["condition"]} or None,
            }
            for item in statements
        ],
    }
    assert _rebuild(statements) == msgspec.structs.replace(parse(json.dumps(tree)), text=None)


def _rebuild(statements) -> PolicyDocument:
    class Given:
        module, index, account, action, span, possible, name = "", None, "aws", "create", None, False, "x"

        def __init__(self, address, mode, **values):
            self.address, self.mode, self.values = address, mode, values
            self.type = address.removeprefix("data.").partition(".")[0]

        def get(self, name):
            return self.values.get(name)

        def names(self):
            return frozenset(self.values)

        def literal(self, _):
            return None

        def configured(self, name):
            return name in self.values

        def references(self, *_):
            return ()

        def sensitive(self, _):
            return False

    hole = Unknown("later", (Reference("data.aws_iam_policy_document.d", "json"),))
    blocks = [
        Given("aws_iam_policy.p", "managed", policy=hole),
        Given("data.aws_iam_policy_document.d", "data", json=Unknown("later"), statement=statements),
    ]
    return normalise(Loaded("x", "terraform-plan", Side([]), Side(blocks)))[1].managed_policies[0].document


# -- literals ---------------------------------------------------------------------------------------------------------


NORMALISED = '{"Statement":[{"Action":"sqs:SendMessage","Condition":{"StringEquals":{"aws:PrincipalTag/b":"2"}},"Effect":"Allow","Principal":"*","Resource":"*"}]}'
TWICE = NORMALISED.replace('"StringEquals":{', '"StringEquals":{"aws:PrincipalTag/a":"1"},"StringEquals":{')


@pytest.mark.parametrize(
    ("literal", "lost"),
    [
        (TWICE, ["StringEquals"]),
        (TWICE.replace('":', '" : '), ["StringEquals"]),
        (NORMALISED, []),
        (TWICE.replace("sqs:SendMessage", "sqs:*"), []),
        ("not JSON", []),
        (None, []),
    ],
    ids=["twice", "twice, with spaces", "once", "of another policy, as where changes are ignored", "no JSON", "none"],
)
def test_a_name_that_the_provider_has_dropped_is_seen_in_the_literal(block, estate, literal, lost):
    """The provider normalises the policy of a queue: of two equal names the plan's value has one."""
    literals = {} if literal is None else {"policy": literal}
    found = estate(block("aws_sqs_queue_policy.p", {"queue_url": "q", "policy": NORMALISED}, literals=literals))
    (policy,) = found.resource_policies
    assert [item.where for item in policy.document.problems if item.duplicate] == lost


@pytest.mark.parametrize(
    ("address", "attribute", "more"),
    [
        ("aws_iam_policy.p", "policy", {"name": "p"}),
        ("aws_iam_role_policy.p", "policy", {"role": "r"}),
        ("aws_iam_role.p", "assume_role_policy", {"name": "p"}),
        ("aws_s3_bucket_policy.p", "policy", {"bucket": "b"}),
        ("aws_sqs_queue_policy.p", "policy", {"queue_url": "q"}),
        ("aws_ssoadmin_permission_set_inline_policy.p", "inline_policy", {"permission_set_arn": "arn:aws:sso:::p"}),
        ("aws_organizations_policy.p", "content", {"name": "p"}),
    ],
)
@pytest.mark.parametrize("value", ["", " \n", None])
def test_a_needed_policy_that_is_empty_counts_as_unknown(block, estate, address, attribute, more, value):
    found = estate(block(address, {attribute: value, **more}))
    assert found.coverage.unknown == ((f"{address}.{attribute}", f"{attribute} is empty"),)


@pytest.mark.parametrize(
    ("address", "attribute"),
    [("aws_s3_bucket.b", "policy"), ("aws_sqs_queue.q", "policy"), ("aws_vpc_endpoint_policy.e", "policy")],
)
def test_a_policy_that_may_be_left_out_is_no_policy_when_empty(block, estate, address, attribute):
    coverage = estate(block(address, {attribute: ""})).coverage
    assert (coverage.analysed, coverage.partial, coverage.unknown) == (0, 0, ())


def test_statements_whose_sids_are_not_known_do_not_replace_each_other(rebuilt, unknown):
    sid = unknown("var.sid")
    document, _ = rebuilt(
        {
            "statement": [
                statement(sid=sid, actions=["iam:*"]),
                statement(sid=sid),
                statement(sid=None),
                statement(sid=""),
            ]
        }
    )
    assert [item.actions for item in document.statements] == [("iam:*",), *[("s3:GetObject",)] * 3]


@pytest.mark.parametrize("actions", [{}, {"actions": []}, {"actions": None, "not_actions": None}])
def test_a_statement_without_actions_is_not_taken_for_known(rebuilt, actions):
    document, coverage = rebuilt({"statement": [{"resources": ["*"], **actions}, statement()]})
    assert [item.actions for item in document.statements] == [("s3:GetObject",)]
    assert document.unknown == (Unknown("a statement is without actions"),)
    assert (coverage.analysed, coverage.partial) == (0, 1)
