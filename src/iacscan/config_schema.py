"""What a configuration may say: the records that it is checked against, and its published schema.

Imported only where there is a configuration, for it brings pydantic. A key that is also an option of the command line is called
like the option.
"""

import json
from datetime import date, datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

SeverityName = Literal["info", "low", "medium", "high", "critical"]
Threshold = Literal["info", "low", "medium", "high", "critical", "never"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
OrganizationId = Annotated[str, StringConstraints(pattern=r"^o-[a-z0-9]{10,32}$")]
SCHEMA_ID: Final = "urn:iacscan:config:1"


def _day(value: object) -> object:
    """YAML and TOML have dates of their own; a text is read as one, a time of day is refused."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            message = "a date such as 2027-01-31 is expected"
            raise ValueError(message) from None
    if isinstance(value, datetime):
        message = "a date without a time is expected, such as 2027-01-31"
        raise ValueError(message)  # noqa: TRY004  pydantic reports ValueError with the key
    return value


class _Record(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=lambda name: name.replace("_", "-")
    )


class IgnoreV1(_Record):
    """A finding that is accepted. It is suppressed, and still told of in JSON and SARIF."""

    codes: list[Code] = Field(min_length=1, description="codes or names of rules")
    address: Text = Field(
        description="address of the resource; * stands for any text, ? for one character, and keys of instances may be left out"
    )
    reason: Text = Field(description="why that is right")
    until: Annotated[date, BeforeValidator(_day)] | None = Field(
        default=None, description="the last day that this counts, such as 2027-01-31"
    )
    sid: Text | None = Field(default=None, description="Sid of the only statement that is meant")


class AssumeV1(_Record):
    """What holds for the account though no input says so."""

    account_public_access_block: bool = Field(
        default=False, description="a public access block for the account has all four flags on"
    )
    service_control_policies: bool = Field(
        default=False, description="service control policies are attached from elsewhere"
    )


class ConfigV1(_Record):
    """The configuration of iacscan: `.iacscan.yaml`, or `[tool.iacscan]` in pyproject.toml."""

    paths: list[Text] = Field(default=[], description="what to scan if the command line names no path")
    fail_on: Threshold | None = Field(default=None, description="fail on new or worse findings from this severity up")
    severity: SeverityName | None = Field(default=None, description="show findings from this severity up")
    on_unknown: Literal["warn", "fail"] | None = Field(
        default=None, description="whether to fail when something could not be judged"
    )
    all: bool | None = Field(default=None, description="show and judge what was there already, too")
    only: list[Code] = Field(default=[], description="run only these rules")
    skip: list[Code] = Field(default=[], description="do not run these rules")
    severities: dict[Code, SeverityName] = Field(
        default={}, description="severity of findings, by code or name of rule"
    )
    var_files: list[Text] = Field(default=[], description="files of variables for Terraform source")
    inline_ignores: bool | None = Field(default=None, description="whether suppressions in the source count")
    baseline: Text | None = Field(default=None, description="file of known findings, beside the configuration or below")
    ignore: list[IgnoreV1] = Field(default=[], description="findings that are accepted")
    trusted_accounts: list[AccountId] = Field(
        default=[], description="all accounts that are your own; any other is then somebody else's"
    )
    organization: OrganizationId | None = Field(default=None, description="the id of your organization")
    vendors: dict[AccountId, Text] = Field(
        default={}, description="names of companies that you let into your accounts, by account"
    )
    assume: AssumeV1 = Field(default=AssumeV1(), description="what to assume about the account")


def schema() -> str:
    """The JSON Schema of the configuration, as docs/config.schema.json holds it."""
    body: dict[str, Any] = ConfigV1.model_json_schema(mode="validation")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    return json.dumps(head | body, indent=2) + "\n"
