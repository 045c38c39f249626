import pytest

from iacscan.policy.condition.null import Misreading, misreading
from iacscan.policy.document import Condition, Statement
from iacscan.value import Unknown

SSE = "s3:x-amz-server-side-encryption"


def null(key, *values):
    return Condition("Null", key, values)


@pytest.mark.parametrize(
    ("effect", "condition", "expected"),
    [
        ("Deny", null(SSE, "true"), None),
        ("Deny", null(SSE, "false"), Misreading.REVERSED),
        ("Allow", null(SSE, "true"), Misreading.REVERSED),
        ("Allow", null(SSE, "false"), None),
        ("Deny", null(SSE, "yes"), Misreading.NO_BOOLEAN),
        ("Deny", null(SSE, "true", "false"), Misreading.BOTH),
        ("Deny", null("aws:SecureTransport", "true"), Misreading.ALWAYS_THERE),
        ("Deny", null("aws:ResourceTag/sealed", "false"), None),
        ("Deny", null("aws:TokenIssueTime", "true"), None),
        ("Deny", null("aws:MultiFactorAuthAge", "true"), None),
        ("Deny", null(SSE, Unknown("not yet")), None),
        ("Deny", Condition("StringEquals", SSE, ("false",)), None),
    ],
)
def test_null_asks_for_the_absence_of_a_key(effect, condition, expected):
    assert misreading(condition, Statement(effect=effect, conditions=(condition,))) is expected


def test_null_false_beside_another_condition_on_the_key_says_if_it_is_there():
    present, other = null(SSE, "false"), Condition("StringNotEquals", SSE, ("aws:kms",))
    assert misreading(present, Statement(effect="Deny", conditions=(present, other))) is None
