"""Resource texts with symbols and variables, and lists of them."""

import pytest

from iacscan.policy.resource_patterns import Budget, Patterns, covered, meets, prepared
from iacscan.value import Truth, Unknown

BUCKET = "arn:aws:s3:::⟦aws_s3_bucket.logs⟧"


@pytest.mark.parametrize(
    ("outer", "inner", "truth"),
    [
        ("arn:aws:s3:::*", BUCKET, Truth.YES),
        (f"{BUCKET}/*", f"{BUCKET}/a", Truth.YES),
        (BUCKET, BUCKET, Truth.YES),
        (BUCKET, "arn:aws:s3:::⟦aws_s3_bucket.other⟧", Truth.NO),
        (BUCKET, "arn:aws:s3:::logs", Truth.NO),
        ("arn:aws:s3:::*logs*", BUCKET, Truth.NO),  # the word stands in the symbol, not in the name
        ("arn:aws:s3:::????", BUCKET, Truth.UNKNOWN),
        ("arn:aws:iam::111122223333:role/x", "arn:aws:iam::⟦account⟧:role/x", Truth.UNKNOWN),
        ("arn:aws:iam::⟦account⟧:role/x", "arn:aws:iam::⟦account⟧:role/x", Truth.YES),
        ("arn:aws:iam::111122223333:role/x", "arn:aws:iam::⟦account⟧:role/y", Truth.NO),
        ("arn:aws:s3:::b/*", "⟦var.x⟧", Truth.UNKNOWN),
        ("*", "⟦var.x⟧", Truth.YES),
        ("arn:aws:s3:::*", "arn:aws:s3:::logs-⟦…⟧", Truth.YES),
        ("arn:aws:s3:::logs-a", "arn:aws:s3:::logs-⟦…⟧", Truth.UNKNOWN),
        ("arn:aws:s3:::logs-⟦…⟧", "arn:aws:s3:::logs-⟦…⟧", Truth.UNKNOWN),  # they may end differently
        ("arn:aws:s3:::home/*", "arn:aws:s3:::home/${aws:username}/*", Truth.YES),
        ("arn:aws:s3:::home/ann/*", "arn:aws:s3:::home/${aws:username}/*", Truth.UNKNOWN),
        ("arn:aws:s3:::home/${aws:username}", "arn:aws:s3:::home/${aws:username}", Truth.YES),
    ],
)
def test_symbols_and_variables_are_texts_that_are_not_shown(outer, inner, truth):
    assert covered(outer, inner) is truth


@pytest.mark.parametrize(
    ("one", "other", "truth"),
    [
        (BUCKET, "arn:aws:s3:::logs", Truth.NO),
        ("arn:aws:iam::111122223333:role/x", "arn:aws:iam::⟦account⟧:role/x", Truth.UNKNOWN),
        ("arn:aws:s3:::home/ann/*", "arn:aws:s3:::home/${aws:username}/*", Truth.UNKNOWN),
        ("arn:aws:s3:::a*", "arn:aws:s3:::*b", Truth.YES),
        ("arn:aws:s3:::a", "arn:aws:s3:::b", Truth.NO),
    ],
)
def test_what_may_be_the_same_meets(one, other, truth):
    assert meets(one, other) is truth
    assert meets(other, one) is truth


def test_the_version_of_a_document_decides_what_a_dollar_means():
    escaped, old = prepared("a/${*}", expands=True), prepared("a/${aws:username}", expands=False)

    assert covered("a/*", escaped) is Truth.YES
    assert covered(escaped, "a/b") is Truth.NO
    assert covered(old, prepared("a/${aws:username}", expands=True)) is Truth.UNKNOWN


def test_only_patterns_that_begin_alike_are_compared():
    budget = Budget()
    many = Patterns(f"arn:aws:s3:::bucket-{number}/*" for number in range(5_000))

    assert many.covers("arn:aws:s3:::bucket-77/a", budget) is Truth.YES
    assert many.covers("arn:aws:s3:::other/a", budget) is Truth.NO
    assert list(many.meeting("arn:aws:s3:::bucket-77/a", budget)) == ["arn:aws:s3:::bucket-77/*"]
    assert budget.spent < 10


def test_with_the_budget_spent_the_answer_is_unknown():
    many = Patterns(f"*{number}x" for number in range(100))

    assert many.covers("aaax", Budget(10)) is Truth.UNKNOWN
    assert many.covers("aaax", Budget()) is Truth.NO


def test_what_is_not_known_in_a_list_may_be_anything():
    assert Patterns((Unknown("it is hidden"), "a")).covers("b", Budget()) is Truth.UNKNOWN
    assert Patterns((Unknown("it is hidden"), "a")).covers("a", Budget()) is Truth.YES
