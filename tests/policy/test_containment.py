"""Containment: known pairs, the laws of subsets, agreement with evaluation, bounds."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from policy.strategies import RESOURCES, documents, requests, statements

from iacscan.policy.applies import applies_to
from iacscan.policy.containment import contains, grants_any
from iacscan.policy.document import PolicyDocument, parse
from iacscan.policy.managed import managed_policy
from iacscan.policy.witness import Holding
from iacscan.value import Truth, Unknown

LAWS = settings(max_examples=60)
OBJECTS = "arn:aws:s3:::b/*"


def allow(action="s3:GetObject", resource=OBJECTS, condition=None, **elements):
    block = {"Condition": condition} if condition else {}
    return {"Effect": "Allow", "Action": action, "Resource": resource, **block, **elements}


def deny(*arguments, **elements):
    return allow(*arguments, **elements) | {"Effect": "Deny"}


def doc(*trees, version="2012-10-17"):
    found = parse({"Version": version, "Statement": list(trees)})
    assert isinstance(found, PolicyDocument)
    return found


def condition(operator, key, *values):
    return {operator: {key: list(values)}}


OFFICE = condition("IpAddress", "aws:SourceIp", "203.0.113.0/24")
PLAIN_HTTP = condition("Bool", "aws:SecureTransport", "false")
TLS = condition("Bool", "aws:SecureTransport", "true")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (doc(allow("s3:Get*")), doc(allow())),
        (doc(allow("s3:*", "arn:aws:s3:::*")), doc(allow("s3:*", "arn:aws:s3:::⟦aws_s3_bucket.a⟧/*"))),
        (doc(allow()), doc()),
        (doc(allow()), doc(deny("*", "*"))),
        (doc(allow()), doc(allow(condition=OFFICE))),
        (doc(allow(condition=OFFICE)), doc(allow(condition=condition("IpAddress", "aws:SourceIp", "203.0.113.7")))),
        (doc({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), doc(allow("*", "*"), deny("iam:*", "*"))),
        (doc(allow("*", "*"), deny("iam:*", "*")), doc({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"})),
        (doc(allow("s3:*"), deny("s3:*", condition=PLAIN_HTTP)), doc(allow("s3:*", condition=TLS))),
        (
            doc(allow("s3:*", condition=condition("BoolIfExists", "aws:SecureTransport", "true"))),
            doc(allow("s3:*"), deny("s3:*", condition=PLAIN_HTTP)),
        ),
        (doc(allow(resource=["arn:aws:s3:::b", "arn:aws:s3:::b?*"])), doc(allow(resource="arn:aws:s3:::b*"))),
        (
            doc({"Effect": "Allow", "Action": "s3:*", "NotResource": "arn:aws:s3:::secret/*"}),
            doc(allow("s3:*", "*"), deny("s3:*", "arn:aws:s3:::secret/*")),
        ),
        (doc(allow("iam:Get*", "arn:aws:iam::*:user/*")), doc(allow("iam:GetUser", "arn:aws:iam::*:user/${aws:username}"))),
        # An action that works on no resource is asked for on `*`, so naming it beside a bucket allows nothing.
        (doc(allow("s3:GetObject")), doc(allow(["s3:GetObject", "ec2:DescribeInstances"]))),
        # Nor does one that works on objects only beside a bucket.
        (doc(allow("s3:GetObject")), doc(allow("s3:GetObject", [OBJECTS, "arn:aws:s3:::b"]))),
    ],
)  # fmt: skip
def test_what_is_no_more_is_proved(old, new):
    assert contains(old, new).truth is Truth.YES


@pytest.mark.parametrize(
    ("old", "new", "actions"),
    [
        (doc(allow(condition=OFFICE)), doc(allow()), ("s3:GetObject",)),
        (
            doc(allow(["s3:Get*", "s3:List*"], "*")),
            doc(allow("s3:*", "*"), deny("s3:Delete*", "*")),
            ("s3:*", "except s3:Delete*", "except s3:Get*", "except s3:List*"),
        ),
        (doc(allow("s3:*", "*")), doc(allow("*", "*")), ("*", "except s3:*")),
        (doc(allow("s3:*", "*"), deny("s3:*")), doc(allow("s3:*", "*")), ("s3:*",)),
        (doc(), doc(allow("s3:NotYetPublished", "*")), ("s3:notyetpublished",)),
        (doc(allow("iam:PassRole", "*", condition("StringEquals", "iam:PassedToService", "ec2.amazonaws.com"))),
         doc(allow("iam:PassRole", "*")), ("iam:PassRole",)),
    ],
)  # fmt: skip
def test_what_is_more_has_a_witness(old, new, actions):
    found = contains(old, new)
    (difference,) = found.differences

    assert found.truth is Truth.NO
    assert difference.patterns == actions
    assert Holding((new,)).permits(difference.witness) is Truth.YES
    assert Holding((old,)).permits(difference.witness) is Truth.NO


def test_the_witness_of_a_lost_deny_lies_where_it_denied():
    (difference,) = contains(doc(allow("s3:*", "*"), deny("s3:*")), doc(allow("s3:*", "*"))).differences

    assert difference.resources == (OBJECTS,)
    assert difference.witness.resource == "arn:aws:s3:::b/example"


@pytest.mark.parametrize(
    "new",
    [
        doc(allow("s3:*", "⟦var.x⟧")),
        doc(allow("s3:*", Unknown("it is set elsewhere"))),
        doc(allow(Unknown("it is set elsewhere"))),
        doc(allow(resource="arn:aws:s3:::⟦…⟧")),
        doc(allow(), Unknown("a statement that is not known")),
        Unknown("the whole is not known"),
    ],
)
def test_what_is_not_known_is_neither_proved_nor_refuted(new):
    found = contains(doc(allow("s3:*")), [new])

    assert found.truth is Truth.UNKNOWN
    assert all(difference.because and difference.witness is None for difference in found.differences)


def test_an_unknown_account_may_be_the_one_that_is_named():
    named = doc(allow("sqs:*", "arn:aws:sqs:eu-west-1:111122223333:jobs"))
    own = doc(allow("sqs:*", "arn:aws:sqs:eu-west-1:⟦account⟧:jobs"))

    assert contains(named, own).truth is Truth.UNKNOWN
    assert contains(own, own).truth is Truth.YES


def test_a_policy_that_is_not_known_may_deny_what_was_allowed():
    assert contains([doc(allow()), Unknown("not in the input")], doc(allow())).truth is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("old", "new", "truth"),
    [
        ("*", {"AWS": "111122223333"}, Truth.YES),
        ({"AWS": "*"}, {"AWS": "arn:aws:iam::111122223333:role/x"}, Truth.YES),
        ({"AWS": "111122223333"}, {"AWS": "arn:aws:iam::111122223333:role/x"}, Truth.YES),
        ({"AWS": "111122223333"}, {"AWS": "arn:aws:iam::111122223333:root"}, Truth.YES),
        ({"AWS": "111122223333"}, {"AWS": "444455556666"}, Truth.NO),
        ({"AWS": "111122223333"}, "*", Truth.NO),
        ({"AWS": "arn:aws:iam::111122223333:role/x"}, {"AWS": "111122223333"}, Truth.NO),
        ({"Service": "sns.amazonaws.com"}, {"Service": ["sns.amazonaws.com", "lambda.amazonaws.com"]}, Truth.NO),
        ({"AWS": "arn:aws:iam::111122223333:role/x"}, {"AWS": "arn:aws:sts::111122223333:assumed-role/x/s"}, Truth.YES),
    ],
)
def test_principals_are_compared(old, new, truth):
    assert contains(doc(allow(Principal=old)), doc(allow(Principal=new))).truth is truth


def test_documents_of_one_principal_count_together():
    assert (
        contains(
            [doc(allow("s3:GetObject")), doc(allow("s3:PutObject"))], doc(allow(["s3:GetObject", "s3:PutObject"]))
        ).truth
        is Truth.YES
    )


def test_a_boundary_caps_what_is_compared():
    everything, objects = doc(allow("*", "*")), doc(allow("s3:*"))

    assert contains(objects, everything, new_boundary=objects).truth is Truth.YES
    assert contains(everything, everything, old_boundary=objects).truth is Truth.NO
    assert contains(everything, everything, old_boundary=objects, new_boundary=objects).truth is Truth.YES
    assert contains(everything, objects, old_boundary=Unknown("not in the input")).truth is Truth.UNKNOWN


# -- laws -----------------------------------------------------------------------------------------------------------

KINDS = st.booleans()


@st.composite
def pairs(draw, count=2):
    kind = {"with_principals": draw(KINDS)}
    return tuple(draw(documents(**kind)) for _ in range(count))


@given(pairs(1))
@LAWS
def test_a_policy_is_within_itself(drawn):
    (document,) = drawn
    assert contains(document, document).truth is Truth.YES


@given(pairs(3))
@LAWS
def test_containment_is_transitive_and_never_contradicts_itself(drawn):
    one, two, three = drawn
    if contains(one, two).truth is Truth.YES and contains(two, three).truth is Truth.YES:
        assert contains(one, three).truth is not Truth.NO


@given(pairs(), st.lists(requests(), min_size=5, max_size=5))
@LAWS
def test_a_proof_holds_for_every_request(drawn, sample):
    old, new = drawn
    if contains(old, new).truth is Truth.YES:
        for request in sample:
            if applies_to(request.action, request.resource) is Truth.NO:
                continue  # nobody can ask for it
            if Holding((new,)).permits(request) is Truth.YES:
                assert Holding((old,)).permits(request) is not Truth.NO


@given(pairs())
@LAWS
def test_every_witness_is_allowed_by_the_new_and_refused_by_the_old(drawn):
    old, new = drawn
    found = contains(old, new)
    shown = [difference.witness for difference in found.differences if difference.witness]

    assert (found.truth is Truth.NO) == bool(shown)
    assert (found.truth is Truth.YES) == (not found.differences)
    for request in shown:
        assert Holding((new,)).permits(request) is Truth.YES
        assert Holding((old,)).permits(request) is Truth.NO
    for difference in found.differences:
        assert difference.witness or difference.because


@given(pairs())
@LAWS
def test_with_what_the_difference_takes_the_old_is_enough(drawn):
    """Old, and the statements of new that differ, together allow all that new does; Denies of old may still take from it."""
    old, new = drawn
    assume(all(statement.effect == "Allow" for statement in old.statements))
    both = PolicyDocument(version="2012-10-17", statements=(*old.statements, *new.statements))
    assert (
        contains(
            [
                old,
                *(
                    PolicyDocument(version="2012-10-17", statements=(d.statement,))
                    for d in contains(old, new).differences
                ),
            ],
            new,
        ).truth
        is Truth.YES
    )
    assert contains(both, new).truth is Truth.YES


UNKNOWN_ELEMENTS = ("Action", "Resource", "Condition", "NotAction", "NotResource")


@given(st.lists(statements(), min_size=1, max_size=2), st.lists(statements(), min_size=1, max_size=2), st.data())
@LAWS
def test_not_knowing_never_turns_an_answer_over(old, new, data):
    known = contains(doc(*old), doc(*new)).truth
    side = data.draw(st.sampled_from((old, new)))
    index = data.draw(st.integers(0, len(side) - 1))
    name = data.draw(st.sampled_from([name for name in UNKNOWN_ELEMENTS if name in side[index]]))
    side[index] = side[index] | {name: Unknown("it is hidden")}
    unknown = contains(doc(*old), doc(*new)).truth

    assert unknown in (known, Truth.UNKNOWN) or known is Truth.UNKNOWN


@given(documents(), st.sampled_from(RESOURCES), st.sampled_from(("s3:GetObject", "s3:Put*", "*")))
@LAWS
def test_what_is_asked_for_and_granted_is_shown(document, resource, action):
    found = grants_any(document, (action,), (resource,))

    if found.truth is Truth.YES:
        assert Holding((document,)).permits(found.witness) is Truth.YES
    if found.truth is Truth.NO:
        assert contains(doc(), [document], new_boundary=doc(allow(action, resource))).truth is Truth.YES


def test_grants_are_found_and_refused():
    document = doc(allow("s3:*"), deny("s3:Put*"))

    assert grants_any(document, ["s3:GetObject"], ["arn:aws:s3:::b/secret/*"]).truth is Truth.YES
    assert grants_any(document, ["s3:PutObject"], ["arn:aws:s3:::b/secret/*"]).truth is Truth.NO
    assert grants_any(document, ["s3:GetObject"], ["arn:aws:s3:::c/*"]).truth is Truth.NO
    assert grants_any([document, Unknown("not in the input")], ["iam:PassRole"]).truth is Truth.UNKNOWN


# -- bounds ---------------------------------------------------------------------------------------------------------


def test_star_after_star_is_no_trap():
    hard = "arn:aws:s3:::b/" + "*a" * 400
    long = "arn:aws:s3:::b/" + "a" * 20_000 + "b"

    assert contains(doc(allow(resource=hard)), doc(allow(resource=long))).truth is Truth.NO
    assert contains(doc(allow(resource=hard)), doc(allow(resource=hard + "a"))).truth is not Truth.NO


@pytest.mark.parametrize("head", ["", "*"])
def test_hundred_statements_of_two_hundred_patterns_are_compared(head):
    trees = [
        allow(f"s3:{word}*", [f"arn:aws:s3:::{head}{word}-{number}-{index}/*" for number in range(200)])
        for index, word in enumerate(["Get", "Put", "List", "Delete"] * 25)
    ]
    whole = doc(*trees)

    assert contains(whole, whole).truth is Truth.YES
    assert contains(doc(*trees[1:]), whole).truth is not Truth.YES


def test_more_comparisons_than_the_budget_make_it_unknown_not_slow():
    old = doc(allow("s3:*", [f"arn:aws:s3:::*{number}*x" for number in range(3_000)]))
    new = doc(allow("s3:*", [f"arn:aws:s3:::*{number}?y" for number in range(3_000)]))

    assert contains(old, new).truth is not Truth.YES


def test_a_managed_policy_is_told_from_a_smaller_one():
    read, full = managed_policy("AmazonS3ReadOnlyAccess"), managed_policy("AmazonS3FullAccess")

    assert contains(full, read).truth is Truth.YES
    assert contains(read, full).truth is Truth.NO
