import pytest

from iacscan.policy.condition.mfa import requires_mfa
from iacscan.policy.document import parse
from iacscan.value import Truth, Unknown


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, Truth.YES),
        ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, Truth.YES),
        ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, Truth.NO),
        ({"Bool": {"aws:MultiFactorAuthPresent": "false"}}, Truth.NO),
        ({"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}, Truth.NO),
        (Unknown("not known"), Truth.UNKNOWN),
        (None, Truth.NO),
    ],
)
def test_what_asks_for_mfa(condition, expected):
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    document = parse({"Version": "2012-10-17", "Statement": statement})
    assert requires_mfa(document.statements[0]) is expected
