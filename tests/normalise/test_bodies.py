"""Statements with the Sid of a later one are replaced; where a Sid is not known, nobody says that they stay."""

import pytest

from iacscan.normalise.bodies import merge
from iacscan.value import Reference, Unknown

FROM = Reference("local.sid")
LOST = Unknown("depends on local.sid", (FROM,))


def statement(sid=None, effect="Allow", **more):
    return {"Effect": effect, "Action": "s3:*", "Resource": "*", **({} if sid is None else {"Sid": sid}), **more}


def merged(*documents):
    statements = []
    for document in documents:
        merge(statements, list(document))
    return statements


def effects(statements):
    return [item if isinstance(item, Unknown) else (item["Sid"], item["Effect"]) for item in statements]


def test_a_statement_replaces_the_one_with_its_sid_in_that_place():
    assert merged([statement("A"), statement("B")], [statement("A", "Deny")]) == [
        statement("A", "Deny"),
        statement("B"),
    ]


def test_case_tells_sids_apart_but_not_the_names_of_elements():
    lower = {"sid": "A", "Effect": "Deny", "Action": "s3:*"}
    assert len(merged([statement("A")], [statement("a")])) == 2
    assert merged([statement("A")], [lower]) == [lower]


@pytest.mark.parametrize("sid", [None, "", 3])
def test_what_has_no_sid_neither_replaces_nor_is_replaced(sid):
    both = [statement(sid), statement(sid, "Deny")]
    assert merged(both[:1], both[1:]) == both
    assert merged(both, [LOST]) == [*both, LOST]


@pytest.mark.parametrize("sid", [LOST, "Allow⟦aws_sqs_queue.q.id⟧", "⟦aws_sqs_queue.q.id⟧Queue", "⟦…⟧"])
def test_a_statement_whose_sid_may_be_that_of_an_override_is_not_certain(sid):
    for old, new in (("AllowQueue", sid), (sid, "AllowQueue")):
        first, second = merged([statement(old)], [statement(new, "Deny")])
        assert isinstance(first["Effect"], Unknown)
        assert (first["Sid"], first["Action"]) == (old, "s3:*")
        assert second == statement(new, "Deny")


def test_it_says_what_the_sid_depends_on():
    (first, _) = merged([statement("A")], [statement(LOST)])
    assert first["Effect"] == Unknown(
        "a statement that overrides those with its Sid may replace it (depends on local.sid)", (FROM,)
    )


def test_all_statements_with_a_sid_may_be_replaced_by_one_that_is_not_known():
    first, second, third = merged([statement("A"), statement(), LOST], [LOST])[:3]
    assert isinstance(first["Effect"], Unknown)
    assert (second, third) == (statement(), LOST)


@pytest.mark.parametrize("sid", ["Deny⟦aws_sqs_queue.q.id⟧", "⟦aws_sqs_queue.q.id⟧Topic"])
def test_a_sid_of_which_enough_is_known_is_another(sid):
    assert effects(merged([statement("AllowQueue")], [statement(sid)])) == [("AllowQueue", "Allow"), (sid, "Allow")]


def test_a_symbol_is_the_same_as_itself_but_the_rest_of_a_text_is_not():
    whole, open_ended = "A⟦aws_sqs_queue.q⟧", "A⟦…⟧"
    assert merged([statement(whole)], [statement(whole, "Deny")]) == [statement(whole, "Deny")]
    first, second = merged([statement(open_ended)], [statement(open_ended, "Deny")])
    assert isinstance(first["Effect"], Unknown)
    assert second == statement(open_ended, "Deny")


def test_what_replaces_one_statement_for_certain_is_no_doubt_about_another():
    assert merged([statement("A⟦x⟧"), statement("AB")], [statement("AB", "Deny")]) == [
        statement("A⟦x⟧"),
        statement("AB", "Deny"),
    ]


def test_statements_of_one_document_have_different_sids():
    own = [statement(LOST), statement("A"), LOST]
    assert merged(own) == own
