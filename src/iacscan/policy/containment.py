"""Whether policies allow nothing that others do not allow: subset proofs, and what the difference is if there is one.

Like IAM Access Analyzer's CheckNoNewAccess and CheckAccessNotGranted
(https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-custom-policy-checks.html), without a network. Yes is proved by rules that
hold for every request; no is shown by a request that was evaluated (`witness`); what is neither is unknown. Policies are compared
by themselves: who could use them, and which guardrails stand around them, is not asked.
"""

from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import Final, TypeAlias

from msgspec import Struct

from ..value import Maybe, Truth, Unknown
from .action import ActionSet, everything
from .compress import compress
from .document import PolicyDocument, Principal, Statement
from .grant import possible_actions
from .proof import Conditions, Gap, Proof
from .request import Request
from .resource_patterns import Budget, plain
from .sets import Clause, Powers, Region, cells, places
from .witness import Attempts, Holding, Place, witness

Policies: TypeAlias = PolicyDocument | Iterable[Maybe[PolicyDocument]]

MAX_DIFFERENCES: Final = 200  # that are told apart; what is beyond is not looked at, and the answer never yes
_NOTHING: Final = ActionSet()
_TRIED: Final = 4  # regions of one difference in which a witness is looked for


class Difference(Struct, frozen=True):
    """Something that the new policies allow, or may allow, and the old ones do not for certain.

    `actions` on `resources` (patterns) by `principals` (None: whoever has the policy) under the `conditions` of `statement`, which is one of
    the new ones. `witness` is a request that the new ones allow and the old ones refuse; without one, `because` says why.
    """

    actions: ActionSet
    resources: tuple[str, ...]
    principals: tuple[Maybe[Principal], ...] | None
    conditions: Conditions
    statement: Statement
    witness: Request | None = None
    because: str = ""

    @property
    def patterns(self) -> tuple[str, ...]:
        """The actions, in the fewest patterns that mean no others."""
        return compress(self.actions).words


class Containment(Struct, frozen=True):
    """Whether new policies allow nothing that the old ones do not; no only if some difference has a witness."""

    truth: Truth
    differences: tuple[Difference, ...] = ()


class Granted(Struct, frozen=True):
    """Whether any of some actions is allowed on any of some resources, with a request that shows it."""

    truth: Truth
    witness: Request | None = None
    statements: tuple[Statement, ...] = ()


def contains(
    old: Policies,
    new: Policies,
    *,
    old_boundary: Maybe[PolicyDocument] | None = None,
    new_boundary: Maybe[PolicyDocument] | None = None,
) -> Containment:
    """Whether the new policies allow nothing that the old ones do not.

    Several documents are those of one principal together; a boundary is what caps them.
    """
    before, after = Holding(_tuple(old), old_boundary), Holding(_tuple(new), new_boundary)
    proof = Proof(before, after)
    attempts = Attempts()
    gaps = islice(proof.gaps(), MAX_DIFFERENCES)
    differences = tuple(_difference(gap, before, after, proof, attempts) for gap in gaps)
    if not differences:
        return Containment(Truth.YES)
    shown = any(item.witness is not None for item in differences)
    return Containment(Truth.NO if shown else Truth.UNKNOWN, differences)


def is_within(new: PolicyDocument, old: PolicyDocument) -> bool:
    """Whether it is proved that one document allows nothing that another does not; no witness is looked for."""
    return may_be_within(new, old) and _within(new, old)


def may_be_within(new: PolicyDocument, old: PolicyDocument) -> bool:
    """Whether the actions alone leave it possible; quick, for those who compare many."""
    return _named(old).covers(_named(new))


@lru_cache(maxsize=4096)
def _named(document: PolicyDocument) -> ActionSet:
    """Everything that an Allow of a document may be about."""
    found = _NOTHING
    for statement in document.statements:
        if statement.effect != "Deny":
            found |= possible_actions(statement)
    return everything() if document.unknown else found


@lru_cache(maxsize=8192)
def _within(new: PolicyDocument, old: PolicyDocument) -> bool:
    return next(Proof(Holding((old,)), Holding((new,))).gaps(), None) is None


def _tuple(policies: Policies) -> tuple[Maybe[PolicyDocument], ...]:
    return (policies,) if isinstance(policies, PolicyDocument) else tuple(policies)


def _difference(gap: Gap, before: Holding, after: Holding, proof: Proof, attempts: Attempts) -> Difference:
    tried = (proof.place(gap, region, caller) for region, caller in gap.places[:_TRIED] if region.certain)
    found = next((request for place in tried if (request := witness(place, after, before, attempts))), None)
    callers = dict.fromkeys(caller for _, caller in gap.places if caller is not None)
    return Difference(
        actions=gap.actions,
        resources=tuple(dict.fromkeys(plain(region.text) for region, _ in gap.places)),
        principals=tuple(callers) or None,
        conditions=gap.conditions,
        statement=gap.cell.statements[0],
        witness=found,
        because="" if found else _doubt(gap, before, proof),
    )


def _doubt(gap: Gap, before: Holding, proof: Proof) -> str:
    """Why it is neither proved nor refuted."""
    unknowns = [unknown for statement in gap.cell.statements for unknown in statement.unknowns]
    unknowns += [leaf for leaf in gap.cell.conditions if isinstance(leaf, Unknown)]
    for document in (*before.documents, before.boundary):
        unknowns += (document,) if isinstance(document, Unknown) else () if document is None else document.unknowns
    if unknowns:
        return unknowns[0].because
    if proof.exhausted:
        return "the policies have too many patterns to compare them all"
    return "it is not proved to be allowed before, and no request was found that shows that it was not"


def grants_any(
    documents: Policies,
    actions: Iterable[str],
    resources: Iterable[str] = ("*",),
    *,
    boundary: Maybe[PolicyDocument] | None = None,
) -> Granted:
    """Whether the documents, within a boundary, allow any of some actions (or patterns) on any of some resources (or patterns)."""
    given = _tuple(documents)
    wanted = ActionSet.of(actions)
    asked = Clause.of(Statement(actions=("*",), resources=tuple(resources)), expands=True)
    truth, statements, attempts, budget = Truth.NO, list[Statement](), Attempts(), Budget()
    holding = Holding(given, boundary)
    cap = None if boundary is None else Powers.of((boundary,))
    for cell in cells(Powers.of(given), cap, budget):
        for allowed, region in places(cell):
            common = allowed & wanted
            parts = asked.resources.meeting(region, budget) if common else ()
            if not parts:
                continue
            truth = Truth.UNKNOWN
            statements.extend(cell.statements)
            for part in {*parts, region} if region.certain else ():
                for caller in cell.callers.parts():
                    request = witness(Place(common, part, caller, cell.conditions), holding, None, attempts)
                    if request and (
                        region.nowhere or asked.resources.covers(Region(request.resource), budget) is Truth.YES
                    ):
                        return Granted(Truth.YES, request, cell.statements)
    return Granted(truth, None, tuple(dict.fromkeys(statements)))
