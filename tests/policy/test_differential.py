"""The fast engine (`grant.py`) against the plain definition (`evaluate.py`), on random identity policies.

How the questions of the one are asked of the other:

* `allows(documents, action, arn)` is the decision about that action on that resource by a user whose only policies are the
  documents, in his own account.
* "Every resource" (`allows(documents, action)`, `allowed_actions`, `is_admin`) is a resource of a service that nobody has heard of: only
  patterns that mean everything match it.
  Where NotResource names identities the fast engine may say unknown: all but these is not everything that matters.
* "On any resource at all" contains whatever is decided on some resource; the converse is not asked.
* Conditions on circumstances do not make a power smaller for the fast engine, and a Deny under conditions takes nothing
  away: they are taken off the Allows, and such Denies left out, before the plain definition is asked.
* What is not known inside statements leaves both with the same answer about one resource. (A document that is not known as
  a whole is taken for an Allow by the fast engine, which looks for dangers, and may be a Deny too by the definition.)
* Policy variables are left out: the fast engine takes them for text.

`IACSCAN_CASES=100000 pytest tests/policy/test_differential.py` asks more often than the 1,250 times of a normal run.
"""

import os

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from policy.strategies import ACTIONS, RESOURCES, USER, conditions, document, forget, statements

from iacscan.policy.evaluate import Layers, decide
from iacscan.policy.grant import allowed_actions, allows, is_admin
from iacscan.policy.request import Request
from iacscan.value import Truth, Unknown

CASES = int(os.environ.get("IACSCAN_CASES", "1000"))
ANYTHING = "arn:aws:unheard-of:eu-west-1:111122223333:thing"
TO_COME = ("unheard-of:Do", "iam:NoSuchAction", "organizations:NoSuchAction")
_BROAD = {"Effect": "Allow", "Action": "*", "Resource": "*"}
# Always satisfiable, and about circumstances alone.
CIRCUMSTANCES = conditions(keys=("aws:SourceVpce", "aws:MultiFactorAuthAge", "aws:SourceArn"))


@st.composite
def policies(draw):
    """One or two identity policies, now and then with an administrator's statement and with conditions on circumstances."""
    listed = []
    for _ in range(draw(st.integers(1, 2))):
        items = draw(st.lists(statements(with_conditions=False, variables=False), max_size=3))
        if draw(st.integers(0, 3)) == 0:
            items.append(dict(_BROAD))
        for item in items:
            if draw(st.integers(0, 4)) == 0 and (block := draw(CIRCUMSTANCES)):
                item["Condition"] = block
        listed.append(document({"Version": "2012-10-17", "Statement": items}))
    return listed


def excused(policy):
    """The policy as the fast engine means it: without conditional Denies, and without conditions."""
    kept = (item for item in policy.statements if item.effect == "Allow" or not item.conditions)
    return replace(policy, statements=tuple(replace(item, conditions=()) for item in kept))


def spares_identities(given_policies):
    texts = (text for policy in given_policies for item in policy.statements for text in item.not_resources or ())
    return any(":iam:" in text for text in texts)


@settings(max_examples=CASES)
@given(policies(), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
def test_the_fast_engine_agrees_with_the_definition(given_policies, action, resource):
    layers = Layers(identity=tuple(map(excused, given_policies)))

    def decided(action, resource):
        return decide(Request(action, resource, USER), layers).allowed

    assert allows(given_policies, action, resource).truth is decided(action, resource)
    if decided(action, resource) is not Truth.NO:
        assert action in allowed_actions(given_policies, on_everything=False, certain=False)
    everywhere = decided(action, ANYTHING)
    certain, perhaps = allowed_actions(given_policies), allowed_actions(given_policies, certain=False)
    fast = allows(given_policies, action).truth
    new, iam, organizations = (decided(name, ANYTHING) for name in TO_COME)
    all_of_it = new is Truth.YES and Truth.YES in (iam, organizations)
    admin = is_admin(given_policies).truth
    assert fast is (Truth.YES if action in certain else Truth.UNKNOWN if action in perhaps else Truth.NO)
    if spares_identities(given_policies):
        assert fast in (everywhere, Truth.UNKNOWN)
        assert admin in (Truth.of(known=all_of_it), Truth.UNKNOWN)
    else:
        assert fast is everywhere
        assert admin is Truth.of(known=all_of_it)


@settings(max_examples=CASES // 4)
@given(policies(), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES), st.randoms(use_true_random=False))
def test_they_agree_on_what_is_not_known(given_policies, action, resource, chance):
    known = [excused(policy) for policy in given_policies]
    place = chance.randrange(len(known))
    vaguer = forget(known[place], chance)
    if isinstance(vaguer, Unknown) or vaguer.unknown:
        return
    known[place] = vaguer
    decision = decide(Request(action, resource, USER), Layers(identity=tuple(known)))
    assert allows(known, action, resource).truth is decision.allowed
