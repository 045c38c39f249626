"""Every spelling that AWS takes is one document; nothing is refused silently."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.policy.document import Condition, PolicyDocument, Principal, Statement, parse
from iacscan.value import Unknown


def document(**statement: object) -> PolicyDocument:
    parsed = parse(json.dumps({"Version": "2012-10-17", "Statement": statement}))
    assert isinstance(parsed, PolicyDocument)
    return parsed


def only(**statement: object) -> Statement:
    (found,) = document(**statement).statements
    return found


def test_one_statement_may_be_an_object_or_a_list() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}

    assert parse({"Statement": statement}) == parse({"Statement": [statement]})


def test_one_value_may_be_a_string_or_a_list() -> None:
    assert only(Effect="Allow", Action="s3:*", Resource="*") == only(Effect="Allow", Action=["s3:*"], Resource=["*"])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("*", (Principal("*", "*"),)),
        ({"AWS": "*"}, (Principal("AWS", "*"),)),
        ({"aws": ["1", "2"]}, (Principal("AWS", "1"), Principal("AWS", "2"))),
        ({"AWS": 12345678901}, (Principal("AWS", "012345678901"),)),
        ({"Service": "ec2.amazonaws.com", "Federated": "x"}, (Principal("Service", "ec2.amazonaws.com"), Principal("Federated", "x"))),
        ({"*": "*"}, (Principal("*", "*"),)),
    ],
)  # fmt: skip
def test_principals_in_all_forms(written: object, expected: tuple[Principal, ...]) -> None:
    assert only(Effect="Allow", Action="s3:*", Principal=written).principals == expected


def test_condition_values_that_are_not_strings_are_read_as_their_text() -> None:
    found = only(Effect="Deny", Action="*", Condition={"Bool": {"a": False}, "NumericLessThan": {"b": [1, "2"]}})

    assert found.conditions == (Condition("Bool", "a", ("false",)), Condition("NumericLessThan", "b", ("1", "2")))


def test_an_effect_in_another_case_is_neither_allow_nor_deny() -> None:
    found = document(Effect="allow", Action="*", Resource="*")

    assert isinstance(found.statements[0].effect, Unknown)
    assert found.problems[0].where == "Statement[0].Effect"


def test_element_names_in_another_case_are_read_and_reported() -> None:
    found = document(effect="Allow", action="*", Resource="*")

    assert found.statements[0].actions == ("*",)
    assert [problem.where for problem in found.problems] == ["Statement[0].effect", "Statement[0].action"]


def test_an_element_that_does_not_exist_is_reported() -> None:
    assert document(Effect="Allow", Actions="*").problems[0].where == "Statement[0].Actions"


def test_unknown_leaves_stay_where_they_are() -> None:
    gap = Unknown("computed")
    found = parse({"Statement": [{"Effect": "Allow", "Action": ["s3:*", gap], "Resource": gap}, gap]})

    assert isinstance(found, PolicyDocument)
    assert found.statements[0].actions == ("s3:*", gap)
    assert found.statements[0].resources == (gap,)
    assert found.unknown == (gap,)
    assert found.unknowns == (gap, gap, gap)


def test_positions_count_from_the_start_and_sids_name_statements() -> None:
    found = parse({"Statement": [{"Effect": "Allow", "Sid": ""}, {"Effect": "Deny", "Sid": "NoRoot"}]})

    assert isinstance(found, PolicyDocument)
    assert [statement.label for statement in found.statements] == ["statement 1", 'statement "NoRoot"']


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "[" * 5000, '{"a":' * 5000])
def test_what_is_not_a_policy_is_unknown_with_the_reason(text: str) -> None:
    found = parse(text, "aws_iam_policy.a.policy")

    assert isinstance(found, Unknown)
    assert found.because.startswith("aws_iam_policy.a.policy is ")


def test_a_document_without_statements_says_so() -> None:
    found = parse("{}")

    assert isinstance(found, PolicyDocument)
    assert found.problems[0].where == "Statement"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Statement", "Effect", "Action", "Principal", "Condition", "Resource", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_parses_or_is_unknown(tree: object) -> None:
    found = parse(json.dumps(tree))

    assert isinstance(found, PolicyDocument | Unknown)


@given(json_values)
def test_a_malformed_statement_is_never_dropped_without_a_word(body: object) -> None:
    found = parse({"Statement": [body]})

    assert isinstance(found, PolicyDocument)
    assert found.statements or found.problems


def test_principals_in_a_bare_list_are_read_and_reported() -> None:
    found = document(Effect="Allow", Action="sqs:*", Principal=["foo", "*"])

    assert found.statements[0].principals == (Principal("AWS", "foo"), Principal("AWS", "*"))
    assert found.problems[0].where == "Statement[0].Principal"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"Version": "2012-10-17", "Statement": []}', []),
        ('{"Version" : "2012-10-17", "Statement"\n:[]}', []),
        ('{"Statement": [{"Sid": "a\\":b", "Effect": "Deny"}]}', []),
        ('{"Statement": [{"Effect": "Deny", "Effect": "Allow"}]}', ["Effect"]),
        ('{"Statement": [{"Condition": {"Bool" : {"a:b": "1"}, "Bool": {"c:d": "1"}}}]}', ["Bool"]),
        ('{"Statement": [{"Condition": {"Bool": {"a:b": "1", "a:b": "2", "a:b": "3"}}}]}', ["a:b"]),
    ],
)
def test_a_name_that_stands_twice_in_one_object_is_noticed(text: str, expected: list[str]) -> None:
    found = parse(text)

    assert isinstance(found, PolicyDocument)
    assert [problem.where for problem in found.problems if problem.duplicate] == expected
