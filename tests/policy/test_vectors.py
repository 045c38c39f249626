"""Facts about AWS, each asked of the function that must know it (`cases/vectors.json`; `page` says what it rests on)."""

import json
from pathlib import Path

import pytest
from policy.strategies import ACCOUNT, FOREIGN, ROLE, USER

from iacscan.access import Access
from iacscan.finding import Violation
from iacscan.graph import Graph
from iacscan.model.estate import Estate
from iacscan.policy.action import known, suggest
from iacscan.policy.condition.evaluate import satisfied
from iacscan.policy.containment import contains
from iacscan.policy.document import Condition, PolicyDocument, Statement, parse
from iacscan.policy.evaluate import Layers, decide
from iacscan.policy.grant import is_admin
from iacscan.policy.match import action_matches, principal_matches, resource_matches
from iacscan.policy.pattern import covers_together, overlaps
from iacscan.policy.public import SURFACES, reach
from iacscan.policy.request import Caller, CallerKind, Request
from iacscan.rules._registry import find_rule
from iacscan.testing import world_of
from iacscan.value import Truth, Unknown

VECTORS = json.loads((Path(__file__).parent / "cases" / "vectors.json").read_text())
CALLERS = {
    "user": USER,
    "role": ROLE,
    "foreign role": FOREIGN,
    "service-linked role": Caller(
        CallerKind.SERVICE_LINKED_ROLE,
        ACCOUNT,
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
    ),
}
ACTIONS = {"s3": "s3:GetObject", "access-point": "s3:GetObject", "trust": "sts:AssumeRole"}


def unknowns(value):
    """The same tree, with Unknown where it says {"unknown": reason}."""
    if isinstance(value, list):
        return [unknowns(item) for item in value]
    if isinstance(value, dict):
        if value.keys() == {"unknown"}:
            return Unknown(value["unknown"])
        return {name: unknowns(item) for name, item in value.items()}
    return value


def policy(statements):
    found = parse({"Version": "2012-10-17", "Statement": unknowns(statements)})
    assert isinstance(found, PolicyDocument)
    assert found.problems == ()
    return found


def layers(given):
    def read(name, value):
        if name in ("kind", "resource_account", "management_account"):
            return value
        if name == "identity":
            return tuple(map(policy, value))
        if name in ("scps", "rcps"):
            return tuple(tuple(map(policy, level)) for level in value)
        return policy(value)

    return Layers(**{name: read(name, value) for name, value in given.items()})


def action(given):
    return action_matches(Statement(actions=(given["pattern"],)), given["action"]).value


def resource(given):
    request = Request(given["action"], given["resource"], USER)
    return resource_matches(Statement(resources=(given["pattern"],)), request).value


def principal(given):
    (statement,) = policy(
        [{"Effect": "Allow", "Principal": given["principal"], "Action": "*", "Resource": "*"}]
    ).statements
    caller = CALLERS[given["caller"]]
    return principal_matches(statement, Caller(caller.kind, caller.account, given["name"], caller.session)).value


def conditions(given):
    leaves = (
        policy([{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": given["block"]}])
        .statements[0]
        .conditions
    )
    return satisfied(leaves, {key: tuple(values) for key, values in given["request"].items()}).value


def leaf(given):
    operator, key, values = given["leaf"]
    held = {key: tuple(values) for key, values in given["request"].items()}
    return satisfied((Condition(operator, key, tuple(values)),), held).value


def decision(given):
    context = {key: tuple(values) for key, values in given.get("context", {}).items()}
    request = Request(given["action"], given["resource"], CALLERS[given["caller"]], context)
    return decide(request, layers(given["layers"])).outcome.value


def reached(given):
    body = {"Effect": "Allow", "Action": ACTIONS.get(given["surface"], "*"), "Resource": "*", **given["statement"]}
    found = reach(policy([body]).statements[0], SURFACES[given["surface"]])
    assert found.truth is Truth.YES
    assert found.because
    return found.level.name


def contained(given):
    found = contains(policy(given["old"]), policy(given["new"]))
    said = {"truth": found.truth.value}
    witnesses = [item.witness for item in found.differences if item.witness is not None]
    for witness in witnesses:
        new, old = (decide(witness, Layers(identity=(policy(given[name]),))).allowed for name in ("new", "old"))
        assert (new, old) == (Truth.YES, Truth.NO)
    if witnesses:
        said["witness"] = witnesses[0].action
    return said


def exposure(given):
    world = world_of(given["terraform"])
    (bucket,) = world.estate.buckets
    return world.access.exposure(bucket).is_open.value


def external(given):
    (statement,) = policy([{"Effect": "Allow", "Principal": given["principal"], "Action": "sts:AssumeRole"}]).statements
    (element,) = statement.principals
    return Access(Graph(Estate())).external(element).value


def said_by_rule(given):
    verdicts = find_rule(given["code"]).check(world_of(given["terraform"]))
    return ["violation" if isinstance(verdict, Violation) else "undecided" for verdict in verdicts]


ASK = {
    "action": action,
    "resource": resource,
    "overlaps": lambda given: overlaps(given["one"], given["other"]),
    "covers": lambda given: covers_together(given["outer"], given["inner"]).value,
    "admin": lambda given: is_admin((policy(given["statements"]),)).truth.value,
    "known": lambda given: {"known": known(given["action"]), "suggestion": suggest(given["action"])},
    "principal": principal,
    "conditions": conditions,
    "leaf": leaf,
    "decision": decision,
    "reach": reached,
    "contains": contained,
    "exposure": exposure,
    "external": external,
    "rule": said_by_rule,
}


@pytest.mark.parametrize("vector", VECTORS, ids=[f"{vector['id']}: {vector['fact']}" for vector in VECTORS])
def test_a_fact_about_aws(vector):
    assert ASK[vector["ask"]](vector["given"]) == vector["expected"]


def test_every_vector_has_its_own_id_and_says_what_it_rests_on():
    assert len({vector["id"] for vector in VECTORS}) == len(VECTORS)
    assert all(vector["page"].startswith("https://") and vector["fact"] for vector in VECTORS)
    assert {vector["ask"] for vector in VECTORS} == set(ASK)
