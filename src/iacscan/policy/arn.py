"""ARNs, and the symbols that stand for the parts of them which are not known yet.

A symbol is a literal text in the brackets ⟦ ⟧, free of wildcards and equal only to itself: the bucket `aws_s3_bucket.logs`,
whose name is known after apply, has the ARN `arn:aws:s3:::⟦aws_s3_bucket.logs⟧`. Patterns and policies handle symbols
like any other literal, so most policies that are "known after apply" can be judged exactly.
"""

from typing import Final

from msgspec import Struct

ACCOUNT: Final = "⟦account⟧"  # the account that the configuration is applied to
REGION: Final = "⟦region⟧"
REST: Final = "⟦…⟧"  # the end of a text of which only the beginning is known
_PARTS: Final = 6


def symbol(address: str) -> str:
    """The symbol for what is at an address. Wildcards in for_each keys are replaced by look-alikes that match only themselves."""
    return f"⟦{address.replace('*', '∗').replace('?', '？')}⟧"


class Arn(Struct, frozen=True):
    """The six parts of an ARN; `resource` keeps its colons and slashes."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse_arn(text: str) -> Arn | None:
    """Split an ARN or ARN pattern; None if the text is not one."""
    parts = text.split(":", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != "arn":
        return None
    return Arn(*parts[1:])
