"""AWS services that act for others: may anybody's resource make a service use this one?

A service that is named as a principal acts for all of its customers. Most services say, in `aws:SourceArn` and `aws:SourceAccount`, for which
resource they act (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html); a policy that does not ask lets
a stranger's resource in.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from ..lazy import regex
from ..value import Truth, Unknown
from .action import ActionSet
from .condition.judge import FOREIGN, SERVICE, holds, is_positive_guard
from .document import Condition, Principal, Statement
from .effect import applies
from .grant import denies_all_of, possible_actions
from .principal import Kind, classify

# For each service, without ".amazonaws.com", the kinds of resources (`ResourcePolicy.kind`, "s3-bucket" and "role") on which it says for what it acts.
# A working list of November 2026, not yet compared with the guide of each service: it decides between a finding and silence only.
ASKS_FOR_SOURCE: Final = {
    "s3": frozenset({"sns-topic", "sqs-queue", "s3-bucket"}),
    "events": frozenset({"sqs-queue"}),
    "sns": frozenset({"sqs-queue"}),
    "cloudtrail": frozenset({"s3-bucket", "sns-topic", "kms-key"}),
    "config": frozenset({"s3-bucket", "sns-topic"}),
    "logging.s3": frozenset({"s3-bucket"}),
    "cloudfront": frozenset({"s3-bucket", "kms-key"}),
    "ses": frozenset({"s3-bucket", "sns-topic"}),
    "delivery.logs": frozenset({"s3-bucket", "kms-key"}),
    "guardduty": frozenset({"s3-bucket", "kms-key"}),
    "macie": frozenset({"s3-bucket", "kms-key"}),
    "logs": frozenset({"kms-key"}),
    "cloudwatch": frozenset({"sns-topic"}),
    "budgets": frozenset({"sns-topic"}),
    "costalerts": frozenset({"sns-topic"}),
    "serverlessrepo": frozenset({"s3-bucket"}),
    # Services that send the keys when they assume a role (vpc-flow-logs: its guide shows the trust policy).
    **dict.fromkeys(
        (
            "airflow-env", "appflow", "bedrock", "bedrock-agentcore", "datasync", "pipes", "rekognition", "scheduler",
            "ssm", "states", "transfer", "vpc-flow-logs",
        ),
        frozenset({"role"}),
    ),
}  # fmt: skip
_SERVICE: Final = regex(r"(.+?)(?:\.(?:[a-z]{2}(?:-[a-z]+)+-\d+|⟦[^⟧]*⟧))?\.amazonaws\.com(?:\.cn)?")
# What a service fills in from the resource it acts for.
_SOURCE_KEYS: Final = ("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")
_BEING_A_SERVICE: Final = frozenset((
    "aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist",
))  # fmt: skip
_SERVICE_KEYS: Final = ("kms:encryptioncontext:", "kms:calleraccount")


def services_for_anyone(statement: Statement, statements: Iterable[Statement], kind: str) -> dict[str, Truth]:
    """Service principals of an Allow that act for anybody's resources; unknown where a condition is not known.

    `statements` are all of the policy: a Deny of every other source limits too. `kind` is the kind of resource.
    """
    services = (*_services(statement, kind), *_all_services(statement, kind)) if statement.effect == "Allow" else ()
    if not services or not applies(statement) or any(_names_source(item) for item in statement.conditions):
        return {}
    open_ = holds(statement.conditions, SERVICE)
    if open_ is Truth.NO or _looks_only().covers(possible_actions(statement)) or _denied(statement, statements):
        return {}
    return dict.fromkeys(services, open_)


def _services(statement: Statement, kind: str) -> Iterator[str]:
    """The services that a statement names and that would tell their source to such a resource."""
    for principal in statement.principals or ():
        if isinstance(principal, Principal) and classify(principal).kind is Kind.SERVICE:
            name = _SERVICE.fullmatch(principal.value)
            if name is not None and kind in ASKS_FOR_SOURCE.get(name[1], ()):
                yield principal.value


def _all_services(statement: Statement, kind: str) -> Iterator[str]:
    """What to call those whom an Allow for everybody is limited to by nothing but that they are services of AWS."""
    conditions = [item for item in statement.conditions if isinstance(item, Condition)]
    limits = any(item.key.lower() in _BEING_A_SERVICE and is_positive_guard(item) for item in conditions)
    if not limits or kind == "role":
        return
    anyone = any(
        isinstance(item, Principal) and classify(item).kind is Kind.ANYONE for item in statement.principals or ()
    )
    if anyone and holds(statement.conditions, FOREIGN) is Truth.NO:
        yield "AWS services"


def _names_source(condition: Condition | Unknown) -> bool:
    """Whether a leaf asks for a source, also where its value is only known after apply but made from somebody's resource."""
    if isinstance(condition, Unknown) or not is_positive_guard(condition):
        return False
    key = condition.key.lower()
    if key.startswith(_SERVICE_KEYS):
        return True
    return key in _SOURCE_KEYS and all(isinstance(value, Unknown) and _is_made(value) for value in condition.values)


def _is_made(value: Unknown) -> bool:
    """Whether a value comes from resources; what a caller of the module passes in may be a star."""
    return any(not item.address.startswith("var.") for item in value.references)


@cache
def _looks_only() -> ActionSet:
    """What services ask for before they deliver; it gives nothing away."""
    return ActionSet.of(("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:ListBucket", "kms:DescribeKey"))


def _denied(allow: Statement, statements: Iterable[Statement]) -> bool:
    return any(
        deny.effect == "Deny"
        and denies_all_of(deny, allow) is Truth.YES
        and holds(deny.conditions, SERVICE, of_all=True) is Truth.YES
        for deny in statements
    )
