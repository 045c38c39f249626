import pytest

from iacscan.policy.condition.via_service import region_of, regions_of_keys, strangers
from iacscan.policy.document import Condition, Statement
from iacscan.value import Unknown

EU = "arn:aws:kms:eu-central-1:111122223333:key/*"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("s3.eu-central-1.amazonaws.com", "eu-central-1"),
        ("s3.*.amazonaws.com", "*"),
        ("fsx.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("secretsmanager.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("s3.amazonaws.com", None),
        ("*.amazonaws.com", None),
        ("s3.⟦region⟧.amazonaws.com", None),
    ],
)
def test_the_region_stands_before_the_domain(value, expected):
    assert region_of(value) == expected


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ((EU,), {"eu-central-1"}),
        ((EU, EU.replace("eu-central-1", "eu-west-1")), {"eu-central-1", "eu-west-1"}),
        ((EU, "*"), None),
        ((EU.replace("eu-central-1", "*"),), None),
        ((EU.replace("eu-central-1", "⟦region⟧"),), None),
        ((Unknown("not yet"),), None),
        (None, None),
    ],
)
def test_keys_have_the_region_of_their_arn(resources, expected):
    assert regions_of_keys(Statement(resources=resources)) == expected


def test_services_elsewhere_do_not_use_the_key():
    values = ("s3.us-east-1.amazonaws.com", "s3.eu-central-1.amazonaws.com", "rds.*.amazonaws.com")
    asked = Condition("StringLike", "kms:ViaService", values)
    assert strangers(asked, frozenset({"eu-central-1"})) == ["s3.us-east-1.amazonaws.com"]
    assert strangers(Condition("StringNotEquals", "kms:ViaService", values), frozenset({"eu-central-1"})) == []
