"""Condition keys about the tokens of OIDC providers: the provider's URL without its scheme, a colon and a claim.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif. Of the claims of GitHub's tokens
(https://docs.github.com/en/actions/reference/security/oidc) AWS passes some on; read 2026-11-23.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from .condition.judge import is_positive_guard
from .document import Condition, Statement
from .oidc import issuer

_HTTPS: Final = "https://"
_CLAIMS: Final = frozenset(("amr", "app_id", "aud", "azp", "email", "oaud", "sub"))
_GITHUB: Final = "token.actions.githubusercontent.com"
_NOT_PASSED_ON: Final = frozenset((
    "actor_name", "base_ref", "check_run_id", "event_name", "head_ref", "job_workflow_sha", "ref_protected", "ref_type",
    "repository_owner", "repository_visibility", "run_attempt", "run_id", "run_number", "runner_environment", "sha",
    "workflow_ref", "workflow_sha",
))  # fmt: skip


class Slip(Struct, frozen=True):
    """Why no request carries a key, as a clause, and the key that was meant if that is plain."""

    because: str
    meant: str | None = None


def slip(key: str, issuers: Iterable[str]) -> Slip | None:
    """What is wrong with a key in a statement that trusts some providers; None if nothing is, or it is about no token.

    `issuers` are their URLs without scheme. Symbols in them or in the key may stand for the same text.
    """
    trusted = tuple(issuers)
    prefix, colon, claim = key.rpartition(":")
    if not colon or not trusted or "⟦" in key or any("⟦" in url for url in trusted) or not _is_of_token(prefix, claim):
        return None
    bare = prefix.lower().removeprefix(_HTTPS).rstrip("/").rpartition("oidc-provider/")[2]
    for url in trusted:
        if prefix.lower() == url.lower():
            return _unknown_claim(url, claim)
        if bare == url.lower():
            return Slip("the provider is written without https:// and without a slash at its end", f"{url}:{claim}")
    only = f"{trusted[0]}:{claim}" if len(trusted) == 1 else None
    return Slip(f"the statement trusts {' and '.join(trusted)}, whose tokens have keys of their own", only)


def key_without_token(statement: Statement, url: str) -> str | None:
    """A key that a statement asks a value of, and no token of the provider at a URL has: then it lets none of them in."""
    return next(
        (
            leaf.key
            for leaf in statement.conditions
            if isinstance(leaf, Condition) and is_positive_guard(leaf) and slip(leaf.key, (url,)) is not None
        ),
        None,
    )


def _is_of_token(prefix: str, claim: str) -> bool:
    host = "." in prefix or "/" in prefix
    return host and (claim.lower() in _CLAIMS or issuer(prefix.lower()).shared)


def _unknown_claim(url: str, claim: str) -> Slip | None:
    """Claims that are in the token, but that AWS does not pass on."""
    of_github = url.lower() == _GITHUB or url.lower().startswith(f"{_GITHUB}/")
    if of_github and claim.lower() in _NOT_PASSED_ON:
        return Slip(f"AWS does not pass the claim {claim} of GitHub's tokens on")
    return None
