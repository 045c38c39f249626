"""Accounts of companies that act in their customers' accounts.

Companies publish these numbers in the guides to their AWS integrations; compared on 2026-11-23 with the public list at
https://github.com/fwdcloudsec/known_aws_accounts, which names the pages. The list here is short on purpose: what is not in it is not
known, not harmless.
"""

from typing import Final

_COMPANIES: Final = {
    "008923505280": "Grafana Cloud",
    "188619942792": "Prisma Cloud",
    "324880187172": "Spacelift",
    "414351767826": "Databricks",
    "434813966438": "Lacework",
    "454464851268": "CloudHealth",
    "464622532012": "Datadog",
    "509560245411": "Dynatrace",
    "754728514883": "New Relic",
    "834469178297": "Fivetran",
    "922761411349": "Spot",
    "926226587429": "Sumo Logic",
    "956993596390": "Vanta",
    "976280145156": "Orca Security",
}


def company(account: str) -> str | None:
    """The company that an account is known to belong to; None if it is not known."""
    return _COMPANIES.get(account)
