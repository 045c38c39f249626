"""A request that shows a difference: allowed by some documents, refused by others.

Candidates are made from what the policies themselves say (patterns with their stars filled in, the values of conditions) and
then evaluated; one that does not check out is never returned. So a request that is found is a proof, and none found proves nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Final, TypeAlias

from msgspec import Struct

from ..lazy import regex
from ..value import Maybe, Truth, Unknown, all_of, any_of
from .action import ActionSet, arn_formats, known, of_level
from .applies import applies_to
from .arn import parse_arn
from .condition.implies import negation
from .condition.operators import Family, Operator, parse_operator
from .document import Condition, PolicyDocument, Principal
from .match import matches, replaces_variables
from .principal import COGNITO, Kind, account_of, classify
from .request import ANYBODY, Caller, CallerKind, Request
from .resource_patterns import is_fixed, plain
from .sets import Region

Documents: TypeAlias = tuple[Maybe[PolicyDocument], ...]

_ACCOUNT: Final = "111122223333"  # AWS's own pages use these two in examples
_STRANGER: Final = "444455556666"
_NAME: Final = "example"
_FILLS: Final = (_NAME, f"{_NAME}/{_NAME}", "", "x", f"{_NAME}:{_NAME}")
_PLACES: Final = {"partition": "aws", "region": "us-east-1", "account": _ACCOUNT, "accountid": _ACCOUNT}
# Actions whose meaning everybody knows, the most telling first.
_TELLING: Final = (
    "iam:AttachUserPolicy", "iam:PassRole", "sts:AssumeRole", "s3:PutObject", "s3:GetObject", "secretsmanager:GetSecretValue",
    "kms:Decrypt", "dynamodb:PutItem", "dynamodb:GetItem", "lambda:InvokeFunction", "sqs:SendMessage", "sns:Publish",
)  # fmt: skip
_ACTIONS: Final = 4  # tried for one difference
_RESOURCES: Final = 8
_CONTEXTS: Final = 24
_PLACEHOLDER: Final = regex(r"\$\{([^}]*)\}")
_VARIABLE: Final = regex(r"\$\{\s*([^},\s]+)[^}]*\}")

# What a request may hold under a key: values, or nothing.
_Held: TypeAlias = tuple[str, ...] | None


class Holding(Struct, frozen=True):
    """The policies of one principal or resource; who has a `boundary` may do only what it allows as well."""

    documents: Documents
    boundary: Maybe[PolicyDocument] | None = None

    @property
    def size(self) -> int:
        """How many resource patterns a request may have to be compared with."""
        known = (item for item in (*self.documents, self.boundary) if isinstance(item, PolicyDocument))
        statements = (statement for document in known for statement in document.statements)
        return sum(len(item.resources or item.not_resources or ()) for item in statements)

    def permits(self, request: Request) -> Truth:
        """Whether these policies alone allow a request: some Allow in each layer, and no Deny."""
        layers = (self.documents,) if self.boundary is None else (self.documents, (self.boundary,))
        allowed = all_of(any_of(_says("Allow", document, request) for document in layer) for layer in layers)
        if allowed is Truth.NO:
            return Truth.NO
        denied = any_of(_says("Deny", document, request) for layer in layers for document in layer)
        return all_of((allowed, ~denied))


def _says(effect: str, document: Maybe[PolicyDocument], request: Request) -> Truth:
    """Whether some statement with the effect is about a request."""
    if isinstance(document, Unknown):
        return Truth.UNKNOWN
    variables = replaces_variables(document)
    answer = Truth.UNKNOWN if document.unknown else Truth.NO
    return any_of((
        answer,
        *(
            all_of((matches(statement, request, variables=variables),
                    Truth.YES if statement.effect == effect else Truth.UNKNOWN))
            for statement in document.statements
            if statement.effect == effect or isinstance(statement.effect, Unknown)
        ),
    ))  # fmt: skip


class Attempts:
    """How many more requests will be evaluated: fewer where policies are far longer than AWS takes them."""

    def __init__(self, limit: int = 2_000, comparisons: int = 400_000) -> None:
        self.left = limit
        self.comparisons = comparisons

    def take(self, comparisons: int = 0) -> bool:
        """Use one up, and the comparisons that it may need; False if none is left."""
        self.left -= 1
        self.comparisons -= comparisons
        return self.left >= 0 and self.comparisons >= 0


class Place(Struct, frozen=True):
    """Where to look: actions on one region, for one principal element, under conditions.

    `missed` are conditions of what allows it on the other side, `met` and `patterns` conditions and resources of what denies it there.
    """

    actions: ActionSet
    region: Region
    caller: Maybe[Principal] | None
    conditions: tuple[Maybe[Condition], ...]
    missed: tuple[Maybe[Condition], ...] = ()
    met: tuple[Maybe[Condition], ...] = ()
    patterns: tuple[str, ...] = ()


def witness(place: Place, allowed_by: Holding, refused_by: Holding | None, attempts: Attempts) -> Request | None:
    """Find a request in a place that one side certainly allows and the other certainly refuses (None: any will do)."""
    if isinstance(place.caller, Unknown) or not is_fixed(place.region.text):
        return None
    size = allowed_by.size + (0 if refused_by is None else refused_by.size)
    for request in _requests(place):
        if not attempts.take(size):
            return None
        if allowed_by.permits(request) is Truth.YES and (refused_by is None or refused_by.permits(request) is Truth.NO):
            return request
    return None


def _requests(place: Place) -> Iterator[Request]:
    callers = tuple(_callers(place.caller))
    for action in _actions(place.actions, place.region):
        for resource in _resources(action, place):
            for context in _contexts(place):
                for caller in _fitting(callers, context):
                    yield Request(action, resource, caller, context)


def _fitting(callers: tuple[Caller, ...], context: Mapping[str, tuple[str, ...]]) -> tuple[Caller, ...]:
    """The callers; where the context says who asks, the one that it says."""
    named = context.get("aws:principalarn", ())
    return tuple(_callers(Principal("AWS", named[0]))) or callers if named else callers


# -- actions and resources ------------------------------------------------------------------------------------------


def _actions(actions: ActionSet, region: Region) -> Iterator[str]:
    """Some of the actions: well-known ones, then such as change something, then any; those that fit the region."""
    arn = parse_arn(region.text)
    own = actions & ActionSet.of((f"{arn.service}:*",)) if arn is not None else actions
    chosen = own or actions
    telling = [action for action in _TELLING if action in chosen]
    writes = (chosen & of_level("Write")).names()[:200]
    names = dict.fromkeys((*telling, *writes, *chosen.names()[:200]))
    fitting = (name for name in names if region.nowhere or applies_to(name, plain(region.text)) is not Truth.NO)
    yield from islice(fitting, _ACTIONS)
    if not names:
        yield from actions.unknown[:1]
        yield from (f"{service}:ActionToCome" for service in actions.services()[:1])
        if not actions.services() and not actions.unknown:
            yield "service-to-come:ActionToCome"


def _resources(action: str, place: Place) -> Iterator[str]:
    region = place.region
    if region.nowhere:
        yield "*"
        return
    formats = sorted((_from_format(item) for item in arn_formats(action)), key=len)
    wide = (*place.patterns, *(() if region.text == "*" else (region.text,)))
    candidates = [_filled(plain(text), fill) for text in wide for fill in _FILLS]
    if region.text == "*":
        candidates += formats or [f"arn:aws:{action.partition(':')[0]}:us-east-1:{_ACCOUNT}:{_NAME}"]
    fits = (item for item in dict.fromkeys(candidates) if not known(action) or applies_to(action, item) is not Truth.NO)
    yield from islice(fits, _RESOURCES)


def _from_format(text: str) -> str:
    return _PLACEHOLDER.sub(lambda found: _PLACES.get(found[1].lower(), _NAME), text.partition(", ")[0])


def _filled(pattern: str, fill: str) -> str:
    """A text that a pattern matches: the parts of an ARN that are only a star become what usually stands there."""
    pattern = _VARIABLE.sub(_NAME, pattern)
    arn = parse_arn(pattern)
    if arn is not None:
        head = (
            "aws" if "*" in arn.partition else arn.partition,
            arn.service.replace("*", ""),
            "us-east-1" if arn.region == "*" else arn.region.replace("*", ""),
            _ACCOUNT if arn.account in ("*", "?" * 12) else arn.account.replace("*", ""),
        )
        pattern = f"arn:{':'.join(head)}:{arn.resource}"
    return pattern.replace("*", fill).replace("?", "x")


# -- callers --------------------------------------------------------------------------------------------------------


def _callers(element: Principal | Unknown | None) -> Iterator[Caller]:
    """Callers that a principal element names; the holder of an identity policy is some user."""
    if element is None or isinstance(element, Unknown):
        yield _user(_ACCOUNT)
        return
    caller = classify(element)
    account = account_of(element) or _ACCOUNT
    match caller.kind:
        case Kind.ANYONE:
            yield from (_user(_STRANGER), ANYBODY, _user(_ACCOUNT))
        case Kind.ACCOUNT:
            yield _user(account)
        case Kind.USER:
            yield Caller(CallerKind.USER, account, element.value)
        case Kind.ROLE:
            name = element.value.rpartition("/")[2]
            session = f"arn:aws:sts::{account}:assumed-role/{name}/{_NAME}"
            yield Caller(CallerKind.ROLE_SESSION, account, element.value, session)
        case Kind.SESSION:
            parts = element.value.split("/")
            if len(parts) > 1 and "assumed-role" in parts[0]:
                yield Caller(CallerKind.ROLE_SESSION, account, f"arn:aws:iam::{account}:role/{parts[1]}", element.value)
        case Kind.SERVICE:
            yield Caller(CallerKind.SERVICE, "", element.value)
        case Kind.OIDC | Kind.SAML | Kind.COGNITO:
            yield Caller(CallerKind.IDENTITY, "", COGNITO if caller.kind is Kind.COGNITO else element.value)
        case _:
            return


def _user(account: str) -> Caller:
    return Caller(CallerKind.USER, account, f"arn:aws:iam::{account}:user/{_NAME}")


# -- context --------------------------------------------------------------------------------------------------------


def _contexts(place: Place) -> Iterator[dict[str, tuple[str, ...]]]:
    """Contexts that may satisfy some conditions and miss others; what comes last varies first."""
    texts = [place.region.text, *place.patterns]
    options: dict[str, dict[_Held, None]] = {}
    for leaf in place.conditions + place.met:
        if isinstance(leaf, Condition):
            options.setdefault(leaf.key.lower(), {}).update(dict.fromkeys(_accepted(leaf)))
            texts += [value for value in leaf.values if isinstance(value, str)]
    for leaf in place.missed:
        if isinstance(leaf, Condition):
            held = options.setdefault(leaf.key.lower(), {})
            for opposite in negation(leaf):
                held.update(dict.fromkeys(_accepted(opposite)))
            held.setdefault(None)
    fixed = {key.lower(): (_NAME,) for text in texts for key in _VARIABLE.findall(text)}
    for key in fixed:
        options.pop(key, None)
    for values in islice(product(*options.values()), _CONTEXTS):
        chosen = {key: held for key, held in zip(options, values, strict=True) if held is not None}
        yield fixed | chosen


def _accepted(leaf: Condition) -> Iterator[_Held]:
    """Some of what may stand under a key where a leaf is to be true; None is no key at all."""
    operator = parse_operator(leaf.operator)
    if operator is None:
        return
    values = [value for value in leaf.values if isinstance(value, str)]
    if operator.family is Family.NULL:
        yield (_NAME,) if "false" in values else None
        return
    if operator.negated:
        yield from ((other,) for other in _others(operator, leaf.key))
    yield from ((item,) for value in values[:3] for item in _instances(operator, value))
    yield None


# What is another value of well-known keys.
_ELSEWHERE: Final = {
    "iam:passedtoservice": ("lambda.amazonaws.com", "ec2.amazonaws.com"),
    "aws:requestedregion": ("us-east-1", "eu-west-1"),
    "aws:principalaccount": (_STRANGER,),
    "aws:sourceaccount": (_STRANGER,),
}


def _others(operator: Operator, key: str) -> Iterable[str]:
    """Values that a negated leaf may let pass; it excludes some of them at most."""
    if key.lower() in _ELSEWHERE:
        return _ELSEWHERE[key.lower()]
    match operator.family:
        case Family.IP:
            return ("198.51.100.7", "203.0.113.5", "192.0.2.1", "2001:db8::1")
        case Family.NUMERIC:
            return ("0", "1")
        case Family.DATE:
            return ("2001-01-01T00:00:00Z", "2002-02-02T00:00:00Z")
        case Family.ARN:
            return (f"arn:aws:iam::{_STRANGER}:role/{_NAME}",)
        case _:
            return (f"another-{_NAME}",)


def _instances(operator: Operator, value: str) -> Iterator[str]:
    """Values that satisfy a positive operator with this value."""
    match operator.family:
        case Family.IP:
            yield value.partition("/")[0]
        case Family.NUMERIC | Family.DATE if "Than" in operator.name and not operator.name.endswith("Equals"):
            yield from _beside(operator, value)
        case Family.STRING | Family.ARN if operator.wildcards:
            yield from (_filled(value, fill) for fill in _FILLS[:2])
        case _:
            yield _VARIABLE.sub(_NAME, value)


def _beside(operator: Operator, value: str) -> Iterator[str]:
    """A number or date on the right side of a limit."""
    below = operator.name.endswith("LessThan")
    if operator.family is Family.DATE:
        yield "2001-01-01T00:00:00Z" if below else "2999-01-01T00:00:00Z"
        return
    try:
        number = float(value)
    except ValueError:
        return
    yield f"{number - 1 if below else number + 1:g}"
