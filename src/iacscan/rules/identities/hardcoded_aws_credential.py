"""AWS credential, or the password of a resource, is written into the configuration.

## Why it matters

What stands in the code is read by everybody who can read the repository, each of its copies and each plan, and stays in its history
for ever. Bots find access keys in public repositories within minutes.

## How to fix it

First make the key useless, then remove it: deactivate and delete it in IAM, and only after that delete the line, for the old one stays in
the history. Then let Terraform take its credentials from its surroundings:

```hcl
provider "aws" {
  region = "eu-central-1"

  assume_role {
    role_arn = "arn:aws:iam::111122223333:role/deploy"
  }
}
```

A password or token of a resource belongs in Secrets Manager: change it, and refer to where it is kept.

Workloads get a role (an instance profile, an execution role, a task role), and continuous integration an OIDC role.

## How to fix it in CloudFormation

First make the key useless, then remove it: deactivate and delete it in IAM, and only after that delete the line, for the old one stays in
the history. CloudFormation needs no key: it works with the rights of whoever deploys, or with the service role of the stack.

A password or token of a resource belongs in Secrets Manager: change it, and hand the program the name of the secret, not its value:

```yaml
OrdersFunction:
  Type: AWS::Lambda::Function
  Properties:
    Role: !GetAtt OrdersRole.Arn
    Environment:
      Variables:
        PARTNER_SECRET: !Ref PartnerSecret # the ARN of an AWS::SecretsManager::Secret
```

Workloads get a role (an instance profile, an execution role, a task role), and continuous integration an OIDC role.

## What it leaves alone

Credentials that are passed in by a variable, without being its default, or read from somewhere else: they are not in the code. The examples of AWS's documentation and
the stand-ins that emulators such as LocalStack want, and placeholders, are reported, but as low: what stands there today gives no access, the place is still
one where a real key will be put. In the environment and the start-up script of a workload, where names are anybody's, only what is called a
password is looked at, and only constants that are neither a path, an ARN nor a switch. A parameter without NoEcho, whose value is given at
deployment, is medium: it stands in no code, but whoever may describe the stack reads it.

## When it cannot tell

It always can: what is not known while planning does not stand in the configuration.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from ...finding import Confidence, Related, Severity, Violation
from ...model.iam import CredentialLiteral
from .._rule import Example, Verdict, World, rule

_NAMES: Final = {"access-key-id": "an access key id", "secret-access-key": "a secret access key"}
# Secrets that open one resource, not the account: how each is given away.
_RESOURCE_SECRETS: Final = {
    "written": "a secret of the resource stands in the code in clear text: whoever reads it can use it",
    "preset": "a secret of the resource is the default of a parameter, and stands in the code: whoever reads it can use it "
    "where nobody gives another value",
    "shown": "a secret of the resource comes from a parameter without NoEcho: whoever may describe the stack can read it",
    "plain": "a secret of the resource is kept in Systems Manager as plain text: whoever may read parameters or describe the "
    "stack can read it",
    "given": "a password is given to the workload in clear text: whoever reads the code, or may describe the workload, can use it",
}
_OF_VARIABLE: Final = (
    "a secret of the resource is the default of a variable, and stands in the code: whoever reads it can use it"
)
_TO_BE_FILLED_IN: Final = "a secret of the resource stands in the code in clear text; it looks like a placeholder, but a real one may end up in its place"
_PARAMETER: Final = {"written": "the secret is the name of this parameter: a reference to it was probably meant"}
_KEEP: Final = (
    "change the secret first; then let AWS make and keep it (ManageMasterUserPassword), or read it from Secrets Manager with a dynamic "
    "reference: `{{resolve:secretsmanager:name:SecretString:password}}`"
)
_HIDE: Final = (
    "give the parameter NoEcho: true; or read the secret from Secrets Manager with a dynamic reference: "
    "`{{resolve:secretsmanager:name:SecretString:password}}`"
)
_KEEP_ELSEWHERE: Final = (
    "change the secret first; then let AWS make and keep it (manage_master_user_password), or make it with an ephemeral resource and hand it "
    "on through a write-only argument (password_wo, secret_string_wo)"
)
_LET_IT_READ: Final = "change the password first; then keep it in Secrets Manager, and let the workload read it there, when it starts, with its role"
_REMEDIES: Final = {"given": _LET_IT_READ, "shown": _HIDE}
_RESOURCE_SEVERITIES: Final = {"shown": Severity.MEDIUM}  # not in the code: only who may look at the stack sees it
_REMEDY: Final = (
    "deactivate and delete the key in IAM first, then remove it from the code; "
    "take credentials from the environment or assume a role"
)

BAD = Example(
    """
provider "aws" {
  region     = "eu-central-1"
  access_key = "AKIAZ7K3QW5XN2RT4UVB"  # bad
  secret_key = "kT4v9WzQx2LmN8pRs6YbHc3JdFg7AeUi5OoPqXyZ"
}
""",
    "keys of the provider",
)

ENVIRONMENT = Example(
    """
resource "aws_lambda_function" "thumbnails" {
  function_name = "thumbnails"
  role          = "arn:aws:iam::111122223333:role/thumbnails"
  runtime       = "python3.13"
  handler       = "main.handler"
  filename      = "thumbnails.zip"

  environment {
    variables = {
      UPLOAD_KEY = "AKIAZ7K3QW5XN2RT4UVB"  # bad
    }
  }
}
""",
    "a key in a function's environment",
)

PASSWORD = Example(
    """
resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = "arn:aws:iam::111122223333:role/orders"
  runtime       = "python3.13"
  handler       = "main.handler"
  filename      = "orders.zip"

  environment {
    variables = {
      DB_PASSWORD = "tulip-Harbour-41"  # bad
    }
  }
}
""",
    "high: whoever may see the settings of the function can sign in to its database",
)

GOOD = Example(
    """
variable "access_key" {}

provider "aws" {
  region     = "eu-central-1"
  access_key = var.access_key
}
""",
    "the key is passed in, and stands nowhere in the code",
)

WRITTEN = Example(
    """
resource "aws_db_instance" "orders" {  # bad
  identifier     = "orders"
  engine         = "postgres"
  instance_class = "db.t4g.small"
  username       = "orders"
  password       = "tulip-Harbour-41"
}
""",
    "high: the password of a database",
)

HASH = Example(
    """
resource "aws_ssm_parameter" "release" {
  name  = "/shop/release"
  type  = "String"
  value = "1f7a7a472abf3dd9643fd615f6da379c4acb3e3a"
}
""",
    "forty characters that are a commit, not a secret",
)


@rule(
    code="IAM101",
    severity=Severity.CRITICAL,
    references=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#bp-workloads-use-roles",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    ),
    controls=("Security Hub CodeBuild.2", "Security Hub ECS.8", "CWE-798"),
    examples=(BAD, ENVIRONMENT, PASSWORD, WRITTEN, GOOD, HASH),
)
def hardcoded_aws_credential(world: World) -> Iterator[Verdict]:
    """Yield one violation for each block that holds credentials."""
    by_block = defaultdict(list)
    for literal in world.estate.credential_literals:
        by_block[literal.origin.address].append(literal)
    for literals in by_block.values():
        keys = [literal for literal in literals if literal.kind in _NAMES]
        if keys:
            yield _of_block(keys)
        yield from (_of_resource(literal) for literal in literals if literal.kind in _RESOURCE_SECRETS)


def _of_block(literals: Sequence[CredentialLiteral]) -> Violation:
    real = [literal for literal in literals if not literal.dummy]
    shown = real or literals
    what = " and ".join(dict.fromkeys(_NAMES.get(literal.kind, literal.kind) for literal in shown))
    if real:
        message = f"{what} in clear text: whoever reads the code, the plan or the state can use it"
    else:
        message = f"{what} in clear text; it looks like an example, but a real one will end up in its place"
    return Violation(
        subject=shown[0].origin,
        message=message,
        evidence=tuple(f'{literal.path} = "{literal.shown}…" ({literal.kind})' for literal in shown[:6]),
        severity=None if real else Severity.LOW,
        confidence=None if real else Confidence.LOW,
        remedy=_REMEDY if real else None,
    )


def _of_resource(literal: CredentialLiteral) -> Violation:
    by_variable = literal.via is not None and literal.via.type == "variable"
    message = _OF_VARIABLE if by_variable else _RESOURCE_SECRETS[literal.kind]
    return Violation(
        subject=literal.origin,
        message=_TO_BE_FILLED_IN if literal.dummy else message,
        evidence=(literal.path,),
        related=()
        if literal.via is None
        else (Related(literal.via, "the variable" if by_variable else _PARAMETER.get(literal.kind, "the parameter")),),
        severity=Severity.LOW if literal.dummy else _RESOURCE_SEVERITIES.get(literal.kind, Severity.HIGH),
        confidence=Confidence.LOW if literal.dummy else None,
        remedy=_REMEDIES.get(literal.kind, _KEEP if literal.origin.is_template else _KEEP_ELSEWHERE),
        key=literal.path,
    )
