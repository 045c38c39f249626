"""Roles that trust an OIDC provider, statement by statement."""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from ...access import Trusted
from ...model.iam import Role
from ...policy.action import ActionSet
from ...policy.claims import key_without_token
from ...policy.document import Condition, Statement
from ...policy.grant import statement_actions
from ...policy.oidc import CLUSTER, Issuer, Subject, issuer, subject_of
from ...policy.principal import Kind
from ...value import Maybe, Unknown
from .._rule import World

_CLAIMS: Final = ("sub", "aud", "app_id", "oaud")


class Federated(Struct, frozen=True):
    """One statement of a role's trust policy that admits the identities of an OIDC provider. `url` has no scheme."""

    role: Role
    statement: Statement
    url: Maybe[str]
    subject: Subject
    trusted: Trusted

    @property
    def is_cluster(self) -> bool:
        """Whether the identities are the service accounts of a Kubernetes cluster; IAM215 speaks about those."""
        return (
            self.issuer == CLUSTER
            or any(text.startswith(CLUSTER.prefix) for text in self.subject.patterns)
            or "aws_eks_cluster" in str(self.url)
        )

    @property
    def issuer(self) -> Issuer:
        """What is known of the provider."""
        return issuer(self.url if isinstance(self.url, str) else "")

    @property
    def provider(self) -> str:
        """What to call the provider in a message."""
        return self.url if isinstance(self.url, str) and self.url and "⟦" not in self.url else "the OIDC provider"

    @property
    def claim(self) -> str:
        """The condition key that tells the provider's identities apart."""
        if ":" in self.issuer.control:
            return self.issuer.control
        return (
            f"{self.provider}:{self.issuer.control}"
            if self.provider == self.url
            else f"its claim {self.issuer.control}"
        )


def federated(world: World) -> Iterator[Federated]:
    """Every statement of a trust policy that admits identities of an OIDC provider, once; Cognito has rules of its own.

    A statement that asks for a claim under a name that no token has admits none of them: IAM532 says so.
    """
    web_identity = ActionSet.of(("sts:AssumeRoleWithWebIdentity",))
    others = ActionSet.of(("sts:AssumeRole", "sts:AssumeRoleWithSAML"))
    for role in world.estate.roles:
        seen: set[tuple[int, str]] = set()
        for trusted in world.access.trust(role):
            statement = trusted.statement
            if statement is None or statement.effect != "Allow":
                continue
            actions = statement_actions(statement)[0]
            if not actions.overlaps(web_identity):
                continue
            if trusted.kind is Kind.OIDC or (trusted.kind is Kind.UNKNOWN and not actions.overlaps(others)):
                url = _url(trusted, statement)
                if isinstance(url, str) and key_without_token(statement, url) is not None:
                    continue
                if (statement.index, str(url)) not in seen:
                    seen.add((statement.index, str(url)))
                    yield Federated(role, statement, url, subject_of(statement, url), trusted)


def _url(trusted: Trusted, statement: Statement) -> Maybe[str]:
    """The provider's URL; where the ARN does not tell it, from the keys of the conditions, which begin with it."""
    if trusted.issuer and "⟦" not in trusted.issuer:
        return trusted.issuer
    for condition in statement.conditions:
        if isinstance(condition, Condition):
            url, colon, claim = condition.key.rpartition(":")
            if colon and claim.lower() in _CLAIMS:
                return url
    if not statement.conditions:
        return ""  # whichever provider it is, nothing is asked of its tokens
    return Unknown(f"the URL of the provider {trusted.value} is not known".replace("  ", " "))
