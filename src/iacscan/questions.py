"""Questions about one estate, and their answers: can, cannot, who, public, escalates.

Yes and no hold for every value of the condition keys that a question does not give. Wildcards in an action or resource stand for many requests:
`can` asks whether all of them are allowed, `cannot` whether none is, `who` for those to whom at least one is.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from .access import Access
from .effective import resource_policy
from .errors import UsageError
from .escalation import Escalation, block_of
from .exposure import public
from .finding import Origin
from .may import Case, Given, Said, Verdict
from .model import iam
from .names import (
    ANY_ACCOUNT,
    ANYONE,
    Asker,
    NotHereError,
    asker_of,
    find_asker,
    find_principal,
    find_resource,
    outsider_of,
    principals,
)
from .policy.action import ActionSet, arn_formats, known, published, suggest
from .policy.applies import applies_to
from .policy.document import PolicyDocument, Principal
from .policy.layers import IDENTITY
from .policy.pattern import has_wildcard
from .policy.principal import Kind, classify
from .policy.public import surface_of
from .policy.targets import How
from .routes import Routes
from .rules.privilege._paths import may as in_words
from .value import Truth, any_of

Ask: TypeAlias = Literal["can", "cannot", "who", "public", "escalates"]
_FORMS: Final = 3  # of ARNs that are offered
_LEVELS: Final = {"ANYONE": "anyone", "AUTHENTICATED": "any AWS account"}


class Question(Struct, frozen=True, kw_only=True):
    """A question as somebody wrote it; `ask` tells which of the texts it has. `escalates` without principal is about everybody."""

    ask: Ask
    principal: str = ""
    action: str = ""
    resource: str = ""
    given: Given = Given()

    def __str__(self) -> str:
        words = (self.principal, self.action, self.resource)
        return " ".join((self.ask, *(word for word in words if word)))


class Found(Struct, frozen=True):
    """One of several things that answer a question: who may, what is public, how somebody gains rights.

    Its grounds are statements (`said`), or lines of `evidence` from the block `origin`.
    """

    name: str
    truth: Truth
    because: str
    said: tuple[Said, ...] = ()
    keys: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    origin: Origin | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """An answer: `truth` is that of the question as asked (of `cannot`: that it cannot).

    `keys` are the condition keys that decide where the answer is unknown. `example` is one request out of many.
    """

    truth: Truth
    because: str
    said: tuple[Said, ...] = ()
    keys: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    example: tuple[str, str] | None = None
    found: tuple[Found, ...] = ()


def answer(access: Access, question: Question) -> Answer:
    """Answer a question about an estate. Raises NotHereError for names that are not in it, UsageError for questions that make no sense."""
    match question.ask:
        case "can" | "cannot":
            return _about_one(access, question)
        case "who":
            return _who(access, question)
        case "public":
            return _public(access)
        case "escalates":
            return _escalates(access, question.principal)


# -- can, cannot ----------------------------------------------------------------------------------------------------


def _about_one(access: Access, question: Question) -> Answer:
    asker = find_asker(access, question.principal)
    resource = _resource(access, question)
    case = Case(access, asker, question.action, resource, question.given)
    denied = question.ask == "cannot"
    verdict = case.one() if not _is_many(question.action, resource) else case.any() if denied else case.every()
    verdict = _with_doubt(access, verdict)
    return Answer(
        truth=~verdict.truth if denied else verdict.truth,
        because=verdict.because,
        said=verdict.said,
        keys=verdict.keys,
        assumptions=verdict.assumptions,
        example=verdict.example,
    )


def _with_doubt(access: Access, verdict: Verdict) -> Verdict:
    """What the input does not show may allow what nothing allows, and may deny what it allows."""
    partial = _partial(access)
    if not partial or verdict.truth is Truth.UNKNOWN or verdict.refused:
        return verdict
    if verdict.truth is Truth.NO:
        return replace(verdict, truth=Truth.UNKNOWN, because=f"{verdict.because}, but {partial}")
    return replace(verdict, assumptions=(*verdict.assumptions, f"nothing else bears on it, though {partial}"))


def _partial(access: Access) -> str:
    """Why the input is not the whole picture; empty if it may be."""
    if access.estate.unseen:
        return f"{', '.join(access.estate.unseen[:_FORMS])} could not be read"
    return "" if access.estate.complete else "the input shows only a part of what there is"


def _is_many(action: str, resource: str) -> bool:
    return has_wildcard(action) or (has_wildcard(resource) and (resource != "*" or not _takes_no_resource(action)))


def _takes_no_resource(action: str) -> bool:
    return known(action) and not arn_formats(action)


def _resource(access: Access, question: Question) -> str:
    """The resource that a question means. Raises UsageError for an action that there is not, or that does not work on it.

    Nothing would ever allow such a request, and `cannot` would hold for the wrong reason.
    """
    action = question.action
    if not has_wildcard(action) and not known(action):
        close = suggest(action)
        message = f"there is no action {action}{f'; did you mean {close}?' if close else ' that AWS lists'}"
        raise UsageError(message)
    if has_wildcard(action) and not ActionSet.of((action,)).overlaps(published()):
        message = f"{action} matches no action that AWS lists"
        raise UsageError(message)
    resource = find_resource(access, question.resource)
    if not has_wildcard(action) and resource != "*" and applies_to(action, resource) is Truth.NO:
        forms = arn_formats(action)[:_FORMS]
        message = f"{action} does not work on {question.resource}: it takes {' or '.join(forms) or 'the resource *'}"
        raise UsageError(message)
    return resource


# -- who ------------------------------------------------------------------------------------------------------------


def _who(access: Access, question: Question) -> Answer:
    resource = _resource(access, question)
    many = _is_many(question.action, resource)
    found: list[Found] = []
    assumptions: dict[str, None] = {}
    askers = (*_insiders(access), *_outsiders(access, question.action, resource))
    for asker in {item.label: item for item in askers}.values():
        case = Case(access, asker, question.action, resource, question.given)
        verdict = case.any() if many else case.one()
        if verdict.truth is not Truth.NO:
            found.append(Found(asker.label, verdict.truth, verdict.because, verdict.said, verdict.keys))
            assumptions.update(dict.fromkeys(verdict.assumptions))
    assumptions["principals of the account that are not in the input are not looked at"] = None
    return _of_several(
        access, found, "nobody may: neither in the input, nor of those whom a resource policy names", assumptions
    )


def _insiders(access: Access) -> Iterator[Asker]:
    """Those who can make requests: users, roles, permission sets, and members of groups that have none in the input."""
    for item in principals(access):
        if not isinstance(item, iam.Group) or not access.graph.members_of(item):
            yield asker_of(item)


def _outsiders(access: Access, action: str, resource: str) -> Iterator[Asker]:
    """Those whom the policy of the resource names and who are not in the input, and strangers."""
    protected = resource_policy(access, resource, "", action)
    if surface_of(protected.kind).anonymous or protected.kind in ("s3-bucket", "lambda"):
        yield ANYONE
    document = protected.document
    if protected.kind:
        yield ANY_ACCOUNT
    if not isinstance(document, PolicyDocument):
        return
    for statement in document.statements:
        for element in (statement.principals or ()) if statement.effect != "Deny" else ():
            if isinstance(element, Principal) and not _is_inside(access, element):
                outsider = outsider_of(access, element)
                if outsider is not None:
                    yield outsider


def _is_inside(access: Access, element: Principal) -> bool:
    caller = classify(element)
    kinds = {Kind.USER: "user", Kind.ROLE: "role"}
    if caller.kind in kinds:
        return access.graph.principal(kinds[caller.kind], element.value, "") is not None
    return caller.kind is Kind.ANYONE


def _of_several(access: Access, found: Iterable[Found], nobody: str, assumptions: Iterable[str] = ()) -> Answer:
    """An answer that is a list: yes if something in it is certain."""
    found = tuple(sorted(found, key=lambda item: item.truth is not Truth.YES))
    truth = any_of(item.truth for item in found)
    certain = sum(1 for item in found if item.truth is Truth.YES)
    because = f"{certain} for certain, {len(found) - certain} perhaps" if found else nobody
    partial = _partial(access)
    if truth is Truth.NO and partial:
        truth, because = Truth.UNKNOWN, f"{nobody}, but {partial}"
    return Answer(truth=truth, because=because, found=found, assumptions=tuple(assumptions))


# -- public, escalates ----------------------------------------------------------------------------------------------


def _public(access: Access) -> Answer:
    found = []
    for way in public(access):
        if way.truth is not Truth.NO:
            what = ", ".join(way.what)
            name = f"{way.resource.address} ({way.kind})"
            because = (
                f"{_LEVELS.get(way.level.name, way.level.name.lower())}{f': {what}' if what else ''}; {way.because}"
            )
            found.append(Found(name, way.truth, because, evidence=way.evidence, origin=way.by))
    for bucket in access.estate.buckets:
        found.extend(
            Found(f"{bucket.origin.address} (bucket)", Truth.UNKNOWN, reason)
            for reason in access.exposure(bucket).unknown
        )
    return _of_several(access, found, "nothing in the input is open to strangers")


def _escalates(access: Access, text: str) -> Answer:
    escalation = Escalation(access)
    wanted: iam.Principal | None = None
    if text:
        wanted = find_principal(access, text)
        if wanted is None:
            message = f"there is no principal {text} in the input"
            raise NotHereError(message)
    found: list[Found] = []
    for holder in escalation.holders() if wanted is None else (escalation.holder(wanted),):
        if wanted is not None and escalation.is_admin(holder):
            return Answer(truth=Truth.YES, because=f"{holder.label} is an administrator already")
        for path in escalation.paths(holder):
            opening = path.opening
            if not opening.row.alone:
                continue
            sure = opening.truth if opening.how in (How.PROVEN, How.OPEN) else Truth.UNKNOWN
            said = tuple(Said(IDENTITY, item, block_of(path.blocks, item).origin) for item in opening.statements)
            found.append(Found(holder.label, sure, in_words(path), said))
        doubt = escalation.account.doubt(holder.principal) if holder.principal is not None else ""
        if doubt:
            found.append(Found(holder.label, Truth.UNKNOWN, doubt))
    for route in Routes(escalation).all():
        if wanted is None or route.holder.principal is wanted:
            steps = ", then ".join(step.path.opening.target or in_words(step.path) for step in route.steps)
            found.append(Found(route.holder.label, Truth.YES, f"becomes an administrator by way of {steps}"))
    return _of_several(access, found, "no way to more rights was found")
