"""Actions that return data and secrets, with what is read and how bad it is where every resource can be read.

The tag `sensitive-read` of the policy layer has more; these are the ones that are worth a finding by themselves.
"""

from functools import cache
from typing import Final

from msgspec import Struct

from ...finding import Severity
from ...policy.action import ActionSet


class Reading(Struct, frozen=True):
    """A kind of data: the actions that read it, and the service whose resources hold it."""

    what: str
    service: str
    severity: Severity
    patterns: tuple[str, ...]

    @property
    def actions(self) -> ActionSet:
        """The actions as a set."""
        return _set(self.patterns)


READINGS: Final = (
    Reading("every object of every bucket", "s3", Severity.HIGH, ("s3:GetObject", "s3:GetObjectVersion")),
    # BatchGetSecretValue reads nothing by itself: each secret needs GetSecretValue as well
    # (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html).
    Reading("every secret", "secretsmanager", Severity.HIGH, ("secretsmanager:GetSecretValue",)),
    Reading("every parameter of Systems Manager", "ssm", Severity.MEDIUM, ("ssm:GetParameter*",)),
    Reading("whatever is encrypted with any KMS key", "kms", Severity.MEDIUM, ("kms:Decrypt", "kms:ReEncryptFrom")),
    Reading(
        "every DynamoDB table",
        "dynamodb",
        Severity.MEDIUM,
        ("dynamodb:Scan", "dynamodb:Query", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PartiQLSelect",
         "dynamodb:ExportTableToPointInTime"),
    ),
    Reading(
        "every database with a data API",
        "rds-data",
        Severity.MEDIUM,
        ("rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement"),
    ),
    Reading(
        "every Redshift warehouse",
        "redshift-data",
        Severity.MEDIUM,
        ("redshift-data:ExecuteStatement", "redshift-data:BatchExecuteStatement", "redshift-data:GetStatementResult"),
    ),
    Reading("the results of every Athena query", "athena", Severity.MEDIUM, ("athena:GetQueryResults",)),
    Reading("the administrator's password of every Windows instance", "ec2", Severity.MEDIUM, ("ec2:GetPasswordData",)),
    Reading("every container image", "ecr", Severity.LOW, ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")),
    Reading("every log", "logs", Severity.LOW, ("logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery")),
    Reading("every CodeCommit repository", "codecommit", Severity.LOW, ("codecommit:GitPull",)),
)  # fmt: skip


@cache
def _set(patterns: tuple[str, ...]) -> ActionSet:
    return ActionSet.of(patterns)


@cache
def all_readings() -> ActionSet:
    """The actions of all kinds."""
    return ActionSet.of(pattern for reading in READINGS for pattern in reading.patterns)
