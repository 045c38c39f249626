"""Tags in conditions: what a target, a caller and a request carry, and what a caller would set to get past a condition.

Who may both tag a resource and act on resources with a tag may act on all of them, so a condition on tags is only as good as the control
over tagging (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html). Keys of tags are compared without regard
to case, as in condition keys.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from ..value import Maybe, Truth, Unknown, all_of, any_of
from .action import condition_keys, known
from .arn import REST, parse_arn
from .condition.judge import Context, Facts, Nature, holds
from .condition.operators import Family, parse_operator
from .document import Condition

_OWN: Final = "aws:principaltag/"
_REQUEST: Final = "aws:requesttag/"
_KEYS: Final = "aws:tagkeys"
_RESOURCE: Final = ":resourcetag/"  # of `aws`, `iam`, `ec2`, `ssm`, ...
_VARIABLE: Final = "${aws:PrincipalTag/"

# What sets a tag, where it is not `TagResource` of the target's service: by service and beginning of the ARN's resource.
_ACTIONS: Final = (
    ("iam", "user/", "iam:TagUser"),
    ("iam", "role/", "iam:TagRole"),
    ("iam", "policy/", "iam:TagPolicy"),
    ("iam", "instance-profile/", "iam:TagInstanceProfile"),
    ("iam", "oidc-provider/", "iam:TagOpenIDConnectProvider"),
    ("iam", "saml-provider/", "iam:TagSAMLProvider"),
    ("ec2", "", "ec2:CreateTags"),
    ("autoscaling", "", "autoscaling:CreateOrUpdateTags"),
    ("codebuild", "", "codebuild:UpdateProject"),
    ("elasticbeanstalk", "", "elasticbeanstalk:AddTags"),
    ("elasticmapreduce", "", "elasticmapreduce:AddTags"),
    ("rds", "", "rds:AddTagsToResource"),
    ("sagemaker", "", "sagemaker:AddTags"),
    ("ssm", "", "ssm:AddTagsToResource"),
)
# Services whose actions on "any resource" are about instances.
_INSTANCES: Final = frozenset({"ec2", "ec2-instance-connect", "ssm"})


class Tags(Struct, frozen=True, cache_hash=True):
    """Tags by key in lower case, sorted. `Unknown` values may be anything, or missing.

    What is not among them is not there, unless the key REST says why more may be.
    """

    pairs: tuple[tuple[str, Maybe[str]], ...] = ()

    @staticmethod
    def of(pairs: Mapping[str, Maybe[str]]) -> "Tags":
        """Tags from a mapping."""
        return Tags(tuple(sorted(((key.lower(), value) for key, value in pairs.items()), key=lambda pair: pair[0])))

    def get(self, key: str) -> Maybe[str] | None:
        """The value of a tag; None without it."""
        found = dict(self.pairs)
        return found.get(key, found.get(REST))

    def having(self, other: "Tags") -> "Tags":
        """These, with others set over them."""
        return Tags.of({**dict(self.pairs), **dict(other.pairs)})

    def __str__(self) -> str:
        return ", ".join(f"{key}={value}" for key, value in self.pairs)


NO_TAGS: Final = Tags()


class Labels(Struct, frozen=True, cache_hash=True):
    """All tags that one request is judged by: those of the target, of the caller, and those that the request carries.

    `own` is None where the caller's tags are not known; conditions on them are then a matter of circumstances, not judged.
    """

    target: Tags = NO_TAGS
    own: Tags | None = None
    request: Tags = NO_TAGS


class Wish(Struct, frozen=True):
    """Tags that would get a caller past the conditions of one statement, by what has to carry them."""

    target: Tags = NO_TAGS
    own: Tags = NO_TAGS
    request: Tags = NO_TAGS


def is_about_tags(condition: Condition, *, own: bool) -> bool:
    """Whether a condition asks for tags; with `own` those of the caller count."""
    key = condition.key.lower()
    return _RESOURCE in key or key.startswith(_REQUEST) or key == _KEYS or (own and key.startswith(_OWN))


def is_about_principal(condition: Condition) -> bool:
    """Whether a condition asks for a tag of the caller."""
    return condition.key.lower().startswith(_OWN)


def judge(condition: Condition, action: str, labels: Labels) -> Truth:
    """Whether a condition on tags is true of a request for an action.

    A key that AWS does not send for the action is missing from the request.
    """
    key = condition.key.lower()
    condition = _filled(condition, labels.own)
    if key == _KEYS:
        return _keys(condition, tuple(name for name, _ in labels.request.pairs))
    carrier, name = _carrier(key, labels)
    value = carrier.get(name) if key.startswith(_OWN) or _is_sent(condition.key, action) else None
    if isinstance(value, Unknown):
        return Truth.UNKNOWN
    return holds((condition,), _context(key, () if value is None else (value,)))


def wish(condition: Condition, labels: Labels, *, fulfilled: bool) -> Wish | None:
    """The tag that makes a condition true (`fulfilled`) or false; None if no tag does, or it is not known which."""
    key = condition.key.lower()
    if key == _KEYS:
        return None
    value = _value(_filled(condition, labels.own), fulfilled=fulfilled)
    if value is None:
        return None
    tags = Tags(((key.partition("/")[2], value),))
    if key.startswith(_OWN):
        return Wish(own=tags)
    return Wish(request=tags) if key.startswith(_REQUEST) else Wish(target=tags)


def tag_action(resource: str, action: str) -> str | None:
    """The action that sets tags on what an ARN or a pattern means (`*`: on what the action is about); None if there is none."""
    arn = parse_arn(resource)
    if arn is None:
        service, rest = action.partition(":")[0], ""
        service = "ec2" if service in _INSTANCES else service
    else:
        service, rest = arn.service, arn.resource
    for name, beginning, found in _ACTIONS:
        if service == name and rest.startswith(beginning):
            return found
    usual = f"{service}:TagResource"
    return usual if known(usual) else None


def _keys(condition: Condition, names: tuple[str, ...]) -> Truth:
    """A condition on the keys of all tags that a request carries."""
    key = condition.key.lower()
    if not names:
        return holds((condition,), _context(key, ()))
    operator = parse_operator(condition.operator)
    combine = all_of if operator is not None and operator.quantifier == "ForAllValues" else any_of
    return combine(holds((condition,), _context(key, (name,))) for name in names)


def _carrier(key: str, labels: Labels) -> tuple[Tags, str]:
    """The tags that a key reads, and the name of the tag."""
    name = key.partition("/")[2]
    if key.startswith(_OWN):
        return labels.own or NO_TAGS, name
    return (labels.request if key.startswith(_REQUEST) else labels.target), name


def _is_sent(key: str, action: str) -> bool:
    """Whether AWS lists a key for an action, whatever the name of the tag."""
    kind = key.lower().partition("/")[0]
    return any(listed.lower().partition("/")[0] == kind for listed in condition_keys(action))


def _context(key: str, values: tuple[str, ...]) -> Context:
    facts = Facts(Truth.YES, Nature.FIXED, values) if values else Facts(Truth.NO)
    return Context("the caller's request", {key: facts})


def _filled(condition: Condition, own: Tags | None) -> Condition:
    """A condition with the caller's tags in the place of `${aws:PrincipalTag/…}`; a tag that is missing matches nothing."""
    if own is None or not any(isinstance(value, str) and _VARIABLE in value for value in condition.values):
        return condition
    values = tuple(_fill(value, own) for value in condition.values)
    return msgspec.structs.replace(condition, values=tuple(value for value in values if value is not None))


def _fill(value: Maybe[str], own: Tags) -> Maybe[str] | None:
    if isinstance(value, Unknown):
        return value
    while _VARIABLE in value:
        before, _, rest = value.partition(_VARIABLE)
        name, closed, after = rest.partition("}")
        if not closed or "," in name:
            return Unknown(f"the value {value} has a default")
        tag = own.get(name.strip().lower())
        if tag is None or isinstance(tag, Unknown):
            return tag
        value = f"{before}{tag}{after}"
    return value


def _value(condition: Condition, *, fulfilled: bool) -> str | None:
    """What a tag must hold for a condition to be true, or not to be."""
    operator = parse_operator(condition.operator)
    if operator is None:
        return None
    texts = [value for value in condition.values if isinstance(value, str)]
    if operator.family is Family.NULL:
        present = "true" in (text.lower() for text in texts)
        return None if present is fulfilled else "x"
    if operator.negated is fulfilled:
        return "⟦another value⟧" if len(texts) == len(condition.values) else None
    return next(_literals(texts, wildcards=operator.wildcards), None)


def _literals(texts: list[str], *, wildcards: bool) -> Iterator[str]:
    """Values that a request can hold, one for each text that is known."""
    for text in texts:
        if "${" not in text and REST not in text:
            yield (text.replace("*", "").replace("?", "x") or "x") if wildcards else text
