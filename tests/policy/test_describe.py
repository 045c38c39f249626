import pytest

from iacscan.policy.describe import describe, within
from iacscan.policy.document import parse
from iacscan.value import Unknown


def line(**elements):
    (text,) = describe(parse({"Statement": {"Effect": "Allow", **elements}}).statements[0])
    return text


def test_a_statement_is_one_line_of_json():
    text = line(
        Sid="A", Principal="*", Action="s3:GetObject", Resource="*", Condition={"Bool": {"aws:SecureTransport": True}}
    )
    assert text == (
        '{"Sid":"A","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*",'
        '"Condition":"Bool aws:SecureTransport true"}'
    )


def test_order_and_repetition_do_not_show():
    assert line(Action=["b:B", "a:A", "a:A"]) == line(Action=["a:A", "b:B"])


def test_a_long_list_is_counted():
    assert line(Action=[f"s3:A{n}" for n in range(9)]).endswith('"s3:A4","(4 more)"]}')


def test_what_is_not_known_is_said():
    assert '"Resource":"(not known)"' in line(Action="*", Resource=Unknown("later"))


MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        (line(Action="ec2:Describe*"), line(Action="EC2:*"), True),
        (line(Action="ec2:*"), line(Action="ec2:Describe*"), False),
        (line(Action="s3:*", Resource="arn:aws:s3:::a/*"), line(Action="s3:*", Resource="*"), True),
        (line(Action=["s3:*", "iam:PassRole"]), line(Action="s3:*"), False),
        (line(Action="s3:*", Condition=MFA), line(Action="s3:*"), True),
        (line(Action="s3:*"), line(Action="s3:*", Condition=MFA), False),
        (line(Action=[f"ec2:Describe{n}" for n in range(9)]), line(Action="ec2:*"), False),
        (line(NotAction="iam:*"), line(Action="*"), False),
        ("acl = public-read", "acl = public-read-write", False),
    ],
)
def test_a_described_allow_is_within_another_only_if_it_plainly_grants_no_more(new, old, expected):
    assert within(new, old) is expected


@pytest.mark.parametrize(
    ("principal", "shown"),
    [
        ("*", '"*"'),
        ({"AWS": "*"}, '{"AWS":"*"}'),
        ({"Service": ["b", "a"], "AWS": "1"}, '{"AWS":"1","Service":["a","b"]}'),
    ],
)
def test_principals_are_shown_as_aws_writes_them(principal, shown):
    assert f'"Principal":{shown},' in line(Principal=principal, Action="s3:*")


def test_a_principal_of_another_kind_is_not_within_the_old_ones():
    old = line(Principal={"AWS": "1"}, Action="s3:*")

    assert within(line(Principal={"AWS": ["1"]}, Action="s3:Get*"), old)
    assert not within(line(Principal={"Service": "1"}, Action="s3:*"), old)
    assert not within(line(Principal="*", Action="s3:*"), old)
