"""Two documents are the same when they say the same, however they are written."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iacscan.policy.arn import REST
from iacscan.policy.canonical import Canonical, canonical, merged
from iacscan.policy.document import PolicyDocument, Statement, parse
from iacscan.value import Reference, Truth, Unknown

READ = {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:ListBucket"],
    "Resource": ["arn:aws:s3:::a", "arn:aws:s3:::a/*"],
}
SEND = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}


def same(one, other):
    """Whether two documents say the same; unknown where what is not known in them may make the difference."""
    first, second = canonical(one), canonical(other)
    return Truth.of(known=first == second) if first.certain and second.certain else Truth.UNKNOWN


def document(*statements: object, version: str | None = "2012-10-17") -> PolicyDocument:
    tree = {"Statement": list(statements)} | ({"Version": version} if version else {})
    parsed = parse(json.dumps(tree))
    assert isinstance(parsed, PolicyDocument)
    return parsed


@pytest.mark.parametrize(
    "spelling",
    [
        {"Effect": "Allow", "Action": ["S3:listbucket", "s3:getobject"], "Resource": ["arn:aws:s3:::a/*", "arn:aws:s3:::a"]},
        {**READ, "Action": ["s3:GetObject", "s3:GetObject", "s3:ListBucket"]},
        {**READ, "Sid": "Read"},
    ],
    ids=["order and case", "duplication", "sid"],
)  # fmt: skip
def test_spelling_does_not_matter(spelling: object) -> None:
    assert same(document(spelling), document(READ)) is Truth.YES


def test_operators_and_keys_are_compared_without_case_and_values_with_it() -> None:
    def guarded(operator: str, key: str, value: str) -> PolicyDocument:
        return document({**SEND, "Condition": {operator: {key: value}}})

    assert (
        same(guarded("StringEquals", "aws:SourceVpc", "v"), guarded("stringequals", "AWS:sourcevpc", "v")) is Truth.YES
    )
    assert (
        same(guarded("StringEquals", "aws:SourceVpc", "v"), guarded("StringEquals", "aws:SourceVpc", "V")) is Truth.NO
    )


def test_resources_are_compared_with_case() -> None:
    assert same(document(READ), document({**READ, "Resource": ["arn:aws:s3:::A", "arn:aws:s3:::A/*"]})) is Truth.NO


@pytest.mark.parametrize("part", ["Action", "Resource"])
def test_a_list_and_its_negation_differ(part: str) -> None:
    negated = {f"Not{key}" if key == part else key: value for key, value in READ.items()}

    assert same(document(READ), document(negated)) is Truth.NO


def test_symbols_are_the_same_only_if_identical() -> None:
    def of(bucket: str) -> PolicyDocument:
        return document({**READ, "Resource": f"arn:aws:s3:::⟦aws_s3_bucket.{bucket}⟧/*"})

    assert same(of("a"), of("a")) is Truth.YES
    assert same(of("a"), of("b")) is Truth.NO


def test_both_stars_are_one_principal() -> None:
    assert same(document({**SEND, "Principal": "*"}), document({**SEND, "Principal": {"AWS": "*"}})) is Truth.YES


def test_the_version_counts_only_where_there_are_variables() -> None:
    own = {**SEND, "Resource": "arn:aws:sqs:*:*:${aws:username}"}

    assert same(document(SEND, version=None), document(SEND)) is Truth.YES
    assert same(document(own, version=None), document(own)) is Truth.NO
    assert same(document(own, version=None), document(own, version="2008-10-17")) is Truth.YES


def test_what_is_not_known_leaves_the_answer_open_and_equal_gaps_give_equal_forms() -> None:
    def reading(attribute: str) -> PolicyDocument:
        hole = Unknown("known after apply", (Reference("local.x", attribute),))
        return PolicyDocument(statements=(Statement(actions=("s3:GetObject",), resources=(hole,)),))

    assert same(reading("a"), reading("a")) is Truth.UNKNOWN
    assert same(reading("a"), reading("b")) is Truth.UNKNOWN
    assert canonical(reading("a")) == canonical(reading("a"))
    assert canonical(reading("a")) != canonical(reading("b"))


def test_a_text_of_which_only_the_beginning_is_known_leaves_the_answer_open() -> None:
    broken_off = document({**READ, "Resource": f"arn:aws:s3:::a{REST}"})

    assert same(broken_off, broken_off) is Truth.UNKNOWN


def test_a_missing_statement_leaves_the_answer_open() -> None:
    gap = PolicyDocument(version="2012-10-17", statements=document(SEND).statements, unknown=(Unknown("not known"),))

    assert same(gap, document(SEND)) is Truth.UNKNOWN


_TEXTS = st.lists(st.sampled_from(["s3:Get*", "s3:PutObject", "sqs:*", "*"]), min_size=1, max_size=3)
_STATEMENTS = st.builds(
    lambda effect, actions, resources, name: {"Effect": effect, name: actions, "Resource": resources},
    st.sampled_from(["Allow", "Deny"]), _TEXTS, st.lists(st.sampled_from(["*", "arn:aws:s3:::a"]), min_size=1), st.sampled_from(["Action", "NotAction"]),
)  # fmt: skip


@given(st.lists(_STATEMENTS, min_size=1, max_size=4), st.randoms(use_true_random=False))
def test_order_and_duplication_never_matter(statements: list[dict[str, object]], random: object) -> None:
    shuffled = [*statements, statements[0]]
    random.shuffle(shuffled)
    for index, statement in enumerate(shuffled):
        actions = list(statement.get("Action") or statement["NotAction"]) * 2
        random.shuffle(actions)
        shuffled[index] = {**statement, ("Action" if "Action" in statement else "NotAction"): actions}

    assert canonical(document(*shuffled)) == canonical(document(*statements))


@given(st.lists(_STATEMENTS, min_size=1, max_size=4))
def test_merging_a_document_with_itself_adds_nothing(statements: list[dict[str, object]]) -> None:
    def form(*documents: PolicyDocument) -> Canonical:
        return canonical(PolicyDocument(statements=merged(documents)))

    once = PolicyDocument(statements=merged((document(*statements),)))

    assert form(document(*statements), document(*statements)) == canonical(once)
    assert form(once) == canonical(once)


def test_statements_that_differ_only_in_their_actions_become_one() -> None:
    (united, other) = merged(
        (document({**SEND, "Sid": "A"}), document({**SEND, "Action": "sqs:ReceiveMessage"}, READ)),
    )

    assert (united.actions, united.resources, united.sid) == (("sqs:ReceiveMessage", "sqs:SendMessage"), ("*",), None)
    assert canonical(PolicyDocument(statements=(other,))) == canonical(document(READ, version=None))


@pytest.mark.parametrize(
    "other",
    [
        {**SEND, "Effect": "Deny"},
        {**SEND, "Resource": "arn:aws:sqs:eu-west-1:111122223333:q"},
        {**SEND, "Condition": {"Bool": {"aws:SecureTransport": "true"}}},
        {"Effect": "Allow", "NotAction": "sqs:SendMessage", "Resource": "*"},
    ],
    ids=["effect", "resource", "condition", "not-action"],
)
def test_statements_that_differ_in_anything_else_stay_apart(other: object) -> None:
    assert len(merged((document(SEND), document(other)))) == 2


def test_two_not_action_statements_are_not_united() -> None:
    both = (
        {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
    )

    assert len(merged((document(*both),))) == 2
