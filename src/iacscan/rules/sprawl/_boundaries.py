"""Policies that conditions name: `iam:PermissionsBoundary` and `iam:PolicyARN` ask for a policy by its ARN."""

from collections.abc import Iterator

from ...links import symbols
from ...policy.document import Condition, PolicyDocument
from ...value import Maybe
from .._rule import World


def named_in_conditions(world: World) -> frozenset[str]:
    """Every value of a condition in the estate's policies that is an ARN, and the addresses of the symbols in it."""
    named: set[str] = set()
    for document in _documents(world):
        if not isinstance(document, PolicyDocument):
            continue
        for statement in document.statements:
            for condition in statement.conditions:
                if isinstance(condition, Condition):
                    arns = [value for value in condition.values if isinstance(value, str) and value.startswith("arn:")]
                    named.update(arns, *map(symbols, arns))
    return frozenset(named)


def _documents(world: World) -> Iterator[Maybe[PolicyDocument] | None]:
    estate = world.estate
    yield from (policy.document for policy in estate.managed_policies)
    yield from (policy.document for policy in estate.inline_policies)
    yield from (policy.document for policy in estate.organization_policies)
