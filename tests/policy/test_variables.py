"""Where policy variables stand."""

from iacscan.policy.document import parse
from iacscan.policy.variables import variables


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
