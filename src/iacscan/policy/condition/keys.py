"""The global condition keys: what they hold, and in which requests they are.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html, read 2026-11-23; that
page says under "Availability" of each key what `Availability` sums up here. Keys of single services are in
`policy/data` (`action.condition_keys`); only those that are known to hold several values are named here.
"""

import enum
from typing import Final

from msgspec import Struct


class Type(enum.Enum):
    """What a key holds."""

    STRING = "string"
    ARN = "arn"
    BOOL = "bool"
    NUMERIC = "numeric"
    DATE = "date"
    IP = "ip"


class Availability(enum.Enum):
    """In which requests a key is present."""

    ALWAYS = "always"
    SIGNED = "signed requests"
    ORGANIZATION = "signed requests of members of an organization"
    TAGGED_PRINCIPAL = "signed requests of tagged principals"
    IAM_USER = "requests of IAM users"
    FEDERATED = "requests of federated principals"
    TEMPORARY = "requests with temporary credentials"
    MFA = "requests with multi-factor authentication"
    NOT_VPC_ENDPOINT = "requests that do not come through a VPC endpoint"
    VPC_ENDPOINT = "requests through a VPC endpoint"
    SERVICE_SOURCE = "requests that an AWS service makes for a resource"
    SERVICE_PRINCIPAL = "requests of AWS services"
    FORWARDED = "requests that an AWS service forwards for a caller"
    EC2_ROLE = "requests with the credentials of an EC2 instance"
    REQUEST_TAGS = "requests that carry tags"
    RESOURCE = "requests whose action supports it, for a resource that has it"
    BROWSER = "requests in which the client chose to send it"
    SPECIAL = "few requests"


class Key(Struct, frozen=True):
    """A condition key. `multivalued` keys need ForAllValues or ForAnyValue."""

    name: str
    type: Type
    availability: Availability
    multivalued: bool = False


_S, _A = Type.STRING, Availability
_KEYS: Final = (
    Key("aws:AssumedRoot", Type.BOOL, _A.SPECIAL),
    Key("aws:CalledVia", _S, _A.FORWARDED, multivalued=True),
    Key("aws:CalledViaAWSMCP", _S, _A.SPECIAL),
    Key("aws:CalledViaFirst", _S, _A.FORWARDED),
    Key("aws:CalledViaLast", _S, _A.FORWARDED),
    Key("aws:ChatbotSourceArn", Type.ARN, _A.SPECIAL),
    Key("aws:CurrentTime", Type.DATE, _A.ALWAYS),
    Key("aws:Ec2InstanceSourcePrivateIPv4", Type.IP, _A.EC2_ROLE),
    Key("aws:Ec2InstanceSourceVpc", _S, _A.EC2_ROLE),
    Key("aws:EpochTime", Type.DATE, _A.ALWAYS),
    Key("aws:FederatedProvider", Type.ARN, _A.FEDERATED),
    Key("aws:IsMcpServiceAction", Type.BOOL, _A.SPECIAL),  # in AWS's own policies only
    Key("aws:MultiFactorAuthAge", Type.NUMERIC, _A.MFA),
    Key("aws:MultiFactorAuthPresent", Type.BOOL, _A.TEMPORARY),
    Key("aws:PrincipalAccount", _S, _A.ALWAYS),
    Key("aws:PrincipalArn", Type.ARN, _A.SIGNED),
    Key("aws:PrincipalIsAWSService", Type.BOOL, _A.SIGNED),
    Key("aws:PrincipalOrgID", _S, _A.ORGANIZATION),
    Key("aws:PrincipalOrgMasterAccountId", _S, _A.ORGANIZATION),  # in AWS's own policies only
    Key("aws:PrincipalOrgPaths", _S, _A.ORGANIZATION, multivalued=True),
    Key("aws:PrincipalServiceName", _S, _A.SERVICE_PRINCIPAL),
    Key("aws:PrincipalServiceNamesList", _S, _A.SERVICE_PRINCIPAL, multivalued=True),
    Key("aws:PrincipalTag/", _S, _A.TAGGED_PRINCIPAL),
    Key("aws:PrincipalType", _S, _A.ALWAYS),
    Key("aws:referer", _S, _A.BROWSER),
    Key("aws:RequestedRegion", _S, _A.ALWAYS),
    Key("aws:RequestTag/", _S, _A.REQUEST_TAGS),
    Key("aws:ResourceAccount", _S, _A.RESOURCE),
    Key("aws:ResourceOrgID", _S, _A.RESOURCE),
    Key("aws:ResourceOrgPaths", _S, _A.RESOURCE, multivalued=True),
    Key("aws:ResourceTag/", _S, _A.RESOURCE),
    Key("aws:SecureTransport", Type.BOOL, _A.ALWAYS),
    Key("aws:SourceAccount", _S, _A.SERVICE_SOURCE),
    Key("aws:SourceArn", Type.ARN, _A.SERVICE_SOURCE),
    Key("aws:SourceIdentity", _S, _A.TEMPORARY),
    Key("aws:SourceIp", Type.IP, _A.NOT_VPC_ENDPOINT),
    Key("aws:SourceOrgID", _S, _A.SERVICE_SOURCE),
    Key("aws:SourceOrgPaths", _S, _A.SERVICE_SOURCE, multivalued=True),
    Key("aws:SourceOwner", _S, _A.SERVICE_SOURCE),  # deprecated; SNS still writes it into default policies
    Key("aws:SourceVpc", _S, _A.VPC_ENDPOINT),
    Key("aws:SourceVpcArn", Type.ARN, _A.VPC_ENDPOINT),
    Key("aws:SourceVpce", _S, _A.VPC_ENDPOINT),
    Key("aws:TagKeys", _S, _A.REQUEST_TAGS, multivalued=True),
    Key("aws:TokenIssueTime", Type.DATE, _A.TEMPORARY),
    Key("aws:UserAgent", _S, _A.BROWSER),
    Key("aws:userid", _S, _A.ALWAYS),
    Key("aws:username", _S, _A.IAM_USER),
    Key("aws:ViaAWSMCPService", Type.BOOL, _A.SPECIAL),
    Key("aws:ViaAWSService", Type.BOOL, _A.ALWAYS),
    Key("aws:VpceAccount", _S, _A.VPC_ENDPOINT),
    Key("aws:VpceOrgID", _S, _A.VPC_ENDPOINT),
    Key("aws:VpceOrgPaths", _S, _A.VPC_ENDPOINT, multivalued=True),
    Key("aws:VpcSourceIp", Type.IP, _A.VPC_ENDPOINT),
    Key("ec2:RoleDelivery", Type.NUMERIC, _A.EC2_ROLE),
    Key("ec2:SourceInstanceArn", Type.ARN, _A.EC2_ROLE),
    # Keys of services that hold several values (ArrayOf... in the service authorization reference).
    Key("dynamodb:Attributes", _S, _A.RESOURCE, multivalued=True),
    Key("dynamodb:LeadingKeys", _S, _A.RESOURCE, multivalued=True),
    Key("kms:EncryptionContextKeys", _S, _A.RESOURCE, multivalued=True),
    Key("kms:GrantOperations", _S, _A.RESOURCE, multivalued=True),
    Key("s3:InventoryAccessibleOptionalFields", _S, _A.RESOURCE, multivalued=True),
    Key("s3:RequestObjectTagKeys", _S, _A.REQUEST_TAGS, multivalued=True),
    Key("ses:Recipients", _S, _A.RESOURCE, multivalued=True),
    Key("sts:IdentityTokenAudience", _S, _A.RESOURCE, multivalued=True),
    Key("sts:TransitiveTagKeys", _S, _A.REQUEST_TAGS, multivalued=True),
)
_BY_NAME: Final = {key.name.lower(): key for key in _KEYS}


def key_info(key: str) -> Key | None:
    """Facts about a condition key, in any case; None for keys that are not in the table (most keys of services).

    Tag keys are found with their tag (`aws:PrincipalTag/team`); without one they are not keys.
    """
    folded = key.lower()
    stem, slash, tag = folded.partition("/")
    if slash:
        return _BY_NAME.get(f"{stem}/") if tag else None
    return _BY_NAME.get(folded)


def global_names() -> tuple[str, ...]:
    """The `aws:` keys as AWS writes them, for suggestions."""
    return tuple(key.name for key in _KEYS if key.name.startswith("aws:"))
