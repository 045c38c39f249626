"""How much a reader must know to foresee what a statement's conditions do.

The keys that AWS explains with examples in the guides that most people read: the IAM User Guide (global keys and "Example policies"), and the chapters on
access control of the services' own guides.
"""

from collections.abc import Iterable
from typing import Final

from ...value import Maybe
from ..document import Condition
from .operators import Family, parse_operator

_EXPLAINED: Final = frozenset((
    "aws:assumedroot", "aws:calledvia", "aws:calledviafirst", "aws:calledvialast", "aws:currenttime", "aws:multifactorauthage",
    "aws:multifactorauthpresent", "aws:principalaccount", "aws:principalarn", "aws:principalisawsservice", "aws:principalorgid",
    "aws:principalorgpaths", "aws:principalservicename", "aws:referer", "aws:requestedregion", "aws:resourceaccount",
    "aws:resourceorgid", "aws:resourceorgpaths", "aws:securetransport", "aws:sourceaccount", "aws:sourcearn",
    "aws:sourceidentity", "aws:sourceip", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner", "aws:sourcevpc",
    "aws:sourcevpce", "aws:tagkeys", "aws:tokenissuetime", "aws:userid", "aws:username", "aws:viaawsservice",
    "aws:vpcsourceip", "cloudwatch:namespace", "dynamodb:attributes", "dynamodb:leadingkeys", "dynamodb:select",
    "ec2:createaction", "ec2:encrypted", "ec2:instancetype", "ec2:metadatahttptokens", "ec2:region", "ec2:sourceinstancearn",
    "ec2:vpc", "ecs:cluster",
    "elasticfilesystem:accessedviamounttarget", "elasticfilesystem:accesspointarn", "elasticloadbalancing:createaction",
    "events:source", "iam:associatedresourcearn", "iam:awsservicename", "iam:passedtoservice", "iam:permissionsboundary",
    "iam:policyarn", "kms:calleraccount", "kms:encryptioncontextkeys", "kms:grantisforawsresource", "kms:grantoperations",
    "kms:requestalias", "kms:resourcealiases", "kms:viaservice", "lambda:eventsourcetoken", "lambda:functionarn", "lambda:functionurlauthtype", "lambda:sourcefunctionarn",
    "organizations:policytype", "organizations:serviceprincipal", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
    "rds:publiclyaccessible", "rds:storageencrypted", "s3:delimiter", "s3:locationconstraint", "s3:max-keys", "s3:prefix", "s3:resourceaccount", "s3:tlsversion", "s3:x-amz-acl",
    "secretsmanager:versionstage", "ses:fromaddress", "ses:recipients", "sns:endpoint", "sns:protocol", "sts:externalid",
    "sts:rolesessionname", "sts:sourceidentity", "sts:transitivetagkeys",
))  # fmt: skip
_STEMS: Final = (
    "aws:principaltag/", "aws:requesttag/", "aws:resourcetag/", "kms:encryptioncontext:", "route53:changeresourcerecordsets",
    "s3:existingobjecttag/", "s3:requestobjecttag", "s3:x-amz-server-side-encryption",
)  # fmt: skip


def is_explained(key: str) -> bool:
    """Whether AWS explains a key where people look. Claims of identity providers and tags of resources count as explained."""
    folded = key.lower()
    prefix, _, name = folded.partition(":")
    claim = "." in prefix or "⟦" in folded or prefix == "saml"
    return folded in _EXPLAINED or folded.startswith(_STEMS) or claim or name.startswith("resourcetag/")


def keys(conditions: Iterable[Maybe[Condition]]) -> tuple[str, ...]:
    """The keys that conditions ask for, each once whatever its case, as first written."""
    found = {item.key.lower(): item.key for item in reversed(tuple(conditions)) if isinstance(item, Condition)}
    return tuple(found[key] for key in sorted(found))


def families(conditions: Iterable[Maybe[Condition]]) -> frozenset[Family]:
    """The kinds of comparison that conditions make. `Null` only asks whether there is something to compare."""
    operators = (parse_operator(item.operator) for item in conditions if isinstance(item, Condition))
    return frozenset(item.family for item in operators if item is not None and item.family is not Family.NULL)
