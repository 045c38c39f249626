import json
from pathlib import Path

import pytest

from iacscan.policy.condition.judge import ANONYMOUS, FOREIGN, TOP, Context, Facts, Nature, holds, restricts
from iacscan.policy.document import Condition
from iacscan.value import Truth, Unknown

FOLDER = Path(__file__).parents[1] / "cases"
CASES = json.loads((FOLDER / "conditions.json").read_text())
# The plain definition (`evaluate.py`) is asked the same.
CASES += [
    {"why": vector["fact"], **vector["given"], "expected": vector["expected"]}
    for vector in json.loads((FOLDER / "vectors.json").read_text())
    if vector["ask"] == "leaf"
]


@pytest.mark.parametrize("case", CASES, ids=[case["why"] for case in CASES])
def test_one_leaf_against_one_request(case):
    operator, key, values = case["leaf"]
    facts = {key.lower(): Facts(Truth.NO)}
    facts |= {name: Facts(Truth.YES, Nature.FIXED, tuple(held)) for name, held in case["request"].items()}
    leaf = Condition(operator, key, tuple(values))
    request = Context("one request", facts)
    assert holds((leaf,), request).value == case["expected"]
    assert holds((leaf,), request, of_all=True).value == case["expected"]


@pytest.mark.parametrize(
    ("operator", "key", "values", "expected"),
    [
        ("StringLike", "aws:PrincipalArn", ("*",), Truth.NO),
        ("StringLike", "iam:PassedToService", ("*.amazonaws.com",), Truth.NO),
        ("IpAddress", "aws:SourceIp", ("0.0.0.0/0",), Truth.NO),
        ("IpAddress", "aws:SourceIp", ("0.0.0.0/1", "128.0.0.0/1"), Truth.NO),
        ("IpAddress", "aws:SourceIp", ("203.0.113.0/24",), Truth.YES),
        ("StringEquals", "aws:PrincipalOrgID", ("o-abcdefghij",), Truth.YES),
        ("StringEquals", "iam:PassedToService", ("ec2.amazonaws.com",), Truth.YES),
        ("StringLike", "iam:PassedToService", (Unknown("later"),), Truth.UNKNOWN),
        ("StringNotEquals", "aws:SourceVpc", (), Truth.NO),
        ("StringEquals", "aws:SourceVpc", (), Truth.YES),
        ("NoSuch", "aws:SourceVpc", ("x",), Truth.UNKNOWN),
    ],
)
def test_what_a_leaf_turns_away(operator, key, values, expected):
    assert restricts(Condition(operator, key, values)) is expected


def test_an_empty_list_of_values_is_never_true():
    assert holds((Condition("StringEquals", "aws:SourceVpc", ()),), TOP) is Truth.NO


@pytest.mark.parametrize("stranger", [ANONYMOUS, FOREIGN], ids=["anonymous", "foreign"])
def test_strangers_are_kept_out_of_an_organization(stranger):
    leaf = Condition("StringEquals", "aws:PrincipalOrgID", ("o-abcdefghij",))
    assert holds((leaf,), stranger) is Truth.NO
    assert holds((), stranger) is Truth.YES
    assert holds((Unknown("later"),), stranger) is Truth.UNKNOWN


@pytest.mark.parametrize(
    ("operator", "expected"),
    [("StringEquals", Truth.NO), ("StringLike", Truth.UNKNOWN), ("StringEqualsIfExists", Truth.YES)],
)
def test_an_organization_that_is_not_known_is_one_all_the_same_where_a_star_is_a_star(operator, expected):
    leaf = Condition(operator, "aws:PrincipalOrgID", (Unknown("a parameter without a value"),))
    assert holds((leaf,), FOREIGN) is expected


def test_every_stranger_is_outside_a_named_organization():
    leaf = Condition("StringNotEquals", "aws:PrincipalOrgID", ("o-abcdefghij",))
    assert holds((leaf,), FOREIGN, of_all=True) is Truth.YES
    open_leaf = Condition("StringNotLike", "aws:PrincipalOrgID", ("o-*",))
    assert holds((open_leaf,), FOREIGN, of_all=True) is Truth.NO


@pytest.mark.parametrize(
    ("operator", "key", "value", "expected"),
    [
        ("DateLessThan", "aws:CurrentTime", "2019-01-01T00:00:00Z", Truth.NO),
        ("NumericLessThanEquals", "aws:EpochTime", "1546300800", Truth.NO),
        ("DateLessThan", "aws:CurrentTime", "2199-01-01T00:00:00Z", Truth.YES),
        ("DateGreaterThan", "aws:CurrentTime", "2019-01-01T00:00:00Z", Truth.YES),
        ("DateLessThan", "aws:TokenIssueTime", "2019-01-01T00:00:00Z", Truth.YES),
    ],
)
def test_a_time_that_is_over_does_not_come_back(operator, key, value, expected):
    assert holds((Condition(operator, key, (value,)),), FOREIGN) is expected
