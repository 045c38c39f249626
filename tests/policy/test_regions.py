from iacscan.policy.action import ActionSet
from iacscan.policy.document import Condition, Statement
from iacscan.policy.regions import global_actions, regions_asked


def asked(*values):
    return Condition("StringEquals", "aws:requestedregion", values)


def test_services_with_one_endpoint_are_called_in_us_east_1():
    assert "iam:CreateRole" in global_actions()
    assert not global_actions().overlaps(ActionSet.of(("s3:*", "sts:*", "ec2:*")))


def test_other_partitions_have_a_home_of_their_own():
    europe, china = asked("eu-west-1"), asked("cn-north-1")
    assert regions_asked(Statement(conditions=(europe,))) == (europe,)
    assert regions_asked(Statement(conditions=(china,))) == ()
