import pytest

from iacscan.policy.document import parse
from iacscan.policy.oidc import Scope, classify_subject, has_audience, issuer, subject
from iacscan.value import Truth, Unknown

GITHUB = "token.actions.githubusercontent.com"


def statement(condition):
    body = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": condition}
    return parse({"Statement": body}).statements[0]


@pytest.mark.parametrize(
    ("url", "pattern", "scope"),
    [
        (GITHUB, "repo:acme/app:ref:refs/heads/main", Scope.EXACT),
        (GITHUB, "repo:acme/app:*", Scope.UNIT),
        (GITHUB, "repo:acme/app:ref:refs/heads/*", Scope.UNIT),
        (GITHUB, "repo:acme/app*", Scope.OWNER),
        (GITHUB, "repo:acme/*", Scope.OWNER),
        (GITHUB, "repo:acme*", Scope.ANYONE),
        (GITHUB, "repo:*/app:ref:refs/heads/main", Scope.ANYONE),
        (GITHUB, "repo:*", Scope.ANYONE),
        (GITHUB, "*", Scope.ANYONE),
        (GITHUB, "r?po:acme/app:x", Scope.ANYONE),
        (f"{GITHUB}/acme", "repo:acme/*", Scope.OWNER),
        (GITHUB, "repository_owner:acme:*", Scope.OWNER),
        (GITHUB, "repository_owner:acme*", Scope.ANYONE),
        (GITHUB, "environment:prod:*", Scope.ANYONE),
        ("gitlab.com", "project_path:acme/app:ref_type:branch:ref:*", Scope.UNIT),
        ("app.terraform.io", "organization:acme:project:p:workspace:w:run_phase:*", Scope.UNIT),
        ("app.terraform.io", "organization:acme:project:*:workspace:w:run_phase:apply", Scope.OWNER),
        ("app.terraform.io", "organization:*:project:p:workspace:w:run_phase:apply", Scope.ANYONE),
        ("oidc.eks.eu-west-1.amazonaws.com/id/X", "system:serviceaccount:ns:*", Scope.OWNER),
        ("oidc.eks.eu-west-1.amazonaws.com/id/X", "system:serviceaccount:*:*", Scope.ANYONE),
        ("login.example.com", "team-*", Scope.OWNER),
    ],
)
def test_how_far_a_subject_reaches(url, pattern, scope):
    assert classify_subject(pattern, issuer(url)) is scope


@pytest.mark.parametrize(
    ("condition", "scope", "truth"),
    [
        ({"StringLike": {f"{GITHUB}:sub": "repo:acme/app:*"}}, Scope.UNIT, Truth.YES),
        ({"StringLike": {f"{GITHUB.upper()}:SUB": "repo:acme/app:*"}}, Scope.UNIT, Truth.YES),
        ({"ForAnyValue:StringLike": {f"{GITHUB}:sub": ["repo:acme/app:*", "repo:acme/*"]}}, Scope.OWNER, Truth.YES),
        ({"StringEquals": {f"{GITHUB}:sub": "repo:acme/*"}}, Scope.EXACT, Truth.YES),
        ({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}, Scope.UNCHECKED, Truth.YES),
        ({"StringNotEquals": {f"{GITHUB}:sub": "repo:acme/app:*"}}, Scope.UNCHECKED, Truth.YES),
        ({"StringLikeIfExists": {f"{GITHUB}:sub": "repo:acme/app:*"}}, Scope.UNCHECKED, Truth.YES),
        ({"ForAllValues:StringLike": {f"{GITHUB}:sub": "repo:acme/app:*"}}, Scope.UNCHECKED, Truth.YES),
        ({"StringLike": {"gitlab.com:sub": "repo:acme/app:*"}}, Scope.UNCHECKED, Truth.YES),
        ({"StringLike": {f"{GITHUB}:sub": Unknown("later")}}, Scope.ANYONE, Truth.UNKNOWN),
        ({"StringLike": {f"{GITHUB}:sub": ["*", Unknown("later")]}}, Scope.ANYONE, Truth.YES),
        (Unknown("later"), Scope.UNCHECKED, Truth.UNKNOWN),
    ],
)
def test_only_a_check_that_must_hold_counts(condition, scope, truth):
    found = subject(statement(condition), GITHUB)
    assert (found.scope, found.truth) == (scope, truth)


@pytest.mark.parametrize(
    ("claim", "value", "names"),
    [
        ("repository", "acme/*", True),
        ("repository", "acme*/app", False),  # `acme-evil/app` too
        ("repository_owner_id", "12*", False),
        ("job_workflow_ref", "acme/app/.github/workflows/*", True),
        ("job_workflow_ref", "*/deploy.yml@*", False),
        ("environment", "production", False),  # whoever has a repository has such an environment
    ],
)
def test_another_claim_counts_only_if_it_tells_the_owner(claim, value, names):
    found = subject(statement({"StringLike": {f"{GITHUB}:sub": "repo:*", f"{GITHUB}:{claim}": value}}), GITHUB)
    assert (found.scope, found.alternatives) == (Scope.ANYONE, (claim,) if names else ())


def test_other_claims_are_named():
    found = subject(statement({"StringEquals": {f"{GITHUB}:repository": "acme/app"}}), GITHUB)
    assert found.alternatives == ("repository",)


def test_an_audience_is_asked_for():
    assert has_audience(statement({"StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}}), GITHUB) is Truth.YES
    assert has_audience(statement({"StringEquals": {f"{GITHUB}:sub": "x"}}), GITHUB) is Truth.NO
    every = statement({"ForAllValues:StringEquals": {f"{GITHUB}:aud": "sts.amazonaws.com"}})
    assert has_audience(every, GITHUB) is Truth.YES  # no token lacks it
    assert has_audience(statement({"StringNotEquals": {f"{GITHUB}:aud": "x"}}), GITHUB) is Truth.NO


def test_a_provider_of_ones_own_is_not_shared():
    assert not issuer("login.example.com").shared
    assert issuer("https://gitlab.com/").shared


@pytest.mark.parametrize(
    ("claim", "scope"),
    [("sub", Scope.EXACT), ("aud", Scope.EXACT), ("oaud", Scope.UNCHECKED), ("email", Scope.UNCHECKED)],
)
def test_an_account_of_google_is_named_by_itself_or_by_the_application(claim, scope):
    found = subject(statement({"StringEquals": {f"accounts.google.com:{claim}": "112233"}}), "accounts.google.com")
    assert found.scope is scope


def test_customers_of_sentinel_are_told_apart_by_the_name_of_the_session():
    url = "sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/"
    named = {"StringEquals": {"sts:RoleSessionName": "MicrosoftSentinel_1"}}
    assert subject(statement(named), url).scope is Scope.EXACT
    assert subject(statement({"StringEquals": {f"{url}:aud": "api://x"}}), url).scope is Scope.UNCHECKED
