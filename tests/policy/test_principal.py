import pytest

from iacscan.policy.document import Principal
from iacscan.policy.principal import Kind, account_of, classify

ACCOUNT = "111122223333"


@pytest.mark.parametrize(
    ("kind", "value", "expected", "account"),
    [
        ("*", "*", Kind.ANYONE, None),
        ("AWS", "*", Kind.ANYONE, None),
        ("AWS", ACCOUNT, Kind.ACCOUNT, ACCOUNT),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:root", Kind.ACCOUNT, ACCOUNT),
        ("AWS", "arn:aws-cn:iam::⟦account⟧:root", Kind.ACCOUNT, "⟦account⟧"),
        ("AWS", "⟦account⟧", Kind.ACCOUNT, "⟦account⟧"),
        ("AWS", '⟦aws_organizations_account.team["a.b"]⟧', Kind.ACCOUNT, '⟦aws_organizations_account.team["a.b"]⟧'),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:role/path/x", Kind.ROLE, ACCOUNT),
        ("AWS", "⟦module.a.aws_iam_role.x[0]⟧", Kind.ROLE, "⟦account⟧"),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:user/x", Kind.USER, ACCOUNT),
        ("AWS", f"arn:aws:sts::{ACCOUNT}:assumed-role/x/y", Kind.SESSION, ACCOUNT),
        ("AWS", "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1", Kind.ORIGIN_ACCESS_IDENTITY, None),
        ("AWS", "AROAEXAMPLEEXAMPLE123", Kind.UNIQUE_ID, None),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:role/dev-*", Kind.INVALID, None),
        ("AWS", "1111*", Kind.INVALID, None),
        ("AWS", "bob", Kind.INVALID, None),
        ("AWS", f"arn:aws:iam::{ACCOUNT}:⟦…⟧", Kind.OTHER, ACCOUNT),
        ("AWS", "⟦…⟧", Kind.UNKNOWN, None),
        ("Service", "lambda.amazonaws.com", Kind.SERVICE, None),
        ("Federated", f"arn:aws:iam::{ACCOUNT}:saml-provider/okta", Kind.SAML, ACCOUNT),
        ("Federated", "cognito-identity.amazonaws.com", Kind.COGNITO, None),
        ("Federated", "accounts.google.com", Kind.OIDC, None),
        (
            "CanonicalUser",
            "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be",
            Kind.CANONICAL_USER,
            None,
        ),
        ("Somebody", "x", Kind.UNKNOWN, None),
    ],
)
def test_what_a_principal_names(kind, value, expected, account):
    principal = Principal(kind, value)
    assert classify(principal).kind is expected
    assert account_of(principal) == account


def test_an_oidc_provider_is_named_by_its_issuer():
    caller = classify(Principal("Federated", f"arn:aws:iam::{ACCOUNT}:oidc-provider/gitlab.com/a"))
    assert (caller.kind, caller.issuer, caller.account) == (Kind.OIDC, "gitlab.com/a", ACCOUNT)
