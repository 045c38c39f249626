"""Where policy variables stand."""

import pytest

from iacscan.policy.document import parse
from iacscan.policy.variables import names, slip, variables


def found(statement):
    return variables(parse({"Version": "2012-10-17", "Statement": [statement]}))


def test_variables_stand_in_resources_and_in_condition_values():
    home = "arn:aws:s3:::home/${aws:username}/*"
    like = {"StringLike": {"s3:prefix": ["${aws:username}/*", "public/*"]}}

    assert found({"Effect": "Allow", "Action": "s3:*", "Resource": [home, "arn:aws:s3:::x"]}) == (home,)
    assert found({"Effect": "Allow", "Action": "s3:*", "NotResource": home}) == (home,)
    assert found({"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": like}) == ("${aws:username}/*",)


def test_a_document_without_variables_has_none():
    assert found({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::$home/{x}"}) == ()


@pytest.mark.parametrize(
    "text",
    [
        "home/${aws:username}/*",
        "home/${aws:PrincipalTag/team, 'nobody'}/*",
        "${*}${?}${$}",
        "${transfer:HomeFolder}",
        "${www.amazon.com:user_id}",
        "${AWS:UserName}",
        "R&{D}",
    ],
)
def test_what_is_replaced_has_no_slip(text):
    assert slip(text) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("home/${aws:user}/*", "no policy variable ${aws:user}"),
        ("${username}", "no policy variable"),
        ("${aws:username", "never closed"),
        ("${aws: username}", "space"),
        ("${ aws:username }", "space"),
        ("${aws:PrincipalTag/}", "no policy variable"),
        ("${aws:TagKeys}", "lists are no policy variables"),
        ("${aws:PrincipalTag/team,'x'}", "default"),
        ("${aws:PrincipalTag/team, x}", "default"),
        ("arn:aws:iam::${AWS::AccountId}:root", "CloudFormation"),
        ("&{aws:username}", "&{aws:username} is no policy variable"),
        ("$(aws:username)", "is no policy variable"),
    ],
)
def test_slips_are_told(text, says):
    assert says in slip(text)


def test_a_variable_with_a_default_is_never_missing():
    assert names("${aws:UserName}/${aws:PrincipalTag/team, 'x'}") == ("aws:username",)
