import pytest

from iacscan.policy.condition.keys import Type
from iacscan.policy.condition.operators import parse_operator
from iacscan.policy.condition.types import Fit, fit, key_type
from iacscan.policy.document import Condition
from iacscan.policy.managed import managed_policy, names
from iacscan.value import Unknown


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("AWS:SourceIp", Type.IP),
        ("aws:PrincipalTag/team", Type.STRING),
        ("s3:max-keys", Type.NUMERIC),
        ("s3:TlsVersion", Type.NUMERIC),
        ("kms:GrantIsForAWSResource", Type.BOOL),
        ("ecs:cluster", Type.ARN),
        ("ecs:capacity-provider", Type.ARN),  # a list of them
        ("kms:EncryptionContext:aws:s3:arn", Type.STRING),
        ("s3:object-lock-retain-until-date", Type.DATE),
        ("s3:NoSuchKey", None),
        ("token.actions.githubusercontent.com:sub", None),
        ("saml:aud", None),
    ],
)
def test_what_keys_hold(key, expected):
    assert key_type(key) is expected


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("StringEquals", "aws:SourceIp", "203.0.113.0/24", Fit.NONE),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", Fit.FITS),
        ("IpAddress", "aws:SourceVpc", "10.0.0.0/8", Fit.NONE),
        ("StringEquals", "aws:SecureTransport", "true", Fit.AS_TEXT),
        ("ForAllValues:StringEqualsIfExists", "aws:SecureTransport", "true", Fit.AS_TEXT),
        ("StringEquals", "s3:max-keys", "10", Fit.AS_TEXT),
        ("Bool", "aws:SourceVpce", "true", Fit.NONE),
        ("StringLike", "aws:SourceArn", "arn:*", Fit.FITS),
        ("ArnLike", "aws:PrincipalOrgID", "arn:aws:iam::1:role/a", Fit.FITS),
        ("NumericLessThan", "aws:MultiFactorAuthAge", "3600", Fit.FITS),
        ("DateLessThan", "aws:MultiFactorAuthAge", "3600", Fit.NONE),
        ("NumericLessThan", "aws:EpochTime", "1782863999", Fit.FITS),
        ("NumericLessThan", "aws:CurrentTime", "1782863999", Fit.NONE),
        ("NumericLessThan", "aws:PrincipalTag/level", "3", Fit.FITS),
        ("Bool", "saml:whatever", "true", Fit.FITS),
        ("Null", "aws:SourceIp", "true", Fit.FITS),
        ("BinaryEquals", "aws:SourceIp", "QQ==", Fit.FITS),
        # The reference calls these texts; what they hold, the writer of the policy may know better.
        ("NumericEquals", "s3:prefix", "7", Fit.FITS),
        ("NumericEquals", "s3:prefix", "home/", Fit.NONE),
        ("Bool", "s3:prefix", "yes", Fit.NONE),
        ("IpAddress", "s3:prefix", "home/", Fit.NONE),
        ("DateEquals", "s3:prefix", "home/", Fit.NONE),
    ],
)
def test_which_operators_go_with_which_keys(operator, key, value, expected):
    assert fit(parse_operator(operator), Condition(operator, key, (value,))) is expected


def test_values_that_are_not_known_decide_nothing():
    leaf = Condition("NumericEquals", "s3:prefix", (Unknown("not yet"), "⟦var.prefix⟧"))
    assert fit(parse_operator("NumericEquals"), leaf) is Fit.FITS


def test_awss_own_policies_compare_booleans_as_text_at_most():
    """And that in two places only, of more than five thousand."""
    slips = [
        (name, leaf.key)
        for name in names()
        for statement in managed_policy(name).statements
        for leaf in statement.conditions
        if isinstance(leaf, Condition) and fit(parse_operator(leaf.operator), leaf) is not Fit.FITS
    ]
    assert slips == [
        ("AIOpsAssistantPolicy", "aws:ViaAWSService"),
        ("SageMakerStudioProjectProvisioningRolePolicy", "lakeformation:EnabledOnlyForMetaDataAccess"),
    ]
