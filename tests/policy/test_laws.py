"""Laws of the plain definition, which hold for every policy and every request."""

import random

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from policy.strategies import (
    ACCOUNT,
    CALLERS,
    FOREIGN,
    LATER,
    ROLE,
    ROOT,
    USER,
    contexts,
    document,
    documents,
    forget,
    requests,
    trees,
)

from iacscan.policy.condition.evaluate import satisfied
from iacscan.policy.document import PolicyDocument
from iacscan.policy.evaluate import Layers, Outcome, decide, matches
from iacscan.policy.request import Request
from iacscan.value import Truth

OWN = (USER, ROLE)


@st.composite
def layers(draw):
    """Policies of every layer, each of which may be missing."""
    identity_only = documents(most=2)

    def maybe(strategy):
        return draw(st.one_of(st.none(), strategy))

    levels = st.lists(st.lists(identity_only, max_size=2).map(tuple), max_size=2).map(tuple)
    return Layers(
        identity=tuple(draw(st.lists(identity_only, max_size=2))),
        resource=maybe(documents(with_principals=True, most=2)),
        boundary=maybe(identity_only),
        session=maybe(identity_only),
        scps=maybe(levels),
        rcps=maybe(levels),
        endpoint=maybe(documents(with_principals=True, most=2)),
        kind=draw(st.sampled_from(("", "kms-key", "s3-bucket"))),
        resource_account=draw(st.sampled_from((None, ACCOUNT, FOREIGN.account))),
    )


def answer(request, *identity, **others):
    return decide(request, Layers(identity=identity, **others)).allowed


@given(requests(OWN), st.lists(documents(), max_size=3))
def test_a_deny_that_matches_beats_every_allow(request, policies):
    deny = document({"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}})
    assert decide(request, Layers(identity=(*policies, deny))).outcome is Outcome.EXPLICIT_DENY


@given(requests(), layers())
def test_a_statement_that_denies_for_certain_decides(request, given_layers):
    decision = decide(request, given_layers)
    if decision.outcome is Outcome.EXPLICIT_DENY:
        for _, statement in decision.statements:
            assert statement.effect == "Deny"
            assert matches(statement, request) is Truth.YES


@given(requests(tuple(caller for caller in CALLERS if caller != ROOT)))
def test_nothing_is_allowed_by_default(request):
    assert decide(request, Layers()).outcome is Outcome.IMPLICIT_DENY


@given(requests(tuple(caller for caller in CALLERS if caller != ROOT)), layers())
def test_whatever_is_allowed_is_allowed_by_a_statement(request, given_layers):
    decision = decide(request, given_layers)
    if decision.outcome is Outcome.ALLOWED:
        assert decision.statements
        for _, statement in decision.statements:
            assert statement.effect == "Allow"
            assert matches(statement, request) is Truth.YES


@given(requests(), layers(), st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(request, given_layers, chance):
    def shuffled(policy):
        if not isinstance(policy, PolicyDocument):
            return policy
        statements = [*policy.statements, *chance.sample(policy.statements, min(1, len(policy.statements)))]
        chance.shuffle(statements)
        return replace(policy, statements=tuple(statements))

    identity = [shuffled(policy) for policy in given_layers.identity + given_layers.identity[:1]]
    chance.shuffle(identity)
    other = replace(
        given_layers,
        identity=tuple(identity),
        resource=shuffled(given_layers.resource),
        boundary=shuffled(given_layers.boundary),
        session=shuffled(given_layers.session),
        endpoint=shuffled(given_layers.endpoint),
    )
    assert decide(request, other).outcome is decide(request, given_layers).outcome


def respelt(tree, chance):
    """The same policy in other words: case of actions, keys and operators, one value as a list, one statement alone."""

    def cased(text):
        return "".join(chance.choice((letter.lower(), letter.upper())) for letter in text)

    def listed(value):
        return [value] if isinstance(value, str) and chance.random() < 0.5 else value

    def action(value):
        return cased(value) if isinstance(value, str) else [cased(item) for item in value]

    def statement(item):
        new = {}
        for name, value in item.items():
            if name in ("Action", "NotAction"):
                new[name] = listed(action(value))
            elif name in ("Resource", "NotResource"):
                new[name] = listed(value)
            elif name == "Condition":
                new[name] = {
                    cased(operator): {cased(key): listed(values) for key, values in keys.items()}
                    for operator, keys in value.items()
                }
            else:
                new[name] = value
        return dict(chance.sample(sorted(new.items()), len(new)))

    statements = [statement(item) for item in tree["Statement"]]
    return {"Version": tree["Version"], "Statement": statements[0] if len(statements) == 1 else statements}


@given(requests(OWN), trees(), st.randoms(use_true_random=False))
def test_equivalent_spellings_mean_the_same(request, tree, chance):
    assert answer(request, document(respelt(tree, chance))) is answer(request, document(tree))


@given(requests(), layers(), documents(most=2), st.sampled_from(("scps", "rcps", "boundary", "session", "endpoint")))
def test_a_limit_never_adds(request, given_layers, limit, name):
    without = replace(given_layers, **{name: None})
    limited = replace(given_layers, **{name: ((limit,),) if name in ("scps", "rcps") else limit})
    before, after = decide(request, without).allowed, decide(request, limited).allowed
    assert before is not Truth.NO or after is Truth.NO
    assert after is not Truth.YES or before is Truth.YES


@given(requests(), layers(), documents(effects=("Deny",)))
def test_a_deny_never_adds(request, given_layers, denies):
    more = replace(given_layers, identity=(*given_layers.identity, denies))
    before, after = decide(request, given_layers).allowed, decide(request, more).allowed
    assert before is not Truth.NO or after is Truth.NO


@given(requests(), layers(), documents(effects=("Allow",)))
def test_an_allow_never_takes_away(request, given_layers, allows):
    more = replace(given_layers, identity=(*given_layers.identity, allows))
    before, after = decide(request, given_layers).allowed, decide(request, more).allowed
    assert before is not Truth.YES or after is Truth.YES


# -- what is not known -------------------------------------------------------------------------------------------------


@given(requests(), layers(), st.randoms(use_true_random=False))
def test_what_is_not_known_never_turns_an_answer_around(request, given_layers, chance):
    names = [
        name for name in ("identity", "resource", "boundary", "session", "endpoint") if getattr(given_layers, name)
    ]
    if not names:
        return
    name = chance.choice(names)
    vaguer = replace(given_layers, **{name: forget(getattr(given_layers, name), chance)})
    before, after = decide(request, given_layers).allowed, decide(request, vaguer).allowed
    assert after in (before, Truth.UNKNOWN)


@given(requests(), layers(), st.randoms(use_true_random=False), st.booleans())
def test_a_key_that_is_not_known_never_turns_an_answer_around(request, given_layers, chance, wholly):
    key = chance.choice(sorted(request.context))
    held = LATER if wholly else (LATER,)
    vaguer = Request(request.action, request.resource, request.principal, {**request.context, key: held})
    before, after = decide(request, given_layers).allowed, decide(vaguer, given_layers).allowed
    assert after in (before, Truth.UNKNOWN)


@given(documents(least=1), contexts())
def test_a_key_that_may_be_missing_is_either_there_or_not(policy, context):
    for statement in policy.statements:
        for leaf in statement.conditions:
            key = leaf.key.lower()
            lowered = {name.lower(): held for name, held in context.items()}
            absent = {name: held for name, held in lowered.items() if name != key}
            maybe = satisfied((leaf,), {**absent, key: LATER})
            assert maybe in (satisfied((leaf,), absent), Truth.UNKNOWN)
            assert maybe in (satisfied((leaf,), {**absent, **lowered}), Truth.UNKNOWN)


def test_forgetting_forgets():
    chance = random.Random(1)  # noqa: S311  # chooses parts of policies
    policy = document({"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
    assert all(forget(policy, chance) != policy for _ in range(50))
