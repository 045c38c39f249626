"""What the reader has told about the account beforehand, because no input can."""

from msgspec import Struct


class Settings(Struct, frozen=True, kw_only=True):
    """Facts from the configuration; the defaults say that nothing was told.

    `accounts` are ids of all accounts that are the reader's own, so that any other one is somebody else's. `organization` is the id
    of his organization (`o-...`). `vendors` are accounts of companies that he lets in, with their names. `account_block` says that a
    public access block for the account has all four flags on, `guardrails` that service control policies are attached from
    elsewhere. `source` names the place that says so, for people.
    """

    accounts: frozenset[str] = frozenset()
    organization: str = ""
    vendors: tuple[tuple[str, str], ...] = ()
    account_block: bool = False
    guardrails: bool = False
    source: str = ""

    def vendor(self, account: str) -> str | None:
        """The name of the company whose account is let in on purpose; None for any other account."""
        return dict(self.vendors).get(account)


NOTHING_TOLD = Settings()
