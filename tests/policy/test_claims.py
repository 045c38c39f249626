import pytest

from iacscan.policy.claims import slip

GITHUB = "token.actions.githubusercontent.com"
CLUSTER = "oidc.eks.eu-west-1.amazonaws.com/id/0A1B"


@pytest.mark.parametrize(
    ("key", "issuers"),
    [
        (f"{GITHUB}:sub", [GITHUB]),
        (f"{GITHUB.upper()}:AUD", [GITHUB]),
        (f"{GITHUB}:job_workflow_ref", [GITHUB]),
        (f"{CLUSTER}:sub", [CLUSTER]),
        ("gitlab.com:sub", [GITHUB, "gitlab.com"]),
        ("gitlab.com:sub", []),
        ("gitlab.com:sub", ["⟦aws_iam_openid_connect_provider.p⟧"]),
        ("⟦aws_iam_openid_connect_provider.p.url⟧:sub", [GITHUB]),
        ("aws:PrincipalTag/team", [GITHUB]),
        ("sts:RoleSessionName", [GITHUB]),
    ],
)
def test_keys_of_the_trusted_provider_are_fine_and_so_is_what_is_not_known(key, issuers):
    assert slip(key, issuers) is None


@pytest.mark.parametrize(
    ("key", "issuers", "meant"),
    [
        (f"https://{GITHUB}:sub", [GITHUB], f"{GITHUB}:sub"),
        (f"{GITHUB}/:sub", [GITHUB], f"{GITHUB}:sub"),
        (f"arn:aws:iam::111122223333:oidc-provider/{GITHUB}:sub", [GITHUB], f"{GITHUB}:sub"),
        ("gitlab.com:sub", [GITHUB], f"{GITHUB}:sub"),
        (CLUSTER.replace("0A1B", "FFFF") + ":sub", [CLUSTER], f"{CLUSTER}:sub"),
        ("app.terraform.io:sub", [GITHUB, "gitlab.com"], None),
        (f"{GITHUB}:event_name", [GITHUB], None),
    ],
)
def test_keys_that_no_token_has(key, issuers, meant):
    found = slip(key, issuers)
    assert found is not None
    assert found.meant == meant
