"""Accounts of others that a trust policy lets in, as far as it is known whose they are."""

from ...policy.third_parties import company
from ...value import Truth
from .._rule import World


def name_of(world: World, account: str) -> str | None:
    """The company that an account belongs to, if the configuration names it or it is generally known."""
    return world.settings.vendor(account) or company(account)


def is_third_party(world: World, account: str) -> bool:
    """Whether an account is a company's, or none of the organization's where the input lists those."""
    listed = bool(world.settings.accounts or world.estate.accounts_in_organization)
    foreign = listed and world.access.foreign_account(account) is Truth.YES
    return foreign or name_of(world, account) is not None
