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


# Accounts of AWS itself, by which services wrote logs into their customers' buckets before service principals did, and some
# still do: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html,
# https://docs.aws.amazon.com/redshift/latest/mgmt/db-auditing.html, https://docs.aws.amazon.com/cur/latest/userguide/cur-s3.html
_AWS: Final = frozenset({
    "127311923021", "033677994240", "027434742980", "797873946194", "098369216593", "754344448648", "589379963580",
    "718504428378", "383597477331", "600734575887", "114774131450", "783225319266", "582318560864", "985666609251",
    "054676820928", "156460612806", "652711504416", "635631232127", "009996457667", "897822967062", "076674570225",
    "507241528517", "048591011584", "190560391635", "638102146993", "037604701340",
    "193672423079", "386209384616",
})  # fmt: skip


def is_of_aws(account: str) -> bool:
    """Whether an account, or the data source that a symbol for one comes from, is one that AWS's own services use."""
    return account in _AWS or "_service_account." in account
