"""Random small policies and requests over one small vocabulary, so that they meet often.

Every policy is built as a JSON tree and parsed, so that whatever is drawn is something that a person could have written.
"""

from hypothesis import strategies as st
from msgspec.structs import replace

from iacscan.policy.document import Condition, PolicyDocument, Statement, parse
from iacscan.policy.request import ANYBODY, Caller, CallerKind, Request
from iacscan.value import Unknown

ACCOUNT, OTHER_ACCOUNT = "111122223333", "444455556666"
USER = Caller(CallerKind.USER, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ann")
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
ROLE = Caller(CallerKind.ROLE_SESSION, ACCOUNT, ROLE_ARN, "run")
ROOT = Caller(CallerKind.ROOT, ACCOUNT)
FOREIGN_ARN = f"arn:aws:iam::{OTHER_ACCOUNT}:role/partner"
FOREIGN = Caller(CallerKind.ROLE_SESSION, OTHER_ACCOUNT, FOREIGN_ARN, "s")
SERVICE = Caller(CallerKind.SERVICE, "", "lambda.amazonaws.com")
CALLERS = (USER, ROLE, ROOT, FOREIGN, SERVICE, ANYBODY)

ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "sqs:SendMessage", "iam:PassRole")
ACTION_PATTERNS = (*ACTIONS, "*", "s3:*", "s3:Get*", "s3:*Object", "S3:getobject", "iam:*", "?qs:Send*")
RESOURCES = (
    "arn:aws:s3:::logs",
    "arn:aws:s3:::logs/a",
    "arn:aws:s3:::logs/ann/x",
    "arn:aws:s3:::data/a",
    f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs",
    f"arn:aws:iam::{ACCOUNT}:role/app",
)
RESOURCE_PATTERNS = (
    *RESOURCES,
    "*",
    "arn:aws:s3:::*",
    "arn:aws:s3:::logs*",
    "arn:aws:s3:::logs/*",
    "arn:aws:s3:::*/a",
    "arn:aws:s3:::????/a",
    f"arn:aws:sqs:*:{ACCOUNT}:jobs",
    "arn:aws:iam::*:role/app",
)
VARIABLE_PATTERNS = (
    "arn:aws:s3:::logs/${aws:username}/*",
    "arn:aws:s3:::${aws:PrincipalTag/team, 'logs'}/*",
    "arn:aws:s3:::logs/${*}",
)
# Key, in the spelling of the policy, with the values that requests hold.
CONTEXT = {
    "aws:SourceIp": ("203.0.113.5", "198.51.100.7", "2001:db8::1"),
    "aws:SourceVpce": ("vpce-1", "vpce-2"),
    "aws:PrincipalTag/team": ("a", "b", "logs"),
    "aws:TagKeys": ("team", "stage"),
    "aws:MultiFactorAuthPresent": ("true", "false"),
    "aws:MultiFactorAuthAge": ("10", "3600.5"),
    "aws:CurrentTime": ("2026-01-01T00:00:00Z", "2026-06-01T12:00:00+02:00"),
    "aws:SourceArn": ("arn:aws:s3:::logs", f"arn:aws:sns:eu-west-1:{ACCOUNT}:topic"),
}
_NEVER_ALONE = frozenset(("aws:TagKeys",))
_LEAVES = {
    "aws:SourceIp": (("IpAddress", "NotIpAddress"), ("203.0.113.0/24", "198.51.100.7", "2001:db8::/32", "0.0.0.0/0")),
    "aws:SourceVpce": (("StringEquals", "StringNotEquals", "StringLike"), ("vpce-1", "vpce-2", "vpce-*")),
    "aws:PrincipalTag/team": (
        ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase"),
        ("a", "b", "A", "*", "${aws:username}"),
    ),
    "aws:TagKeys": (
        ("ForAllValues:StringEquals", "ForAnyValue:StringEquals", "ForAllValues:StringNotLike", "StringEquals"),
        ("team", "stage", "s*"),
    ),
    "aws:MultiFactorAuthPresent": (("Bool", "Null"), ("true", "false")),
    "aws:MultiFactorAuthAge": (("NumericLessThan", "NumericGreaterThanEquals", "NumericNotEquals"), ("10", "3600")),
    "aws:CurrentTime": (("DateLessThan", "DateGreaterThan"), ("2026-03", "2026-06-01T10:00:00Z", "1767225600")),
    "aws:SourceArn": (("ArnLike", "ArnNotEquals", "StringLike"), ("arn:aws:s3:::l*", "arn:aws:sns:*:*:topic", "arn:*")),
}
PRINCIPALS = (
    "*",
    {"AWS": "*"},
    {"AWS": ACCOUNT},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    {"AWS": USER.name},
    {"AWS": [ROLE.name, USER.name]},
    {"AWS": ROLE.session_arn},
    {"AWS": FOREIGN.name},
    {"AWS": OTHER_ACCOUNT},
    {"Service": SERVICE.name},
    {"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"},
)


def some(values, most=3):
    """One value as a string or a list, or several."""
    return st.one_of(st.sampled_from(values), st.lists(st.sampled_from(values), min_size=1, max_size=most))


@st.composite
def leaves(draw, keys=tuple(_LEAVES)):
    """A condition leaf as (operator, key, values)."""
    key = draw(st.sampled_from(keys))
    operators, values = _LEAVES[key]
    operator = draw(st.sampled_from(operators))
    if operator != "Null" and draw(st.integers(0, 3)) == 0:
        operator += "IfExists"
    return operator, key, draw(some(values))


@st.composite
def conditions(draw, keys=tuple(_LEAVES)):
    """A condition block of up to two leaves."""
    block = {}
    for operator, key, values in draw(st.lists(leaves(keys), max_size=2)):
        block.setdefault(operator, {})[key] = values
    return block


@st.composite
def statements(
    draw, *, effects=("Allow", "Allow", "Deny"), with_principals=False, with_conditions=True, variables=True
):
    """A statement as a JSON tree."""
    patterns = RESOURCE_PATTERNS + (VARIABLE_PATTERNS if variables else ())
    tree = {
        "Effect": draw(st.sampled_from(effects)),
        draw(st.sampled_from(("Action", "Action", "Action", "NotAction"))): draw(some(ACTION_PATTERNS)),
        draw(st.sampled_from(("Resource", "Resource", "Resource", "NotResource"))): draw(some(patterns)),
    }
    if with_principals:
        key = draw(st.sampled_from(("Principal",) * 5 + ("NotPrincipal",)))
        tree[key] = draw(st.sampled_from(PRINCIPALS))
    if with_conditions and (block := draw(st.one_of(st.just({}), conditions()))):
        tree["Condition"] = block
    return tree


def trees(*, least=0, most=3, version=True, **elements):
    """A policy as a JSON tree; `version` says that all are of 2012-10-17."""
    versions = st.just("2012-10-17") if version else st.sampled_from(("2012-10-17", "2012-10-17", "2008-10-17"))
    listed = st.lists(statements(**elements), min_size=least, max_size=most)
    return st.builds(lambda number, items: {"Version": number, "Statement": items}, versions, listed)


def document(tree) -> PolicyDocument:
    """Parse a tree that is a policy."""
    found = parse(tree)
    assert isinstance(found, PolicyDocument)
    return found


def documents(**elements):
    """Identity policies, or with `with_principals=True` resource policies, or what `statements` takes."""
    return trees(**elements).map(document)


@st.composite
def contexts(draw):
    """What a request holds under the keys of the vocabulary; each may be missing."""
    held = {}
    for key, values in CONTEXT.items():
        several = 2 if key in _NEVER_ALONE else 1
        if draw(st.booleans()):
            held[key] = tuple(
                draw(st.lists(st.sampled_from(values), min_size=2 - several, max_size=several, unique=True))
            )
    return held


def requests(callers=CALLERS):
    """A request of one of the callers."""
    pairs = st.one_of(
        st.tuples(st.sampled_from(ACTIONS[:3]), st.sampled_from(RESOURCES[1:4])),
        st.tuples(st.sampled_from(ACTIONS), st.sampled_from(RESOURCES)),
    )
    return st.builds(
        lambda pair, caller, context: Request(*pair, caller, context), pairs, st.sampled_from(callers), contexts()
    )


# -- forgetting --------------------------------------------------------------------------------------------------------

LATER = Unknown("known only after apply")


def forget(item, chance):  # noqa: PLR0911  # one return for each kind of item
    """The same with one part of it not known."""
    if isinstance(item, tuple):
        place = chance.randrange(len(item))
        return (*item[:place], forget(item[place], chance), *item[place + 1 :]) if item else LATER
    if isinstance(item, Condition):
        return replace(item, values=forget(item.values, chance)) if chance.random() < 0.7 else LATER
    if isinstance(item, Statement):
        names = [name for name in ("actions", "not_actions", "resources", "not_resources", "principals",
                                   "not_principals", "conditions") if getattr(item, name)]  # fmt: skip
        name = chance.choice(["effect", *names])
        return replace(item, **{name: forget(getattr(item, name), chance)})
    if isinstance(item, PolicyDocument):
        if not item.statements or chance.random() < 0.2:
            return LATER
        what = chance.random()
        if what < 0.1:
            return replace(item, version=None, unknown_version=LATER)
        if what < 0.2:
            place = chance.randrange(len(item.statements))
            rest = item.statements[:place] + item.statements[place + 1 :]
            return replace(item, statements=rest, unknown=(LATER,))
        return replace(item, statements=forget(item.statements, chance))
    return LATER
