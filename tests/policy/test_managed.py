"""AWS's own policies are found by name and by ARN, under their true path only."""

import pytest

from iacscan.policy.action import ActionSet
from iacscan.policy.managed import managed_policy, managed_policy_arn, names


@pytest.mark.parametrize(
    "name",
    [
        "AdministratorAccess",
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "arn:aws-us-gov:iam::aws:policy/AdministratorAccess",
        "arn:aws-cn:iam::aws:policy/AdministratorAccess",
    ],
)
def test_administrator_access_allows_everything(name):
    found = managed_policy(name)

    assert found is not None
    (statement,) = found.statements
    assert statement.effect == "Allow"
    assert statement.actions is not None
    assert ActionSet.of(statement.actions).is_everything
    assert statement.resources == ("*",)


def test_a_path_is_part_of_an_arn():
    found = managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")

    assert found is not None
    assert found == managed_policy("AWSLambdaBasicExecutionRole")
    assert found == managed_policy("service-role/AWSLambdaBasicExecutionRole")
    assert managed_policy("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole") is None
    assert managed_policy("arn:aws:iam::aws:policy/job-function/AWSLambdaBasicExecutionRole") is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/",
        "NoSuchPolicy",
        "Administrator",
        "administratoraccess",
        "arn:aws:iam::111122223333:policy/AdministratorAccess",
        "x:iam::aws:policy/AdministratorAccess",
        "⟦aws_iam_policy.admin⟧",
    ],
)
def test_anything_else_is_not_found(name):
    assert managed_policy(name) is None


def test_every_policy_is_a_complete_document():
    all_names = names()

    assert len(all_names) > 1_500
    assert list(all_names) == sorted(set(all_names))
    for name in all_names:
        found = managed_policy(name)
        assert found is not None
        assert found.statements
        assert not found.unknowns
        assert not found.problems


@pytest.mark.parametrize(
    ("name", "arn"),
    [
        ("ReadOnlyAccess", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("AWSLambdaBasicExecutionRole", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"),
        ("NoSuchPolicy", None),
    ],
)
def test_the_arn_of_a_policy_of_aws_has_its_path(name, arn):
    assert managed_policy_arn(name) == arn
