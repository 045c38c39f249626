import pytest

from iacscan.policy.condition.keys import Availability, Type, global_names, key_info
from iacscan.policy.condition.network import is_broad, is_private
from iacscan.policy.condition.operators import Family, names, parse_operator


def test_there_are_27_bare_operators():
    assert len(names()) == 27


@pytest.mark.parametrize("name", names())
def test_every_operator_is_read_in_any_case_with_its_prefixes_and_suffix(name):
    bare = parse_operator(name.upper())
    assert bare is not None
    assert bare.name == name
    decorated = parse_operator(f"forallvalues:{name}IFEXISTS")
    if bare.family is Family.NULL:
        assert decorated is None
    else:
        assert (decorated.quantifier, decorated.if_exists, decorated.negated) == ("ForAllValues", True, bare.negated)


@pytest.mark.parametrize(
    "text",
    ["", "StringContains", "StringEqualsForAnyValue", "NullIfExists", "ForAllValues:Null", "ForSome:StringLike",
     "ForAllValues:ForAnyValue:StringLike", "StringEqualsIfExistsIfExists", "DateAfter"],
)  # fmt: skip
def test_what_aws_does_not_know_is_no_operator(text):
    assert parse_operator(text) is None


def test_only_operators_that_say_not_are_negated():
    assert all(parse_operator(name).negated == ("Not" in name) for name in names())


def test_keys_are_found_in_any_case_and_with_their_tag():
    assert key_info("AWS:SOURCEIP").type is Type.IP
    assert key_info("aws:PrincipalTag/team").availability is Availability.TAGGED_PRINCIPAL
    assert key_info("aws:PrincipalTag/") is None
    assert key_info("aws:PrincipalTag") is None
    assert key_info("aws:OrganizationId") is None


def test_keys_that_hold_several_values():
    multivalued = {name for name in global_names() if key_info(f"{name}x" if name.endswith("/") else name).multivalued}
    assert multivalued == {
        "aws:CalledVia", "aws:PrincipalOrgPaths", "aws:PrincipalServiceNamesList", "aws:ResourceOrgPaths",
        "aws:SourceOrgPaths", "aws:TagKeys", "aws:VpceOrgPaths",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "broad", "private"),
    [
        ("9.0.0.0/8", False, False),
        ("8.0.0.0/7", True, False),
        ("0.0.0.0/0", True, False),
        ("::/0", True, False),
        ("2001:db8::/32", False, False),
        ("10.0.0.5/8", False, True),
        ("172.16.1.1", False, True),
        ("172.0.0.0/8", False, False),
        ("fd00::/8", False, True),
        ("not an address", False, False),
    ],
)
def test_which_ranges_are_broad_and_which_private(text, broad, private):
    assert (is_broad(text), is_private(text)) == (broad, private)
