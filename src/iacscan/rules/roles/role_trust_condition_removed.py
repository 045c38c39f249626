"""Change takes a condition out of the trust policy of a role.

## Why it matters

What a trust policy asks for beside the principal is often all that keeps a role from everybody in an account: multi-factor authentication keeps out
whoever has found an access key, an external id the other customers of a third party, a network or a tag whoever is not meant. When it goes, the list
of principals stays the same, and the change looks harmless.

## How to fix it

Keep the condition. Where somebody has to come in without it, give that principal a statement of its own:

```hcl
statement {
  actions = ["sts:AssumeRole"]
  principals {
    type        = "AWS"
    identifiers = ["arn:aws:iam::111122223333:root"]
  }
  condition {
    test     = "Bool"
    variable = "aws:MultiFactorAuthPresent"
    values   = ["true"]
  }
}
```

## How to fix it in CloudFormation

Keep the condition. Where somebody has to come in without it, give that principal a statement of its own:

```yaml
- Effect: Allow
  Principal:
    AWS: arn:aws:iam::111122223333:root
  Action: sts:AssumeRole
  Condition:
    Bool:
      aws:MultiFactorAuthPresent: "true"
```

## What it leaves alone

Principals that the change lets in for the first time, and those of services and identity providers, of which other rules speak, as of everybody (`*`) and of
third parties without an external id. Conditions that are only written in other words, whose values change, or that a Deny of the trust policy asks for instead.

## When it cannot tell

The trust policy after the change, or a condition in it, is not known.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ...access import Trusted
from ...finding import Severity, Undecided, Violation
from ...model.iam import Role
from ...policy.action import ActionSet
from ...policy.condition.judge import is_positive_guard
from ...policy.condition.mfa import AGE, PRESENT, requires_mfa
from ...policy.describe import describe, describe_condition
from ...policy.document import Condition, PolicyDocument, Statement
from ...policy.effect import applies
from ...policy.grant import possible_actions
from ...policy.principal import Kind
from ...value import Truth, Unknown
from .._rule import Example, Verdict, World, rule
from . import _third_parties

_KINDS: Final = frozenset((Kind.ACCOUNT, Kind.ROLE, Kind.USER))
_MFA: Final = "multi-factor authentication"
_EXTERNAL_ID: Final = "sts:externalid"
_CALLED: Final = {AGE: _MFA, PRESENT: _MFA, _EXTERNAL_ID: "an external id"}

_ROLE = """
resource "aws_iam_role" "support" {%s
  name               = "support"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      %s
    }]
  })
}
"""
_WITH_MFA = 'Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }'
_BY_AGE = 'Condition = { NumericLessThan = { "aws:MultiFactorAuthAge" = "3600" } }'

BAD = Example(_ROLE % ("  # bad", ""), "everybody in the account gets in without MFA", before=_ROLE % ("", _WITH_MFA))
BAD_NETWORK = Example(
    _ROLE % ("  # bad", _WITH_MFA),
    "from any network",
    before=_ROLE
    % (
        "",
        'Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" }, IpAddress = { "aws:SourceIp" = "192.0.2.0/24" } }',
    ),
)
GOOD = Example(_ROLE % ("", _BY_AGE), "MFA is asked for in other words", before=_ROLE % ("", _WITH_MFA))
GOOD_NEW = Example(_ROLE % ("", ""), "nothing was asked for before", before=_ROLE % ("", ""))
UNDECIDED = Example(
    'variable "condition" {}\n' + _ROLE % ("  # undecided", "Condition = var.condition"),
    "what is asked for after the change is not known",
    before=_ROLE % ("", _WITH_MFA),
)


@rule(
    code="IAM221",
    severity=Severity.MEDIUM,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
    ),
    controls=("CWE-284",),
    examples=(BAD, BAD_NETWORK, GOOD, GOOD_NEW, UNDECIDED),
)
def role_trust_condition_removed(world: World) -> Iterator[Verdict]:
    """Yield a violation for each set of conditions that some principals of a role no longer have to meet."""
    if world.before is None:
        return
    after = {role.origin.address: role for role in world.estate.roles}
    for was in world.before.estate.roles:
        now = after.get(was.origin.address)
        if now is not None and now.trust != was.trust:
            yield from _compared(world, _admitted(world.before, was), now)


def _compared(world: World, before: dict[str, list[Statement]], role: Role) -> Iterator[Verdict]:
    """Hold what principals had to meet before the change to the role's trust policy after it."""
    asked = {value: keys for value, statements in before.items() if (keys := _asked_by_all(statements))}
    if not asked:
        return
    trust = role.trust
    if not isinstance(trust, PolicyDocument) or trust.unknown:
        because = trust.because if isinstance(trust, Unknown) else trust.unknown[0].because
        yield Undecided(
            subject=role.origin, message=f"whether it still asks for {_names(asked)} is not known: {because}"
        )
        return
    after = _admitted(world, role)
    denied = _denied_keys(trust)
    lost: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for value, keys in asked.items():
        gone = {key for statement in after.get(value, ()) for key in keys if _is_gone(statement, key)} - denied
        if _EXTERNAL_ID in gone and _third_parties.is_third_party(world, _account(world, role, value)):
            gone.remove(_EXTERNAL_ID)  # IAM209
        if gone:
            lost[tuple(key for key in keys if key in gone)].append(value)
    for keys, values in lost.items():
        statements = [statement for statement in after[values[0]] if any(_is_gone(statement, key) for key in keys)]
        unknown = all(any(isinstance(item, Unknown) for item in statement.conditions) for statement in statements)
        evidence = tuple(line for statement in statements for line in describe(statement))
        if unknown:
            message = f"whether it still asks for {_names({'': keys})} is not known"
            yield Undecided(subject=role.origin, message=message, evidence=evidence, key=" ".join(keys))
            continue
        more = f" and {len(values) - 1} more" if len(values) > 1 else ""
        yield Violation(
            subject=role.origin,
            message=f"the change lets {values[0]}{more} assume the role without {_names({'': keys})}",
            evidence=(*evidence, *_until_now(before[values[0]], keys)),
            severity=Severity.HIGH if world.access.admin(role).truth is Truth.YES else None,
            key=" ".join(keys),
        )


def _admitted(world: World, role: Role) -> dict[str, list[Statement]]:
    """The statements that let each account, role and user assume a role, by what the principal is called."""
    found: defaultdict[str, list[Statement]] = defaultdict(list)
    assuming = ActionSet.of(("sts:AssumeRole",))
    for trusted in world.access.trust(role):
        statement = trusted.statement
        if trusted.kind not in _KINDS or statement is None or not applies(statement):
            continue
        if possible_actions(statement).overlaps(assuming):
            found[_called(trusted)].append(statement)
    return found


def _asked_by_all(statements: list[Statement]) -> tuple[str, ...]:
    """The keys that each of some statements asks a value of, in lower case and in their order."""
    keys = [_asked(statement) for statement in statements]
    return tuple(key for key in keys[0] if all(key in other for other in keys))


def _asked(statement: Statement) -> tuple[str, ...]:
    found = dict.fromkeys(
        item.key.lower() for item in statement.conditions if isinstance(item, Condition) and is_positive_guard(item)
    )
    # Asking for MFA to be absent is no protection.
    return tuple(key for key in found if key not in (AGE, PRESENT) or requires_mfa(statement) is Truth.YES)


def _is_gone(statement: Statement, key: str) -> bool:
    """Whether a statement that lets somebody in asks nothing of a key for certain; or may not, where a condition is not known."""
    if key in (AGE, PRESENT):
        return requires_mfa(statement) is not Truth.YES
    return all(isinstance(item, Unknown) or item.key.lower() != key for item in statement.conditions)


def _denied_keys(trust: PolicyDocument) -> frozenset[str]:
    """The keys that a Deny of the trust policy asks about; both keys of MFA if it asks about one of them."""
    found = {
        item.key.lower()
        for statement in trust.statements
        if statement.effect != "Allow"
        for item in statement.conditions
        if isinstance(item, Condition)
    }
    return frozenset(found | ({AGE, PRESENT} if found & {AGE, PRESENT} else set()))


def _until_now(statements: list[Statement], keys: tuple[str, ...]) -> tuple[str, ...]:
    """The conditions on some keys that statements had before the change."""
    conditions = (item for statement in statements for item in statement.conditions if isinstance(item, Condition))
    return tuple(
        dict.fromkeys(f"{describe_condition(item)}, until now" for item in conditions if item.key.lower() in keys)
    )


def _called(trusted: Trusted) -> str:
    """What to call a principal: an account can be written in two ways."""
    return f"account {trusted.account}" if trusted.kind is Kind.ACCOUNT else trusted.value


def _account(world: World, role: Role, called: str) -> str:
    return next((str(item.account) for item in world.access.trust(role) if _called(item) == called), "")


def _names(asked: dict[str, tuple[str, ...]]) -> str:
    """What is asked for, for people."""
    keys = dict.fromkeys(_CALLED.get(key, f"a condition on {key}") for keys in asked.values() for key in keys)
    return " and ".join(keys)
